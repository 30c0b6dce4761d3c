"""How many different answers a model gives: the test of whether it uses its input."""

import numpy as np
from jaxtyping import Int, Shaped

__all__ = ["items_per_answer"]


def items_per_answer(answers: Shaped[np.ndarray, "items ..."]) -> Int[np.ndarray, " answers"]:
    """Return how many items share each of the different answers; a single number: all get the same.

    >>> items_per_answer(np.array([[1, 2, 3], [1, 2, 3], [1, 3, 2]])).tolist()
    [2, 1]
    """
    rows = np.ascontiguousarray(answers.reshape(len(answers), -1))
    # a row as one opaque value: sorting rows field by field is fifty times slower where they are equal
    row = np.dtype((np.void, rows.shape[1] * rows.itemsize))
    return np.unique(rows.view(row), return_counts=True)[1]
