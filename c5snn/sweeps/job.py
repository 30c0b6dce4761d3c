"""One unit of work of a sweep, as a value: it gives the same result wherever it runs."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

from c5snn.records import RunRecord
from c5snn.sweeps.study_job import StudyTrial
from c5snn.sweeps.trial_result import TrialResult

__all__ = ["Fallback", "Job", "JobStatus", "Outcome", "set_micro_batch"]

JobStatus = Literal["finished", "diverged", "oom", "timeout", "killed", "lost", "failed"]


class Fallback(NamedTuple):
    """The same run with a smaller micro-batch, for where memory runs out.

    Args:
        key: Names its folder.
        micro_batch: Items that the model sees at once.
    """

    key: str
    micro_batch: int


@dataclass(frozen=True)
class Job:
    """A training run with its seed, and whether its best checkpoint is then scored on test.

    Args:
        key: Hash of everything that decides the result, the seed included; the trial's folder is found by it.
        config: The whole configuration, as ``train`` takes it.
        test: Whether the test split is scored too.
        searched: The options that the sweep searches.
        study: What a trial of a study has beside it; None for every other run.
        fallbacks: What is run instead, one after the other, where memory runs out.
        name: What its folder is called for a reader, before the key; no part of what it is.
    """

    key: str
    config: dict[str, Any]
    test: bool
    searched: tuple[str, ...] = ()
    study: StudyTrial | None = None
    fallbacks: Sequence[Fallback] = ()
    name: str = ""

    def fallen_back(self, fallback: Fallback) -> "Job":
        """Return the same run with a smaller micro-batch, from its beginning."""
        key, size = fallback
        study = self.study
        if study is not None:
            study = replace(study, others=[set_micro_batch(config, size) for config in study.others])
        return replace(self, key=key, config=set_micro_batch(self.config, size), study=study)

    @property
    def keys(self) -> list[str]:
        """The keys under which it may have run, its own first."""
        return [self.key, *(fallback.key for fallback in self.fallbacks)]


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
        ran_as: The key of the run with a smaller micro-batch that stands for it; empty where it ran as it is.
        n_out_of_memory: How often its memory ran out before.
    """

    key: str
    status: JobStatus
    message: str
    attempts: int
    result: RunRecord | None
    ended: TrialResult | None = None
    ran_as: str = ""
    n_out_of_memory: int = 0

    @property
    def ran_key(self) -> str:
        """The key of the folder that holds it."""
        return self.ran_as or self.key

    @property
    def is_final(self) -> bool:
        """Whether the job need not run again: it has finished, or it would fail again as it did.

        A trial that was killed, was lost, took too long or met a bug gets new attempts when the sweep is run again.
        """
        return self.status in {"finished", "diverged", "oom"}


def set_micro_batch(config: dict[str, Any], size: int | None) -> dict[str, Any]:
    """Return a configuration with another micro-batch."""
    changed = copy.deepcopy(config)
    changed["data"].setdefault("init_args", {})["micro_batch"] = size
    return changed
