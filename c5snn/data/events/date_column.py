"""The column of dates: one per event, each later than the one before."""

import re
from datetime import date

import numpy as np
from jaxtyping import Shaped

from c5snn.data.events.violations import Violation, Violations, quote

__all__ = ["read_dates"]

_SPELLINGS = re.compile(r"(\d{4})-(\d\d)-(\d\d)|(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)


def read_dates(cells: list[str], numbers: list[int], violations: Violations) -> Shaped[np.ndarray, " rows"]:
    """Return the dates of a column, NaT where there is none.

    Args:
        cells: The column's texts, ``M/D/YYYY`` or ``YYYY-MM-DD``.
        numbers: The row in the file of each.
        violations: Where unreadable, repeated and returning dates are added.
    """
    dates = np.array([_parse(cell) for cell in cells], dtype="datetime64[D]")
    unknown = np.flatnonzero(np.isnat(dates)).tolist()
    rule = "a date must be M/D/YYYY or YYYY-MM-DD, but got"
    violations.add_all(
        len(unknown), (Violation(numbers[row], "date", f"{rule} {quote(cells[row])}.") for row in unknown)
    )
    known = np.flatnonzero(~np.isnat(dates))
    _check_order(dates[known], [numbers[row] for row in known], violations)
    return dates


def _parse(cell: str) -> date | None:
    found = _SPELLINGS.fullmatch(cell)
    if found is None:
        return None
    year, month, day = found.group(1, 2, 3) if found[1] else found.group(6, 4, 5)
    try:
        return date(int(year), int(month), int(day))
    except ValueError:  # 2/30
        return None


def _check_order(dates: Shaped[np.ndarray, " rows"], numbers: list[int], violations: Violations) -> None:
    # each date is held against its neighbour: against the latest so far, one date too late would blame all that follow
    back = (np.flatnonzero(dates[1:] < dates[:-1]) + 1).tolist()
    violations.add_all(
        len(back),
        (
            Violation(numbers[row], "date", f"dates must not go back, but {dates[row]} follows {dates[row - 1]}.")
            for row in back
        ),
    )
    _, first, which = np.unique(dates, return_index=True, return_inverse=True)
    earlier = first[which]
    again = np.flatnonzero(earlier != np.arange(len(dates))).tolist()
    rule = "a date must stand once, but"
    violations.add_all(
        len(again),
        (
            Violation(numbers[row], "date", f"{rule} {dates[row]} stands in row {numbers[earlier[row]]} too.")
            for row in again
        ),
    )
