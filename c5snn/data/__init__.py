"""What is trained on: a data module for each kind of data. What needs torch is imported when it is asked for."""

from typing import TYPE_CHECKING

from c5snn.data.events import (
    Cycle,
    Drift,
    EventHistory,
    Parity,
    PoissonSizes,
    RaggedHistory,
    Repeat,
    Signal,
    SizeLaw,
    Skew,
    Successor,
    SyntheticHistory,
    UniformSizes,
    read_events,
    synthesize,
    write_events,
)

if TYPE_CHECKING:
    from c5snn.data.arc import ArcDataModule, GridPairs
    from c5snn.data.events import EventDataModule
    from c5snn.data.seen_items import SeenItems, hash_rows
    from c5snn.data.series import SeriesDataModule
    from c5snn.data.task_data import TaskData

__all__ = [
    "ArcDataModule",
    "Cycle",
    "Drift",
    "EventDataModule",
    "EventHistory",
    "GridPairs",
    "Parity",
    "PoissonSizes",
    "RaggedHistory",
    "Repeat",
    "SeenItems",
    "SeriesDataModule",
    "Signal",
    "SizeLaw",
    "Skew",
    "Successor",
    "SyntheticHistory",
    "TaskData",
    "UniformSizes",
    "hash_rows",
    "read_events",
    "synthesize",
    "write_events",
]


def __getattr__(name: str) -> object:
    if name in {"ArcDataModule", "GridPairs"}:
        from c5snn.data import arc

        return getattr(arc, name)
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
