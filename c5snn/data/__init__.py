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
    from c5snn.data.seen_items import SeenItems, hash_rows
    from c5snn.data.series import SeriesDataModule
    from c5snn.data.task_data import TaskData

__all__ = [
    "Cycle",
    "Drift",
    "EventDataModule",
    "EventHistory",
    "Parity",
    "Repeat",
    "SeenItems",
    "SeriesDataModule",
    "Signal",
    "Skew",
    "Successor",
    "SyntheticHistory",
    "TaskData",
    "hash_rows",
    "read_events",
    "synthesize",
    "write_events",
]


def __getattr__(name: str) -> object:
    if name == "EventDataModule":
        from c5snn.data.events import EventDataModule

        return EventDataModule
    if name == "SeriesDataModule":
        from c5snn.data.series import SeriesDataModule

        return SeriesDataModule
    if name == "TaskData":
        from c5snn.data.task_data import TaskData

        return TaskData
    if name in {"SeenItems", "hash_rows"}:
        from c5snn.data import seen_items

        return getattr(seen_items, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
