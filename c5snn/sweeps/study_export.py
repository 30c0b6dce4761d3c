"""A study as a study of Optuna in SQLite, which ``optuna-dashboard sqlite:///study.db`` opens."""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from c5snn.errors import ConfigError
from c5snn.files import write_bytes
from c5snn.sweeps.optuna_classes import import_optuna
from c5snn.sweeps.sampling import Known, frozen_trial
from c5snn.sweeps.study_reading import ReadTrial, StudyRecord, read_studies

__all__ = ["export_studies"]


def export_studies(folders: Sequence[str | os.PathLike[str]], path: Path) -> int:
    """Write studies into one storage of Optuna, and return how many trials it holds.

    Args:
        folders: The folders of studies; each becomes a study of its folder's name.
        path: The file; it appears whole.

    Raises:
        ConfigError: A folder is no study's, two have one name, or Optuna is not installed.
        OutputError: The file cannot be written.
    """
    studies = [study for folder in folders for study in read_studies(Path(folder))]
    names = [study.folder.name for study in studies]
    if len(set(names)) < len(names):
        raise ConfigError(f"Studies in one file must have distinct names, but these are {', '.join(names)}.")
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "study.db"
        n_trials = sum(_export(study, file) for study in studies)
        write_bytes(path, file.read_bytes())
    return n_trials


def _export(study: StudyRecord, file: Path) -> int:
    optuna = import_optuna()
    storage = optuna.storages.RDBStorage(f"sqlite:///{file}")
    made = optuna.create_study(
        study_name=study.folder.name, storage=storage, direction="maximize" if study.sign > 0 else "minimize"
    )
    trials = [trial for trial in study.trials if trial.result is not None]
    made.add_trials([_with_attributes(study, trial) for trial in trials])
    storage.engine.dispose()
    return len(trials)


def _with_attributes(study: StudyRecord, trial: ReadTrial) -> object:
    proposal = trial.proposal
    result = trial.result and replace(trial.result, attributes={})  # a rung's value is the pruner's business
    frozen = frozen_trial(Known(proposal.params, proposal.distributions, {}, result))
    known = {
        "number": proposal.number,
        "branch": study.summary["branches"][proposal.branch]["name"],
        "sampled_by": proposal.source,
        "duplicate_of": trial.duplicate_of,
        "failure": trial.failure,
        "folder": trial.folder.name,
        "training_time_s": trial.duration_s,
    }
    frozen.user_attrs = {name: value for name, value in known.items() if value not in {None, ""}}
    return frozen
