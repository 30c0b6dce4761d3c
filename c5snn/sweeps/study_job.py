"""What a job of a study carries beside its configuration; it needs no torch to be made."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

from c5snn.sweeps.optuna_classes import OptunaClass
from c5snn.sweeps.proposal import Proposal
from c5snn.sweeps.sampling import Known
from c5snn.sweeps.trial_result import TrialResult

__all__ = ["Pruning", "Snapshot", "StudyTrial"]


@final
class Snapshot:
    """The results of a branch that a trial may know; many share one list, of which each knows a part.

    Args:
        results: The results in the order of the trials; only ever appended to.
        n_known: How many of them are known.
        n_running: How many trials after those count as running.
    """

    def __init__(self, results: Sequence[TrialResult], n_known: int, n_running: int) -> None:
        self.results, self.n_known, self.n_running = results, n_known, n_running

    def __reduce__(self) -> tuple[type["Snapshot"], tuple[Sequence[TrialResult], int, int]]:
        return type(self), (self.results[: self.n_known], self.n_known, self.n_running)

    def known(self) -> list[Known]:
        """Return the trials, without what they tried."""
        return [*(Known(result=result) for result in self.results[: self.n_known]), *[Known()] * self.n_running]


@dataclass(frozen=True)
class Pruning:
    """What a pruning decision follows from; it travels with the job.

    Args:
        pruner: The pruner.
        direction: ``maximize`` or ``minimize``.
        monitor: The metric, as it is logged.
        snapshot: The trials of the branch that the proposal followed from.
    """

    pruner: OptunaClass
    direction: str
    monitor: str
    snapshot: Snapshot


@dataclass(frozen=True)
class StudyTrial:
    """What a job of a study carries.

    Args:
        proposal: What it tries.
        pruning: What its pruning follows from.
        others: The configurations that it trains beside the job's own; its value is the mean over all.
    """

    proposal: Proposal
    pruning: Pruning
    others: Sequence[dict[str, Any]] = ()
