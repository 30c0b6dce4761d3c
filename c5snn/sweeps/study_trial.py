"""A trial of a study: trained once for each of its configurations, ended early where its snapshot says so."""

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from c5snn.records import RunRecord
from c5snn.records.run_folder import BEST, LAST
from c5snn.sweeps.pruning import StopWhenPruned
from c5snn.sweeps.study_job import StudyTrial
from c5snn.sweeps.trial_result import TrialResult
from c5snn.training.run import train

__all__ = ["run_study_trial"]


def run_study_trial(study: StudyTrial, config: dict[str, Any], folder: Path, *, searched: Sequence[str]) -> None:
    """Train as a study's job says, and write what it came to into its folder.

    Args:
        study: What the job carries.
        config: The job's own configuration; pruning looks at its run alone.
        folder: An empty folder; the other configurations get folders within.
        searched: The options that the study searches.

    Raises:
        TrainingDivergedError: A run has diverged.
    """
    study.proposal.save(folder)
    stopper = StopWhenPruned(study.pruning)
    run = train(config, folder=folder, callbacks=[stopper], searched=searched)
    monitor, max_epochs = study.pruning.monitor, int(config["trainer"]["max_epochs"])
    has_ended = not stopper.is_pruned or run.n_epochs >= max_epochs
    values = [run.val[monitor]]
    if has_ended:
        values += [_other(other, folder / f"run_{n}").val[monitor] for n, other in enumerate(study.others, start=2)]
    result: TrialResult = stopper.result(has_ended=has_ended, value=fmean(values))
    result.save(folder)


def _other(config: dict[str, Any], folder: Path) -> RunRecord:
    folder.mkdir()
    run = train(config, folder=folder)
    for name in (LAST, BEST, f"{BEST}.sha256"):  # only its numbers count
        (folder / name).unlink(missing_ok=True)
    return run
