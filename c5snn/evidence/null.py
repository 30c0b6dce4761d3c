"""How often pure chance does as well: the exact law of a metric's total over windows, and its one-sided p-value.

A *null* is the law of one window's value when the event is a uniform subset of the parts, as a metric states it. A
ranking that uses only the past has this law in every window, independently of all other windows.
"""

from collections.abc import Mapping
from fractions import Fraction

import numpy as np
from jaxtyping import Float, Int, Real

from c5snn.errors import ConfigError
from c5snn.evidence.lattice import convolution_power, lattice_step, upper_tail
from c5snn.evidence.simulation import count_as_high, simulated_p

__all__ = ["Null", "null_mean", "null_variance", "p_value"]

Null = Mapping[Fraction, Fraction]

# A total is convolved exactly when one window's values span at most this many lattice steps: Recall spans n_active and
# Hit 1, while 1/1 … 1/35 of MRR span 10^14 and are simulated.
MOST_STEPS = 1_000

# How far a measured value may stand from the exact one, as wide as float32 rounds.
VALUE_TOLERANCE = 1e-6


def null_mean(null: Null) -> Fraction:
    """Return the exact mean of one window's value.

    >>> null_mean({Fraction(0): Fraction(1, 2), Fraction(1): Fraction(1, 2)})
    Fraction(1, 2)
    """
    return sum((value * probability for value, probability in null.items()), Fraction(0))


def null_variance(null: Null) -> Fraction:
    """Return the exact variance of one window's value.

    >>> null_variance({Fraction(0): Fraction(1, 2), Fraction(1): Fraction(1, 2)})
    Fraction(1, 4)
    """
    mean = null_mean(null)
    return sum(((value - mean) ** 2 * probability for value, probability in null.items()), Fraction(0))


def p_value(values: Real[np.ndarray, " windows"], null: Null, *, seed: int = 0, n_draws: int = 100_000) -> float:
    """Return the probability that chance totals as much as these values or more.

    Exact by convolution, ``p = P(X_1 + … + X_n >= total)``, when the values lie on a small lattice; its cost grows with
    the square of the number of windows (Recall@20: 0.02 s for 1,752 windows, 0.2 s for 10,000). Otherwise seeded Monte
    Carlo as in ``simulated_p``, never below ``1 / (1 + n_draws)``.

    Args:
        values: one value per window, of rankings without ties.
        null: probability of each value of one window.
        seed: seed of the simulated totals.
        n_draws: number of simulated totals.

    Raises:
        ConfigError: if there is no window, the null does not sum to 1, or a value is not one of the null's.

    >>> coin = {Fraction(0): Fraction(1, 2), Fraction(1): Fraction(1, 2)}
    >>> p_value(np.array([1, 1, 1, 0]), coin)
    0.3125
    """
    support = sorted(value for value, probability in null.items() if probability)
    if sum(null.values()) != 1:
        raise ConfigError(f"`sum(null.values()) == 1` must hold, but got {float(sum(null.values()))}.")
    counts = _counts(values, np.array([float(value) for value in support]))
    step = lattice_step(support)
    if step == 0:
        return 1.0
    if (support[-1] - support[0]) / step <= MOST_STEPS:
        return _exact(counts, support, step, null)
    return _simulated(counts, support, null, np.random.default_rng(seed), n_draws)


def _counts(values: Real[np.ndarray, " windows"], support: Float[np.ndarray, " values"]) -> Int[np.ndarray, " values"]:
    """Return how many windows have each of the null's values."""
    if len(values) == 0:
        raise ConfigError("`len(values) >= 1` must hold, but got no window. Give the split more events.")
    nearest = np.abs(values[:, None] - support).argmin(axis=1)
    is_foreign = ~(np.abs(values - support[nearest]) <= VALUE_TOLERANCE)
    if is_foreign.any():
        raise ConfigError(
            f"`value in null` must hold for every window, but {is_foreign.sum()} of {len(values)} differ, the first "
            f"being {values[is_foreign][0]}. Break ties first (`break_ties`) and give the null of the same metric."
        )
    return np.bincount(nearest, minlength=len(support))


def _exact(counts: Int[np.ndarray, " values"], support: list[Fraction], step: Fraction, null: Null) -> float:
    steps = [int((value - support[0]) / step) for value in support]
    law = np.zeros(steps[-1] + 1)
    law[steps] = [float(null[value]) for value in support]
    return upper_tail(convolution_power(law, int(counts.sum())), int(counts @ np.array(steps)))


def _simulated(
    counts: Int[np.ndarray, " values"],
    support: list[Fraction],
    null: Null,
    generator: np.random.Generator,
    n_draws: int,
) -> float:
    """Draw how many windows have each value, not each window: a total is a multinomial draw."""
    values = np.array([float(value) for value in support])
    law = np.array([float(null[value]) for value in support])
    totals = generator.multinomial(counts.sum(), law / law.sum(), size=n_draws) @ values
    return simulated_p(count_as_high(totals, float(counts @ values)), n_draws)
