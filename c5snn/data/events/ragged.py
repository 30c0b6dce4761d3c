"""Histories of events of any size: sets of 0 to ``n_parts`` parts, such as baskets, alarms and spikes in a bin.

A file has the layout ``sets``: when each event was, and one cell of part numbers apart by spaces, empty for an event
without parts. Names of parts stand in ``parts.csv`` beside it.
"""

import csv
import hashlib
import io
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple, final

import numpy as np
from jaxtyping import Float32, Int64

from c5snn.data.events.delimited import Cells, read_text, write_text
from c5snn.data.events.event_table import EventRows, read_rows
from c5snn.data.events.history import key_columns, spell_keys
from c5snn.data.events.shape import EventShape, column_names, layout_of
from c5snn.data.events.times import Numbers, Times, ascends, n_until
from c5snn.data.events.violations import Violation, Violations, quote
from c5snn.errors import ConfigError, DataError
from c5snn.files import located

__all__ = [
    "PARTS_FILE",
    "RaggedHistory",
    "RaggedTable",
    "holds_sets",
    "ragged_history_of",
    "read_ragged",
    "write_ragged",
]

PARTS_FILE: Final = "parts.csv"
_MOST_DIGITS: Final = 9


@final
@dataclass(frozen=True, eq=False)
class RaggedHistory:
    """Events of any size in the order of time: event t has ``parts[offsets[t]:offsets[t + 1]]``.

    Args:
        dates: The day or time of each event, ``datetime64``, ascending; where dates are not known, whole numbers.
        parts: The numbers of the active parts of all events, 1 to ``n_parts``, ascending within each event.
        offsets: Where each event's parts begin, and the length of ``parts`` at the end.
        n_parts: How many parts there are.
        numbers: The order of events of the same date, ascending within it; None where no date stands twice.
        names: The name of each part; empty where they have none.

    Raises:
        DataError: There is no event, or dates or parts break the rules above.
    """

    dates: Times
    parts: Int64[np.ndarray, " active"]
    offsets: Int64[np.ndarray, " events_and_end"]
    n_parts: int
    numbers: Numbers | None = None
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.dates) == 0:
            raise DataError("`1 <= n_events` must hold, but got an empty history.")
        if not ascends(self.dates, self.numbers).all():
            raise DataError("Dates must ascend and stand once, or have ascending `numbers`; sort the events by date.")
        if len(self.offsets) != len(self.dates) + 1 or self.offsets[0] != 0 or self.offsets[-1] != len(self.parts):
            raise DataError("`offsets` must have one value an event and one more, from 0 to the number of all parts.")
        steps = np.diff(self.parts)
        steps[self.offsets[1:-1][(self.offsets[1:-1] > 0) & (self.offsets[1:-1] < len(self.parts))] - 1] = 1
        is_whole = (np.diff(self.offsets) >= 0).all() and (steps > 0).all()
        if not is_whole or self.parts.min(initial=1) < 1 or self.parts.max(initial=1) > self.n_parts:
            raise DataError(f"The parts of an event must be different numbers in 1...{self.n_parts}, ascending.")
        if self.names and len(self.names) != self.n_parts:
            raise DataError(f"`{self.n_parts}` names must be given, one a part, but got {len(self.names)}.")

    def __len__(self) -> int:
        return len(self.dates)

    @property
    def n_events(self) -> int:
        """How many events there are."""
        return len(self.dates)

    @property
    def sizes(self) -> Int64[np.ndarray, " events"]:
        """How many parts are active in each event."""
        return np.diff(self.offsets)

    def n_until(self, as_of: str) -> int:
        """Return how many events there are up to a date, a time or, without dates, a number.

        Raises:
            ConfigError: It is none.
        """
        return n_until(self.dates, as_of)

    @cached_property
    def sha256(self) -> str:
        """The identity of the history: the SHA-256 of one line an event, ``YYYY-MM-DD,p1,p2,...``, and of ``n_parts``.

        Events of equal size have the identity of an ``EventHistory`` of the same events; names are no part of it.
        """
        keys = spell_keys(self.dates, self.numbers, ",n=")
        lines = [",".join([key, *event]) for key, event in zip(keys, self.spell_events(), strict=True)]
        return hashlib.sha256("\n".join([*lines, str(self.n_parts), ""]).encode()).hexdigest()

    def active_parts(self, events: Int64[np.ndarray, " some"]) -> Int64[np.ndarray, "some active"]:
        """Return the numbers of the active parts of some events, ascending, padded with 0 to the largest of them."""
        sizes = self.sizes[events]
        before = np.cumsum(sizes) - sizes
        within = np.arange(sizes.sum()) - np.repeat(before, sizes)
        padded = np.zeros((len(events), int(sizes.max(initial=0))), dtype=np.int64)
        padded[np.repeat(np.arange(len(events)), sizes), within] = self.parts[
            np.repeat(self.offsets[events], sizes) + within
        ]
        return padded

    def multi_hot(self) -> Float32[np.ndarray, "events parts"]:
        """Return one row of 0 and 1 per event."""
        matrix = np.zeros((self.n_events, self.n_parts), dtype=np.float32)
        matrix[np.repeat(np.arange(self.n_events), self.sizes), self.parts - 1] = 1.0
        return matrix

    def spell_events(self) -> list[list[str]]:
        """Return the part numbers of each event as text."""
        spelled, ends = list(map(str, self.parts.tolist())), self.offsets.tolist()
        return [spelled[start:end] for start, end in pairwise(ends)]


class RaggedTable(NamedTuple):
    """What a file of sets holds. Only without violations is it a history.

    Attributes:
        rows: The rows and when they were.
        parts: The part numbers of all whole rows, ascending within a row.
        offsets: Where each row's parts begin, and their number at the end.
        names: The names of the parts.
        n_parts: How many parts there are.
        violations: Every rule that the file breaks.
    """

    rows: EventRows
    parts: Int64[np.ndarray, " active"]
    offsets: Int64[np.ndarray, " rows_and_end"]
    names: tuple[str, ...]
    n_parts: int
    violations: Violations


def holds_sets(path: Path) -> bool:
    """Return whether a file's header is that of events of any size; what cannot be read is not.

    Raises:
        DataError: The file cannot be read as text.
    """
    beginning = read_text(path)[:99].decode(errors="replace")  # the cut may go through a letter
    cells = Cells(beginning.encode())
    return len(cells) > 0 and layout_of(cells.row(0)) == "sets"


def read_ragged(path: Path, n_parts: int | None = None) -> RaggedTable:
    """Read and check a file of events of any size.

    Args:
        path: A CSV file in the layout ``sets``, plain or ``.gz``.
        n_parts: How many parts there are; None for as many as ``parts.csv`` names, else the highest number.

    Raises:
        DataError: A file cannot be read as text, or ``parts.csv`` breaks its rules. Broken rules are returned.
    """
    names = _read_names(path.parent / PARTS_FILE)
    table = read_rows(path, EventShape())
    column = table.columns[-1]
    bodies = table.cells.texts(column)
    pieces = [body.split() for body in bodies]
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in pieces], dtype=np.int64)]).astype(np.int64)
    flat = [piece for row in pieces for piece in row]
    is_whole = [piece.isascii() and piece.isdecimal() and len(piece) <= _MOST_DIGITS for piece in flat]
    parts = np.array([int(piece) if whole else 0 for piece, whole in zip(flat, is_whole, strict=True)], dtype=np.int64)
    n_parts = n_parts or len(names) or int(parts.max(initial=2))
    row_of = np.repeat(np.arange(len(pieces)), np.diff(offsets))
    order = np.lexsort((parts, row_of))
    _check_parts(table, parts[order], row_of, flat, order, n_parts)
    if names and len(names) != n_parts:
        table.violations.add(1, "parts", f"{PARTS_FILE} must name {n_parts} parts, but names {len(names)}.")
    return RaggedTable(table, parts[order], offsets, names, n_parts, table.violations)


def ragged_history_of(table: RaggedTable, path: Path) -> RaggedHistory:
    """Return the history that a table holds.

    Raises:
        DataError: The table breaks rules.
    """
    if table.violations:
        raise DataError(table.violations.report(str(path)))
    rows = table.rows
    return RaggedHistory(rows.dates, table.parts, table.offsets, table.n_parts, rows.numbers, table.names)


def write_ragged(history: RaggedHistory, path: Path) -> None:
    """Write a history in the layout ``sets``, and the names of its parts in ``parts.csv`` beside it.

    Raises:
        ConfigError: The file would be the one of names.
        OutputError: A file cannot be written; what stood there is unchanged.
    """
    if path.name == PARTS_FILE:
        raise ConfigError(
            f"A history must not be called {PARTS_FILE}: the names of parts stand there. Say another DST."
        )
    if history.names:
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows([("part", "name"), *enumerate(history.names, 1)])
        write_text(path.parent / PARTS_FILE, out.getvalue())
    keys = spell_keys(history.dates, history.numbers, ",")
    header = ",".join(column_names("sets", EventShape(), key_columns(history.dates, history.numbers)))
    lines = [f"{key},{' '.join(event)}" for key, event in zip(keys, history.spell_events(), strict=True)]
    write_text(path, "\n".join([header, *lines, ""]))


def _check_parts(  # the parts, and where each came from
    table: EventRows,
    parts: Int64[np.ndarray, " active"],
    row_of: Int64[np.ndarray, " active"],
    flat: list[str],
    order: Int64[np.ndarray, " active"],
    n_parts: int,
) -> None:
    def illegal(place: int) -> Violation:
        piece = flat[int(order[place])]
        return Violation(
            table.rows[int(row_of[place])], "parts", f"`1 <= part <= {n_parts}` must hold, but got {quote(piece)}."
        )

    def twice(place: int) -> Violation:
        rule = "a part must stand once in an event, but got"
        return Violation(table.rows[int(row_of[place])], "parts", f"{rule} {parts[place]} again.")

    table.violations.add_rows(np.flatnonzero((parts < 1) | (parts > n_parts)), illegal)
    is_again = (np.diff(parts) == 0) & (np.diff(row_of) == 0) & (parts[1:] > 0)
    table.violations.add_rows(np.flatnonzero(is_again) + 1, twice)


def _read_names(path: Path) -> tuple[str, ...]:
    if not located(path).is_file():
        return ()
    cells = Cells(read_text(path))
    rows = [cells.row(row) for row in range(len(cells))]
    numbered = [row[0] for row in rows[1:]] == [str(number) for number in range(1, len(rows))]
    if not rows or rows[0] != ["part", "name"] or any(len(row) != len(rows[0]) for row in rows) or not numbered:
        raise DataError(f"`{path}` must have the columns part,name and one row a part, numbered 1, 2, ...")
    return tuple(row[1] for row in rows[1:])
