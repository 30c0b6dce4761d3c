"""When the events of a history were: days, times to the microsecond, or plain numbers where nobody knows a date.

The second key ``n`` orders events of the same day or time. Whatever unit an array has, a time is spelled in the
coarsest of days, seconds, milliseconds and microseconds that holds all of the history's times.
"""

import re
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np
from jaxtyping import Bool, Int64, Shaped

from c5snn.data.events.delimited import Cells
from c5snn.data.events.violations import Violation, Violations, quote
from c5snn.errors import ConfigError

__all__ = [
    "Numbers",
    "Times",
    "ascends",
    "check_order",
    "coarsest",
    "is_dated",
    "is_time",
    "n_until",
    "parse_times",
    "spell_times",
]

Times = Shaped[np.ndarray, " events"]
Numbers = Int64[np.ndarray, " events"]

UNITS: Final = ("D", "s", "ms", "us")
# dddd-dd-dd and dddd-dd-ddTdd:dd:dd, the spellings that a history is written in
_TEMPLATES = {10: b"dddd-dd-dd", 19: b"dddd-dd-ddTdd:dd:dd"}
_SPELLINGS = re.compile(
    r"(?:(\d{4})-(\d\d)-(\d\d)|(\d{1,2})/(\d{1,2})/(\d{4}))(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?)?", re.ASCII
)


def parse_times(
    cells: Cells, column: Int64[np.ndarray, " events"], rows: list[int], violations: Violations, name: str = "date"
) -> Times:
    """Return the times of a column, NaT where there is none, as ``datetime64`` in the coarsest unit.

    Args:
        cells: The table.
        column: The numbers of the column's cells: ``YYYY-MM-DD`` or ``M/D/YYYY``, a time of day may follow.
        rows: The line in the file of each.
        violations: Where unreadable times are added.
        name: The column's name.
    """
    times = _parse_alike(cells, column)
    if times is None:
        texts = cells.texts(column)
        known = {text: _parse(text) for text in set(texts)}
        times = np.array([known[text] for text in texts], dtype="datetime64[us]")
    rule = "a date must be M/D/YYYY or YYYY-MM-DD, but got"
    violations.add_rows(
        np.flatnonzero(np.isnat(times)),
        lambda row: Violation(rows[row], name, f"{rule} {quote(cells.text(column[row]))}."),
    )
    return coarsest(times)


def coarsest(times: Times) -> Times:
    """Return times in the coarsest unit that holds them all; plain numbers stay as they are."""
    if not is_dated(times):
        return times
    known = times[~np.isnat(times)]
    return times.astype(f"datetime64[{next(unit for unit in UNITS if _holds(unit, known))}]")


def is_dated(times: Times) -> bool:
    """Return whether events have dates, not only numbers."""
    return bool(np.issubdtype(times.dtype, np.datetime64))


def is_time(text: str) -> bool:
    """Return whether a text is a date or a time as histories and series spell it.

    >>> is_time("2024-01-31 13:30"), is_time("1/31/2024"), is_time("date")
    (True, True, False)
    """
    return _parse(text) is not None


def spell_times(times: Times) -> list[str]:
    """Return the times as a history's file and its identity spell them.

    >>> spell_times(np.array(["2024-01-01T13:30", "2024-01-02"], "datetime64[m]"))
    ['2024-01-01T13:30:00', '2024-01-02T00:00:00']
    >>> spell_times(np.array([7, 8]))
    ['7', '8']
    """
    if not is_dated(times):
        return [str(number) for number in times.tolist()]
    times = coarsest(times)
    return list(np.datetime_as_string(times).tolist())


def n_until(times: Times, as_of: str) -> int:
    """Return how many events there are up to a time; a day without a time of day means its end.

    >>> n_until(np.array(["2024-01-01T13:30", "2024-01-01T19:30", "2024-01-02T13:30"], "datetime64[s]"), "2024-01-01")
    2

    Args:
        times: The events' times, ascending.
        as_of: An ISO date, with or without a time; a number where the events have no dates.

    Raises:
        ConfigError: It is no date, or no number, or a time with a zone.
    """
    try:
        if not is_dated(times):
            return int(np.searchsorted(times, int(as_of), side="right"))
        until = _iso_time(as_of)
    except ValueError as error:
        kind = "a date such as 2026-01-28" if is_dated(times) else "an event's number, because events have no dates"
        raise ConfigError(f"`--as-of` must be {kind}, but got {as_of}.") from error
    units = times.astype("datetime64[D]") if until.dtype == np.dtype("datetime64[D]") else times
    return int(np.searchsorted(units, until, side="right"))


def ascends(times: Times, numbers: Numbers | None = None) -> Bool[np.ndarray, " later"]:
    """Return of each event but the first whether it comes after the one before it."""
    later = times[1:] > times[:-1]
    return later if numbers is None else later | ((times[1:] == times[:-1]) & (numbers[1:] > numbers[:-1]))


def check_order(times: Times, numbers: Numbers | None, rows: list[int], violations: Violations, name: str = "") -> None:
    """Add the times that go back or repeat.

    Args:
        times: The times, NaT or -1 where there is none.
        numbers: The second key ``n``, -1 where there is none; None for a file without.
        rows: The line in the file of each.
        violations: Where broken rules are added.
        name: The column's name; empty for that of a history of events.
    """
    is_known = ~np.isnat(times) if is_dated(times) else times >= 0
    if numbers is not None:
        is_known &= numbers >= 0
    known = np.flatnonzero(is_known)
    times, numbers = times[known], None if numbers is None else numbers[known]
    if ascends(times, numbers).all():
        return
    key, second = "date" if is_dated(times) else "n", np.zeros(len(known), np.int64) if numbers is None else numbers
    lines = [rows[row] for row in known.tolist()]

    def spell(row: int) -> str:
        return spell_times(times[[row]])[0] + ("" if numbers is None else f" n={second[row]}")

    def went_back(row: int) -> Violation:
        rule = f"{'dates' if key == 'date' else 'numbers'} must not go back, but"
        return Violation(lines[row], name or key, f"{rule} {spell(row)} follows {spell(row - 1)}.")

    def stands_again(row: int) -> Violation:
        rule = f"{'a date' if key == 'date' else 'an n'} must stand once, but"
        return Violation(lines[row], name or key, f"{rule} {spell(row)} stands in row {lines[first[row]]} too.")

    # each time is held against its neighbour: against the latest so far, one time too late would blame all that follow
    is_back = (times[1:] < times[:-1]) | ((times[1:] == times[:-1]) & (second[1:] < second[:-1]))
    violations.add_rows(np.flatnonzero(is_back) + 1, went_back)
    first = _first_of_key(times, second)
    violations.add_rows(np.flatnonzero(first != np.arange(len(first))), stands_again)


def _iso_time(as_of: str) -> np.datetime64:
    # by Python: numpy takes 20240110 for a year and shifts a time with a zone
    try:
        return np.datetime64(date.fromisoformat(as_of), "D")
    except ValueError:
        time = datetime.fromisoformat(as_of)
    if time.tzinfo is not None:
        raise ConfigError(f"`--as-of` must be a time without a zone, on the clock of the data, but got {as_of}.")
    return np.datetime64(time, "us")


def _first_of_key(times: Times, numbers: Numbers) -> Numbers:
    # the first event that has the same key as each
    order = np.lexsort((numbers, times))  # stable: of equal keys the first comes first
    is_again = (times[order][1:] == times[order][:-1]) & (numbers[order][1:] == numbers[order][:-1])
    places = np.arange(len(order))
    places[1:][is_again] = 0
    first = np.empty(len(order), np.int64)
    first[order] = order[np.maximum.accumulate(places)]
    return first


def _parse_alike(cells: Cells, column: Int64[np.ndarray, " events"]) -> Times | None:
    # a column in which every cell has one of the two spellings of our own files is read at once
    lengths = cells.lengths(column)
    template = _TEMPLATES.get(int(lengths[0])) if len(lengths) else None
    if template is None or not (lengths == lengths[0]).all():
        return None
    table, expected = cells.fixed(column, len(template)), np.frombuffer(template, np.uint8)
    is_digit = expected == ord("d")
    digits_fit = ((table[:, is_digit] >= ord("0")) & (table[:, is_digit] <= ord("9"))).all()
    if not digits_fit or not (table[:, ~is_digit] == expected[~is_digit]).all():
        return None
    try:
        return table.view(f"S{len(template)}")[:, 0].astype("datetime64[us]")
    except ValueError:  # 2024-02-30: each is read alone, to find it
        return None


def _parse(text: str) -> datetime | None:
    found = _SPELLINGS.fullmatch(text)
    if found is None:
        return None
    year, month, day = found.group(1, 2, 3) if found[1] else found.group(6, 4, 5)
    hour, minute, second = (int(part or 0) for part in found.group(7, 8, 9))
    try:
        whole = datetime(int(year), int(month), int(day), hour, minute, second)  # noqa: DTZ001  # as it is written
    except ValueError:  # 2/30, 24:00
        return None
    return whole + timedelta(microseconds=int((found[10] or "0").ljust(6, "0")))


def _holds(unit: str, times: Times) -> bool:
    return bool((times.astype(f"datetime64[{unit}]") == times).all())
