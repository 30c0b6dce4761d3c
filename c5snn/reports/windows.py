"""A configuration's tests window by window, which every comparison of configurations is computed from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Integer

from c5snn.evidence import recall_at_k
from c5snn.records.run_folder import RANKINGS
from c5snn.training.origins import PooledTest, pool_origins
from c5snn.training.result import RunResult

__all__ = ["K", "WindowScores", "score_windows"]

# the length of the list of the headline metric
K = 20


@dataclass(frozen=True)
class WindowScores:
    """Recall@20 of a configuration in each test window.

    Args:
        test: Its runs, pooled over origins.
        recall: The mean over its seeds, ties broken once as in every p-value.
        listed: That of the fixed list; None where the tests are of a version that did not keep it.
    """

    test: PooledTest
    recall: Float[np.ndarray, " windows"]
    listed: Float[np.ndarray, " windows"] | None


def score_windows(runs: Sequence[RunResult]) -> WindowScores:
    """Read the saved rankings of a configuration's tested runs.

    Args:
        runs: The same seeds at each origin.

    Raises:
        ConfigError: A run has no test, or an origin lacks a seed.
    """
    test = pool_origins(runs)
    recall = np.mean([recall_at_k(rankings, test.events, K) for rankings in test.rankings], axis=0)
    parts = [_listed_parts(run) for run in test.runs[0]]
    lists = [
        np.tile(row, (block.n_windows, 1)) for row, block in zip(parts, test.blocks, strict=True) if row is not None
    ]
    listed = recall_at_k(np.concatenate(lists), test.events, K) if len(lists) == len(parts) else None
    return WindowScores(test, recall, listed)


def _listed_parts(run: RunResult) -> Integer[np.ndarray, " parts"] | None:
    with np.load(run.folder / RANKINGS) as file:
        return np.asarray(file["fixed_list"]) if "fixed_list" in file else None
