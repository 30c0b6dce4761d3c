"""Final models, one file each, of every task."""

from c5snn.models.arc_cnn import ArcCNN
from c5snn.models.arc_context import ArcContext
from c5snn.models.base_rate import BaseRate
from c5snn.models.dlinear import DLinear
from c5snn.models.frequency import FrequencyBaseline
from c5snn.models.grid_features import GridFeatures
from c5snn.models.gru import GRU
from c5snn.models.lag_kernel import LagKernel
from c5snn.models.majority_class import MajorityClass
from c5snn.models.mlp import MLP
from c5snn.models.pair_table import PairTable
from c5snn.models.patchtst import PatchTST
from c5snn.models.patchtst_events import PatchTSTEvents
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
    "DLinear",
    "FrequencyBaseline",
    "GridFeatures",
    "LagKernel",
    "MajorityClass",
    "PairTable",
    "PatchTST",
    "PatchTSTEvents",
    "RepeatLast",
    "SeasonalNaive",
    "SpikeGRU",
    "SpikingCNN1D",
    "SpikingMLP",
    "SpikingTransformer",
]
