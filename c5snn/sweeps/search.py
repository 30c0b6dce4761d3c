"""What a sweep runs next: a search proposes jobs and is told how they ended; it does not know where they run."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from c5snn.sweeps.job import Job, Outcome

__all__ = ["Search", "Stage"]


@dataclass(frozen=True)
class Stage:
    """A part of a search that is shown under one heading; it begins when all jobs of the one before have ended.

    Args:
        name: The heading; no two stages of a search share it.
        n_trials: How many jobs it has in all, as far as that is known by now.
        foreseen: Its jobs that can be named before they are asked for: for a grid all, for others those that were
            asked before a stop. What of them is done already is counted in the heading.
    """

    name: str
    n_trials: int
    foreseen: Sequence[Job] = ()


class Search(ABC):
    """Proposes jobs from how earlier ones ended; a strategy is one final subclass, with its own ``__init__``.

    A search is a pure function of its definition and of what it was told: it reads no clock, no unseeded generator and
    no file that changes meanwhile. Its n-th job follows from the results of jobs that it has waited for, never from
    which of the others happened to end first. So any number of workers runs the same jobs. To resume is to ask a fresh
    search: jobs that the ledger knows are told at once instead of run.

    Attributes:
        reruns_accidents: Whether a resumed search runs a job again that was killed, was lost, took too long or met a
            bug. False where later jobs follow from that end: it then stays as it is, and is told again.
    """

    reruns_accidents: ClassVar[bool] = True

    @property
    @abstractmethod
    def stage(self) -> Stage:
        """The stage of the next job, or the last one when there is none."""

    @property
    @abstractmethod
    def is_done(self) -> bool:
        """Whether every job was asked for and has ended."""

    @abstractmethod
    def ask(self) -> Job | None:
        """Return the next job, or None where nothing may start before another result, or ever.

        No job is returned twice. While jobs are under way None is always allowed; while none is, only when the search
        is done. A search that uses results of up to ``lag`` jobs ago has at most ``lag`` jobs under way: it returns
        None until the job that the next one waits for has ended.
        """

    @abstractmethod
    def tell(self, outcome: Outcome) -> None:
        """Take in how a job ended.

        Args:
            outcome: Of a job that was asked for and not told yet, in whatever order the jobs ended.
        """
