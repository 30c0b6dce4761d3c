"""One unit of work of a sweep, as a value: it gives the same result wherever it runs."""

from dataclasses import dataclass
from typing import Any, Literal

from c5snn.records import RunRecord
from c5snn.sweeps.study_job import StudyTrial
from c5snn.sweeps.trial_result import TrialResult

__all__ = ["Job", "JobStatus", "Outcome"]

JobStatus = Literal["finished", "diverged", "oom", "timeout", "killed", "lost", "failed"]


@dataclass(frozen=True)
class Job:
    """A training run with its seed, and whether its best checkpoint is then scored on test.

    Args:
        key: Hash of everything that decides the result, the seed included; names the trial's folder.
        config: The whole configuration, as ``train`` takes it.
        test: Whether the test split is scored too.
        searched: The options that the sweep searches.
        study: What a trial of a study has beside it; None for every other run.
    """

    key: str
    config: dict[str, Any]
    test: bool
    searched: tuple[str, ...] = ()
    study: StudyTrial | None = None


@dataclass(frozen=True)
class Outcome:
    """How a job ended.

    Args:
        key: The job's key.
        status: ``finished``; ``diverged`` and ``oom`` would end so again; ``timeout``, ``killed`` and ``lost`` (with
            its machine) used up their attempts; ``failed`` is a bug.
        message: Why, in one line; empty when finished.
        attempts: How often it was started.
        result: The run's record when finished.
        ended: What a trial of a study came to; None for every other run and for one that failed.
    """

    key: str
    status: JobStatus
    message: str
    attempts: int
    result: RunRecord | None
    ended: TrialResult | None = None

    @property
    def is_final(self) -> bool:
        """Whether the job need not run again: it has finished, or it would fail again as it did.

        A trial that was killed, was lost, took too long or met a bug gets new attempts when the sweep is run again.
        """
        return self.status in {"finished", "diverged", "oom"}
