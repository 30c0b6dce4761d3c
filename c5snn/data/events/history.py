"""The history of events: an immutable value that is read from CSV, written to CSV and identified by its content."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import final

import numpy as np
from jaxtyping import Float32, Int64

from c5snn.data.events.delimited import write_text
from c5snn.data.events.event_table import EventTable, read_table
from c5snn.data.events.shape import EventShape, Keys, Layout, column_names
from c5snn.data.events.times import Numbers, Times, ascends, is_dated, n_until, spell_times
from c5snn.errors import DataError

__all__ = ["EventHistory", "history_of", "read_events", "write_events"]


@final
@dataclass(frozen=True, eq=False)
class EventHistory:
    """Events in the order of their dates. Equal histories have equal :attr:`sha256`.

    Args:
        dates: The day or time of each event, ``datetime64``, ascending; where dates are not known, whole numbers.
        parts: The numbers of each event's active parts, 1 to ``n_parts``, ascending in each row.
        n_parts: How many parts there are.
        numbers: The order of events of the same date, ascending within it; None where no date stands twice.

    Raises:
        ConfigError: Unless ``1 <= n_active < n_parts``.
        DataError: There is no event, or dates or parts break the rules above.
    """

    dates: Times
    parts: Int64[np.ndarray, "events active"]
    n_parts: int
    numbers: Numbers | None = None

    def __post_init__(self) -> None:
        EventShape(self.n_parts, self.n_active)
        if self.n_events == 0:
            raise DataError("`1 <= n_events` must hold, but got an empty history.")
        if not ascends(self.dates, self.numbers).all():
            raise DataError("Dates must ascend and stand once, or have ascending `numbers`; sort the events by date.")
        if not (np.diff(self.parts, axis=1) > 0).all() or self.parts.min() < 1 or self.parts.max() > self.n_parts:
            raise DataError(
                f"The parts of an event must be {self.n_active} different numbers in 1...{self.n_parts}, ascending."
            )

    def __len__(self) -> int:
        return len(self.parts)

    @property
    def n_events(self) -> int:
        """How many events there are."""
        return len(self.parts)

    @property
    def n_active(self) -> int:
        """How many parts are active in every event."""
        return int(self.parts.shape[1])

    @property
    def sizes(self) -> Int64[np.ndarray, " events"]:
        """How many parts are active in each event."""
        return np.full(self.n_events, self.n_active)

    @property
    def shape(self) -> EventShape:
        """The size of an event."""
        return EventShape(self.n_parts, self.n_active)

    @property
    def keys(self) -> Keys:
        """The columns that order the events in a file."""
        return key_columns(self.dates, self.numbers)

    def n_until(self, as_of: str) -> int:
        """Return how many events there are up to a date, a time or, without dates, a number.

        Raises:
            ConfigError: It is none.
        """
        return n_until(self.dates, as_of)

    @cached_property
    def sha256(self) -> str:
        """The identity of the history, whichever file it came from.

        It is the SHA-256 of one line ``YYYY-MM-DD,p1,p2,...`` per event, parts ascending, and a last line with
        ``n_parts``, each ended by a line feed. Times of day follow their day as ``THH:MM:SS``, the second key as
        ``,n=N``.
        """
        keys = spell_keys(self.dates, self.numbers, ",n=")
        lines = [f"{key},{row}" for key, row in zip(keys, _spell_rows(self.parts), strict=True)]
        return hashlib.sha256("\n".join([*lines, str(self.n_parts), ""]).encode()).hexdigest()

    def active_parts(self, events: Int64[np.ndarray, " some"]) -> Int64[np.ndarray, "some active"]:
        """Return the numbers of the active parts of some events, ascending in each row."""
        return np.asarray(self.parts[events])

    def multi_hot(self) -> Float32[np.ndarray, "events parts"]:
        """Return one row of 0 and 1 per event."""
        matrix = np.zeros((self.n_events, self.n_parts), dtype=np.float32)
        np.put_along_axis(matrix, self.parts - 1, 1.0, axis=1)
        return matrix


def read_events(path: str | Path, n_parts: int = 39, n_active: int = 5) -> EventHistory:
    """Read a history from a CSV file in either layout, plain or ``.gz``.

    Args:
        path: The file.
        n_parts: How many parts there are.
        n_active: How many of them are active in every event.

    Raises:
        ConfigError: Unless ``1 <= n_active < n_parts``.
        DataError: The file cannot be read, or it breaks rules; the message lists the first of them and counts all.
    """
    shape = EventShape(n_parts, n_active)
    return history_of(read_table(Path(path), shape), Path(path), shape)


def history_of(table: EventTable, path: Path, shape: EventShape) -> EventHistory:
    """Return the history that a table holds.

    Args:
        table: The table as it was read.
        path: Its file, for the message.
        shape: The size of its events.

    Raises:
        DataError: The table breaks rules.
    """
    if table.violations:
        from c5snn.data.events.published.diagnosis import explain  # it makes histories itself

        advice = (
            f"The rules are for events of {shape.n_active} parts out of {shape.n_parts};"
            " `n_active` and `n_parts` choose others. `c5snn data validate` shows more of the violations."
        )
        found = [table.violations.report(str(path)), advice, explain(path, shape)]
        raise DataError("\n".join(filter(None, found)))
    return EventHistory(table.dates, np.sort(table.parts, axis=1), shape.n_parts, table.numbers)


def write_events(history: EventHistory, path: str | Path, layout: Layout = "parts") -> None:
    """Write a history as CSV, whole or not at all.

    Args:
        history: What to write.
        path: The file to create or replace; a name that ends in ``.gz`` is compressed.
        layout: ``parts`` for the part numbers alone, ``matrix`` for them and the 0/1 row.

    Raises:
        OutputError: The file cannot be written; what stood there is unchanged.
    """
    cells = history.parts
    if layout == "matrix":
        cells = np.concatenate([cells, history.multi_hot().astype(np.int64)], axis=1)
    keys = spell_keys(history.dates, history.numbers, ",")
    lines = [f"{key},{row}" for key, row in zip(keys, _spell_rows(cells), strict=True)]
    header = ",".join(column_names(layout, history.shape, history.keys))
    write_text(Path(path), "\n".join([header, *lines, ""]))


def key_columns(dates: Times, numbers: Numbers | None) -> Keys:
    """Return the names of the columns that hold when events were."""
    if numbers is not None:
        return ("date", "n")
    return ("date",) if is_dated(dates) else ("n",)


def spell_keys(dates: Times, numbers: Numbers | None, between: str) -> list[str]:
    """Return when each event was as text: its date, and its number within it after ``between``."""
    spelled = spell_times(dates)
    if numbers is None:
        return spelled
    return [f"{date}{between}{number}" for date, number in zip(spelled, numbers.tolist(), strict=True)]


def _spell_rows(cells: Int64[np.ndarray, "events columns"]) -> list[str]:
    return [",".join(map(str, row)) for row in cells.tolist()]
