"""Rank statistics of trials: correlation, differences of groups, shares of elites, and how options hang together."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from c5snn.evidence import Interval
from c5snn.records.searched import SearchRecord

__all__ = [
    "Statistic",
    "bootstrap",
    "bounded_scores",
    "cramers_v",
    "difference",
    "false_discovery",
    "interval_of_difference",
    "interval_of_rho",
    "rank_effect",
    "spearman",
    "tail_share",
]

N_RESAMPLES = 2000
MAX_AT_ONCE = 1_000_000  # numbers that are drawn at once
FEWEST = 4  # fewer values have hardly any distinct resamples
TAIL = 2.5  # per cent


class Statistic(NamedTuple):
    """A statistic with its two-sided p; both None where it does not exist, as for a constant."""

    value: float | None
    p: float | None
    n: int


def spearman(x: Sequence[Any], y: Sequence[Any]) -> Statistic:
    """Return Spearman's rank correlation, its two-sided p, and n.

    p is that of Student's t, but never below that of two orders among all: three pairs in line have p = 1/3, where t
    says 0.

    >>> spearman([1, 2, 3], [1, 4, 9])
    Statistic(value=1.0, p=0.3333333333333333, n=3)
    """
    from scipy.stats import spearmanr

    n = len(x)
    if n < 3 or len(set(x)) < 2 or len(set(y)) < 2:  # noqa: PLR2004  # a line through two points says nothing
        return Statistic(None, None, n)
    found = spearmanr(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
    return Statistic(float(found.statistic), max(float(found.pvalue), 2 / math.factorial(n)), n)


def difference(groups: Sequence[Sequence[float]]) -> Statistic:
    """Return the greatest mean less the least, and the p of the groups' ranks: Mann and Whitney, Kruskal and Wallis.

    Of two groups it is the first less the second, with its sign.

    >>> difference([[3.0, 4.0], [1.0, 2.0]]).value
    2.0
    """
    from scipy.stats import kruskal, mannwhitneyu

    full = [group for group in groups if len(group)]
    n, pooled = sum(map(len, full)), {value for group in full for value in group}
    if len(full) < 2:  # noqa: PLR2004
        return Statistic(None, None, n)
    means = [float(np.mean(group)) for group in full]
    if len(full) == 2:  # noqa: PLR2004
        p = float(mannwhitneyu(*full, alternative="two-sided").pvalue) if len(pooled) > 1 else 1.0
        return Statistic(means[0] - means[1], p, n)
    p = float(kruskal(*full).pvalue) if len(pooled) > 1 else 1.0
    return Statistic(max(means) - min(means), p, n)


def rank_effect(groups: Sequence[Sequence[float]]) -> float | None:
    """Return √(H / (n − 1)) of Kruskal and Wallis' H: |ρ| of two groups, and its like for more.

    Source: Kruskal & Wallis (1952), Use of ranks in one-criterion variance analysis, JASA 47:583,
    doi:10.1080/01621459.1952.10483441.

    >>> round(rank_effect([[1.0, 2.0], [3.0, 4.0]]), 3)
    0.894
    """
    from scipy.stats import kruskal

    full = [group for group in groups if len(group)]
    n = sum(map(len, full))
    if len(full) < 2 or n < 3 or len({value for group in full for value in group}) < 2:  # noqa: PLR2004
        return None
    return math.sqrt(min(1.0, max(0.0, float(kruskal(*full).statistic)) / (n - 1)))


def interval_of_rho(x: Sequence[Any], y: Sequence[Any]) -> Interval | None:
    """Return the 95 % interval of Spearman's correlation, by the bootstrap over trials."""
    pairs = np.array([x, y], dtype=float)

    def rho(index: np.ndarray) -> np.ndarray:
        from scipy.stats import rankdata

        ranks = rankdata(pairs[:, index], axis=2)
        centred = ranks - ranks.mean(axis=2, keepdims=True)
        products = (centred[0] * centred[1]).sum(axis=1)
        scale = np.sqrt((centred[0] ** 2).sum(axis=1) * (centred[1] ** 2).sum(axis=1))
        found: np.ndarray = np.divide(products, scale, out=np.full(len(index), np.nan), where=scale > 0)
        return found

    return bootstrap(rho, len(x))


def interval_of_difference(first: Sequence[float], second: Sequence[float]) -> Interval | None:
    """Return the 95 % interval of a difference of means, by the bootstrap over the trials of each group."""
    if min(len(first), len(second)) < FEWEST - 1:
        return None
    generator = np.random.default_rng(0)
    drawn = [
        np.asarray(group)[generator.integers(len(group), size=(N_RESAMPLES, len(group)))].mean(axis=1)
        for group in (first, second)
    ]
    return Interval(*map(float, np.percentile(drawn[0] - drawn[1], [TAIL, 100 - TAIL])))


def bootstrap(statistic: Callable[[np.ndarray], np.ndarray], n: int) -> Interval | None:
    """Return the 95 % percentile interval of a statistic over resampled trials; None where there are too few.

    Source: Efron (1979), Bootstrap methods: another look at the jackknife, Ann. Statist. 7:1,
    doi:10.1214/aos/1176344552.

    Args:
        statistic: Takes the indices of each resample, of shape (resamples, n); NaN where a resample has none.
        n: How many trials there are.
    """
    if n < FEWEST:
        return None
    generator, rows = np.random.default_rng(0), max(1, min(N_RESAMPLES, MAX_AT_ONCE // n))
    n_chunks = -(-N_RESAMPLES // rows)
    values = np.concatenate([statistic(generator.integers(n, size=(rows, n))) for _ in range(n_chunks)])
    values = values[np.isfinite(values)]
    if len(values) < rows * n_chunks / 2:
        return None
    return Interval(*map(float, np.percentile(values, [TAIL, 100 - TAIL])))


def false_discovery(p_values: Sequence[float | None]) -> list[float | None]:
    """Return each p corrected for all of them after Benjamini and Hochberg, in the order given; None stays.

    With the p-values in rising order, ``p'_(i) = min over j >= i of min(1, n p_(j) / j)``.

    Source: Benjamini & Hochberg (1995), Controlling the false discovery rate, JRSS B 57:289,
    doi:10.1111/j.2517-6161.1995.tb02031.x.

    >>> false_discovery([0.01, None, 0.04, 0.03])
    [0.03, None, 0.04, 0.04]
    """
    known = sorted((p, index) for index, p in enumerate(p_values) if p is not None)
    found: list[float | None] = [None] * len(p_values)
    least = 1.0
    for rank, (p, index) in reversed(list(enumerate(known, start=1))):
        least = min(least, p * len(known) / rank)
        found[index] = least
    return found


def tail_share(n_hits: int, n_elite: int, n_all_hits: int, n_all: int, *, is_upper: bool = True) -> float:
    """Return the probability that as many elites (or as few) have a property, if elites were drawn from all trials.

    Args:
        n_hits: The elites that have it.
        n_elite: The elites.
        n_all_hits: The trials that have it, elites included.
        n_all: The trials.
        is_upper: Whether as many or more count; else as few or fewer.

    >>> round(tail_share(2, 2, 2, 4), 4), tail_share(0, 2, 2, 4, is_upper=False)
    (0.1667, 0.16666666666666666)
    """
    from math import comb

    counts = range(n_hits, n_elite + 1) if is_upper else range(n_hits + 1)
    ways = sum(comb(n_all_hits, k) * comb(n_all - n_all_hits, n_elite - k) for k in counts)
    return ways / comb(n_all, n_elite)


def cramers_v(x: Sequence[object], y: Sequence[object]) -> Statistic:
    """Return Cramér's V of two options with the p of χ².

    >>> cramers_v(["a", "a", "b", "b"], [1, 1, 2, 2]).value
    1.0
    """
    from scipy.stats import chi2

    rows, columns = list(dict.fromkeys(map(repr, x))), list(dict.fromkeys(map(repr, y)))
    n = len(x)
    if min(len(rows), len(columns)) < 2:  # noqa: PLR2004
        return Statistic(None, None, n)
    counts = np.zeros((len(rows), len(columns)))
    for one, other in zip(x, y, strict=True):
        counts[rows.index(repr(one)), columns.index(repr(other))] += 1
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0, keepdims=True) / n
    total = float(((counts - expected) ** 2 / expected).sum())
    v = math.sqrt(total / (n * (min(counts.shape) - 1)))
    return Statistic(min(1.0, v), float(chi2.sf(total, (len(rows) - 1) * (len(columns) - 1))), n)


def bounded_scores(search: SearchRecord) -> dict[int, float]:
    """Return Gehan's score of each complete and each pruned trial, higher for better.

    A pruned trial would have come to its last value at least, so it counts as better than every complete trial of at
    most that value, and otherwise as not comparable; two pruned trials are not comparable.

    Source: Gehan (1965), A generalized Wilcoxon test for comparing arbitrarily singly-censored samples, Biometrika
    52:203, doi:10.1093/biomet/52.1-2.203.
    """
    values, bounds = (sorted(map(search.signed, trials)) for trials in (search.complete, search.pruned))
    scores = {}
    for trial in search.complete:
        value = search.signed(trial)
        n_below, n_not_above = bisect_left(values, value), bisect_right(values, value)
        n_bounds_reaching = len(bounds) - bisect_left(bounds, value)
        scores[trial.number] = float(n_below - (len(values) - n_not_above) - n_bounds_reaching)
    for trial in search.pruned:
        scores[trial.number] = float(bisect_right(values, search.signed(trial)))
    return scores
