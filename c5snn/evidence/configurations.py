"""Whether one configuration beats another: a configuration is not one training, so its seeds spread too.

Two seeds of one network differ by the windows alone at p < 0.01 in about one pair of ten. With two seeds or more of
each, their spread is part of the standard error; with one there is no telling, and two trainings are compared instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float

from c5snn.errors import require
from c5snn.evidence.intervals import ANY_VALUE, Interval
from c5snn.evidence.lattice import as_probability
from c5snn.evidence.paired import compare_paired

__all__ = ["ConfigurationDifference", "compare_configurations", "compare_options"]

Scores = Float[np.ndarray, "_seeds _items"]

FEWEST_SEEDS = 2
FEWEST_ITEMS = 3


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
    kind: Literal["configurations", "trainings"]


class _Part(NamedTuple):
    """One independent part of a squared standard error, and its degrees of freedom."""

    variance: float
    freedom: int


def compare_configurations(a: Scores, b: Scores, *, possible: Interval = ANY_VALUE) -> ConfigurationDifference:
    """Return how much better configuration a is than b on the same items.

    With S_A and S_B seeds, two or more each,

        se² = sd²(mean difference of an item) / n + sd²(seeds of A) / S_A + sd²(seeds of B) / S_B,

    and ``mean / se`` is held against Student's t with Satterthwaite's degrees of freedom. The first term holds some of
    the seeds' spread already, so the test is conservative. With a single seed of one it is the sign-flip test of these
    trainings over items (``compare_paired``).

    Source: Satterthwaite (1946), An approximate distribution of estimates of variance components, Biometrics Bull.
    2:110, doi:10.2307/3002019.

    Args:
        a: One value per seed and item, greater is better.
        b: Those of the other configuration; the number of seeds may differ.
        possible: What a mean difference can be at all.

    Raises:
        ConfigError: The items differ in number, or there is no seed or no item.

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
        ConfigError: There is no pair, or the items differ in number, or there is no seed or no item.
    """
    shapes = [scores.shape for scores in (*a, *b)]
    holds = len(a) == len(b) >= 1 and all(map(all, shapes)) and len({n_items for _, n_items in shapes}) == 1
    fix = "Only results on the same items can be compared."
    require("pairs of configurations share their items", holds=holds, shapes=shapes, fix=fix)
    differences = np.mean([x.mean(axis=0) - y.mean(axis=0) for x, y in zip(a, b, strict=True)], axis=0)
    if min(n_seeds for n_seeds, _ in shapes) < FEWEST_SEEDS:
        paired = compare_paired(differences, np.zeros(len(differences)), possible=possible)
        return ConfigurationDifference(paired.mean, paired.interval, paired.p_two_sided, "trainings")
    mean = float(differences.mean())
    if len(differences) < FEWEST_ITEMS:
        return ConfigurationDifference(mean, None, 1.0, "configurations")
    parts = [_Part(float(differences.var(ddof=1)) / len(differences), len(differences) - 1)]
    parts += [_seed_part(scores, len(a)) for scores in (*a, *b)]
    return _student(mean, parts, possible)


def _seed_part(scores: Scores, n_pairs: int) -> _Part:
    of_seeds = scores.mean(axis=1)
    return _Part(float(of_seeds.var(ddof=1)) / len(of_seeds) / n_pairs**2, len(of_seeds) - 1)


def _student(mean: float, parts: Sequence[_Part], possible: Interval) -> ConfigurationDifference:
    from scipy.special import stdtr, stdtrit

    variance = sum(part.variance for part in parts)
    if variance == 0:
        return ConfigurationDifference(
            mean, Interval(mean, mean), 1.0 if mean == 0 else as_probability(0.0), "configurations"
        )
    # shares of the variance, so that squares of tiny variances do not vanish
    freedom = 1 / sum((part.variance / variance) ** 2 / part.freedom for part in parts)
    half_width = float(stdtrit(freedom, 0.975)) * sqrt(variance)
    p = as_probability(2 * float(stdtr(freedom, -abs(mean) / sqrt(variance))))
    return ConfigurationDifference(
        mean, Interval(mean - half_width, mean + half_width).clipped(possible), p, "configurations"
    )
