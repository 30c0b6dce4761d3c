"""Labels of direction: does a channel rise by so much within the horizon?

    y[s] = 1 if max(x[s], …, x[s + h − 1]) ≥ x[s − 1] + threshold · sd(train)

They are made from the raw series, before any scaling, so scaling the inputs cannot change them; each horizon has its
own, and a longer one has at least the positives of a shorter one.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float64, Int64
from numpy.lib.stride_tricks import sliding_window_view

__all__ = ["direction_labels"]


def direction_labels(
    channel: Float64[np.ndarray, " rows"], starts: Sequence[int], horizon: int, rise: float
) -> Bool[np.ndarray, " windows"]:
    """Return whether the channel rises by so much from the row before each start.

    >>> direction_labels(np.array([0.0, 1.0, 0.0, 3.0]), [1, 2], horizon=2, rise=2.0).tolist()
    [False, True]

    Args:
        channel: One channel of the raw series.
        starts: First row of each target, at least 1.
        horizon: Rows of a target.
        rise: How much, in the units of the series.
    """
    first: Int64[np.ndarray, " windows"] = np.asarray(starts, dtype=np.int64)
    highest = sliding_window_view(channel, horizon)[first].max(axis=1)
    labels: Bool[np.ndarray, " windows"] = highest >= channel[first - 1] + rise
    return labels
