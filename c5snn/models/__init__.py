"""Final models, one file each; every one ranks the parts of the next event from a window of past events."""

from c5snn.models.frequency import FrequencyBaseline
from c5snn.models.gru import GRU
from c5snn.models.lag_kernel import LagKernel
from c5snn.models.spike_gru import SpikeGRU

__all__ = ["GRU", "FrequencyBaseline", "LagKernel", "SpikeGRU"]
