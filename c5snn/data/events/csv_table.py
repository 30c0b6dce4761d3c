"""The CSV table of a history: its text becomes columns of numbers, and each broken rule a violation."""

from itertools import compress
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Int64, Shaped

from c5snn.data.events.date_column import read_dates
from c5snn.data.events.layout import Layout, check_header, column_names
from c5snn.data.events.part_columns import check_matrix, read_parts
from c5snn.data.events.shape import EventShape
from c5snn.data.events.text_file import read_text
from c5snn.data.events.violations import Violation, Violations

__all__ = ["EventTable", "read_table"]

# Five centuries of daily events. Files of garbage have more rows, and would take long to find fault with.
MOST_EVENTS: Final = 200_000


class EventTable(NamedTuple):
    """What a file holds. Only without violations are dates and parts those of a history.

    Attributes:
        layout: The layout that the header means.
        dates: The date of each whole row; NaT where there is none.
        parts: The part numbers of each whole row, in the order of the file; 0 where there is none.
        violations: Every rule that the file breaks.
    """

    layout: Layout
    dates: Shaped[np.ndarray, " rows"]
    parts: Int64[np.ndarray, "rows active"]
    violations: Violations


def read_table(path: Path, shape: EventShape) -> EventTable:
    """Read and check a table.

    Args:
        path: A CSV file in either layout, plain or ``.gz``.
        shape: The size of its events.

    Raises:
        DataError: The file cannot be read as text. Broken rules are returned, not raised.
    """
    violations = Violations()
    header, _, body = read_text(path).replace("\r\n", "\n").partition("\n")
    layout = check_header(header, shape, violations)
    # without its columns a row means nothing
    lines = [] if violations else _lines(body.removesuffix("\n"), violations)
    numbers, columns = _split(lines, column_names(layout, shape), violations)
    dates = read_dates(columns[0], numbers, violations)
    parts = read_parts(columns[1 : shape.n_active + 1], numbers, shape, violations)
    if layout == "matrix":
        check_matrix(columns[shape.n_active + 1 :], numbers, parts, violations)
    return EventTable(layout, dates, parts, violations)


def _lines(body: str, violations: Violations) -> list[str]:
    n_rows = body.count("\n") + 1
    if not body:
        violations.add(2, "date", "at least one event must stand below the header, but the file ends here.")
    elif n_rows > MOST_EVENTS:
        violations.add(MOST_EVENTS + 2, "date", f"`n_events <= {MOST_EVENTS:,}` must hold, but there are {n_rows:,}.")
    else:
        return body.split("\n")
    return []


def _split(lines: list[str], names: list[str], violations: Violations) -> tuple[list[int], list[list[str]]]:
    # returns the row number and the cells, column by column, of every row with the right number of cells
    counts = np.fromiter((line.count(",") + 1 for line in lines), np.int64, len(lines))
    whole = counts == len(names)
    violations.add_all(
        int((~whole).sum()),
        (_not_whole(row + 2, lines[row], int(counts[row]), names) for row in np.flatnonzero(~whole).tolist()),
    )
    # one split of all rows together is several times faster than a split of each
    cells = ",".join(compress(lines, whole)).split(",") if whole.any() else []
    return (np.flatnonzero(whole) + 2).tolist(), [cells[place :: len(names)] for place in range(len(names))]


def _not_whole(row: int, line: str, count: int, names: list[str]) -> Violation:
    found = f"{count} cells" if line else "an empty line"
    column = names[count] if line and count < len(names) else names[0 if not line else -1]
    return Violation(row, column, f"a row must have {len(names)} cells, but this is {found}.")
