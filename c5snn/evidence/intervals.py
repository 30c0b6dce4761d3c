"""95 % intervals of a mean over items and of a share of items."""

from math import inf, sqrt
from typing import NamedTuple

import numpy as np
from jaxtyping import Real

from c5snn.errors import require

__all__ = ["ANY_VALUE", "SHARE", "Interval", "mean_interval", "wilson"]

NORMAL_QUANTILE = 1.96
# From this many items on, Student's quantile is the normal one within 3 %.
FIRST_NORMAL = 50
# Two values have a spread, but its own error is as large as itself.
FEWEST = 3


class Interval(NamedTuple):
    """The ends of an interval."""

    low: float
    high: float

    def clipped(self, possible: "Interval") -> "Interval":
        """Return the part of it that is possible.

        >>> Interval(-0.1, 0.3).clipped(SHARE)
        Interval(low=0.0, high=0.3)
        """
        low, high = (min(max(end, possible.low), possible.high) for end in self)
        return Interval(low, high)

    @property
    def differences(self) -> "Interval":
        """What the difference of two values in it can be.

        >>> SHARE.differences
        Interval(low=-1.0, high=1.0)
        """
        return Interval(self.low - self.high, self.high - self.low)


ANY_VALUE = Interval(-inf, inf)
SHARE = Interval(0.0, 1.0)


def mean_interval(values: Real[np.ndarray, " items"], *, possible: Interval = ANY_VALUE) -> Interval | None:
    """Return ``mean ± q · sd / √n``, clipped to what is possible; None for fewer than three values, or few equal ones.

    sd has the denominator n - 1; q is 1.96 from 50 values on and the 97.5 % quantile of Student's t with n - 1 degrees
    of freedom below. Of shares that are all 0 or 1 it is Wilson's interval: they would have no spread where all are
    equal. Fewer than 50 values other than shares that are all equal say nothing of how much others spread.

    Source: Student (1908), The probable error of a mean, Biometrika 6:1, doi:10.1093/biomet/6.1.1.

    Args:
        values: One value per item.
        possible: What the mean can be at all: ``SHARE`` for shares, -1 to 1 for their differences.

    Raises:
        ConfigError: There is no value.

    >>> [round(end, 3) for end in mean_interval(np.array([0.0, 0.5, 0.0, 0.5]), possible=SHARE)]
    [0.0, 0.709]
    >>> mean_interval(np.array([0.4, 0.5])), mean_interval(np.zeros(10), possible=SHARE.differences)
    (None, None)
    """
    n = len(values)
    require("1 <= len(values)", holds=n >= 1, n=n, fix="Give the split more events.")
    if n < FEWEST:
        return None
    if possible == SHARE and bool(np.isin(values, (0, 1)).all()):
        return wilson(int(values.sum()), n)
    if possible != SHARE and n < FIRST_NORMAL and bool((values == values[0]).all()):
        return None
    mean = float(np.mean(values))
    half_width = _quantile(n) * float(np.std(values, ddof=1)) / sqrt(n)
    return Interval(mean - half_width, mean + half_width).clipped(possible)


def wilson(n_successes: int, n: int) -> Interval:
    """Return Wilson's score interval of a share, which stays inside [0, 1] and has width at 0 and n successes too.

        (p + z²/2n ± z √(p (1 - p) / n + z²/4n²)) / (1 + z²/n),  p = n_successes / n,  z = 1.96

    Source: Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22:209,
    doi:10.1080/01621459.1927.10502953.

    Args:
        n_successes: Number of successes.
        n: Number of items.

    Raises:
        ConfigError: Unless ``0 <= n_successes <= n`` and ``n >= 1``.

    >>> [round(end, 3) for end in wilson(0, 10)]
    [0.0, 0.278]
    """
    holds = n >= 1 and 0 <= n_successes <= n
    require("0 <= n_successes <= n` and `1 <= n", holds=holds, n_successes=n_successes, n=n)
    share, z = n_successes / n, NORMAL_QUANTILE
    centre = share + z**2 / (2 * n)
    half_width = z * sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    scale = 1 + z**2 / n
    return Interval((centre - half_width) / scale, (centre + half_width) / scale).clipped(SHARE)


def _quantile(n: int) -> float:
    if n >= FIRST_NORMAL:
        return NORMAL_QUANTILE
    from scipy.special import stdtrit

    return float(stdtrit(n - 1, 0.975))
