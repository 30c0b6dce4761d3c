"""What a number of windows can show: the smallest detectable lift, and the windows that a lift needs.

Both use the normal approximation with the exact variance of one window under chance. The total of thousands of windows
is close enough to normal, and a small lift hardly changes the variance; for Recall@20 on 1,752 windows the
simulated power at the 80 % lift is 80 % within one point.
"""

from fractions import Fraction
from math import ceil, sqrt
from statistics import NormalDist

from c5snn.errors import ConfigError

__all__ = ["detectable_lift", "windows_needed"]


def detectable_lift(n_windows: int, variance: Fraction | float, *, alpha: float = 0.05, power: float = 0.8) -> float:
    """Return the smallest lift over chance that a one-sided test finds with the given power.

        lift = (z_{1 - alpha} + z_{power}) · √(variance / n_windows)

    Source: Cohen (1988), Statistical Power Analysis for the Behavioral Sciences, doi:10.4324/9780203771587.

    Args:
        n_windows: number of windows.
        variance: variance of one window's value under chance (``null_variance``).
        alpha: level of the one-sided test.
        power: probability of finding the lift.

    Raises:
        ConfigError: if an argument is out of range.

    >>> round(detectable_lift(1752, 0.0447), 4)
    0.0126
    """
    _check(alpha, power, variance)
    if n_windows < 1:
        raise ConfigError(f"`n_windows >= 1` must hold, but got n_windows={n_windows}. Give the split more events.")
    return _quantiles(alpha, power) * sqrt(variance / n_windows)


def windows_needed(lift: float, variance: Fraction | float, *, alpha: float = 0.05, power: float = 0.8) -> int:
    """Return the fewest windows with which ``detectable_lift`` is at most this lift.

    Args:
        lift: mean value minus chance, above 0.
        variance: variance of one window's value under chance (``null_variance``).
        alpha: level of the one-sided test.
        power: probability of finding the lift.

    Raises:
        ConfigError: if an argument is out of range.

    >>> windows_needed(0.0126, 0.0447)
    1741
    """
    _check(alpha, power, variance)
    if not lift > 0:
        raise ConfigError(
            f"`lift > 0` must hold, but got lift={lift}. No number of windows shows that nothing is there."
        )
    return ceil(_quantiles(alpha, power) ** 2 * variance / lift**2)


def _quantiles(alpha: float, power: float) -> float:
    return NormalDist().inv_cdf(1 - alpha) + NormalDist().inv_cdf(power)


def _check(alpha: float, power: float, variance: Fraction | float) -> None:
    if not (0 < alpha < power < 1 and variance > 0):
        raise ConfigError(
            f"`0 < alpha < power < 1` and `variance > 0` must hold, but got alpha={alpha}, power={power}, "
            f"variance={float(variance)}."
        )
