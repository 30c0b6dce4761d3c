"""A configuration's test over several origins: its blocks are disjoint, so their windows are pooled into one test.

Each block is ranked by a model of its own that has seen the events before it alone. The ranking of every window thus
uses only the past, under chance all outcomes are independent of it, and the law of the pooled total is the exact law
for as many windows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import NamedTuple, final

import numpy as np
from jaxtyping import Integer

from c5snn.errors import ConfigError
from c5snn.records.run_folder import RANKINGS
from c5snn.training.result import RunResult

__all__ = ["Block", "PooledTest", "pool_origins"]


class Block(NamedTuple):
    """The identity of an origin's test windows: equal blocks hold the same events."""

    data_sha256: str
    n_windows: int
    last_target: str


@final
@dataclass(frozen=True)
class PooledTest:
    """What one configuration's tests say together.

    Args:
        runs: The runs of each seed, in the order of their origins.
        blocks: The test windows of each origin; only contenders with equal blocks can be compared.
        rankings: Part numbers, best first, of each seed on the windows of all origins, in the order of time.
        events: The active parts of these windows.
    """

    runs: list[list[RunResult]]
    blocks: list[Block]
    rankings: Integer[np.ndarray, "seeds windows parts"]
    events: Integer[np.ndarray, "windows active"]

    def per_seed(self, number: Callable[[RunResult], float]) -> list[float]:
        """Return a number of each seed: its mean over origins, which for a metric is that over all windows."""
        return [fmean(map(number, of_seed)) for of_seed in self.runs]


def pool_origins(runs: Sequence[RunResult]) -> PooledTest:
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
    saved = [[_saved(run) for run in of_origin] for of_origin in at_origin]
    return PooledTest(
        runs=[list(of_seed) for of_seed in zip(*at_origin, strict=True)],
        blocks=blocks,
        rankings=np.concatenate([np.stack([test["rankings"] for test in tests]) for tests in saved], axis=1),
        events=np.concatenate([tests[0]["events"] for tests in saved]),
    )


def _in_order(runs: Sequence[RunResult]) -> list[list[RunResult]]:
    """Return the runs of each origin, by seed."""
    numbers = sorted({run.data.n_origins for run in runs})
    if len(numbers) > 1:
        raise ConfigError(f"All runs must share `data.n_origins`, but got {numbers}. Pool each number apart.")
    at_origin = [
        sorted((run for run in runs if run.data.origin == origin), key=lambda run: run.seed)
        for origin in range(numbers[0])
    ]
    seeds = [[run.seed for run in of_origin] for of_origin in at_origin]
    if any(of_origin != seeds[0] for of_origin in seeds):
        found = "; ".join(f"origin {origin}: seeds {of_origin or 'none'}" for origin, of_origin in enumerate(seeds))
        raise ConfigError(
            f"Every origin must be tested with the same seeds, but got {found}. Run what is missing:"
            f" `--data.n_origins {numbers[0]} --data.origin ORIGIN --seed_everything SEED`."
        )
    return at_origin


def _block(runs: Sequence[RunResult]) -> Block:
    blocks = {Block(run.data.sha256, run.data.n_windows["test"], run.data.last_target) for run in runs}
    if len(blocks) > 1:
        raise ConfigError(
            f"All runs of an origin must be tested on the same windows, but origin {runs[0].data.origin} has"
            f" {len(blocks)} different tests: {', '.join(sorted(str(run.folder) for run in runs))}."
        )
    return blocks.pop()


def _saved(run: RunResult) -> dict[str, np.ndarray]:
    with np.load(run.folder / RANKINGS) as file:
        return dict(file)
