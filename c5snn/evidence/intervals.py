"""95 % intervals of a mean over windows and of a share of windows."""

from math import sqrt
from typing import NamedTuple

import numpy as np
from jaxtyping import Real

from c5snn.errors import ConfigError

__all__ = ["Interval", "mean_interval", "wilson"]


class Interval(NamedTuple):
    """The ends of an interval."""

    low: float
    high: float


def mean_interval(values: Real[np.ndarray, " windows"], *, z: float = 1.96) -> Interval | None:
    """Return ``mean ± z · sd / √n`` with the standard deviation of n - 1, or None for one value, which has no spread.

    Args:
        values: one value per window.
        z: standard normal quantile; 1.96 for 95 %.

    Raises:
        ConfigError: if there is no value.

    >>> [round(end, 3) for end in mean_interval(np.array([0.0, 1.0, 0.0, 1.0]))]
    [-0.066, 1.066]
    >>> mean_interval(np.array([0.4])) is None
    True
    """
    if len(values) == 0:
        raise ConfigError("`len(values) >= 1` must hold, but got no window. Give the split more events.")
    if len(values) == 1:
        return None
    mean = float(np.mean(values))
    half_width = z * float(np.std(values, ddof=1)) / sqrt(len(values))
    return Interval(mean - half_width, mean + half_width)


def wilson(n_successes: int, n: int, *, z: float = 1.96) -> Interval:
    """Return Wilson's score interval of a share, which stays inside [0, 1] and has width at 0 and n successes too.

        (p + z²/2n ± z √(p (1 - p) / n + z²/4n²)) / (1 + z²/n),  p = n_successes / n

    Source: Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22:209,
    doi:10.1080/01621459.1927.10502953.

    Args:
        n_successes: number of successes.
        n: number of windows.
        z: standard normal quantile; 1.96 for 95 %.

    Raises:
        ConfigError: unless ``0 <= n_successes <= n`` and ``n >= 1``.

    >>> [round(end, 3) for end in wilson(0, 10)]
    [0.0, 0.278]
    """
    if not (n >= 1 and 0 <= n_successes <= n):
        raise ConfigError(f"`0 <= n_successes <= n` and `n >= 1` must hold, but got n_successes={n_successes}, n={n}.")
    share = n_successes / n
    centre = share + z**2 / (2 * n)
    half_width = z * sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    scale = 1 + z**2 / n
    return Interval(max((centre - half_width) / scale, 0.0), min((centre + half_width) / scale, 1.0))
