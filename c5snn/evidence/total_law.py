"""The exact law of a headline's total under the null, and the laws with a lift: one family that runs through it.

Tilting the total exponentially,

    P_rate(T = t) ∝ P_0(T = t) · exp(rate · t),

gives a family with one parameter, whose mean rises with the rate. It tilts each of independent terms; of hits and
misses it is the binomial law with another share. Power and limits of the mean follow from its tails.

Source: Efron (1978), The geometry of exponential families, Ann. Statist. 6:362, doi:10.1214/aos/1176344130.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, lcm, log
from typing import NamedTuple, final

import numpy as np
from jaxtyping import Float, Int

from c5snn.evidence.intervals import Interval
from c5snn.evidence.law import Law
from c5snn.evidence.tilting import LatticeLaw, tail_of_sum

__all__ = ["Terms", "TotalLaw", "log_probability"]

# A total has a law here while its lattice has at most so many steps: 20,000 windows of five parts.
MAX_STEPS = 100_000
# Values are recorded in single precision, so a total may stand this far beside its place, in steps.
ROUNDING = 1e-3
# What a tilt makes rarer than this, beside the likeliest value, is left out: a double could not hold a tilt of it.
FAINTEST = 1e-250
STEEPEST = 1e9


class Terms(NamedTuple):
    """Independent terms of a total that share a law.

    Attributes:
        law: The probability of each value of one term.
        n: How many terms.
    """

    law: Law
    n: int


class LogLaw(NamedTuple):
    """As :class:`LatticeLaw`, with the logarithm of each probability: a tilt makes the smallest of them matter."""

    values: Int[np.ndarray, " values"]
    log_probabilities: Float[np.ndarray, " values"]
    n_draws: int

    def tilted(self, rate: float) -> LatticeLaw:
        """Return the law ``∝ probability · exp(rate · value)``, without values that have become too rare to matter."""
        exponents = self.log_probabilities + rate * (self.values - self.values[0])
        weights = np.exp(exponents - exponents.max())
        is_there = weights > FAINTEST
        return LatticeLaw(self.values[is_there], weights[is_there] / weights.sum(), self.n_draws)


@final
@dataclass(frozen=True)
class TotalLaw:
    """The law of a total of independent terms on a lattice, and its tilted family.

    Totals are whole numbers of the lattice's steps; a lift is a difference of means over items.

    Args:
        laws: The laws of the terms, in steps.
        n_steps_of_one: How many steps the total has where the mean over items is 1.
    """

    laws: tuple[LogLaw, ...]
    n_steps_of_one: int

    @classmethod
    def of(cls, terms: Iterable[Terms], n_items: int) -> "TotalLaw | None":
        """Return the law of the sum of all terms; None where its lattice has more than 100,000 steps.

        Args:
            terms: The terms; their sum over ``n_items`` is the headline.
            n_items: Number of items.

        >>> coin = {Fraction(0): Fraction(1, 2), Fraction(1): Fraction(1, 2)}
        >>> law = TotalLaw.of([Terms(coin, 10)], n_items=10)
        >>> law.critical(0.01), round(law.lift_with_power(0.8, critical=10), 4)  # 0.9779^10 = 0.8
        (10, 0.4779)
        """
        counts: Counter[tuple[tuple[Fraction, Fraction], ...]] = Counter()
        for law, n in terms:
            counts[tuple((value, probability) for value, probability in sorted(law.items()) if probability)] += n
        unit = lcm(*(value.denominator for law in counts for value, _ in law))
        if unit * sum(n * (law[-1][0] - law[0][0]) for law, n in counts.items()) > MAX_STEPS:
            return None
        return cls(tuple(_in_steps(law, unit, n) for law, n in counts.items()), unit * n_items)

    @property
    def least(self) -> int:
        """The least possible total."""
        return sum(law.n_draws * int(law.values[0]) for law in self.laws)

    @property
    def greatest(self) -> int:
        """The greatest possible total, that of a perfect model."""
        return sum(law.n_draws * int(law.values[-1]) for law in self.laws)

    def mean(self, rate: float = 0.0) -> float:
        """Return the expected mean over items."""
        tilted = [law.tilted(rate) for law in self.laws]
        return sum(law.n_draws * float(law.probabilities @ law.values) for law in tilted) / self.n_steps_of_one

    def at_least(self, total: int, rate: float = 0.0) -> float:
        """Return the probability of this total or more."""
        return tail_of_sum([law.tilted(rate) for law in self.laws], total)

    def total_of(self, lift: float) -> int:
        """Return the total with this lift; between two totals, as of tied lists or of means over seeds, the higher."""
        return ceil((self.mean() + lift) * self.n_steps_of_one - ROUNDING)

    def critical(self, alpha: float) -> int:
        """Return the least total whose p is below alpha; more than the greatest where even its p is not."""
        totals = range(self.least, self.greatest + 1)
        return self.least + bisect_left(totals, x=True, key=lambda total: self.at_least(total) < alpha)

    def share_within(self, ends: Interval) -> float:
        """Return the probability that the null's mean over items lies between two values, or is one of them."""
        low, high = (end * self.n_steps_of_one for end in ends)
        return self.at_least(ceil(low - ROUNDING)) - self.at_least(floor(high + ROUNDING) + 1)

    def quantile(self, share: float) -> float:
        """Return the least mean over items that at least this share of the null's means does not exceed."""
        totals = range(self.least, self.greatest)
        below = bisect_left(totals, x=True, key=lambda total: self.at_least(total + 1) <= 1 - share)
        return (self.least + below) / self.n_steps_of_one

    def power_at(self, lift: float, critical: int) -> float:
        """Return the probability of the critical total or more with this lift; 1 with one that is not possible."""
        mean = self.mean() + lift
        if mean * self.n_steps_of_one > self.greatest - ROUNDING:
            return 1.0
        return self.at_least(critical, _rate_where(self.mean, mean))

    def lift_with_power(self, power: float, critical: int) -> float:
        """Return the lift with which this probability reaches the critical total, which must be possible."""
        return self.mean(_rate_where(lambda rate: self.at_least(critical, rate), power)) - self.mean()

    def upper_limit(self, total: int, level: float) -> float:
        """Return the lift with which more than this total would come with probability ``level``.

        The true lift is at most that in this share of tests or more; of hits and misses it is the limit of Clopper and
        Pearson. Of the greatest total it is the greatest possible lift.

        Source: Clopper & Pearson (1934), The use of confidence or fiducial limits illustrated in the case of the
        binomial, Biometrika 26:404, doi:10.1093/biomet/26.4.404.
        """
        if total >= self.greatest:
            return self.greatest / self.n_steps_of_one - self.mean()
        return self.lift_with_power(level, total + 1)


def log_probability(probability: Fraction) -> float:
    """Return the logarithm of a probability that may be below the smallest double.

    >>> round(log_probability(Fraction(1, 10**400)) / log(10), 9)
    -400.0
    """
    return log(probability.numerator) - log(probability.denominator)


def _in_steps(law: Iterable[tuple[Fraction, Fraction]], unit: int, n: int) -> LogLaw:
    values, probabilities = zip(*law, strict=True)
    steps = np.array([int(value * unit) for value in values])
    return LogLaw(steps, np.array([log_probability(probability) for probability in probabilities]), n)


def _rate_where(rising: Callable[[float], float], target: float) -> float:
    """Return the rate at which a function that rises with it has this value."""
    from scipy.optimize import brentq

    sign, far = (1.0 if rising(0.0) < target else -1.0), 1.0
    while sign * (rising(sign * far) - target) < 0 and far < STEEPEST:
        far *= 2
    low, high = sorted((0.0, sign * far))
    return float(brentq(lambda rate: rising(rate) - target, low, high, xtol=1e-15))
