"""The null of ranked sets: the next event is a uniform subset of the parts of its size, independent of the past."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb, lcm, sqrt
from typing import NamedTuple, final

import numpy as np
from jaxtyping import Float, Int, Integer, Shaped

from c5snn.errors import require
from c5snn.evidence.lattice import convolution_power, upper_tail
from c5snn.evidence.law import Law, law_mean, law_variance
from c5snn.evidence.null import Null, Predictions, PValue, Scale
from c5snn.evidence.outcomes import fair_outcomes
from c5snn.evidence.simulation import count_as_high, simulated_p

__all__ = ["UniformSubset", "hypergeometric_law", "list_recall", "list_weights"]

# Up to here every whole number is a float32, so scores are exact and independent of the order of summation.
LARGEST_WHOLE_FLOAT32 = 2**24
# Histories drawn at a time; it does not change the result.
DRAWS_PER_CHUNK = 16
# A total is convolved exactly while its lattice has at most this many points.
MAX_LATTICE_POINTS = 10_000_000
N_DRAWS = 100_000


@final
@dataclass(frozen=True)
class UniformSubset(Null):
    """Each event is a uniform subset of the parts; Recall@K is then hypergeometric, independently between events.

    Predictions are list weights in [0, 1], one row an item, that sum to K: how much of each part is listed. Outcomes
    are numbers of the active parts, one row an item, padded with 0 where events differ in size.

    Args:
        n_parts: How many parts there are.
        n_active: How many of them are active in an event.
        k: The length of the list.
    """

    n_parts: int
    n_active: int
    k: int

    @property
    def mean(self) -> float:
        """The expected share of an event's active parts among K: K / n_parts."""
        return float(law_mean(self.law))

    @property
    def variance(self) -> float:
        """The variance of Recall@K of one event when no part is listed by half."""
        return float(law_variance(self.law))

    @property
    def law(self) -> Law:
        """The exact law of Recall@K of one event."""
        return hypergeometric_law(self.n_parts, self.n_active, self.k)

    def p_value(
        self, predictions: Float[np.ndarray, "items parts"], outcomes: Integer[np.ndarray, "items active"]
    ) -> PValue:
        """Return the probability that uniform subsets total as much Recall@K, or more.

        Items whose list has the same numbers of whole and of fractional parts share a law; the law of the total is
        their convolution, exact while its lattice is small, otherwise simulated (``simulated_p``).
        """
        items = _ListedItems.of(predictions, outcomes)
        observed = float(list_recall(predictions, outcomes).sum())
        if items.n_lattice_points <= MAX_LATTICE_POINTS:
            return PValue(items.upper_tail(observed), is_exact=True)
        drawn = self.draws([predictions[None]], outcomes, np.random.default_rng(0), N_DRAWS)
        as_high = self.totals([predictions[None]], outcomes)[0]
        return PValue(simulated_p(sum(count_as_high(chunk[:, 0], as_high) for chunk in drawn), N_DRAWS), is_exact=False)

    def totals(
        self, predictions: Sequence[Predictions], outcomes: Integer[np.ndarray, "items active"]
    ) -> Float[np.ndarray, " configurations"]:
        """Return each configuration's total of listed active parts, over items and seeds."""
        self._check(predictions, outcomes)
        return _totals(outcomes[None], _cells(predictions, outcomes))[0]

    def scale(self, predictions: Sequence[Predictions], outcomes: Integer[np.ndarray, "items active"]) -> Scale:
        """Return the scale of the totals, exact until its last rounding, so that equal lists have equal scores.

        An item's total is the sum of m_p over a simple random sample of n of N parts, so with Σ m_p = s

            mean = n s / N,  variance = n (N - n) / (N (N - 1)) · (Σ m_p² - s² / N).

        Source: Cochran (1977), Sampling Techniques, 3rd ed., theorem 2.2, ISBN 978-0-471-16240-7.
        """
        self._check(predictions, outcomes)
        sizes = _sizes(outcomes)
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
        self._check(predictions, outcomes)
        cells, sizes = _cells(predictions, outcomes), _sizes(outcomes)
        for start in range(0, n, DRAWS_PER_CHUNK):
            yield _totals(self._fair(generator, min(DRAWS_PER_CHUNK, n - start), sizes), cells)

    def _fair(
        self, generator: np.random.Generator, n: int, sizes: Int[np.ndarray, " items"]
    ) -> Int[np.ndarray, "draws items active"]:
        if (sizes == sizes[0]).all():
            return fair_outcomes(generator, (n, len(sizes)), n_parts=self.n_parts, n_active=int(sizes[0]))
        drawn = np.zeros((n, len(sizes), int(sizes.max())), dtype=np.int32)
        for size in np.unique(sizes).tolist():
            is_size = np.flatnonzero(sizes == size)
            drawn[:, is_size, :size] = fair_outcomes(generator, (n, len(is_size)), n_parts=self.n_parts, n_active=size)
        return drawn

    def _check(self, predictions: Sequence[Predictions], outcomes: Integer[np.ndarray, "items active"]) -> None:
        shapes = sorted({weights.shape[1:] for weights in predictions})
        require(
            "all configurations share (items, n_parts)",
            holds=shapes == [(len(outcomes), self.n_parts)] and all(weights.size for weights in predictions),
            shapes=shapes,
            n_items=len(outcomes),
            n_parts=self.n_parts,
            fix="Only results on the same windows can be compared.",
        )


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


def list_weights(scores: Float[np.ndarray, "items parts"], k: int) -> Float[np.ndarray, "items parts"]:
    """Return how much of each part is listed among the first K: ``clamp((K - above) / tied, 0, 1)``, float32.

    Tied parts share the places that are left, so nothing is random and all-equal scores list every part by K / N.

    Args:
        scores: One score per part, higher is better.
        k: The length of the list.

    Raises:
        ConfigError: A score is NaN or infinite.

    >>> list_weights(np.array([[3.0, 1.0, 1.0, 0.0]]), k=2).tolist()
    [[1.0, 0.5, 0.5, 0.0]]
    """
    is_finite = np.isfinite(scores).all(axis=1)
    require("isfinite(scores)", holds=bool(is_finite.all()), n_faulty=int((~is_finite).sum()), n_items=len(scores))
    ordered = np.sort(-scores, axis=1)
    above = np.stack([np.searchsorted(row, -values, "left") for row, values in zip(ordered, scores, strict=True)])
    at_least = np.stack([np.searchsorted(row, -values, "right") for row, values in zip(ordered, scores, strict=True)])
    return np.clip((k - above) / (at_least - above), 0, 1).astype(np.float32)


def list_recall(
    weights: Float[np.ndarray, "items parts"], outcomes: Integer[np.ndarray, "items active"]
) -> Float[np.ndarray, " items"]:
    """Return the share of each event's active parts that is listed.

    >>> list_recall(np.array([[1.0, 0.5, 0.5, 0.0]], dtype=np.float32), np.array([[1, 2]])).tolist()
    [0.75]
    """
    is_part = outcomes > 0
    listed = np.take_along_axis(weights.astype(np.float64), np.maximum(outcomes.astype(np.int64) - 1, 0), axis=1)
    return np.asarray((listed * is_part).sum(axis=1) / is_part.sum(axis=1))


class _ListedItems(NamedTuple):
    """How many items share a law of recall: by parts listed whole, tied parts, their weight, and the event size."""

    counts: dict[tuple[int, int, Fraction, int], int]
    n_parts: int

    @classmethod
    def of(
        cls, weights: Float[np.ndarray, "items parts"], outcomes: Integer[np.ndarray, "items active"]
    ) -> "_ListedItems":
        n_whole, is_tied = (weights == 1).sum(axis=1), (weights > 0) & (weights < 1)
        n_tied, shared = is_tied.sum(axis=1), np.rint((weights.astype(np.float64) * is_tied).sum(axis=1))
        rows = zip(
            n_whole.tolist(), n_tied.tolist(), shared.astype(int).tolist(), _sizes(outcomes).tolist(), strict=True
        )
        found: Counter[tuple[int, int, Fraction, int]] = Counter(
            (whole, tied, Fraction(places, tied) if tied else Fraction(0), size) for whole, tied, places, size in rows
        )
        return cls(dict(found), weights.shape[1])

    @property
    def unit(self) -> int:
        """The common denominator of all values."""
        return lcm(*(weight.denominator * size for _, _, weight, size in self.counts))

    @property
    def n_lattice_points(self) -> int:
        """How many values the total may have."""
        return self.unit * sum(self.counts.values()) + 1

    def upper_tail(self, observed: float) -> float:
        """Return the probability of the observed total or more."""
        total = np.ones(1)
        for (whole, tied, weight, size), count in self.counts.items():
            law = _tied_law(self.n_parts, whole, tied, weight, size)
            steps = [int(value * self.unit) for value in law]
            on_lattice = np.zeros(max(steps) + 1)
            on_lattice[steps] = [float(probability) for probability in law.values()]
            total = np.convolve(total, convolution_power(on_lattice, count))
        return upper_tail(total, round(observed * self.unit))


def _tied_law(n_parts: int, n_whole: int, n_tied: int, weight: Fraction, n_active: int) -> dict[Fraction, Fraction]:
    """Return the law of one item's recall when some parts are listed whole and some tied ones by a weight."""
    if n_tied == 0:
        return hypergeometric_law(n_parts, n_active, n_whole) if n_whole else {Fraction(0): Fraction(1)}
    n_events, n_out = comb(n_parts, n_active), n_parts - n_whole - n_tied
    law: dict[Fraction, Fraction] = {}
    for whole in range(min(n_whole, n_active) + 1):
        for tied in range(min(n_tied, n_active - whole) + 1):
            ways = comb(n_whole, whole) * comb(n_tied, tied) * comb(n_out, n_active - whole - tied)
            value = (whole + tied * weight) / n_active
            law[value] = law.get(value, Fraction(0)) + Fraction(ways, n_events)
    return {value: probability for value, probability in sorted(law.items()) if probability}


def _sizes(outcomes: Integer[np.ndarray, "items active"]) -> Int[np.ndarray, " items"]:
    return np.asarray((outcomes > 0).sum(axis=1))


def _summed(
    predictions: Sequence[Predictions], outcomes: Integer[np.ndarray, "items active"]
) -> Shaped[np.ndarray, "configurations items parts"]:
    """Return the seeds' sum of each part's weight: whole numbers where all are, divided by size where sizes differ."""
    summed = np.stack([weights.sum(axis=0, dtype=np.float64) for weights in predictions])
    sizes = _sizes(outcomes)
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
    row_sums = m.sum(axis=1)
    sampled = sizes * (n_parts - sizes) / (n_parts * (n_parts - 1))
    centred_rows = (m**2).sum(axis=1) - row_sums**2 / n_parts
    return float((sizes * row_sums).sum() / n_parts), float((sampled * centred_rows).sum())


def _totals(
    outcomes: Integer[np.ndarray, "draws items active"], cells: Float[np.ndarray, "cells configurations"]
) -> Float[np.ndarray, "draws configurations"]:
    """Return each configuration's total of listed active parts, summed over items and seeds, for each history."""
    n_draws, n_items, _ = outcomes.shape
    n_parts = len(cells) // n_items
    is_active = np.zeros((n_draws, n_items, n_parts + 1), dtype=cells.dtype)
    np.put_along_axis(is_active, outcomes.astype(np.int64), 1, axis=2)  # padding falls into place 0
    return np.asarray(is_active[:, :, 1:].reshape(n_draws, -1) @ cells, dtype=np.float64)
