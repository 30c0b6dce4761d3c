"""A configuration's test over several origins: its blocks are disjoint, so their items are pooled into one test.

Each block is predicted by a model of its own that has seen no item of it: only the events before it, or only the other
folds. Under chance its outcomes are independent of these predictions (permuted labels are permuted within a fold).
Blocks that follow one another in time are independent given the predictions, so the law of the pooled total is the
exact law for as many items. Of folds it is an approximation: the labels of each train the models of all others.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean
from typing import NamedTuple, final

import numpy as np
from jaxtyping import Float, Shaped

from c5snn.errors import ConfigError
from c5snn.evidence import Interval, Null, mean_interval
from c5snn.records.run import RunRecord
from c5snn.records.test import TestItems, TestRecord

__all__ = ["Block", "PooledTest", "pool_origins", "test_of"]


class Block(NamedTuple):
    """The identity of an origin's test: equal blocks hold the same items."""

    test_identity: str
    n_items: int


@final
@dataclass(frozen=True)
class PooledTest:
    """The tests of one configuration as one test.

    Args:
        runs: The runs of each seed, in the order of their origins.
        blocks: The test of each origin; only configurations with equal blocks can be compared.
        scores: The headline of each item, by seed; the items of all origins in the order of the origins.
        references: The headline of each reference on these items, by name; without those whose items were not kept.
        predictions: What the null needs of each seed's models.
        outcomes: What came, one row an item.
    """

    runs: list[list[RunRecord]]
    blocks: list[Block]
    scores: Float[np.ndarray, "seeds items"]
    references: dict[str, Float[np.ndarray, " items"]]
    predictions: Shaped[np.ndarray, "seeds items ..."]
    outcomes: Shaped[np.ndarray, "items ..."]

    @property
    def null(self) -> Null:
        """What luck alone would do."""
        return test_of(self.runs[0][0]).null

    @property
    def is_decidable(self) -> bool:
        """Whether there are enough independent items for p and intervals."""
        return self.null.is_decidable(len(self.outcomes))

    @property
    def unit_scores(self) -> Float[np.ndarray, "seeds units"]:
        """The headline of each independent unit, by seed."""
        return self.null.units(self.scores)

    @property
    def score(self) -> Float[np.ndarray, " units"]:
        """The headline of each independent unit, mean over seeds."""
        return np.asarray(np.mean(self.unit_scores, axis=0))

    @property
    def interval(self) -> Interval | None:
        """The 95 % interval of the mean over seeds; None for too few independent items."""
        return mean_interval(self.score, possible=self.null.possible) if self.is_decidable else None

    @property
    def standard_error(self) -> float | None:
        """The sampling error of the mean over seeds; None for too few independent items."""
        n = len(self.score)
        return float(np.std(self.score, ddof=1)) / sqrt(n) if self.is_decidable and n > 1 else None

    @property
    def nulls(self) -> list[list[tuple[Null, int]]]:
        """The null and the number of items of each origin, by seed: classes have a null for each training."""
        return [[(test_of(run).null, test_of(run).n_items) for run in of_seed] for of_seed in self.runs]

    def reference(self, name: str) -> Float[np.ndarray, " units"]:
        """Return the headline of a reference on each independent unit."""
        return self.null.units(self.references[name])

    @property
    def sign(self) -> int:
        """1 where a higher headline is better, −1 where a lower one is."""
        return self.runs[0][0].headline.sign

    def per_seed(self, number: Callable[[RunRecord], float]) -> list[float]:
        """Return a number of each seed: its mean over origins, which for a metric on test is that over all items."""
        return [self.over_origins(list(map(number, of_seed))) for of_seed in self.runs]

    def over_origins(self, numbers: Sequence[float]) -> float:
        """Return the mean of one number of each origin, over items: an origin counts by how many it has."""
        sizes = [block.n_items for block in self.blocks]
        return fmean(numbers, None if len(set(sizes)) == 1 else sizes)


def pool_origins(runs: Sequence[RunRecord]) -> PooledTest:
    """Pool the tested runs of one configuration over its origins; a single origin stays as it is.

    Args:
        runs: The same seeds at each origin, in any order.

    Raises:
        ConfigError: A run has no test, the runs are of different comparisons, or an origin lacks a seed.
    """
    untested = [run for run in runs if run.test is None]
    if untested or not runs:
        raise ConfigError(
            f"Every run must be tested, but {len(untested)} of {len(runs)} are not; `c5snn test RUN` does it."
        )
    at_origin = _in_order(runs)
    blocks = [_block(of_origin) for of_origin in at_origin]
    items = [[run.items for run in of_origin] for of_origin in at_origin]
    return PooledTest(
        runs=[list(of_seed) for of_seed in zip(*at_origin, strict=True)],
        blocks=blocks,
        scores=np.concatenate([np.stack([test.scores for test in tests]) for tests in items], axis=1),
        references=_references([tests[0] for tests in items]),
        predictions=np.concatenate([np.stack([test.predictions for test in tests]) for tests in items], axis=1),
        outcomes=_stacked([tests[0].outcomes for tests in items]),
    )


def test_of(run: RunRecord) -> TestRecord:
    """Return the test of a run.

    Raises:
        ConfigError: It has none.
    """
    if run.test is None:
        raise ConfigError(f"`{run.folder}` has not been tested; `c5snn test {run.folder}` does it.")
    return run.test


test_of.__test__ = False  # type: ignore[attr-defined]  # its name is no test's


def _in_order(runs: Sequence[RunRecord]) -> list[list[RunRecord]]:
    """Return the runs of each origin, by seed."""
    numbers = sorted({run.data.n_origins for run in runs})
    if len(numbers) > 1:
        raise ConfigError(f"All runs must share their number of origins, but got {numbers}. Pool each number apart.")
    at_origin = [
        sorted((run for run in runs if run.data.origin == origin), key=lambda run: run.seed)
        for origin in range(numbers[0])
    ]
    seeds = [[run.seed for run in of_origin] for of_origin in at_origin]
    if any(of_origin != seeds[0] for of_origin in seeds):
        found = "; ".join(f"origin {origin}: seeds {of_origin or 'none'}" for origin, of_origin in enumerate(seeds))
        raise ConfigError(
            f"Every origin must be tested with the same seeds, but got {found}. Run what is missing: the same data with"
            " that origin (`data.origin`, `data.fold`), and `--seed_everything SEED`."
        )
    return at_origin


def _block(runs: Sequence[RunRecord]) -> Block:
    blocks = {Block(run.data.test_identity, test_of(run).n_items) for run in runs}
    if len(blocks) > 1:
        raise ConfigError(
            f"All runs of an origin must be tested on the same {runs[0].data.item}s, but origin {runs[0].data.origin}"
            f" has {len(blocks)} different tests: {', '.join(sorted(str(run.folder) for run in runs))}."
        )
    return blocks.pop()


def _stacked(outcomes: Sequence[Shaped[np.ndarray, "_ ..."]]) -> Shaped[np.ndarray, "items ..."]:
    """Return the outcomes of all origins; events of several sizes are padded with 0 to the widest."""
    if len({of_origin.shape[1:] for of_origin in outcomes}) > 1:
        widest = max(of_origin.shape[1] for of_origin in outcomes)
        outcomes = [np.pad(of_origin, ((0, 0), (0, widest - of_origin.shape[1]))) for of_origin in outcomes]
    return np.concatenate(outcomes)


def _references(items: Sequence[TestItems]) -> dict[str, Float[np.ndarray, " items"]]:
    """Return the references that every origin has kept; a reference is the same for all seeds."""
    kept = [name for name in items[0].references if all(name in test.references for test in items)]
    return {name: np.concatenate([test.references[name] for test in items]) for name in kept}
