"""The table of a history: its cells become times and part numbers, and each broken rule a violation."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Int64

from c5snn.data.events.delimited import Cells, read_text
from c5snn.data.events.shape import EventShape, Keys, Layout, column_names, keys_of, layout_of
from c5snn.data.events.times import Numbers, Times, check_order, parse_times
from c5snn.data.events.violations import Violation, Violations, quote
from c5snn.errors import DataError

__all__ = ["EventRows", "EventTable", "read_rows", "read_table"]

_MOST_NAMES = 8
_WHOLE_NUMBER = re.compile(r"[+-]?\d+", re.ASCII)

Column = Int64[np.ndarray, " rows"]
Parts = Int64[np.ndarray, "rows active"]


class EventRows(NamedTuple):
    """The rows of a file that have as many cells as its header, and when their events were.

    Attributes:
        cells: The whole table.
        layout: The layout that the header means.
        keys: The columns that order the events.
        rows: The line in the file of each row.
        columns: Cell numbers of each column.
        dates: The time of each row, or its number where the file has no dates; NaT or -1 where there is none.
        numbers: The second key ``n`` of each row, -1 where there is none; None for a file without.
        violations: Every rule that the file breaks so far.
    """

    cells: Cells
    layout: Layout
    keys: Keys
    rows: list[int]
    columns: list[Column]
    dates: Times
    numbers: Numbers | None
    violations: Violations


class EventTable(NamedTuple):
    """What a file of events of one size holds. Only without violations are dates and parts those of a history.

    Attributes:
        layout: The layout that the header means.
        dates: The time of each whole row, or its number where the file has no dates.
        numbers: The second key ``n``; None for a file without.
        parts: The part numbers of each whole row, in the order of the file; 0 where there is none.
        violations: Every rule that the file breaks.
    """

    layout: Layout
    dates: Times
    numbers: Numbers | None
    parts: Parts
    violations: Violations


def read_table(path: Path, shape: EventShape) -> EventTable:
    """Read and check a table of events of one size.

    Args:
        path: A CSV file in the layout ``parts`` or ``matrix``, plain or ``.gz``.
        shape: The size of its events.

    Raises:
        DataError: The file cannot be read as text. Broken rules are returned, not raised.
    """
    table = read_rows(path, shape)
    first, violations = len(table.keys), table.violations
    if table.layout == "sets":
        outline = _outline(column_names("parts", shape, table.keys))
        violations.add(1, "parts", f"the header must be {outline}, but this is the layout of events of any size.")
        return EventTable("sets", table.dates, table.numbers, np.zeros((0, shape.n_active), np.int64), violations)
    parts = _read_parts(table, table.columns[first : first + shape.n_active], shape)
    if table.layout == "matrix":
        _check_matrix(table, table.columns[first + shape.n_active :], parts)
    return EventTable(table.layout, table.dates, table.numbers, parts, violations)


def read_rows(path: Path, shape: EventShape) -> EventRows:
    """Read a table's header, the rows that have as many cells as it, and their times.

    Args:
        path: A CSV file in any layout of a history, plain or ``.gz``.
        shape: The size of its events, which says how many columns there are.

    Raises:
        DataError: The file cannot be read as text. Broken rules are returned, not raised.
    """
    violations, content = Violations(), read_text(path)
    try:
        cells = Cells(content)
    except DataError as error:
        raise DataError(f"`{path}`: {error}") from error
    # a line of garbage may hold millions of commas: twice the largest header shows what is wrong with it
    names = cells.row(0, limit=2 * len(column_names("matrix", shape))) if len(cells) else []
    layout, keys = layout_of(names), keys_of(names)
    expected = column_names(layout, shape, keys)
    _check_header(names, expected, violations)
    whole = _whole_rows(cells, expected, violations)
    rows: list[int] = cells.lines[whole].tolist()
    columns = [cells.column(place, whole) for place in range(len(expected))]
    numbers = _read_numbers(cells, columns[1], rows, violations) if len(keys) > 1 else None
    if keys[0] == "date":
        dates = parse_times(cells, columns[0], rows, violations)
    else:  # events that have a number and no date
        dates, numbers = _read_numbers(cells, columns[0], rows, violations), None
    check_order(dates, numbers, rows, violations)
    return EventRows(cells, layout, keys, rows, columns, dates, numbers, violations)


def _check_header(names: list[str], expected: list[str], violations: Violations) -> None:
    if not any(names):
        violations.add(1, expected[0], f"the header must be {_outline(expected)}, but there is nothing here.")
        return
    missing, extra = Counter(expected) - Counter(names), Counter(names) - Counter(expected)
    if missing:
        violations.add(1, _listed(missing), "the header must hold this, but it is missing.")
    if extra:
        violations.add(1, _listed(extra), f"the header must be {_outline(expected)}, so this is too much.")
    if not missing and not extra and names != expected:
        first = next(name for name, right in zip(names, expected, strict=True) if name != right)
        violations.add(1, first, f"the header must be {_outline(expected)} in this order, but this is misplaced.")


def _whole_rows(cells: Cells, names: list[str], violations: Violations) -> Column:
    # without its columns a row means nothing
    if violations:
        return np.zeros(0, np.int64)
    if len(cells) == 1:
        violations.add(2, names[0], "at least one event must stand below the header, but the file ends here.")
    counts = cells.counts
    row_of_stray = np.searchsorted(cells.first, cells.stray, side="right") - 1
    is_whole = counts == len(names)
    is_whole[row_of_stray] = False
    is_whole[0] = True  # the header is
    place_of = dict(zip(row_of_stray[::-1].tolist(), cells.stray[::-1].tolist(), strict=True))
    violations.add_rows(np.unique(row_of_stray), lambda row: _stray(cells, row, place_of[row], names))
    is_short = ~is_whole
    is_short[row_of_stray] = False
    violations.add_rows(np.flatnonzero(is_short), lambda row: _not_whole(cells, row, int(counts[row]), names))
    return np.flatnonzero(is_whole)[1:]


def _stray(cells: Cells, row: int, cell: int, names: list[str]) -> Violation:
    place = min(cell - int(cells.first[row]), len(names) - 1)
    got = f"but got {quote(cells.text(cell))}."
    return Violation(int(cells.lines[row]), names[place], f"quotes must enclose a whole cell, {got}")


def _not_whole(cells: Cells, row: int, count: int, names: list[str]) -> Violation:
    is_empty = count == 1 and not cells.text(int(cells.first[row]))
    found = "an empty line" if is_empty else f"{count} cells"
    column = names[count] if not is_empty and count < len(names) else names[0 if is_empty else -1]
    return Violation(int(cells.lines[row]), column, f"a row must have {len(names)} cells, but this is {found}.")


def _read_numbers(cells: Cells, column: Column, rows: list[int], violations: Violations) -> Numbers:
    numbers = cells.whole_numbers(column)
    rule = "a whole number of at most nine digits must stand here, but got"
    violations.add_rows(
        np.flatnonzero(numbers < 0),
        lambda row: Violation(rows[row], "n", f"{rule} {quote(cells.text(column[row]))}."),
    )
    return numbers


def _read_parts(table: EventRows, columns: list[Column], shape: EventShape) -> Parts:
    cells = table.cells
    found = [cells.whole_numbers(column) for column in columns]
    parts = np.stack([np.where((part >= 1) & (part <= shape.n_parts), part, 0) for part in found], axis=1)
    for place in range(shape.n_active):
        _check_part(table, columns[place], place, parts, shape)
    return parts


def _check_part(table: EventRows, column: Column, place: int, parts: Parts, shape: EventShape) -> None:
    cells, rows, violations = table.cells, table.rows, table.violations
    name, rule = f"m_{place + 1}", "a part must stand once in an event, but got"
    violations.add_rows(
        np.flatnonzero(parts[:, place] == 0),
        lambda row: Violation(rows[row], name, _why_illegal(cells.text(column[row]), shape)),
    )
    is_twice = (parts[:, :place] == parts[:, place, None]).any(axis=1) & (parts[:, place] > 0)
    violations.add_rows(
        np.flatnonzero(is_twice), lambda row: Violation(rows[row], name, f"{rule} {parts[row, place]} again.")
    )


def _why_illegal(cell: str, shape: EventShape) -> str:
    if not cell:
        return f"an event must have exactly {shape.n_active} parts, but this cell is empty."
    if _WHOLE_NUMBER.fullmatch(cell):
        return f"`1 <= part <= {shape.n_parts}` must hold, but got {quote(cell)}."
    return f"a part must be a whole number, but got {quote(cell)}."


def _check_matrix(table: EventRows, columns: list[Column], parts: Parts) -> None:
    cells, rows, violations = table.cells, table.rows, table.violations
    matrix = np.stack([cells.whole_numbers(column) for column in columns], axis=1)
    is_bit = np.stack([cells.lengths(column) == 1 for column in columns], axis=1) & (matrix >= 0) & (matrix <= 1)
    matrix[~is_bit] = -1
    rule = "0 or 1 must stand here, but got"
    violations.add_all(
        int((~is_bit).sum()),
        (
            Violation(rows[row], f"P_{part + 1}", f"{rule} {quote(cells.text(columns[part][row]))}.")
            for row, part in np.argwhere(~is_bit).tolist()
        ),
    )
    _check_sums(matrix, rows, parts.shape[1], violations)
    expected = np.zeros((len(rows), len(columns) + 1), dtype=np.int64)
    np.put_along_axis(expected, parts, 1, axis=1)
    is_comparable = (parts > 0).all(axis=1, keepdims=True) & is_bit
    different = np.argwhere(is_comparable & (matrix != expected[:, 1:])).tolist()
    violations.add_all(
        len(different), (_disagreement(rows[row], part, int(matrix[row, part])) for row, part in different)
    )


def _check_sums(
    matrix: Int64[np.ndarray, "rows parts"], rows: list[int], n_active: int, violations: Violations
) -> None:
    sums = matrix.sum(axis=1)
    wrong = np.flatnonzero((matrix >= 0).all(axis=1) & (sums != n_active))
    columns, rule = f"P_1...P_{matrix.shape[1]}", f"an event must have exactly {n_active} parts"
    violations.add_rows(wrong, lambda row: Violation(rows[row], columns, f"{rule}, but got {sums[row]} ones."))


def _disagreement(row: int, part: int, cell: int) -> Violation:
    rest = "stands in none of them" if cell else "stands in one of them"
    return Violation(row, f"P_{part + 1}", f"`P` and `m` must agree, but got {cell} while {part + 1} {rest} `m_...`.")


def _outline(names: Sequence[str]) -> str:
    return ",".join(names) if len(names) <= _MOST_NAMES else f"{','.join(names[:3])},...,{names[-1]}"


def _listed(names: Counter[str]) -> str:
    found = list(names.elements())
    more = f" and {len(found) - _MOST_NAMES} more" if len(found) > _MOST_NAMES else ""
    return ", ".join(quote(name) for name in found[:_MOST_NAMES]) + more
