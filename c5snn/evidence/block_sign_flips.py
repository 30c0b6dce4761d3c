"""The null of losses over time: the model and its reference are as good, so blocks of differences may change sign."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import final

import numpy as np
from jaxtyping import Float

from c5snn.errors import require
from c5snn.evidence.null import Null, Predictions, Scale, check_items
from c5snn.evidence.simulation import MOST_ENUMERATED, N_DRAWS, PValue, all_totals, simulated_p

__all__ = ["MIN_BLOCKS", "BlockSignFlips"]

# With fewer blocks no p is worth printing: 7 blocks have 128 sign patterns, and an outlier decides.
MIN_BLOCKS = 8
DRAWS_PER_CHUNK = 1_024
# Totals that are equal on paper differ by less, in units of the sum of all sizes.
TIE_TOLERANCE = 1e-12


@final
@dataclass(frozen=True)
class BlockSignFlips(Null):
    """Differences to the reference are symmetric around 0, independently between blocks of consecutive items.

    Predictions are the model's losses, one an item in the order of time. Outcomes are the reference's losses of the
    same items. The total is the sum of ``reference - model``: greater is better. A rest shorter than half a block joins
    the last block.

    Source: Fisher (1935), The Design of Experiments, §21, with blocks in the place of single differences, as in the
    block bootstrap of Künsch (1989), doi:10.1214/aos/1176347265.

    Args:
        block: Items of a block, at least as many as the targets of neighbouring items overlap.
        variance_of_item: The sampling variance of the mean difference, times the number of items. It serves power and
            limits, and is that of the blocks around their mean: with the lift in it, what could have been found would
            grow with what was found. The p needs no variance.
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
    def chance(self) -> None:
        """None: the null is about the difference to the reference."""
        return

    @property
    def variance(self) -> float:
        """As it was given."""
        return self.variance_of_item

    @classmethod
    def of(
        cls, predictions: Float[np.ndarray, " items"], outcomes: Float[np.ndarray, " items"], block: int
    ) -> "BlockSignFlips":
        """Return the null of a model's losses beside those of its reference."""
        n_items = len(outcomes)
        units = cls(block, 0.0).units(outcomes - predictions)
        return cls(block, float(np.var(units, ddof=1)) * n_items / len(units) if len(units) > 1 else 0.0)

    def units(self, values: Float[np.ndarray, "... items"]) -> Float[np.ndarray, "... units"]:
        """Return the sum of each block over the mean length of a block: neighbouring items depend on one another."""
        n_items = values.shape[-1]
        sums = np.add.reduceat(values.astype(np.float64), self._starts(n_items), axis=-1)
        return np.asarray(sums * (sums.shape[-1] / n_items))

    def is_decidable(self, n_items: int) -> bool:
        """Return whether there are at least 8 blocks."""
        return self.n_blocks(n_items) >= MIN_BLOCKS

    def n_blocks(self, n_items: int) -> int:
        """Return how many blocks so many items make."""
        return len(self._starts(n_items))

    def block_sums(
        self, differences: Float[np.ndarray, "configurations items"]
    ) -> Float[np.ndarray, "configurations blocks"]:
        """Return the sum of each block."""
        return np.add.reduceat(differences.astype(np.float64), self._starts(differences.shape[1]), axis=1)

    def p_value(self, predictions: Float[np.ndarray, " items"], outcomes: Float[np.ndarray, " items"]) -> PValue:
        """Return how often random signs of the blocks total as much, or more.

        All patterns of up to 20 blocks are enumerated; beyond that it is 100,000 seeded draws.

        Raises:
            ConfigError: There are fewer than 8 blocks.
        """
        n_blocks = self.n_blocks(len(outcomes))
        holds = self.is_decidable(len(outcomes))
        fix = "These are too few independent stretches of time: use more origins or a shorter horizon."
        require(f"{MIN_BLOCKS} <= n_blocks", holds=holds, n_blocks=n_blocks, fix=fix)
        [sums] = self.block_sums((outcomes - predictions)[None])
        critical = sums.sum() - TIE_TOLERANCE * np.abs(sums).sum()
        if n_blocks <= MOST_ENUMERATED:
            return PValue(float(np.mean(all_totals(sums) >= critical)), is_exact=True)
        drawn = self.draws([predictions[None]], outcomes, np.random.default_rng(0), N_DRAWS)
        return PValue(
            simulated_p(sum(int((chunk[:, 0] >= critical).sum()) for chunk in drawn), N_DRAWS), is_exact=False
        )

    def p_worse(self, predictions: Float[np.ndarray, " items"], outcomes: Float[np.ndarray, " items"]) -> float:
        """Return how often random signs of the blocks total as little, or less."""
        return self.p_value(outcomes, predictions).p  # the model and its reference in each other's place

    def totals(
        self, predictions: Sequence[Predictions], outcomes: Float[np.ndarray, " items"]
    ) -> Float[np.ndarray, " configurations"]:
        """Return each configuration's total difference to the reference, over items and seeds."""
        return np.asarray(self._sums(predictions, outcomes).sum(axis=1))

    def scale(self, predictions: Sequence[Predictions], outcomes: Float[np.ndarray, " items"]) -> Scale:
        """Return mean 0 and the root of the sum of squared block sums."""
        sums = self._sums(predictions, outcomes)
        return Scale(np.zeros(len(sums)), np.array([sqrt(total) or 1.0 for total in (sums**2).sum(axis=1).tolist()]))

    def draws(
        self,
        predictions: Sequence[Predictions],
        outcomes: Float[np.ndarray, " items"],
        generator: np.random.Generator,
        n: int,
    ) -> Iterator[Float[np.ndarray, "draws configurations"]]:
        """Yield the totals under random signs of the blocks, the same signs for every configuration."""
        sums = self._sums(predictions, outcomes)
        for start in range(0, n, DRAWS_PER_CHUNK):
            shape = (min(DRAWS_PER_CHUNK, n - start), sums.shape[1])
            yield (2.0 * generator.integers(0, 2, size=shape) - 1.0) @ sums.T

    def _sums(
        self, predictions: Sequence[Predictions], outcomes: Float[np.ndarray, " items"]
    ) -> Float[np.ndarray, "configurations blocks"]:
        check_items(predictions, outcomes.shape)
        return self.block_sums(np.stack([(outcomes - losses).sum(axis=0) for losses in predictions]))

    def _starts(self, n_items: int) -> list[int]:
        starts = list(range(0, n_items, self.block))
        rest = n_items - starts[-1]
        return starts[:-1] if len(starts) > 1 and 2 * rest < self.block else starts
