"""What a number of items can show: the smallest lift that is found, and the largest that is not excluded.

Both use the normal approximation with the exact variance of one item under chance. The total of thousands of windows
is close enough to normal, and a small lift hardly changes the variance. Neither is a power at the lift that was
observed, which would only repeat the p-value in other words.
"""

from fractions import Fraction
from math import sqrt
from statistics import NormalDist

from c5snn.errors import require

__all__ = ["detectable_lift", "largest_lift"]


def detectable_lift(n_items: int, variance: Fraction | float, *, alpha: float = 0.01, power: float = 0.8) -> float:
    """Return the smallest lift over chance that a one-sided test finds with the given power.

        lift = (z_{1 - alpha} + z_{power}) · √(variance / n_items)

    The default level is that of "better than chance".

    Source: Cohen (1988), Statistical Power Analysis for the Behavioral Sciences, doi:10.4324/9780203771587.

    Args:
        n_items: Number of items.
        variance: Variance of one item's value under chance, at least 0.
        alpha: Level of the one-sided test.
        power: Probability of finding the lift.

    Raises:
        ConfigError: An argument is out of range.

    >>> round(detectable_lift(1752, 0.0447), 4)
    0.016
    """
    require("0 < alpha < power < 1", holds=0 < alpha < power < 1, alpha=alpha, power=power)
    quantiles = NormalDist().inv_cdf(1 - alpha) + NormalDist().inv_cdf(power)
    return quantiles * _standard_error(n_items, variance)


def largest_lift(lift: float, n_items: int, variance: Fraction | float, *, level: float = 0.95) -> float:
    """Return the upper limit of the lift: ``lift + z_{level} · √(variance / n_items)``, one-sided.

    A larger lift than this would have shown a smaller value than the observed one with probability ``1 - level`` only.

    Args:
        lift: The observed value minus chance, oriented so that greater is better.
        n_items: Number of items.
        variance: Variance of one item's value under chance, at least 0.
        level: Confidence of the limit.

    Raises:
        ConfigError: An argument is out of range.

    >>> round(largest_lift(0.001, 1752, 0.0447), 4)
    0.0093
    """
    require("0 < level < 1", holds=0 < level < 1, level=level)
    return lift + NormalDist().inv_cdf(level) * _standard_error(n_items, variance)


def _standard_error(n_items: int, variance: Fraction | float) -> float:
    require("1 <= n_items", holds=n_items >= 1, n_items=n_items, fix="Give the split more events.")
    require("0 <= variance", holds=variance >= 0, variance=float(variance))
    return sqrt(variance / n_items)
