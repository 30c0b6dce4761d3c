"""Whether one training beats another on the same items: the paired difference and its sign-flip test.

If neither is better, each item's difference is as likely to have the other sign, so the law of the total over all
2^n sign patterns is known given the sizes of the differences alone.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, Real

from c5snn.errors import require
from c5snn.evidence.intervals import ANY_VALUE, Interval, mean_interval
from c5snn.evidence.simulation import MOST_ENUMERATED, N_DRAWS, PValue, all_totals, count_as_high, simulated_p
from c5snn.evidence.tilting import LatticeLaw, tail_of_sum

__all__ = ["PairedDifference", "compare_paired"]

# Differences of Recall are multiples of 1 / n_active, with ties of up to eight parts at the cut of 1 / (840 n_active);
# those of MRR share no small denominator and are simulated.
LARGEST_DENOMINATOR = 4_200

# As wide as float32 rounds a value of the smallest lattices, and for doubles far narrower than 1 / LARGEST_DENOMINATOR.
LATTICE_TOLERANCE = 1e-6

# Equal values differ by less once float32 has rounded them, in units of the greatest.
FLOAT32_ROUNDING = 2.0**-22

# Totals that are equal on paper differ by less, in units of the sum of all sizes.
ENUMERATED_TOLERANCE = 1e-12

# Sign patterns held in memory at a time.
PATTERNS_PER_CHUNK = 2_048


@dataclass(frozen=True)
class PairedDifference:
    """How much better one training is than its reference.

    Attributes:
        mean: Mean of value - reference over items.
        interval: 95 % interval of the mean over other items; None for fewer than three.
        p_greater: One-sided p: how often random signs give a total as high or higher.
        p_two_sided: ``min(1, 2 · min(p_greater, p_less))``.
        n_items: Number of items.
        is_exact: Whether both p are exact; otherwise they are simulated.
    """

    mean: float
    interval: Interval | None
    p_greater: float
    p_two_sided: float
    n_items: int
    is_exact: bool

    @property
    def greater(self) -> PValue:
        """The one-sided p, and whether it is exact."""
        return PValue(self.p_greater, self.is_exact)


def compare_paired(
    values: Real[np.ndarray, " items"],
    reference: Real[np.ndarray, " others"],
    *,
    possible: Interval = ANY_VALUE,
    seed: int = 0,
    n_draws: int = N_DRAWS,
) -> PairedDifference:
    """Return the mean difference, its interval and its sign-flip p-values.

    With the total of the positive differences as U, ``p_greater = P(Σ B_i |d_i| >= U)``, B_i fair coins. It is exact
    (``tail_of_sum``) when the differences are multiples of some ``1 / q``, q ≤ 4,200, and for up to 20 items, whose
    sign patterns are enumerated; seeded Monte Carlo otherwise, as in ``simulated_p``.

    Source: Fisher (1935), The Design of Experiments, §21; Pitman (1937), Significance tests which may be applied to
    samples from any populations, JRSS Suppl. 4:119, doi:10.2307/2984124.

    Args:
        values: One value per item, greater is better.
        reference: The reference's value on the same items.
        possible: What a mean difference can be at all.
        seed: Seed of the simulated signs.
        n_draws: Number of simulated sign patterns.

    Raises:
        ConfigError: The lengths differ, there is no item, or a value is not finite.

    >>> compare_paired(np.array([0.6, 0.4, 0.4]), np.array([0.4, 0.2, 0.4])).p_greater
    0.25
    """
    n, n_others = len(values), len(reference)
    fix = "Only results on the same items can be compared."
    require("1 <= len(values) == len(reference)", holds=n == n_others >= 1, n=n, n_others=n_others, fix=fix)
    differences = values.astype(np.float64) - reference.astype(np.float64)
    n_faulty = int((~np.isfinite(differences)).sum())
    require("isfinite(values - reference)", holds=n_faulty == 0, n_faulty=n_faulty, n=n)
    smallest = FLOAT32_ROUNDING * max(float(np.abs(values).max()), float(np.abs(reference).max()))
    multiples = _whole_multiples(np.where(np.abs(differences) > smallest, differences, 0.0))
    is_exact = multiples is not None or n <= MOST_ENUMERATED
    if multiples is not None:
        p_greater, p_less = _exact(multiples)
    elif is_exact:
        p_greater, p_less = _enumerated(differences)
    else:
        p_greater, p_less = _simulated(differences, np.random.default_rng(seed), n_draws)
    return PairedDifference(
        mean=float(differences.mean()),
        interval=mean_interval(differences, possible=possible),
        p_greater=p_greater,
        p_two_sided=min(1.0, 2 * min(p_greater, p_less)),
        n_items=n,
        is_exact=is_exact,
    )


def _whole_multiples(differences: Float[np.ndarray, " items"]) -> Int[np.ndarray, " items"] | None:
    """Return the differences in units of 1 / q for the smallest q that makes them whole, or None if q is too large.

    A difference is none of 0 units, however small it is.
    """
    sizes = np.unique(differences)
    for q in range(1, LARGEST_DENOMINATOR + 1):
        # a few of them rule out nearly every q
        if all(abs(size * q - round(size * q)) <= LATTICE_TOLERANCE for size in sizes[:8].tolist()):
            whole: Float[np.ndarray, " items"] = np.rint(differences * q)
            is_whole = np.abs(differences * q - whole) <= LATTICE_TOLERANCE
            if np.all(is_whole & ((whole != 0) | (differences == 0))):
                return whole.astype(np.int64)
    return None


def _exact(multiples: Int[np.ndarray, " items"]) -> tuple[float, float]:
    """Sum one binomial law per size of difference."""
    sizes, counts = np.unique(np.abs(multiples[multiples != 0]), return_counts=True)
    coin = np.array([0.5, 0.5])
    laws = [LatticeLaw(np.array([0, size]), coin, n) for size, n in zip(sizes.tolist(), counts.tolist(), strict=True)]
    gained, lost = int(multiples[multiples > 0].sum()), -int(multiples[multiples < 0].sum())
    # random signs have a symmetric law, so the lower tail of what was gained is the upper tail of what was lost
    return tail_of_sum(laws, gained), tail_of_sum(laws, lost)


def _enumerated(differences: Float[np.ndarray, " items"]) -> tuple[float, float]:
    totals, observed = all_totals(differences), float(differences.sum())
    tolerance = ENUMERATED_TOLERANCE * float(np.abs(differences).sum())
    return float(np.mean(totals >= observed - tolerance)), float(np.mean(totals <= observed + tolerance))


def _simulated(
    differences: Float[np.ndarray, " items"], generator: np.random.Generator, n_draws: int
) -> tuple[float, float]:
    sizes = np.abs(differences) / np.abs(differences).max()
    gained, lost = float(sizes[differences > 0].sum()), float(sizes[differences < 0].sum())
    n_words = -(-len(sizes) // 64)
    n_greater = n_less = 0
    for start in range(0, n_draws, PATTERNS_PER_CHUNK):
        n_patterns = min(PATTERNS_PER_CHUNK, n_draws - start)
        words = generator.integers(0, 2**64, size=(n_patterns, n_words), dtype=np.uint64)
        coins = np.unpackbits(words.view(np.uint8), axis=1)[:, : len(sizes)]
        totals = coins.astype(np.float64) @ sizes
        n_greater += count_as_high(totals, gained)
        n_less += count_as_high(totals, lost)
    return simulated_p(n_greater, n_draws), simulated_p(n_less, n_draws)
