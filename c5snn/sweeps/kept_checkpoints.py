"""Which trials of a study keep their checkpoints: those that would be confirmed, unless its file asks for all.

The numbers of every trial stay; a checkpoint only serves those who want to predict with a trial, and those of a search
fill a disk. As trials are only added, one that is no longer among the best is never among them again.
"""

from typing import final

from c5snn.sweeps.adaptive_search import AdaptiveSearch
from c5snn.sweeps.ledger import Ledger
from c5snn.sweeps.spec import Confirm
from c5snn.sweeps.study_plan import StudyPlan, combinations

__all__ = ["KeptCheckpoints", "n_kept"]


@final
class KeptCheckpoints:
    """Removes the checkpoints that a study does not keep, as it goes on.

    Args:
        search: The search, which knows the best.
        ledger: Holds the trials; its lock is the caller's.
    """

    def __init__(self, search: AdaptiveSearch, ledger: Ledger) -> None:
        self.search, self.ledger = search, ledger
        self._dropped: set[str] = set()

    def update(self) -> None:
        """Remove those of the trials that have ended and are not among the best."""
        if self.search.plan.spec.keep_checkpoints == "all":
            return
        top_k, branches = _per_branch(self.search.plan)
        kept = {id(trial) for branch in branches for trial in self.search.best(branch)[:top_k]}
        for trial in self.search.trials:
            if trial.outcome is not None and id(trial) not in kept and trial.outcome.ran_key not in self._dropped:
                self.ledger.drop_checkpoint(trial.outcome.ran_key)
                self._dropped.add(trial.outcome.ran_key)


def n_kept(plan: StudyPlan, n_ended: int) -> int:
    """Return how many checkpoints a study has at its end, without those of the trials that have ended already.

    Args:
        plan: The study.
        n_ended: How many trials have ended; a study that keeps only the best may still keep as many.
    """
    top_k, branches = _per_branch(plan)
    n_best = top_k * len(branches)
    n_left = max(plan.settings.n_trials - n_ended, 0)
    n_searched = n_left if plan.spec.keep_checkpoints == "all" else min(n_best, plan.settings.n_trials)
    confirm = plan.spec.confirm
    n_runs = len(confirm.seeds) * len(combinations(confirm.average_over)) if confirm else 0
    return n_searched + n_best * n_runs


def _per_branch(plan: StudyPlan) -> tuple[int, list[int | None]]:
    """Return how many of each branch would be confirmed, and the branches; None where the best are of all."""
    confirm = plan.spec.confirm or Confirm(top_k=1)
    return confirm.top_k, list(range(len(plan.space.branches))) if confirm.per else [None]
