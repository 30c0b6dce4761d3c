"""Where a run starts: at the beginning, in the folder of a stopped run, or from another run's weights."""

import logging
from pathlib import Path
from typing import NamedTuple

from c5snn.data import TaskData
from c5snn.errors import CheckpointError, ConfigError
from c5snn.records import DataRecord
from c5snn.records.run_folder import CONFIG, LAST, newest_run
from c5snn.tasks import Task
from c5snn.training.checkpoints import Checkpoint, differing_arguments, read_checkpoint, trained_on

__all__ = ["StartingPoint", "check_fits", "split_changes", "starting_point"]

logger = logging.getLogger(__name__)


class StartingPoint(NamedTuple):
    """A checkpoint to start from, and the folder to go on in; None where a run starts afresh."""

    checkpoint: Path | None = None
    folder: Path | None = None


def starting_point(ckpt_path: str | None, model: Task, data: TaskData, runs: Path) -> StartingPoint:
    """Say where a run starts.

    A run goes on in the folder of a stopped run when it is the same run: its ``last.ckpt``, the same model and the same
    data. Anything else, such as a changed argument, starts a new run from the checkpoint's weights.

    Args:
        ckpt_path: What the user asks for: None, ``last`` (of the newest run of this model), or a file.
        model: The model as it is configured now; a new argument wins over the checkpoint's.
        data: The data, set up.
        runs: The folder of this model's runs.

    Raises:
        ConfigError: There is no ``last`` run, or it was trained on other splits of these events.
        CheckpointError: The checkpoint is damaged, unsafe, or of another architecture.
    """
    if ckpt_path is None:
        return StartingPoint()
    path = _last(runs) if ckpt_path == "last" else Path(ckpt_path)
    checkpoint = read_checkpoint(path)
    check_fits(path, checkpoint, model)
    differences = differing_arguments(checkpoint, model.hparams)
    for difference in differences:
        logger.warning("the new value wins: %s", difference)
    then, now = trained_on(checkpoint), data.describe()
    same_data = then is not None and then.identity == now.identity
    if then is not None and same_data and (changes := split_changes(then, now)):
        raise ConfigError(
            f"`{path}` must go on with its own splits, but these are other splits of the same data: {changes}. "
            "What is test now may have been train then."
        )
    same_run = path.name == LAST and (path.parent / CONFIG).is_file() and same_data and not differences
    return StartingPoint(path, path.parent if same_run else None)


def check_fits(path: Path, checkpoint: Checkpoint, model: Task) -> None:
    """Refuse a checkpoint whose weights have other names or shapes than the model's.

    Raises:
        CheckpointError: It is of another architecture; the differing arguments are named.
    """
    theirs = {name: tuple(tensor.shape) for name, tensor in checkpoint["state_dict"].items()}
    ours = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    if theirs != ours:
        reasons = differing_arguments(checkpoint, model.hparams) or [f"it is no {type(model).__name__}"]
        raise CheckpointError(f"`{path}` is of another architecture. {'; '.join(reasons)}.")


def split_changes(then: DataRecord, now: DataRecord) -> str:
    """Say in which facts two splits of the same data differ; empty where they are the same."""
    if then.test_identity == now.test_identity:
        return ""
    before, after = ({"n_items": entry.n_items, **entry.facts} for entry in (then, now))
    names = [name for name in after if name in before and before[name] != after[name]]
    return "; ".join(f"{name} was {before[name]} and is {after[name]}" for name in names) or "their items differ"


def _last(runs: Path) -> Path:
    newest = newest_run(runs, LAST)
    if newest is None:
        raise ConfigError(f"`--ckpt_path last` must find a run with a `{LAST}` in `{runs}`, but there is none.")
    return newest / LAST
