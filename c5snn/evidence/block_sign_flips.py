"""The null of losses over time: the model and its reference are as good, so blocks of differences may change sign."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import final

import numpy as np
from jaxtyping import Float

from c5snn.errors import require
from c5snn.evidence.null import Null, Predictions, PValue, Scale
from c5snn.evidence.simulation import count_as_high, simulated_p

__all__ = ["BlockSignFlips"]

N_DRAWS = 100_000
DRAWS_PER_CHUNK = 1_024


@final
@dataclass(frozen=True)
class BlockSignFlips(Null):
    """Differences to the reference are symmetric around 0, independently between blocks of consecutive items.

    Predictions are the model's losses, one an item in the order of time. Outcomes are the reference's losses of the
    same items. The total is the sum of ``reference - model``: greater is better.

    Args:
        block: Items of a block, at least as many as the targets of neighbouring items overlap.
        variance_of_item: The variance of the mean difference under the null, times the number of items.
    """

    block: int
    variance_of_item: float

    def __post_init__(self) -> None:
        """Check the block."""
        require("1 <= block", holds=self.block >= 1, block=self.block)

    @property
    def mean(self) -> float:
        """No difference."""
        return 0.0

    @property
    def variance(self) -> float:
        """As it was given."""
        return self.variance_of_item

    @classmethod
    def of(
        cls, predictions: Float[np.ndarray, " items"], outcomes: Float[np.ndarray, " items"], block: int
    ) -> "BlockSignFlips":
        """Return the null of a model's losses beside those of its reference."""
        sums = _block_sums((outcomes - predictions)[None], block)
        return cls(block, float((sums**2).sum() / len(outcomes)))

    def p_value(self, predictions: Float[np.ndarray, " items"], outcomes: Float[np.ndarray, " items"]) -> PValue:
        """Return how often random signs of the blocks total as much, or more; 100,000 seeded draws."""
        observed = self.totals([predictions[None]], outcomes)[0]
        drawn = self.draws([predictions[None]], outcomes, np.random.default_rng(0), N_DRAWS)
        return PValue(
            simulated_p(sum(count_as_high(chunk[:, 0], observed) for chunk in drawn), N_DRAWS), is_exact=False
        )

    def totals(
        self, predictions: Sequence[Predictions], outcomes: Float[np.ndarray, " items"]
    ) -> Float[np.ndarray, " configurations"]:
        """Return each configuration's total difference to the reference, over items and seeds."""
        return np.array([float((outcomes - losses).sum()) for losses in predictions])

    def scale(self, predictions: Sequence[Predictions], outcomes: Float[np.ndarray, " items"]) -> Scale:
        """Return mean 0 and the root of the sum of squared block sums."""
        sums = _block_sums(self._differences(predictions, outcomes), self.block)
        return Scale(np.zeros(len(sums)), np.array([sqrt(total) or 1.0 for total in (sums**2).sum(axis=1).tolist()]))

    def draws(
        self,
        predictions: Sequence[Predictions],
        outcomes: Float[np.ndarray, " items"],
        generator: np.random.Generator,
        n: int,
    ) -> Iterator[Float[np.ndarray, "draws configurations"]]:
        """Yield the totals under random signs of the blocks, the same signs for every configuration."""
        sums = _block_sums(self._differences(predictions, outcomes), self.block)
        for start in range(0, n, DRAWS_PER_CHUNK):
            shape = (min(DRAWS_PER_CHUNK, n - start), sums.shape[1])
            yield (2.0 * generator.integers(0, 2, size=shape) - 1.0) @ sums.T

    @staticmethod
    def _differences(
        predictions: Sequence[Predictions], outcomes: Float[np.ndarray, " items"]
    ) -> Float[np.ndarray, "configurations items"]:
        return np.stack([(outcomes - losses).sum(axis=0) for losses in predictions]).astype(np.float64)


def _block_sums(differences: Float[np.ndarray, "configurations items"], block: int) -> Float[np.ndarray, "_ blocks"]:
    """Return the sum of each block; the last one may be shorter."""
    return np.add.reduceat(differences.astype(np.float64), np.arange(0, differences.shape[1], block), axis=1)
