"""What is trained on: a data module for each kind of data. What needs torch is imported when it is asked for."""

from typing import TYPE_CHECKING

from c5snn.data.events import (
    Cycle,
    Drift,
    EventHistory,
    Parity,
    Repeat,
    Signal,
    Skew,
    Successor,
    SyntheticHistory,
    read_events,
    synthesize,
    write_events,
)

if TYPE_CHECKING:
    from c5snn.data.events import EventDataModule

__all__ = [
    "Cycle",
    "Drift",
    "EventDataModule",
    "EventHistory",
    "Parity",
    "Repeat",
    "Signal",
    "Skew",
    "Successor",
    "SyntheticHistory",
    "read_events",
    "synthesize",
    "write_events",
]


def __getattr__(name: str) -> object:
    if name != "EventDataModule":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from c5snn.data.events import EventDataModule

    return EventDataModule
