"""Callbacks of every run: seeds, records, checks, time projections and clean stops."""

from c5snn.training.callbacks.best_checkpoint import BestCheckpoint
from c5snn.training.callbacks.divergence import StopOnDivergence
from c5snn.training.callbacks.epoch_bar import EpochBar
from c5snn.training.callbacks.epoch_seed import SeedEachEpoch
from c5snn.training.callbacks.last_checkpoint import LastCheckpoint
from c5snn.training.callbacks.metrics_table import MetricsTable
from c5snn.training.callbacks.network_pictures import NetworkPictures
from c5snn.training.callbacks.resumed_plateau import ResumedPlateau
from c5snn.training.callbacks.run_history import RunHistory
from c5snn.training.callbacks.spike_monitor import SpikeMonitor
from c5snn.training.callbacks.stop_signals import StopOnSignal, StoppedBySignal
from c5snn.training.callbacks.time_projection import TimeProjection

__all__ = [
    "BestCheckpoint",
    "EpochBar",
    "LastCheckpoint",
    "MetricsTable",
    "NetworkPictures",
    "ResumedPlateau",
    "RunHistory",
    "SeedEachEpoch",
    "SpikeMonitor",
    "StopOnDivergence",
    "StopOnSignal",
    "StoppedBySignal",
    "TimeProjection",
]
