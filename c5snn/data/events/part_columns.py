"""The columns of parts: the numbers ``m_…`` and, in the matrix layout, the 0/1 cells ``P_…`` that repeat them.

Cells are looked up among the legal spellings: a cell is legal or it is not, nothing is stripped, rounded or guessed.
"""

import re

import numpy as np
from jaxtyping import Int64

from c5snn.data.events.shape import EventShape
from c5snn.data.events.violations import Violation, Violations, quote

__all__ = ["check_matrix", "read_parts"]

_WHOLE_NUMBER = re.compile(r"[+-]?\d+", re.ASCII)

Parts = Int64[np.ndarray, "rows active"]


def read_parts(columns: list[list[str]], numbers: list[int], shape: EventShape, violations: Violations) -> Parts:
    """Return the part numbers, 0 where a cell holds none.

    Args:
        columns: The texts of ``m_1``, ``m_2``, …
        numbers: The row in the file of each.
        shape: Which part numbers there are.
        violations: Where empty and illegal cells are added, and parts that stand twice in one event.
    """
    spellings = {text: part for part in range(1, shape.n_parts + 1) for text in (str(part), f"{part:02d}")}
    parts = np.array([[spellings.get(cell, 0) for cell in column] for column in columns], dtype=np.int64).T
    for place, column in enumerate(columns):
        illegal = np.flatnonzero(parts[:, place] == 0).tolist()
        violations.add_all(
            len(illegal),
            (Violation(numbers[row], f"m_{place + 1}", _why_illegal(column[row], shape)) for row in illegal),
        )
    _check_twice(parts, numbers, violations)
    return parts


def check_matrix(columns: list[list[str]], numbers: list[int], parts: Parts, violations: Violations) -> None:
    """Add the cells of ``P_1``, ``P_2``, … that are not 0 or 1, or that disagree with the parts ``m_…``."""
    matrix = np.array([[_ZERO_OR_ONE.get(cell, -1) for cell in column] for column in columns], dtype=np.int64).T
    illegal = np.argwhere(matrix < 0).tolist()
    violations.add_all(
        len(illegal),
        (
            Violation(numbers[row], f"P_{part + 1}", f"0 or 1 must stand here, but got {quote(columns[part][row])}.")
            for row, part in illegal
        ),
    )
    _check_sums(matrix, numbers, parts.shape[1], violations)
    expected = np.zeros((len(numbers), len(columns) + 1), dtype=np.int64)
    np.put_along_axis(expected, parts, 1, axis=1)
    comparable = (parts > 0).all(axis=1, keepdims=True) & (matrix >= 0)
    different = np.argwhere(comparable & (matrix != expected[:, 1:])).tolist()
    violations.add_all(
        len(different), (_disagreement(numbers[row], part, int(matrix[row, part])) for row, part in different)
    )


_ZERO_OR_ONE = {"0": 0, "1": 1}


def _why_illegal(cell: str, shape: EventShape) -> str:
    if not cell:
        return f"an event must have exactly {shape.n_active} parts, but this cell is empty."
    if _WHOLE_NUMBER.fullmatch(cell):
        return f"`1 <= part <= {shape.n_parts}` must hold, but got {quote(cell)}."
    return f"a part must be a whole number, but got {quote(cell)}."


def _check_twice(parts: Parts, numbers: list[int], violations: Violations) -> None:
    for place in range(1, parts.shape[1]):
        twice = (parts[:, :place] == parts[:, place, None]).any(axis=1) & (parts[:, place] > 0)
        rows = np.flatnonzero(twice).tolist()
        rule = "a part must stand once in an event, but got"
        violations.add_all(
            len(rows),
            (Violation(numbers[row], f"m_{place + 1}", f"{rule} {parts[row, place]} again.") for row in rows),
        )


def _check_sums(
    matrix: Int64[np.ndarray, "rows parts"], numbers: list[int], n_active: int, violations: Violations
) -> None:
    sums = matrix.sum(axis=1)
    wrong = np.flatnonzero((matrix >= 0).all(axis=1) & (sums != n_active)).tolist()
    columns, rule = f"P_1...P_{matrix.shape[1]}", f"an event must have exactly {n_active} parts"
    violations.add_all(
        len(wrong), (Violation(numbers[row], columns, f"{rule}, but got {sums[row]} ones.") for row in wrong)
    )


def _disagreement(row: int, part: int, cell: int) -> Violation:
    rest = "stands in none of them" if cell else "stands in one of them"
    return Violation(row, f"P_{part + 1}", f"`P` and `m` must agree, but got {cell} while {part + 1} {rest} `m_...`.")
