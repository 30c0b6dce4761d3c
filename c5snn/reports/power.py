"""What the windows of a comparison could have shown: the smallest lift they find, and the windows that lifts need."""

from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

from c5snn.evidence import POWER, WEAK_BELOW, detectable_lift, windows_needed

__all__ = ["Power", "power_of"]


@dataclass(frozen=True)
class Power:
    """What a comparison could have found.

    Args:
        n_windows: Its test windows.
        n_contenders: Its contenders.
        alpha: Level of the one-sided test.
        power: Probability of finding the lift.
        standard_error: Standard deviation under chance of one run's mean over the windows.
        lift_alone: The smallest lift that one run looked at alone would show.
        lift_in_family: The same after a Bonferroni correction for the contenders; maxT needs no more than that.
        observed_lift: The highest lift of a contender; None without one.
        windows_for_observed: The windows that show a lift of this size, looked at alone; None where it is not above 0.
    """

    n_windows: int
    n_contenders: int
    alpha: float
    power: float
    standard_error: float
    lift_alone: float
    lift_in_family: float
    observed_lift: float | None
    windows_for_observed: int | None


def power_of(n_windows: int, variance: Fraction, lifts: list[float]) -> Power:
    """Return what so many windows can show.

    Args:
        n_windows: Test windows.
        variance: Variance of one window under chance.
        lifts: The contenders' lifts over chance.
    """
    observed = max(lifts, default=None)
    return Power(
        n_windows=n_windows,
        n_contenders=len(lifts),
        alpha=WEAK_BELOW,
        power=POWER,
        standard_error=sqrt(variance / n_windows),
        lift_alone=detectable_lift(n_windows, variance, alpha=WEAK_BELOW, power=POWER),
        lift_in_family=detectable_lift(n_windows, variance, alpha=WEAK_BELOW / max(1, len(lifts)), power=POWER),
        observed_lift=observed,
        windows_for_observed=windows_needed(observed, variance) if observed is not None and observed > 0 else None,
    )
