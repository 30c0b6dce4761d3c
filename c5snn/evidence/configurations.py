"""Whether one configuration beats another: a configuration is not one training, so its seeds spread too.

Two seeds of one network differ by the windows alone at p < 0.01 in about one pair of ten. With two seeds or more of
each, their spread is part of the standard error; with one seed it is unknown, and two trainings are compared instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log, sqrt
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float

from c5snn.errors import require
from c5snn.evidence.intervals import ANY_VALUE, Interval
from c5snn.evidence.lattice import as_probability
from c5snn.evidence.paired import compare_paired

__all__ = ["ConfigurationDifference", "compare_configurations", "compare_options"]

Scores = Float[np.ndarray, "_seeds _items"]
Kind = Literal["configurations", "trainings"]

FEWEST_SEEDS = 2
FEWEST_ITEMS = 3
LEVEL = 0.95
# Means over different numbers of seeds that are equal on paper differ by less, in units of the greatest score.
ROUNDING = 1e-12
# How far out the logarithm of a chi-squared denominator is followed, so that what is left is below 1e-13.
TAIL = 60.0


@dataclass(frozen=True)
class ConfigurationDifference:
    """How much better one configuration is than another.

    Attributes:
        mean: Mean of a - b over seeds and items.
        interval: Its 95 % interval; None for fewer than three items.
        p: Two-sided p.
        kind: What differs: "configurations" when every one has two seeds or more, so that the interval and p hold for
            other seeds; otherwise "trainings", these very ones.
    """

    mean: float
    interval: Interval | None
    p: float
    kind: Kind


class _StandardError(NamedTuple):
    """The two independent parts of a squared standard error, each with its degrees of freedom.

    Attributes:
        of_items: That of the mean difference over items.
        items_freedom: Its degrees of freedom.
        of_seeds: That of the mean over seeds, of all configurations.
        seeds_freedom: Its degrees of freedom, after Satterthwaite.
    """

    of_items: float
    items_freedom: float
    of_seeds: float
    seeds_freedom: float


def compare_configurations(a: Scores, b: Scores, *, possible: Interval = ANY_VALUE) -> ConfigurationDifference:
    """Return how much better configuration a is than b on the same items.

    With S_A and S_B seeds, two or more each,

        se² = sd²(mean difference of an item) / n + sd²(seeds of A) / S_A + sd²(seeds of B) / S_B.

    The seeds' part has Satterthwaite's degrees of freedom k, and the difference is held against the sum of two
    independent Student's t, ``se_items t_(n-1) + se_seeds t_k``. One t with common degrees of freedom would give the
    windows' certainty to the two seeds: of pairs that differ in nothing it finds up to 3 % at p < 0.01, and 8 % where
    one side does not depend on its seed. The first part holds some of the seeds' spread already, so the test is
    conservative. With a single seed of one it is the sign-flip test of these trainings over items (``compare_paired``).

    Source: Satterthwaite (1946), An approximate distribution of estimates of variance components, Biometrics Bull.
    2:110, doi:10.2307/3002019, for k; Robinson (1976), Properties of Student's t and of the Behrens-Fisher solution,
    Ann. Statist. 4:963, doi:10.1214/aos/1176343594, for the sum.

    Args:
        a: One value per seed and item, greater is better.
        b: Those of the other configuration; the number of seeds may differ.
        possible: What a mean difference can be at all.

    Raises:
        ConfigError: The items differ in number, there is no seed or no item, or a value is not finite.

    >>> rng = np.random.default_rng(0)
    >>> result = compare_configurations(rng.random((2, 100)), rng.random((2, 100)))
    >>> result.kind, result.p > 0.05
    ('configurations', True)
    """
    return compare_options([a], [b], possible=possible)


def compare_options(
    a: Sequence[Scores], b: Sequence[Scores], *, possible: Interval = ANY_VALUE
) -> ConfigurationDifference:
    """Return how much better one value of an option is than another, over configurations equal in all else.

    The mean over J pairs of configurations, with ``se² = sd²(mean difference of an item) / n + Σ_j (sd²(seeds of A_j) /
    S_Aj + sd²(seeds of B_j) / S_Bj) / J²``; otherwise as ``compare_configurations``, which is J = 1.

    Args:
        a: Of each configuration with the one value, one number per seed and item, greater is better.
        b: Those of its partner with the other value, in the same order.
        possible: What a mean difference can be at all.

    Raises:
        ConfigError: There is no pair, the items differ in number, there is no seed or no item, or a value is not
            finite.
    """
    shapes = [scores.shape for scores in (*a, *b)]
    holds = len(a) == len(b) >= 1 and all(map(all, shapes)) and len({n_items for _, n_items in shapes}) == 1
    fix = "Only results on the same items can be compared."
    require("pairs of configurations share their items", holds=holds, shapes=shapes, fix=fix)
    n_faulty = sum(int((~np.isfinite(scores)).sum()) for scores in (*a, *b))
    require("isfinite(scores)", holds=n_faulty == 0, n_faulty=n_faulty)
    smallest = ROUNDING * max(float(np.abs(scores).max()) for scores in (*a, *b))
    differences = np.mean([x.mean(axis=0) - y.mean(axis=0) for x, y in zip(a, b, strict=True)], axis=0)
    differences[np.abs(differences) <= smallest] = 0.0
    has_seeds = min(n_seeds for n_seeds, _ in shapes) >= FEWEST_SEEDS
    error = _standard_error(differences, [*a, *b], len(a)) if has_seeds and len(differences) > 1 else None
    mean = float(differences.mean())
    if error is None or sqrt(error.of_items + error.of_seeds) <= smallest:  # the signs are all there is to go by
        paired = compare_paired(differences, np.zeros(len(differences)), possible=possible)
        kind: Kind = "configurations" if has_seeds else "trainings"
        return ConfigurationDifference(paired.mean, paired.interval, paired.p_two_sided, kind)
    if len(differences) < FEWEST_ITEMS:
        return ConfigurationDifference(mean, None, 1.0, "configurations")
    half_width = _half_width(error)
    interval = Interval(mean - half_width, mean + half_width).clipped(possible)
    return ConfigurationDifference(mean, interval, as_probability(_two_sided(abs(mean), error)), "configurations")


def _standard_error(
    differences: Float[np.ndarray, " items"], configurations: Sequence[Scores], n_pairs: int
) -> _StandardError:
    n = len(differences)
    of_seeds = [scores.mean(axis=1) for scores in configurations]
    parts = np.array([means.var(ddof=1) / len(means) / n_pairs**2 for means in of_seeds])
    total = float(parts.sum())
    # shares of the sum, so that squares of tiny variances do not vanish
    shares = parts / total if total else np.zeros(len(parts))
    inverse = float((shares**2 / np.array([len(means) - 1 for means in of_seeds])).sum())
    return _StandardError(float(differences.var(ddof=1)) / n, float(n - 1), total, 1 / inverse if inverse else 1.0)


def _two_sided(distance: float, error: _StandardError) -> float:
    """Return how often the sum of both t is further from 0, averaged over their chi-squared denominators."""
    from scipy.special import ndtr

    items, items_share = _inverse_chi_squared(error.items_freedom)
    seeds, seeds_share = _inverse_chi_squared(error.seeds_freedom)
    variance = error.of_items * items[:, None] + error.of_seeds * seeds
    return float(items_share @ (2 * ndtr(-distance / np.sqrt(variance))) @ seeds_share)


def _half_width(error: _StandardError) -> float:
    """Return the distance that is exceeded with probability 0.05."""
    from scipy.optimize import brentq

    scale = sqrt(error.of_items + error.of_seeds)
    high = scale
    while _two_sided(high, error) > 1 - LEVEL:
        high *= 2
    return float(brentq(lambda distance: _two_sided(distance, error) - (1 - LEVEL), 0.0, high, xtol=1e-12 * scale))


@lru_cache(maxsize=512)
def _inverse_chi_squared(freedom: float) -> tuple[Float[np.ndarray, " nodes"], Float[np.ndarray, " nodes"]]:
    """Return values of ``freedom / chi²`` and their probabilities, by the trapezoidal rule in the logarithm of chi²."""
    from scipy.special import gammaln

    width = sqrt(2 / freedom)
    low, high = log(freedom) - 9 * width - TAIL / freedom, log(freedom + 9 * sqrt(2 * freedom) + TAIL)
    logs = np.arange(low, high, min(0.4, width / 2))
    density = np.exp(freedom / 2 * (logs - log(2)) - np.exp(logs) / 2 - gammaln(freedom / 2))
    return freedom * np.exp(-logs), density / density.sum()
