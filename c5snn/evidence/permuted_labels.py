"""The null of classes: the labels are dealt to the items in a random order, so a prediction is right by luck alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import comb, factorial, sqrt
from typing import final

import numpy as np
from jaxtyping import Float, Int, Integer

from c5snn.errors import require
from c5snn.evidence.intervals import SHARE, Interval
from c5snn.evidence.lattice import upper_tail
from c5snn.evidence.null import Null, Predictions, Scale, check_items
from c5snn.evidence.simulation import PValue
from c5snn.evidence.total_law import Terms

__all__ = ["PermutedLabels", "law_of_matches"]

DRAWS_PER_CHUNK = 512

Counts = tuple[tuple[int, ...], ...]


@final
@dataclass(frozen=True)
class PermutedLabels(Null):
    """Labels are permuted within each stratum (a fold of a cross-validation), predictions held fixed.

    Predictions are class numbers from 0, one an item. Outcomes are rows of two numbers: the class, and the stratum.

    Args:
        predicted: How often each class is predicted, for each stratum.
        true: How often it occurs, for each stratum.
    """

    predicted: Counts
    true: Counts

    @classmethod
    def of(
        cls, predictions: Int[np.ndarray, " items"], outcomes: Int[np.ndarray, "items 2"], n_classes: int
    ) -> "PermutedLabels":
        """Return the null of a model's predictions."""
        strata = [outcomes[:, 1] == stratum for stratum in np.unique(outcomes[:, 1])]
        return cls(
            tuple(_counts(predictions[is_in], n_classes) for is_in in strata),
            tuple(_counts(outcomes[is_in, 0], n_classes) for is_in in strata),
        )

    @property
    def n_items(self) -> int:
        """How many items there are."""
        return sum(map(sum, self.true))

    @property
    def mean(self) -> float:
        """The expected accuracy: ``Σ_k a_k b_k / n`` matches in each stratum."""
        return sum(_moments(a, b)[0] for a, b in zip(self.predicted, self.true, strict=True)) / self.n_items

    @property
    def variance(self) -> float:
        """The variance of the accuracy times the number of items."""
        return sum(_moments(a, b)[1] for a, b in zip(self.predicted, self.true, strict=True)) / self.n_items

    @property
    def possible(self) -> Interval:
        """A share."""
        return SHARE

    def terms(self, n_items: int) -> list[Terms]:
        """Return the matches of each stratum."""
        del n_items  # the counts of the strata hold it
        laws = [_law_of_stratum(a, b) for a, b in zip(self.predicted, self.true, strict=True)]
        return [Terms({Fraction(n): p for n, p in enumerate(law) if p}, 1) for law in laws]

    def p_value(self, predictions: Int[np.ndarray, " items"], outcomes: Int[np.ndarray, "items 2"]) -> PValue:
        """Return the exact probability that permuted labels match as many predictions, or more."""
        law, n_right = self._law(predictions, outcomes)
        return PValue(upper_tail(law, n_right), is_exact=True)

    def p_worse(self, predictions: Int[np.ndarray, " items"], outcomes: Int[np.ndarray, "items 2"]) -> float:
        """Return the exact probability that permuted labels match as few predictions, or fewer."""
        law, n_right = self._law(predictions, outcomes)
        return upper_tail(law[::-1], len(law) - 1 - n_right)

    def totals(
        self, predictions: Sequence[Predictions], outcomes: Int[np.ndarray, "items 2"]
    ) -> Float[np.ndarray, " configurations"]:
        """Return each configuration's right predictions, over items and seeds."""
        check_items(predictions, (len(outcomes),))
        return np.array([float((classes == outcomes[:, 0]).sum()) for classes in predictions])

    def scale(self, predictions: Sequence[Predictions], outcomes: Int[np.ndarray, "items 2"]) -> Scale:
        """Return the scale of the totals ``Σ_i r(i, π(i))``, r(i, j) the seeds that are right on i with the label of j.

        In each stratum of n items, with d the doubly centred r,

            mean = Σ_ij r(i, j) / n,  variance = Σ_ij d(i, j)² / (n - 1).

        Source: Hoeffding (1951), A combinatorial central limit theorem, theorem 2, doi:10.1214/aoms/1177729545.
        """
        check_items(predictions, (len(outcomes),))
        moments = [self._configuration_moments(classes, outcomes) for classes in predictions]
        return Scale(np.array([m for m, _ in moments]), np.array([sqrt(max(v, 0.0)) or 1.0 for _, v in moments]))

    def draws(
        self,
        predictions: Sequence[Predictions],
        outcomes: Int[np.ndarray, "items 2"],
        generator: np.random.Generator,
        n: int,
    ) -> Iterator[Float[np.ndarray, "draws configurations"]]:
        """Yield the totals under labels permuted within their strata.

        A total is ``Σ_i r(i, label of i)``, r(i, k) the seeds that predict class k on item i, so all totals of many
        permutations are one product of one-hot labels with r.
        """
        n_classes = 1 + max(int(outcomes[:, 0].max()), *(int(classes.max()) for classes in predictions))
        right = np.stack([(classes[..., None] == np.arange(n_classes)).sum(axis=0) for classes in predictions])
        right = right.reshape(len(right), -1).T.astype(np.float32)  # whole numbers, far below 2^24: sums are exact
        strata = [np.flatnonzero(outcomes[:, 1] == stratum) for stratum in np.unique(outcomes[:, 1])]
        for start in range(0, n, DRAWS_PER_CHUNK):
            labels = np.tile(outcomes[:, 0], (min(DRAWS_PER_CHUNK, n - start), 1))
            for items in strata:
                labels[:, items] = generator.permuted(labels[:, items], axis=1)
            one_hot = (labels[..., None] == np.arange(n_classes)).astype(np.float32)
            yield np.asarray(one_hot.reshape(len(labels), -1) @ right, dtype=np.float64)

    def _law(
        self, predictions: Int[np.ndarray, " items"], outcomes: Int[np.ndarray, "items 2"]
    ) -> tuple[Float[np.ndarray, " matches"], int]:
        """Return the probability of each number of matches over all strata, and how many there are."""
        given = PermutedLabels.of(predictions, outcomes, len(self.true[0]))
        law = np.ones(1)
        for a, b in zip(given.predicted, given.true, strict=True):
            law = np.convolve(law, [float(p) for p in _law_of_stratum(a, b)])
        return law, int((predictions == outcomes[:, 0]).sum())

    def _configuration_moments(
        self, classes: Integer[np.ndarray, "seeds items"], outcomes: Int[np.ndarray, "items 2"]
    ) -> tuple[float, float]:
        mean = variance = 0.0
        for stratum in np.unique(outcomes[:, 1]):
            is_in = outcomes[:, 1] == stratum
            labels = outcomes[is_in, 0]
            # right[i, j]: seeds that are right on item i when it gets the label of item j
            right = (classes[:, is_in, None] == labels[None, None, :]).sum(axis=0).astype(np.float64)
            n = len(labels)
            mean += right.sum() / n
            if n > 1:
                centred = right - right.mean(axis=0) - right.mean(axis=1, keepdims=True) + right.mean()
                variance += float((centred**2).sum()) / (n - 1)
        return float(mean), float(variance)


def law_of_matches(predicted: Sequence[int], true: Sequence[int]) -> list[Fraction]:
    """Return the probability of 0, 1, …, n matches of fixed predictions with randomly permuted labels.

    With a_k predictions and b_k labels of class k, the rook polynomial of the board of matching cells is

        r(x) = Π_k Σ_j C(a_k, j) C(b_k, j) j! x^j,  N_m = Σ_{j ≥ m} (−1)^{j−m} C(j, m) r_j (n − j)!,

    and m matches have probability ``N_m / n!``. All in whole numbers, so nothing is rounded.

    Source: Riordan (1958), An Introduction to Combinatorial Analysis, ch. 7, ISBN 978-0-486-42536-8.

    Args:
        predicted: How often each class is predicted.
        true: How often it occurs; the same total.

    >>> law_of_matches([1, 1], [1, 1])
    [Fraction(1, 2), Fraction(0, 1), Fraction(1, 2)]
    """
    n = sum(true)
    require("sum(predicted) == sum(true)", holds=sum(predicted) == n, predicted=sum(predicted), true=n)
    rook = [1]
    for a, b in zip(predicted, true, strict=True):
        rook = _product(rook, [comb(a, j) * comb(b, j) * factorial(j) for j in range(min(a, b) + 1)])
    placed = [r * factorial(n - j) for j, r in enumerate(rook)]
    ways = [sum((-1) ** (j - m) * comb(j, m) * placed[j] for j in range(m, len(placed))) for m in range(len(placed))]
    return [Fraction(way, factorial(n)) for way in ways]


@lru_cache(maxsize=64)  # p, the p of doing badly and the power of one test need it; of 1,500 items it takes a minute
def _law_of_stratum(predicted: tuple[int, ...], true: tuple[int, ...]) -> list[Fraction]:
    return law_of_matches(predicted, true)


def _product(first: Sequence[int], second: Sequence[int]) -> list[int]:
    result = [0] * (len(first) + len(second) - 1)
    for i, x in enumerate(first):
        for j, y in enumerate(second):
            result[i + j] += x * y
    return result


def _moments(predicted: Sequence[int], true: Sequence[int]) -> tuple[float, float]:
    """Return the mean and variance of the number of matches."""
    n = sum(true)
    products = [a * b for a, b in zip(predicted, true, strict=True)]
    mean = sum(products) / n
    if n == 1:
        return mean, 0.0
    pairs = sum(products) ** 2 - sum(p**2 for p in products)
    pairs += sum(a * (a - 1) * b * (b - 1) for a, b in zip(predicted, true, strict=True))
    return mean, pairs / (n * (n - 1)) + mean - mean**2


def _counts(classes: Int[np.ndarray, " items"], n_classes: int) -> tuple[int, ...]:
    return tuple(np.bincount(classes, minlength=n_classes).tolist())
