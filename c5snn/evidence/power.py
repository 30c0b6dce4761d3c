"""What a number of items can show: the smallest lift that is found, and the largest that is not excluded.

The formulas are those of the normal approximation with the exact variance of one item under chance. The total of
thousands of windows is close enough to normal, and a small lift hardly changes the variance. For few windows and sparse
lists neither holds, so each formula is held against the exact law, which takes its place where it is off. Neither is
a power at the lift that was observed, which would only repeat the p-value in other words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import exp, sqrt
from statistics import NormalDist
from typing import final

from c5snn.errors import require
from c5snn.evidence.intervals import NORMAL_QUANTILE, Interval
from c5snn.evidence.lattice import as_probability
from c5snn.evidence.law import law_mean
from c5snn.evidence.null import Null
from c5snn.evidence.total_law import TotalLaw, log_probability

__all__ = ["Sensitivity", "detectable_lift", "largest_lift"]

# A formula is kept where the exact law has the stated power within 3 points, and the stated error within a fifth of
# it: 4 to 6 % of tests above an upper 95 % limit.
POWER_TOLERANCE = 0.03
ERROR_TOLERANCE = 0.2
COVERED = 0.95


@final
@dataclass(frozen=True)
class Sensitivity:
    """What the headline's mean over so many items can show.

    Args:
        n_items: Number of items.
        variance: Variance of one item's headline under the null.
        most: The greatest possible lift; None where it is unknown.
        p_of_most: Its p; None likewise.
        law: The exact law of the total; None where there is none on a small lattice, so that the formulas decide.
    """

    n_items: int
    variance: float
    most: float | None = None
    p_of_most: float | None = None
    law: TotalLaw | None = None

    @classmethod
    def of(cls, nulls: Sequence[tuple[Null, int]]) -> "Sensitivity":
        """Return what one training can show.

        Args:
            nulls: The null and the number of items of each of its origins.
        """
        n_items = sum(n for _, n in nulls)
        variance = sum(n * null.variance for null, n in nulls) / n_items
        terms = [entry for null, n in nulls for entry in null.terms(n)]
        if not terms:
            return cls(n_items, variance)
        most = sum(entry.n * (max(entry.law) - law_mean(entry.law)) for entry in terms) / n_items
        log_p = sum(entry.n * log_probability(entry.law[max(entry.law)]) for entry in terms)
        return cls(n_items, variance, float(most), as_probability(exp(log_p)), TotalLaw.of(terms, n_items))

    @property
    def standard_error(self) -> float:
        """Standard deviation of the mean under the null."""
        return _standard_error(self.n_items, self.variance)

    def smallest_lift(self, *, alpha: float, power: float) -> float | None:
        """Return the smallest lift that is found with a power; None where not even the greatest possible one is found.

        Args:
            alpha: Level of the one-sided test.
            power: Probability of finding the lift.

        Raises:
            ConfigError: As :func:`detectable_lift`.
        """
        lift = detectable_lift(self.n_items, self.variance, alpha=alpha, power=power)
        if self.p_of_most is not None and self.p_of_most >= alpha:
            return None
        if self.law is None:
            return lift if self.most is None else min(lift, self.most)
        critical = self.law.critical(alpha)
        if abs(self.law.power_at(lift, critical) - power) <= POWER_TOLERANCE:
            return lift
        return self.law.lift_with_power(power, critical)

    def largest_lift(self, lift: float, *, level: float) -> float:
        """Return the upper limit of the lift, which is at most the greatest possible one.

        Args:
            lift: The observed lift. One that is not possible is of predictions with a law of their own, such as classes
                that are predicted more evenly; the formula decides then.
            level: Confidence of the limit.

        Raises:
            ConfigError: As :func:`largest_lift`.
        """
        limit = largest_lift(lift, self.n_items, self.variance, level=level)
        if self.law is None:
            return limit if self.most is None else max(lift, min(limit, self.most))
        total = self.law.total_of(lift)
        if not self.law.least <= total <= self.law.greatest:
            return limit
        error = 1 - self.law.power_at(limit, total + 1)
        if abs(error - (1 - level)) <= ERROR_TOLERANCE * (1 - level):
            return limit
        return self.law.upper_limit(total, level)

    def range_of_luck(self, mean: float, possible: Interval) -> Interval:
        """Return the range of 95 of 100 means under the null, or of more where the exact law has no such range.

        Args:
            mean: The mean under the null.
            possible: What the mean can be at all.
        """
        half_width = NORMAL_QUANTILE * self.standard_error
        normal = Interval(mean - half_width, mean + half_width).clipped(possible)
        if self.law is None or abs(self.law.share_within(normal) - COVERED) <= ERROR_TOLERANCE * (1 - COVERED):
            return normal
        return Interval(self.law.quantile(0.025), self.law.quantile(0.975))


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
