"""Histories of events: read, drawn from planted signals, cut into windows, and served to Lightning.

What needs torch is imported when it is asked for: checking and converting a file does not.
"""

from typing import TYPE_CHECKING

from c5snn.data.events.history import EventHistory, read_events, write_events
from c5snn.data.events.ragged import RaggedHistory
from c5snn.data.events.signals import Cycle, Drift, Parity, Repeat, Signal, Skew, Successor
from c5snn.data.events.sizes import PoissonSizes, SizeLaw, UniformSizes
from c5snn.data.events.synthetic import SyntheticHistory, synthesize

if TYPE_CHECKING:
    from c5snn.data.events.datamodule import EventDataModule

__all__ = [
    "Cycle",
    "Drift",
    "EventDataModule",
    "EventHistory",
    "Parity",
    "PoissonSizes",
    "RaggedHistory",
    "Repeat",
    "Signal",
    "SizeLaw",
    "Skew",
    "Successor",
    "SyntheticHistory",
    "UniformSizes",
    "read_events",
    "synthesize",
    "write_events",
]


def __getattr__(name: str) -> object:
    if name != "EventDataModule":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from c5snn.data.events.datamodule import EventDataModule

    return EventDataModule
