"""Final models, one file each; what one of them takes and returns is said by the task that it is of."""

from c5snn.models.arc_cnn import ArcCNN
from c5snn.models.arc_context import ArcContext
from c5snn.models.base_rate import BaseRate
from c5snn.models.frequency import FrequencyBaseline
from c5snn.models.grid_features import GridFeatures
from c5snn.models.gru import GRU
from c5snn.models.lag_kernel import LagKernel
from c5snn.models.majority_class import MajorityClass
from c5snn.models.mlp import MLP
from c5snn.models.pair_table import PairTable
from c5snn.models.repeat_last import RepeatLast
from c5snn.models.seasonal_naive import SeasonalNaive
from c5snn.models.spike_gru import SpikeGRU
from c5snn.models.spiking_cnn1d import SpikingCNN1D
from c5snn.models.spiking_mlp import SpikingMLP
from c5snn.models.spiking_transformer import SpikingTransformer

__all__ = [
    "GRU",
    "MLP",
    "ArcCNN",
    "ArcContext",
    "BaseRate",
    "FrequencyBaseline",
    "GridFeatures",
    "LagKernel",
    "MajorityClass",
    "PairTable",
    "RepeatLast",
    "SeasonalNaive",
    "SpikeGRU",
    "SpikingCNN1D",
    "SpikingMLP",
    "SpikingTransformer",
]
