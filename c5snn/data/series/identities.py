"""The identity of each row of a series as a target: one hash of its values and of those before it, never of times.

A value that stands still, as that of a solar plant at night, says little of where a row is. So an item reaches back
until 16 cells have changed, and each stretch of equal rows counts once, with how long ago it began.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from jaxtyping import Float64, Int64, UInt64

from c5snn.data.seen_items import hash_contents

__all__ = ["row_hashes"]

MIN_CHANGED_CELLS: Final = 16


def row_hashes(values: Float64[np.ndarray, "rows channels"]) -> UInt64[np.ndarray, " rows"]:
    """Return one hash a row, equal where the rows that lead to it are equal.

    >>> row_hashes(np.array([[0.0], [1.0], [1.0]])) == row_hashes(np.array([[0.0], [1.0], [2.0]]))
    array([ True,  True, False])

    Args:
        values: The values of a series.
    """
    changed = (values[1:] != values[:-1]).sum(axis=1)
    turns = np.concatenate([[0], np.flatnonzero(changed) + 1])
    return hash_contents(_items(values[turns], turns, np.cumsum([0, *changed[changed > 0]]), len(values)))


def _items(
    stretches: Float64[np.ndarray, "stretches channels"],
    turns: Int64[np.ndarray, " stretches"],
    n_changed: Int64[np.ndarray, " stretches"],
    n_rows: int,
) -> Iterator[bytes]:
    # the values of the last stretches up to each row, and how long ago each but the first of them began
    last = np.searchsorted(turns, np.arange(n_rows), side="right") - 1
    first = np.searchsorted(n_changed, n_changed[last] - MIN_CHANGED_CELLS, side="right") - 1
    for row, (start, end) in enumerate(zip(np.maximum(first, 0).tolist(), (last + 1).tolist(), strict=True)):
        yield stretches[start:end].tobytes() + (row - turns[start + 1 : end]).tobytes()
