"""The null of ranked sets: the next event is a uniform subset of the parts of its size, independent of the past."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import ClassVar, final

import numpy as np
from jaxtyping import Float, Int, Integer, Shaped

from c5snn.evidence.intervals import SHARE, Interval
from c5snn.evidence.law import Law, hypergeometric_law, law_mean, law_variance
from c5snn.evidence.listed_total import ListedTotal
from c5snn.evidence.listing import event_sizes, exact_weights
from c5snn.evidence.null import Null, Predictions, Scale, check_items
from c5snn.evidence.outcomes import fair_outcomes
from c5snn.evidence.simulation import N_DRAWS, PValue
from c5snn.evidence.total_law import Terms

__all__ = ["UniformSubset"]

# Up to here every whole number is a float32, so scores are exact and independent of the order of summation.
LARGEST_WHOLE_FLOAT32 = 2**24
# Histories drawn at a time; it does not change the result.
DRAWS_PER_CHUNK = 16
# A total is convolved exactly while its lattice has at most this many points.
MAX_LATTICE_POINTS = 10_000_000
# A variance that is smaller in units of the squared mean is that of rounding, not of the lists.
ROUNDING = 1e-20


@final
@dataclass(frozen=True)
class UniformSubset(Null):
    """Each event is a uniform subset of the parts; Recall@K is then hypergeometric, independently between events.

    Predictions are list weights in [0, 1], one row an item, that sum to K: how much of each part is listed. Outcomes
    are numbers of the active parts, one row an item, padded with 0 where events differ in size.

    Args:
        n_parts: How many parts there are.
        n_active: How many of them are active in an event; where that differs, pairs of a size and the number of items
            of that size.
        k: The length of the list.
    """

    is_sequential: ClassVar[bool] = True

    n_parts: int
    n_active: int | tuple[tuple[int, int], ...]
    k: int

    @classmethod
    def of_sizes(cls, n_parts: int, sizes: Int[np.ndarray, " items"], k: int) -> "UniformSubset":
        """Return the null of items whose events have these sizes."""
        found, counts = np.unique(sizes, return_counts=True)
        return cls(n_parts, tuple(zip(found.tolist(), counts.tolist(), strict=True)), k)

    @property
    def mean(self) -> float:
        """The expected share of an event's active parts among K: K / n_parts."""
        return float(law_mean(self.law))

    @property
    def variance(self) -> float:
        """The variance of Recall@K of one event when no part is listed by half; of several sizes, their mean."""
        return float(law_variance(self.law))

    @property
    def law(self) -> Law:
        """The exact law of Recall@K of one event; of several sizes, that of an item drawn from them."""
        if isinstance(self.n_active, int):
            return hypergeometric_law(self.n_parts, self.n_active, self.k)
        # the means are equal, so the variance of the mixture is the mean variance
        n_items, mixed = sum(count for _, count in self.n_active), defaultdict[Fraction, Fraction](Fraction)
        for size, count in self.n_active:
            for value, probability in hypergeometric_law(self.n_parts, size, self.k).items():
                mixed[value] += probability * Fraction(count, n_items)
        return dict(sorted(mixed.items()))

    @property
    def possible(self) -> Interval:
        """A share."""
        return SHARE

    def terms(self, n_items: int) -> list[Terms]:
        """Return the Recall@K of each event, when no part is listed by half."""
        sizes = [(self.n_active, n_items)] if isinstance(self.n_active, int) else self.n_active
        return [Terms(hypergeometric_law(self.n_parts, size, self.k), count) for size, count in sizes]

    def p_value(
        self, predictions: Float[np.ndarray, "items parts"], outcomes: Integer[np.ndarray, "items active"]
    ) -> PValue:
        """Return the probability that uniform subsets total as much Recall@K, or more.

        Exact while the totals lie on a lattice of at most 10^7 points, otherwise simulated by 100,000 draws.
        """
        check_items([predictions[None]], (len(outcomes), self.n_parts))
        total = ListedTotal.of(predictions, outcomes)
        if total.n_lattice_points <= MAX_LATTICE_POINTS:
            return PValue(total.upper_tail(), is_exact=True)
        return PValue(total.simulated_tail(np.random.default_rng(0), N_DRAWS), is_exact=False)

    def p_worse(
        self, predictions: Float[np.ndarray, "items parts"], outcomes: Integer[np.ndarray, "items active"]
    ) -> float:
        """Return the probability that uniform subsets total as little Recall@K, or less: that as much is not listed."""
        return self.p_value(1 - predictions, outcomes).p

    def totals(
        self, predictions: Sequence[Predictions], outcomes: Integer[np.ndarray, "items active"]
    ) -> Float[np.ndarray, " configurations"]:
        """Return each configuration's total of listed active parts, over items and seeds."""
        check_items(predictions, (len(outcomes), self.n_parts))
        return np.asarray(_totals(outcomes[None], _cells(predictions, outcomes))[0])

    def scale(self, predictions: Sequence[Predictions], outcomes: Integer[np.ndarray, "items active"]) -> Scale:
        """Return the scale of the totals, exact until its last rounding, so that equal lists have equal scores.

        An item's total is the sum of m_p over a simple random sample of n of N parts, so with Σ m_p = s

            mean = n s / N,  variance = n (N - n) / (N (N - 1)) · (Σ m_p² - s² / N).

        Source: Cochran (1977), Sampling Techniques, 3rd ed., theorem 2.2, ISBN 978-0-471-16240-7.
        """
        check_items(predictions, (len(outcomes), self.n_parts))
        sizes = event_sizes(outcomes)
        moments = [_exact_moments(m, sizes) for m in _summed(predictions, outcomes)]
        # a configuration whose seeds list every part equally often always scores its mean: T = 0, whatever the unit
        return Scale(
            np.array([mean for mean, _ in moments]), np.array([sqrt(variance) or 1.0 for _, variance in moments])
        )

    def draws(
        self,
        predictions: Sequence[Predictions],
        outcomes: Integer[np.ndarray, "items active"],
        generator: np.random.Generator,
        n: int,
    ) -> Iterator[Float[np.ndarray, "draws configurations"]]:
        """Yield the totals under drawn uniform subsets of the sizes of the outcomes."""
        check_items(predictions, (len(outcomes), self.n_parts))
        cells, sizes = _cells(predictions, outcomes), event_sizes(outcomes)
        for start in range(0, n, DRAWS_PER_CHUNK):
            yield _totals(self._fair(generator, min(DRAWS_PER_CHUNK, n - start), sizes), cells)

    def _fair(
        self, generator: np.random.Generator, n: int, sizes: Int[np.ndarray, " items"]
    ) -> Int[np.ndarray, "draws items active"]:
        if (sizes == sizes[0]).all() and sizes[0] < self.n_parts:
            return fair_outcomes(generator, (n, len(sizes)), n_parts=self.n_parts, n_active=int(sizes[0]))
        drawn = np.zeros((n, len(sizes), int(sizes.max())), dtype=np.int32)
        for size in np.unique(sizes).tolist():
            is_size = np.flatnonzero(sizes == size)
            if size == self.n_parts:
                drawn[:, is_size] = np.arange(1, size + 1)
                continue
            drawn[:, is_size, :size] = fair_outcomes(generator, (n, len(is_size)), n_parts=self.n_parts, n_active=size)
        return drawn


def _summed(
    predictions: Sequence[Predictions], outcomes: Integer[np.ndarray, "items active"]
) -> Shaped[np.ndarray, "configurations items parts"]:
    """Return the seeds' sum of each part's weight: whole numbers where all are, divided by size where sizes differ."""
    summed = np.stack([exact_weights(weights).sum(axis=0) for weights in predictions])
    sizes = event_sizes(outcomes)
    if (sizes != sizes[0]).any():
        return np.asarray(summed / sizes[:, None])
    whole = np.rint(summed)
    return whole.astype(np.int64) if (whole == summed).all() else summed


def _cells(
    predictions: Sequence[Predictions], outcomes: Integer[np.ndarray, "items active"]
) -> Float[np.ndarray, "cells configurations"]:
    """Return the weights in the fastest type that sums them without rounding: equal scores must compare as equal."""
    summed = _summed(predictions, outcomes)
    is_small = summed.dtype == np.int64 and int(summed.max()) * outcomes.size < LARGEST_WHOLE_FLOAT32
    return summed.reshape(len(summed), -1).T.astype(np.float32 if is_small else np.float64)


def _exact_moments(m: Shaped[np.ndarray, "items parts"], sizes: Int[np.ndarray, " items"]) -> tuple[float, float]:
    n_parts = m.shape[1]
    if m.dtype == np.int64:
        n, row_sums = int(sizes[0]), m.sum(axis=1)
        sampling = Fraction(n * (n_parts - n), n_parts * (n_parts - 1))
        centred = int((m**2).sum()) - Fraction(int((row_sums**2).sum()), n_parts)
        return float(Fraction(n * int(row_sums.sum()), n_parts)), float(sampling * centred)
    means = m.mean(axis=1, keepdims=True)
    sampled = sizes * (n_parts - sizes) / (n_parts - 1)
    mean = float((sizes * means[:, 0]).sum())
    variance = float((sampled * ((m - means) ** 2).mean(axis=1)).sum())
    return mean, variance if variance > ROUNDING * mean**2 else 0.0


def _totals(
    outcomes: Integer[np.ndarray, "draws items active"], cells: Float[np.ndarray, "cells configurations"]
) -> Float[np.ndarray, "draws configurations"]:
    """Return each configuration's total of listed active parts, summed over items and seeds, for each history."""
    n_draws, n_items, _ = outcomes.shape
    n_parts = len(cells) // n_items
    is_active = np.zeros((n_draws, n_items, n_parts + 1), dtype=cells.dtype)
    np.put_along_axis(is_active, outcomes.astype(np.int64), 1, axis=2)  # padding falls into place 0
    return np.asarray(is_active[:, :, 1:].reshape(n_draws, -1) @ cells, dtype=np.float64)
