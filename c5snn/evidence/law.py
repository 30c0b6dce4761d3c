"""How often pure chance does as well: the exact law of a total over items, and its one-sided p-value.

A *law* gives the probability of each value of one item, as a metric states it for an event that is a uniform subset of
the parts. A ranking that uses only the past has this law in every window, independently of all other windows.
"""

from collections.abc import Mapping
from fractions import Fraction
from math import comb

import numpy as np
from jaxtyping import Float, Int, Real

from c5snn.errors import ConfigError
from c5snn.evidence.lattice import convolution_power, lattice_step, upper_tail
from c5snn.evidence.simulation import count_as_high, simulated_p

__all__ = ["Law", "hypergeometric_law", "law_mean", "law_variance", "p_of_total"]

Law = Mapping[Fraction, Fraction]

# A total is convolved exactly when one window's values span at most this many lattice steps: Recall spans n_active and
# Hit 1, while 1/1 … 1/35 of MRR span 10^14 and are simulated.
MOST_STEPS = 1_000

# How far a measured value may stand from the exact one, as wide as float32 rounds.
VALUE_TOLERANCE = 1e-6


def hypergeometric_law(n_parts: int, n_active: int, k: int) -> dict[Fraction, Fraction]:
    """Return the law of Recall@K of one event: ``P(j / n) = C(n, j) C(N - n, K - j) / C(N, K)``.

    >>> hypergeometric_law(n_parts=4, n_active=2, k=2)
    {Fraction(0, 1): Fraction(1, 6), Fraction(1, 2): Fraction(2, 3), Fraction(1, 1): Fraction(1, 6)}
    """
    n_lists = comb(n_parts, k)
    return {
        Fraction(j, n_active): Fraction(comb(n_active, j) * comb(n_parts - n_active, k - j), n_lists)
        for j in range(max(0, k + n_active - n_parts), min(k, n_active) + 1)
    }


def law_mean(law: Law) -> Fraction:
    """Return the exact mean of one window's value.

    >>> law_mean({Fraction(0): Fraction(1, 2), Fraction(1): Fraction(1, 2)})
    Fraction(1, 2)
    """
    return sum((value * probability for value, probability in law.items()), Fraction(0))


def law_variance(law: Law) -> Fraction:
    """Return the exact variance of one window's value.

    >>> law_variance({Fraction(0): Fraction(1, 2), Fraction(1): Fraction(1, 2)})
    Fraction(1, 4)
    """
    mean = law_mean(law)
    return sum(((value - mean) ** 2 * probability for value, probability in law.items()), Fraction(0))


def p_of_total(values: Real[np.ndarray, " windows"], law: Law, *, seed: int = 0, n_draws: int = 100_000) -> float:
    """Return the probability that chance totals as much as these values or more.

    Exact by convolution, ``p = P(X_1 + … + X_n >= total)``, when the values lie on a small lattice; its cost grows with
    the square of the number of windows (Recall@20: 0.02 s for 1,752 windows, 0.2 s for 10,000). Otherwise seeded Monte
    Carlo as in ``simulated_p``, never below ``1 / (1 + n_draws)``.

    Args:
        values: one value per window, of rankings without ties.
        law: probability of each value of one window.
        seed: seed of the simulated totals.
        n_draws: number of simulated totals.

    Raises:
        ConfigError: if there is no window, the law does not sum to 1, or a value is not one of the law's.

    >>> coin = {Fraction(0): Fraction(1, 2), Fraction(1): Fraction(1, 2)}
    >>> p_of_total(np.array([1, 1, 1, 0]), coin)
    0.3125
    """
    support = sorted(value for value, probability in law.items() if probability)
    if sum(law.values()) != 1:
        raise ConfigError(f"`sum(law.values()) == 1` must hold, but got {float(sum(law.values()))}.")
    counts = _counts(values, np.array([float(value) for value in support]))
    step = lattice_step(support)
    if step == 0:
        return 1.0
    if (support[-1] - support[0]) / step <= MOST_STEPS:
        return _exact(counts, support, step, law)
    return _simulated(counts, support, law, np.random.default_rng(seed), n_draws)


def _counts(values: Real[np.ndarray, " windows"], support: Float[np.ndarray, " values"]) -> Int[np.ndarray, " values"]:
    """Return how many windows have each of the law's values."""
    if len(values) == 0:
        raise ConfigError("`len(values) >= 1` must hold, but got no window. Give the split more events.")
    nearest = np.abs(values[:, None] - support).argmin(axis=1)
    is_foreign = ~(np.abs(values - support[nearest]) <= VALUE_TOLERANCE)
    if is_foreign.any():
        raise ConfigError(
            f"`value in law` must hold for every window, but {is_foreign.sum()} of {len(values)} differ, the first "
            f"being {values[is_foreign][0]}. Break ties first (`break_ties`) and give the law of the same metric."
        )
    return np.bincount(nearest, minlength=len(support))


def _exact(counts: Int[np.ndarray, " values"], support: list[Fraction], step: Fraction, law: Law) -> float:
    steps = [int((value - support[0]) / step) for value in support]
    on_lattice = np.zeros(steps[-1] + 1)
    on_lattice[steps] = [float(law[value]) for value in support]
    return upper_tail(convolution_power(on_lattice, int(counts.sum())), int(counts @ np.array(steps)))


def _simulated(
    counts: Int[np.ndarray, " values"],
    support: list[Fraction],
    law: Law,
    generator: np.random.Generator,
    n_draws: int,
) -> float:
    """Draw how many windows have each value, not each window: a total is a multinomial draw."""
    values = np.array([float(value) for value in support])
    probabilities = np.array([float(law[value]) for value in support])
    totals = generator.multinomial(counts.sum(), probabilities / probabilities.sum(), size=n_draws) @ values
    return simulated_p(count_as_high(totals, float(counts @ values)), n_draws)
