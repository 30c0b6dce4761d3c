"""A grid: every configuration once, then the best with several seeds; or, without confirmation, all with every seed."""

from collections import deque
from collections.abc import Sequence
from typing import final

from c5snn.sweeps.job import Job, Outcome
from c5snn.sweeps.plan import SweepPlan
from c5snn.sweeps.points import Point
from c5snn.sweeps.search import Search, Stage

__all__ = ["GridSearch"]


@final
class GridSearch(Search):
    """Screens the distinct configurations of a plan and confirms the best.

    Args:
        plan: The points, checked; with the rule that chooses the best.
    """

    def __init__(self, plan: SweepPlan) -> None:
        self.plan = plan
        self.chosen: list[Point] = [] if plan.spec.confirm else plan.distinct  # those that are tested
        self._screened: dict[str, Outcome] = {}
        self._begin("screen" if plan.spec.confirm else "test", plan.first_jobs())

    @property
    def stage(self) -> Stage:
        """The stage: ``screen``, ``confirm`` or ``test``; all its jobs are known when it begins."""
        return self._stage

    @property
    def is_done(self) -> bool:
        """Whether every job has ended."""
        return not self._waiting and not self._under_way

    def ask(self) -> Job | None:
        """Return the next job of the stage."""
        if not self._waiting:
            return None
        job = self._waiting.popleft()
        self._under_way.add(job.key)
        return job

    def tell(self, outcome: Outcome) -> None:
        """Take in how a job ended; the end of the last screening run chooses what is confirmed."""
        self._under_way.remove(outcome.key)
        if self._stage.name != "screen":
            return
        self._screened[outcome.key] = outcome
        if self.is_done:
            self.chosen = self.plan.best(self._screened)
            self._begin("confirm", self.plan.confirming_jobs(self.chosen))

    def _begin(self, name: str, jobs: Sequence[Job]) -> None:
        self._stage = Stage(name, len(jobs), jobs)
        self._waiting = deque(jobs)
        self._under_way: set[str] = set()
