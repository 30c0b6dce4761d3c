"""The two layouts of a history's CSV file, told apart by their header."""

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from c5snn.data.events.shape import EventShape
from c5snn.data.events.violations import Violations, quote

__all__ = ["Layout", "check_header", "column_names", "layout_of"]

Layout = Literal["parts", "matrix"]

_MOST_NAMES = 8


def column_names(layout: Layout, shape: EventShape) -> list[str]:
    """Return the header of a layout.

    >>> column_names("matrix", EventShape(n_parts=3, n_active=2))
    ['date', 'm_1', 'm_2', 'P_1', 'P_2', 'P_3']
    """
    names = ["date", *(f"m_{place}" for place in range(1, shape.n_active + 1))]
    if layout == "matrix":
        names += [f"P_{part}" for part in range(1, shape.n_parts + 1)]
    return names


def layout_of(names: Sequence[str]) -> Layout:
    """Return the layout that a header means; only the matrix has columns ``P_…``."""
    return "matrix" if any(name.startswith("P_") for name in names) else "parts"


def check_header(header: str, shape: EventShape, violations: Violations) -> Layout:
    """Return the layout of a header and add its missing, extra and misordered columns.

    Args:
        header: The first line of the file.
        shape: The event's size, which says how many columns there are.
        violations: Where the broken rules are added; none means that the rows can be read.
    """
    # a line of garbage may hold millions of commas: twice the largest header shows what is wrong with it
    names = header.split(",", maxsplit=2 * len(column_names("matrix", shape)))
    layout = layout_of(names)
    expected = column_names(layout, shape)
    if not header:
        violations.add(1, "date", f"the header must be {_outline(expected)}, but there is nothing here.")
        return layout
    missing, extra = Counter(expected) - Counter(names), Counter(names) - Counter(expected)
    if missing:
        violations.add(1, _listed(missing), "the header must hold this, but it is missing.")
    if extra:
        violations.add(1, _listed(extra), f"the header must be {_outline(expected)}, so this is too much.")
    if not missing and not extra and names != expected:
        first = next(name for name, right in zip(names, expected, strict=True) if name != right)
        violations.add(1, first, f"the header must be {_outline(expected)} in this order, but this is misplaced.")
    return layout


def _outline(names: Sequence[str]) -> str:
    return ",".join(names) if len(names) <= _MOST_NAMES else f"{','.join(names[:3])},...,{names[-1]}"


def _listed(names: Counter[str]) -> str:
    found = list(names.elements())
    more = f" and {len(found) - _MOST_NAMES} more" if len(found) > _MOST_NAMES else ""
    return ", ".join(quote(name) for name in found[:_MOST_NAMES]) + more
