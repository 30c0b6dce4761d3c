"""Where a run starts: at the beginning, where a stopped run stands, or at the beginning with another run's weights."""

import logging
from pathlib import Path
from typing import NamedTuple

from c5snn.data import SeenItems, TaskData
from c5snn.errors import CheckpointError, ConfigError
from c5snn.files import located
from c5snn.records import DataRecord, Segment, require_present
from c5snn.records.run_folder import BEST, CONFIG, LAST, find_run, newest_run
from c5snn.tasks import Task
from c5snn.training.callbacks import MetricsTable, RunHistory
from c5snn.training.checkpoints import OPTIMIZER, Checkpoint, differing_arguments, read_checkpoint, trained_on
from c5snn.training.lightning_cli import C5CLI
from c5snn.training.option_changes import OptionChange, changed_options

__all__ = ["StartingPoint", "check_fits", "split_changes", "starting_point", "weights_file"]

logger = logging.getLogger(__name__)


class StartingPoint(NamedTuple):
    """Where a run starts.

    Attributes:
        checkpoint: The file that Lightning goes on from; None where the run begins with epoch 0.
        folder: The folder to go on in; None for a new one.
        best: The best checkpoint so far, where it has to come along into a new folder.
        segments: What was trained with which options, this run's new part included.
        over: Why nothing is left to train; empty where something is.
    """

    checkpoint: Path | None = None
    folder: Path | None = None
    best: Path | None = None
    segments: tuple[Segment, ...] = (Segment(0, {}),)
    over: str = ""


def starting_point(cli: C5CLI, runs: Path) -> StartingPoint:
    """Say where a run starts, and give the model the weights of ``--init_from``.

    ``--ckpt_path`` goes on with a run: with the same data and the same options, but for those that act from here on,
    each of which is named. It goes on in the run's own folder; a changed argument of the model starts a new one.

    Args:
        cli: The configuration; its data is set up.
        runs: The folder of this model's runs.

    Raises:
        ConfigError: There is no such run, or it cannot go on with these options or this data.
        CheckpointError: A checkpoint is damaged, unsafe, of another architecture, or of the middle of an epoch.
    """
    ckpt_path, init_from = cli.config["ckpt_path"], cli.config["init_from"]
    if ckpt_path is not None and init_from is not None:
        raise ConfigError("Either `--ckpt_path` (go on with a run) or `--init_from` (start a new one) may be given.")
    if init_from is not None:
        _take_weights(cli, weights_file(init_from))
    if ckpt_path is None:
        return StartingPoint()
    path = _last(runs) if ckpt_path == "last" else Path(ckpt_path)
    checkpoint = read_checkpoint(path)
    require_present(path.parent, [CONFIG])  # a lost record is made again
    check_fits(path, checkpoint, cli.model)
    _check_data(path, checkpoint, cli.datamodule)
    changes = changed_options(path, checkpoint, cli)
    _check_is_whole(path, checkpoint, changes)
    return _go_on(path, checkpoint, changes, cli)


def weights_file(init_from: str) -> Path:
    """Return the checkpoint that ``--init_from`` means: a file, or the best one of a run."""
    path = located(init_from)
    return find_run(path) / BEST if path.is_dir() else path


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


def _take_weights(cli: C5CLI, path: Path) -> None:
    """Give the model the weights of a checkpoint, and the memory of what they were trained on."""
    checkpoint = read_checkpoint(path)
    check_fits(path, checkpoint, cli.model)
    _warn_of_new_values(checkpoint, cli.model)
    cli.model.on_load_checkpoint(checkpoint)
    cli.model.load_state_dict(checkpoint["state_dict"])
    if SeenItems.from_checkpoint(checkpoint) is None:
        logger.warning("%s does not list what it was trained on: some of these test items may be.", path)
    is_seen = cli.model.seen.in_test(cli.datamodule)
    if is_seen.any():
        counted = f"{is_seen.sum():,} of {len(is_seen):,}"
        logger.warning(
            "%s was trained or validated on %s of these test items; a test will not count them.", path, counted
        )


def _warn_of_new_values(checkpoint: Checkpoint, model: Task) -> bool:
    differences = differing_arguments(checkpoint, model.hparams)
    for difference in differences:
        logger.warning("the new value wins: %s", difference)
    return bool(differences)


def _check_data(path: Path, checkpoint: Checkpoint, data: TaskData) -> None:
    then, now = trained_on(checkpoint), data.describe()
    if then is None or then.identity != now.identity:
        raise ConfigError(
            f"`{path}` must go on with its own data, but was trained on {then.source if then else 'other data'} and is "
            f"given {now.source}. `--init_from {path}` starts a new run from its weights."
        )
    if changes := split_changes(then, now):
        raise ConfigError(
            f"`{path}` must go on with its own splits, but these are other splits of the same data: {changes}. "
            "What is test now may have been train then."
        )


def _check_is_whole(path: Path, checkpoint: Checkpoint, changes: list[OptionChange]) -> None:
    """Refuse weights alone, and what was saved within an epoch, unless that is where the run was to end."""
    if OPTIMIZER not in checkpoint:
        raise CheckpointError(
            f"A run goes on with the state of its optimizer, but `{path}` has weights alone, as trials of a sweep keep "
            f"them. `--init_from {path}` starts a new run from its weights."
        )
    rows = MetricsTable.rows_in(checkpoint)
    epoch = checkpoint["epoch"]
    at_end = rows[-1]["epoch"] == epoch if rows else checkpoint["global_step"] == 0
    is_cut = bool(rows) and not checkpoint["loops"]["fit_loop"]["epoch_loop.batch_progress"]["is_last_batch"]
    if not at_end or (is_cut and changes):
        raise CheckpointError(
            f"A run goes on from the end of an epoch, but `{path}` was saved within epoch {epoch + 1}. Go on "
            f"from `{LAST}` of its run with the same options, or start a new run with `--init_from {path}`."
        )


def _go_on(path: Path, checkpoint: Checkpoint, changes: list[OptionChange], cli: C5CLI) -> StartingPoint:
    rows = MetricsTable.rows_in(checkpoint)
    is_new_model = _warn_of_new_values(checkpoint, cli.model)
    for change in changes:
        if not change.option.startswith("model."):
            logger.info("from epoch %d on: %s", len(rows) + 1, change)
    is_same_run = path.name == LAST and (path.parent / CONFIG).is_file() and not is_new_model
    best = None if is_new_model else _best_so_far(path, checkpoint, changes)
    segments = RunHistory.segments_in(checkpoint)
    if changes:
        segments = (*segments, Segment(len(rows), {change.option: change.now for change in changes}))
    return StartingPoint(
        checkpoint=path,
        folder=path.parent if is_same_run else None,
        best=None if is_same_run else best,
        segments=segments,
        over=_why_over(checkpoint, changes, cli),
    )


def _best_so_far(path: Path, checkpoint: Checkpoint, changes: list[OptionChange]) -> Path | None:
    """Return the best checkpoint of the epochs so far; None before the first.

    Raises:
        CheckpointError: It is missing, damaged, or of an epoch that will be trained again with other options.
    """
    n_epochs = len(MetricsTable.rows_in(checkpoint))
    states = (state for name, state in checkpoint["callbacks"].items() if name.startswith("BestCheckpoint"))
    if not any(state["best_model_score"] is not None for state in states):
        return None
    best = path.parent / BEST
    if not best.is_file():
        raise CheckpointError(
            f"`{path}` must go on beside the best checkpoint of its epochs, but there is no `{best}`. "
            f"`--init_from {path}` starts a new run from its weights."
        )
    epoch = read_checkpoint(best)["epoch"]
    if epoch >= n_epochs and any(change.alters_epochs for change in changes):
        raise CheckpointError(
            f"`{best}` is of epoch {epoch + 1}, which was not complete when the run was stopped. Go on without "
            f"{', '.join(f'`--{change.option}`' for change in changes)} first."
        )
    return best


def _why_over(checkpoint: Checkpoint, changes: list[OptionChange], cli: C5CLI) -> str:
    """Say why nothing is left to train; empty where something is."""
    trainer, n_epochs = cli.config["trainer"], len(MetricsTable.rows_in(checkpoint))
    max_epochs, max_steps = trainer["max_epochs"], trainer["max_steps"]
    if max_epochs not in {None, -1} and n_epochs >= max_epochs:
        return f"{n_epochs} epochs are done, and `--trainer.max_epochs` is {max_epochs}"
    if max_steps not in {None, -1} and checkpoint["global_step"] >= max_steps:
        return f"{checkpoint['global_step']} steps are done, and `--trainer.max_steps` is {max_steps}"
    ends_otherwise = any(change.option in {"early_stopping.patience", "trainer.max_time"} for change in changes)
    if RunHistory.has_stopped(checkpoint) and n_epochs >= (trainer["min_epochs"] or 0) and not ends_otherwise:
        return f"it stopped early after {n_epochs} epochs; more `--early_stopping.patience` lets it go on"
    return ""


def _last(runs: Path) -> Path:
    newest = newest_run(runs, LAST)
    if newest is None:
        raise ConfigError(f"`--ckpt_path last` must find a run with a `{LAST}` in `{runs}`, but there is none.")
    return newest / LAST
