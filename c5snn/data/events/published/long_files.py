"""Long files, one row an active part (baskets, alarms, spikes), become events of any size: one a bin of time.

Bins have one width and follow one another from the first row to the last; a bin in which nothing happens is an event
without parts. Bins of weeks begin on Mondays, all others at whole multiples of their width since 1970, or since 0 where
times are plain numbers. Plain numbers are seconds for a bin that has a unit.
"""

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final, final

import numpy as np
from jaxtyping import Int64

from c5snn.data.events.published.dates import likely_formats, parse_dates, require_one_zone
from c5snn.data.events.published.mapping import Wishes, columns_said
from c5snn.data.events.published.numbers import is_number, mostly
from c5snn.data.events.published.roles import choose_date_format
from c5snn.data.events.published.table import PublishedTable, read_published
from c5snn.data.events.published.when import When, rows_since
from c5snn.data.events.ragged import RaggedHistory
from c5snn.data.events.times import Times, coarsest
from c5snn.data.events.violations import Violation, Violations, quote
from c5snn.errors import ConfigError, DataError

__all__ = ["BinWidth", "LongImported", "bin_width", "import_long"]

MOST_BINS: Final = 2_000_000

_SECOND: Final = 10**6
_UNITS: Final = {
    "us": 1, "ms": 1_000, "s": _SECOND, "min": 60 * _SECOND, "h": 3_600 * _SECOND, "d": 86_400 * _SECOND,
    "w": 7 * 86_400 * _SECOND,
}  # fmt: skip
_MOST_NUMBER: Final = 10**15
_MICROSECOND: Final = Decimal("0.000001")
_MONDAY: Final = 4 * 86_400 * 10**6  # 1970 began on a Thursday
_TIME_NAMES: Final = re.compile(r"time|date|datum|fecha|\bts?\b|when|stamp|bin", re.IGNORECASE)
_PART_NAMES: Final = re.compile(
    r"part|item|product|unit|neuron|cell|code|alarm|sku|channel|article|name", re.IGNORECASE
)


@final
@dataclass(frozen=True)
class BinWidth:
    """The width of a bin.

    Args:
        said: The word that says it.
        microseconds: The width, where it has a unit.
        number: The width in the unit of the file's own numbers, where it has none.
    """

    said: str
    microseconds: int | None
    number: Decimal | None


@final
@dataclass(frozen=True, eq=False)
class LongImported:
    """A history of events of any size and where it came from.

    Args:
        history: The events.
        table: The file as a table.
        time: The column of the time.
        part: The column of the parts.
        date_format: How times are spelled; None for plain numbers.
        n_rows: How many rows were binned.
        n_repeats: How many rows name a part that their bin has already.
        n_earlier: How many rows are before ``since``.
    """

    history: RaggedHistory
    table: PublishedTable
    time: int
    part: int
    date_format: str | None
    n_rows: int
    n_repeats: int
    n_earlier: int

    def command(self, source: str, destination: str, wishes: Wishes, width: BinWidth) -> str:
        """Return the command line that repeats the import."""
        written, label = self.table.written, self.table.label
        options: list[tuple[str, str | None]] = [
            ("--layout", "long"), ("--bin", width.said), ("--encoding", written.encoding),
            ("--delimiter", written.delimiter), ("--date", label(self.time)), ("--date-format", self.date_format),
            ("--numbers", label(self.part)), ("--n-parts", None if self.history.names else str(self.history.n_parts)),
            ("--since", wishes.since),
        ]  # fmt: skip
        words = ["c5snn", "data", "import", source, destination]
        for name, value in options:
            words += [] if value is None else [name, value]
        header = written.has_header
        return shlex.join([*words, *([] if header is None else ["--header" if header else "--no-header"])])


def bin_width(said: str) -> BinWidth:
    """Return the width that a word says: a number with us, ms, s, min, h, d or w, or a number alone.

    >>> bin_width("20ms").microseconds, bin_width("0.5").number
    (20000, Decimal('0.5'))

    Raises:
        ConfigError: It says none above 0, or none of whole microseconds.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(us|ms|s|min|h|d|w)?", said, re.ASCII)
    value = Decimal(found[1]) if found else Decimal(0)
    unit = _UNITS[found[2]] if found and found[2] else None
    if value <= 0 or (unit is not None and value * unit % 1):
        raise ConfigError(f"`--bin` must be a width such as 20ms, 1.5s, 15min, 1h, 1d, 1w or 1, but got {said!r}.")
    return BinWidth(said, None if unit is None else int(value * unit), None if unit else value)


def import_long(path: Path, wishes: Wishes, width: BinWidth) -> LongImported:
    """Read a long file into bins.

    Args:
        path: The file.
        wishes: What is said of it: how it is written, ``date``, ``date_format``, ``numbers``, ``n_parts``, ``since``.
        width: The width of a bin.

    Raises:
        ConfigError: Something must be said that the file leaves open, or what is said does not fit the file.
        DataError: The file cannot be read, or breaks rules; the message lists them with their rows.
    """
    table, violations = read_published(path, wishes.written), Violations()
    time, part = _columns(table, wishes)
    date_format = _date_format(table, time, wishes)
    if date_format is None:
        bins, kept = _number_bins(table, time, width, violations), np.arange(len(table))
        if wishes.since is not None:
            raise ConfigError("`--since` needs dates, but the times of this file are plain numbers.")
    else:
        times = _times(table, time, date_format, violations)
        bins = _date_bins(times, width)
        kept = rows_since(When((time,), date_format, times, None, 0), wishes.since)
    numbers, names = _parts(table, part, wishes.n_parts, violations)
    if violations:
        raise DataError(violations.report(str(path)))
    if not len(kept):
        raise DataError(f"`{path}` must hold at least one row, but holds none since {wishes.since}.")
    n_parts = len(names) or wishes.n_parts or int(numbers.max())
    history = _binned(bins[kept], numbers[kept], names, n_parts, width if date_format else None)
    n_repeats = len(kept) - len(history.parts)
    return LongImported(history, table, time, part, date_format, len(kept), n_repeats, len(table) - len(kept))


def _columns(table: PublishedTable, wishes: Wishes) -> tuple[int, int]:
    said = [None if words is None else columns_said(table, words, option) for words, option in
            ((wishes.date, "--date"), (wishes.numbers, "--numbers"))]  # fmt: skip
    for places, option in zip(said, ("--date", "--numbers"), strict=True):
        if places is not None and len(places) > 1:
            raise ConfigError(f"`{option}` must name one column of a long file, but names {len(places)}.")
    time, part = (None if places is None else places[0] for places in said)
    free = [place for place in range(len(table.names)) if place not in {time, part}]
    if time is None:
        time = _chosen(table, free, _TIME_NAMES, "--date", lambda place: _is_time(table.column(place)))
        free.remove(time)
    if part is None:
        part = _chosen(table, free, _PART_NAMES, "--numbers", lambda _: True)
    return time, part


def _chosen(
    table: PublishedTable, free: list[int], called: re.Pattern[str], option: str, fits: Callable[[int], bool]
) -> int:
    fitting = [place for place in free if fits(place)]
    named = [place for place in fitting if called.search(table.names[place])]
    dated = [place for place in fitting if likely_formats(_sample(table.column(place)), named=False)]
    for found in (named, dated if option == "--date" else [], fitting):
        if len(found) == 1:
            return found[0]
    labels = ", ".join(table.label(place) for place in fitting) or "no column fits"
    raise ConfigError(f"A long file has a column of times and one of parts. Say {option} COL; there are: {labels}.")


def _sample(texts: list[str]) -> list[str]:
    return [text for text in texts[:200] if text]


def _is_time(texts: list[str]) -> bool:
    sample = _sample(texts)
    return mostly(_decimal(text) is not None for text in sample) or bool(sample and likely_formats(sample))


def _date_format(table: PublishedTable, time: int, wishes: Wishes) -> str | None:
    if wishes.date_format is not None:
        return wishes.date_format
    texts, is_named = table.column(time), bool(_TIME_NAMES.search(table.names[time]))
    if mostly(_decimal(text) is not None for text in texts) and not likely_formats(_sample(texts), named=is_named):
        return None
    return choose_date_format([text for text in texts if text], table.label(time))


def _times(table: PublishedTable, time: int, date_format: str, violations: Violations) -> Times:
    texts = table.column(time)
    times = parse_dates(texts, date_format)
    require_one_zone(texts, date_format, table.label(time))
    rule = f"a time must be {date_format}, but got"
    violations.add_rows(
        np.flatnonzero(np.isnat(times)),
        lambda row: Violation(table.lines[row], table.label(time), f"{rule} {quote(texts[row])}."),
    )
    return times


def _date_bins(times: Times, width: BinWidth) -> Int64[np.ndarray, " rows"]:
    if width.microseconds is None:
        raise ConfigError(f"`--bin` must have a unit where times are dates, such as 1d, but got {width.said!r}.")
    # as Python divides: towards the past, also before 1970
    return (times.astype("datetime64[us]").astype(np.int64) - _origin(width)) // width.microseconds


def _number_bins(
    table: PublishedTable, time: int, width: BinWidth, violations: Violations
) -> Int64[np.ndarray, " rows"]:
    texts = table.column(time)
    step = width.number if width.microseconds is None else _MICROSECOND * width.microseconds
    found = [_decimal(text) for text in texts]
    # in decimal, because 0.06 is three times 0.02 and in binary it is less
    bins = np.array([-1 if t is None or t < 0 else min(int(t // step), _MOST_NUMBER) for t in found], dtype=np.int64)  # type: ignore[operator]
    violations.add_rows(
        np.flatnonzero(bins < 0),
        lambda row: Violation(
            table.lines[row], table.label(time), f"a time must be a number from 0 on, but got {quote(texts[row])}."
        ),
    )
    return bins


def _decimal(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value) < _MOST_NUMBER else None


def _parts(
    table: PublishedTable, part: int, n_parts: int | None, violations: Violations
) -> tuple[Int64[np.ndarray, " rows"], tuple[str, ...]]:
    # numbers stay what they are where most of 1...n occur; everything else becomes a name
    texts = table.column(part)
    numbers = table.numbers(part)
    label, distinct = table.label(part), set(texts)
    if n_parts is not None or (numbers.min() >= 1 and numbers.max() <= 2 * len(distinct)):
        most = n_parts or int(numbers.max())
        violations.add_rows(
            np.flatnonzero((numbers < 1) | (numbers > most)),
            lambda row: Violation(
                table.lines[row], label, f"`1 <= part <= {most}` must hold, got {quote(texts[row])}."
            ),
        )
        return numbers, ()
    empty = np.array([not text for text in texts])
    violations.add_rows(
        np.flatnonzero(empty), lambda row: Violation(table.lines[row], label, "a part must stand here, but got ''.")
    )
    are_numbers = all(map(is_number, distinct))
    names = sorted(distinct, key=lambda name: (float(name) if are_numbers else 0.0, name))
    place = {name: number for number, name in enumerate(names, 1)}
    return np.array([place[text] for text in texts], dtype=np.int64), tuple(names)


def _binned(
    bins: Int64[np.ndarray, " rows"],
    numbers: Int64[np.ndarray, " rows"],
    names: tuple[str, ...],
    n_parts: int,
    dated: BinWidth | None,
) -> RaggedHistory:
    first, last = int(bins.min()), int(bins.max())
    if last - first >= MOST_BINS:
        raise ConfigError(f"There must be at most {MOST_BINS:,} bins, but there are {last - first + 1:,}. Widen --bin.")
    pairs = np.unique(np.stack([bins, numbers], axis=1), axis=0)
    every = np.arange(first, last + 1)
    offsets = np.searchsorted(pairs[:, 0], np.arange(first, last + 2))
    dates = every
    if dated is not None:
        starts = every * int(dated.microseconds or 0) + _origin(dated)
        dates = coarsest(starts.astype("datetime64[us]"))
    return RaggedHistory(dates, pairs[:, 1], offsets, n_parts, None, names)


def _origin(width: BinWidth) -> int:
    return _MONDAY if width.said.endswith("w") else 0
