"""The mapping from a published file to a history: what is said of it, what was found, and the words that repeat it."""

import shlex
from dataclasses import dataclass, field
from typing import Literal, final

from c5snn.data.events.published.table import PublishedTable, TableFormat
from c5snn.errors import ConfigError

__all__ = ["BonusUse", "Mapping", "Order", "Wishes", "columns_said"]

Order = Literal["oldest-first", "newest-first", "by-date"]
BonusUse = Literal["drop", "include"]

# the key that stands for the order of the rows themselves
ROW_KEY = "row"


@final
@dataclass(frozen=True)
class Wishes:
    """What is said of a file; None where it is to be found.

    Args:
        written: Its encoding, delimiter and header.
        date: The columns that hold the date.
        date_format: How the date is spelled.
        order: The order of the rows.
        numbers: The columns that hold the numbers.
        bonus: Whether bonus numbers belong to the events.
        key: The column that orders events of the same date, or ``row``.
        n_parts: How many parts there are.
        since: The date or number of the first event to keep.
    """

    written: TableFormat = field(default_factory=TableFormat)
    date: str | None = None
    date_format: str | None = None
    order: Order | None = None
    numbers: str | None = None
    bonus: BonusUse | None = None
    key: str | None = None
    n_parts: int | None = None
    since: str | None = None


@final
@dataclass(frozen=True)
class Mapping:
    """What was found or said; places are those of columns, from 0.

    Args:
        written: Encoding, delimiter and header.
        date: The columns of the date; empty where events have numbers only.
        date_format: How the date is spelled; None without one.
        order: The order of the rows.
        numbers: The columns of the numbers.
        bonus: The columns of bonus numbers.
        n_cell_bonus: How many numbers at the end of the cell are bonus numbers.
        bonus_use: Whether bonus numbers belong to the events.
        key: The column of the second key, or of the number of an event without date; -1 for the order of the rows.
        n_parts: How many parts there are; None for as many as the highest number.
        since: The date or number of the first event that was kept.
    """

    written: TableFormat
    date: tuple[int, ...]
    date_format: str | None
    order: Order
    numbers: tuple[int, ...]
    bonus: tuple[int, ...]
    n_cell_bonus: int
    bonus_use: BonusUse
    key: int | None
    n_parts: int | None
    since: str | None

    def command(self, source: str, destination: str, table: PublishedTable) -> str:
        """Return the command line that repeats the import."""
        # bonus columns that belong to the events are numbers like the others
        is_joined = self.bonus_use == "include" and self.bonus
        numbers = self.numbers + self.bonus if is_joined else self.numbers
        options: list[tuple[str, str | None]] = [
            ("--encoding", self.written.encoding),
            ("--delimiter", self.written.delimiter),
            ("--date", _labels(table, self.date)),
            ("--date-format", self.date_format),
            ("--order", self.order),
            ("--numbers", _labels(table, numbers)),
            ("--bonus", self.bonus_use if self.n_cell_bonus else None),
            ("--key", None if self.key is None else ROW_KEY if self.key < 0 else table.label(self.key)),
            ("--n-parts", None if self.n_parts is None else str(self.n_parts)),
            ("--since", self.since),
        ]
        words = ["c5snn", "data", "import", source, destination]
        for name, value in options:
            words += [] if value is None else [name, value]
        header = self.written.has_header
        return shlex.join([*words, *([] if header is None else ["--header" if header else "--no-header"])])


def columns_said(table: PublishedTable, words: str, option: str) -> tuple[int, ...]:
    """Return the places of the columns that an option names: names, numbers from 1, or ranges of numbers.

    Args:
        table: The table.
        words: ``COL,COL,…``; a name that has a comma in it stands alone or is said by its number.
        option: The option, for the message.

    Raises:
        ConfigError: There is no such column, or more than one.
    """
    if words in table.names and not words.isdecimal():
        return (_column(table, words, option),)
    places: list[int] = []
    for word in words.split(","):
        first, dash, last = word.strip().partition("-")
        if dash and first.isdecimal() and last.isdecimal():
            ends = _column(table, first, option), _column(table, last, option)
            places += range(ends[0], ends[1] + 1)
        else:
            places.append(_column(table, word.strip(), option))
    if len(set(places)) < len(places) or not places:
        raise ConfigError(f"`{option}` must name each column once, but got {words}.")
    return tuple(places)


def _column(table: PublishedTable, word: str, option: str) -> int:
    if word.isdecimal():  # also where a column is called by another column's number
        found = [int(word[:9]) - 1] if 1 <= int(word[:9]) <= len(table.names) else []
    else:
        found = [place for place, name in enumerate(table.names) if name == word]
        found = found or [p for p, name in enumerate(table.names) if name and name.casefold() == word.casefold()]
    if len(found) == 1:
        return found[0]
    named = ", ".join(f"{place} {name}".rstrip() for place, name in enumerate(table.names[:30], 1))
    what = "is the name of several columns: say its number" if found else "is none of them"
    raise ConfigError(f"`{option}` must name columns, but {word!r} {what}. There are: {named}.")


def _labels(table: PublishedTable, places: tuple[int, ...]) -> str | None:
    return ",".join(table.label(place) for place in places) or None
