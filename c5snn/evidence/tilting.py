"""Far tails of sums on a lattice, to relative precision: tilt the law towards the tail, transform, tilt back.

A Fourier transform adds errors of 1e-16 of the largest probability, which would drown a tail of 1e-60. The tilted law
``q(x) = p(x) exp(s x) / M(s)`` has its mean at the observed total, so nothing near it is small, and

    P(T >= t) = M(s) exp(-s t) · Σ_{x >= t} exp(-s (x - t)) q(x).
"""

from collections.abc import Sequence
from math import ceil, exp, log, sqrt
from typing import NamedTuple

import numpy as np
from jaxtyping import Complex, Float, Int

from c5snn.evidence.lattice import as_probability

__all__ = ["LatticeLaw", "tail_of_sum"]

# What the transform may leave out: the mass beyond its window, and frequencies below this size. It is an absolute error
# of a law that is not small at the observed total.
NEGLIGIBLE = 1e-25
STEEPEST = 1e9
# A transform takes as long as this many terms of the sum at every frequency.
COST_OF_TRANSFORM = 2


class LatticeLaw(NamedTuple):
    """Independent draws of one law on whole numbers.

    Attributes:
        values: The whole numbers, rising.
        probabilities: Of each, above 0.
        n_draws: How many draws.
    """

    values: Int[np.ndarray, " values"]
    probabilities: Float[np.ndarray, " values"]
    n_draws: int

    @property
    def span(self) -> int:
        """The distance from the least value to the greatest."""
        return int(self.values[-1] - self.values[0])

    def tilted(self, rate: float) -> tuple["LatticeLaw", float]:
        """Return the law tilted by ``exp(rate (x - greatest value))``, and the logarithm of its normaliser."""
        weights = self.probabilities * np.exp(rate * (self.values - self.values[-1]))
        total = float(weights.sum())
        return LatticeLaw(self.values, weights / total, self.n_draws), log(total)

    def moments(self) -> tuple[float, float]:
        """Return the mean and the variance of the sum of all draws, counted from the greatest possible sum."""
        distance = (self.values - self.values[-1]).astype(np.float64)
        mean = float(self.probabilities @ distance)
        return self.n_draws * mean, self.n_draws * float(self.probabilities @ (distance - mean) ** 2)


def tail_of_sum(laws: Sequence[LatticeLaw], least: int) -> float:
    """Return the probability that all draws together sum to ``least`` or more.

    The tilt is the saddlepoint, where the tilted mean is ``least``; 0 when that is below the mean. The transform is as
    long as Bernstein's inequality asks for, not as the lattice, and a frequency is dropped once the product of the laws
    seen so far is below 1e-25 there. Relative precision is 1e-10 or better down to the smallest double.

    Source: Esscher (1932), On the probability function in the collective theory of risk, Skand. Aktuarietidskr. 15:175;
    Daniels (1954), Saddlepoint approximations in statistics, doi:10.1214/aoms/1177728652. Here the tilted law is
    transformed, not expanded. Bernstein's inequality: Boucheron, Lugosi & Massart (2013), Concentration Inequalities,
    corollary 2.11, doi:10.1093/acprof:oso/9780199535255.001.0001.

    >>> coin = LatticeLaw(np.array([0, 1]), np.array([0.5, 0.5]), n_draws=200)
    >>> round(tail_of_sum([coin], least=200) * 2.0**200, 9), round(tail_of_sum([coin], least=199) * 2.0**200, 9)
    (1.0, 201.0)
    """
    below_top = sum(law.n_draws * int(law.values[-1]) for law in laws) - least
    n_steps = sum(law.n_draws * law.span for law in laws)
    if below_top >= n_steps:
        return 1.0
    if below_top <= 0:
        log_p = sum(law.n_draws * log(law.probabilities[-1]) for law in laws)
        return as_probability(exp(log_p)) if below_top == 0 else as_probability(0.0)
    from scipy.fft import next_fast_len

    rate = _saddlepoint(laws, float(-below_top))
    tilted, log_totals = zip(*(law.tilted(rate) for law in laws), strict=True)
    reach = _reach(tilted)
    size = next_fast_len(min(n_steps, 2 * reach) + 1)
    # without a tilt the law may lie anywhere above, and all of it does when its window begins above
    centre = below_top if rate else round(-sum(law.moments()[0] for law in tilted))
    if centre + reach < below_top:
        return 1.0
    above = np.arange(max(0, below_top - centre - reach), min(below_top, below_top - centre + reach) + 1)
    mass = float((np.exp(-rate * above) * _transformed(tilted, size)[(n_steps - below_top + above) % size]).sum())
    log_scale = sum(law.n_draws * total for law, total in zip(laws, log_totals, strict=True)) + rate * below_top
    return as_probability(mass * exp(log_scale))


def _saddlepoint(laws: Sequence[LatticeLaw], target: float) -> float:
    """Return the rate at which the tilted mean is the target, counted from the greatest sum; at least 0."""
    from scipy.optimize import brentq

    def excess(rate: float) -> float:
        return sum(law.tilted(rate)[0].moments()[0] for law in laws) - target

    if excess(0.0) >= 0:
        return 0.0
    high = 1.0 / max(law.span for law in laws)
    while excess(high) < 0 and high < STEEPEST:
        high *= 2
    return float(brentq(excess, 0.0, high)) if excess(high) > 0 else high


def _reach(laws: Sequence[LatticeLaw]) -> int:
    """Return the distance from the mean beyond which less than a negligible mass lies (Bernstein's inequality)."""
    variance, span, exponent = sum(law.moments()[1] for law in laws), max(law.span for law in laws), -log(NEGLIGIBLE)
    linear = exponent * span / 3
    return ceil(linear + sqrt(linear**2 + 2 * exponent * variance)) + 1


def _transformed(laws: Sequence[LatticeLaw], size: int) -> Float[np.ndarray, " size"]:
    """Return the law of the sum, counted from its least value, modulo ``size``."""
    from scipy.fft import irfft

    frequencies = np.arange(size // 2 + 1)
    product = np.ones(len(frequencies), dtype=np.complex128)
    for law in sorted(laws, key=lambda law: -law.n_draws):
        product *= _characteristic(law, frequencies, size) ** law.n_draws
        is_large = np.abs(product) > NEGLIGIBLE
        frequencies, product = frequencies[is_large], product[is_large]
    spectrum = np.zeros(size // 2 + 1, dtype=np.complex128)
    spectrum[frequencies] = product
    return np.asarray(irfft(spectrum, n=size))


def _characteristic(
    law: LatticeLaw, frequencies: Int[np.ndarray, " frequencies"], size: int
) -> Complex[np.ndarray, " frequencies"]:
    """Return ``Σ p(v) exp(-2πi f v / size)``, by a transform where that is cheaper than the sum."""
    from scipy.fft import rfft

    values = law.values - law.values[0]
    if len(values) * len(frequencies) > COST_OF_TRANSFORM * size:
        on_lattice = np.bincount(values % size, law.probabilities, minlength=size)
        return np.asarray(rfft(on_lattice)[frequencies])
    result = np.zeros(len(frequencies), dtype=np.complex128)
    for value, probability in zip(values.tolist(), law.probabilities.tolist(), strict=True):
        # the phase is reduced in whole numbers first, because it may be millions of turns
        result += probability * np.exp(-2j * np.pi / size * (frequencies * value % size))
    return result
