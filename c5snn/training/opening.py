"""A finished run opened again: its configuration, its data, and its model with the weights of a checkpoint."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from c5snn.data import SeenItems
from c5snn.errors import CheckpointError, ConfigError
from c5snn.records import load_run, require_present, require_unchanged
from c5snn.records.run_folder import BEST, CONFIG, RESULT, find_run
from c5snn.training.checkpoints import Checkpoint, differing_arguments, read_checkpoint, trained_on
from c5snn.training.lightning_cli import C5CLI
from c5snn.training.resume import check_fits, split_changes
from c5snn.training.run_options import is_rehearsal

__all__ = ["OpenRun", "leave_out_seen", "open_run", "owning_run"]

logger = logging.getLogger(__name__)

MIN_NEW_ITEMS = 50


class OpenRun(NamedTuple):
    """A model ready to be scored.

    Args:
        cli: Its configuration, model and data; the data is set up.
        path: The checkpoint that the weights are from; None for a model without weights.
        checkpoint: Its content.
    """

    cli: C5CLI
    path: Path | None
    checkpoint: Checkpoint | None


def open_run(words: Sequence[str], prog: str) -> OpenRun:
    """Build a model and give it the weights of its checkpoint.

    Args:
        words: Either a run's folder and flags, or ``--config FILE [--ckpt_path FILE]`` and flags.
        prog: The command, for its help.

    Raises:
        ConfigError: An argument differs from the checkpoint's, a model with weights has no checkpoint, or the events
            that its run has seen are split otherwise.
        CheckpointError: The checkpoint is damaged, unsafe, or of another architecture.
        DamagedRunError: The configuration or the record of the run is not the one that was committed.
    """
    cli = C5CLI(_expand_run(words), prog)
    if is_rehearsal(cli.config):
        raise ConfigError(f"`{prog}` scores all items; `trainer.fast_dev_run` belongs to `c5snn fit`. Leave it out.")
    path = cli.config["ckpt_path"]
    if path is None:
        if cli.model.is_trainable:
            raise ConfigError(
                f"An untrained {type(cli.model).__name__} is worth nothing: give a run's folder, or `--ckpt_path FILE`."
            )
        cli.datamodule.setup("test")
        cli.model.fit_directly(cli.datamodule)
        return OpenRun(cli, None, None)
    checkpoint = read_checkpoint(path)
    differences = differing_arguments(checkpoint, cli.model.hparams)
    if differences:
        raise ConfigError(f"The model must be as `{path}` was trained, but differs. {'; '.join(differences)}.")
    check_fits(Path(path), checkpoint, cli.model)
    if cli.model.is_trainable and checkpoint.get("global_step") == 0:
        raise CheckpointError(f"`{path}` was saved before the first training step: the model is untrained.")
    cli.model.load_state_dict(checkpoint["state_dict"])
    cli.datamodule.setup("test")
    cli.model.take_data(cli.datamodule)
    opened = OpenRun(cli, Path(path), checkpoint)
    _check_splits(opened)
    return opened


def owning_run(opened: OpenRun) -> Path | None:
    """Return the run's folder that the checkpoint lies in, if it has seen the same events; else None.

    Raises:
        DamagedRunError: A file of the run has been removed.
    """
    if opened.path is None or opened.checkpoint is None:
        return None
    require_present(opened.path.parent)
    if not (opened.path.parent / RESULT).is_file():
        return None
    trained = trained_on(opened.checkpoint)
    same_data = trained is not None and trained.identity == opened.cli.datamodule.describe().identity
    return opened.path.parent if same_data else None


def leave_out_seen(opened: OpenRun) -> int:
    """Leave the items that the checkpoint was trained or validated on out of its test, and say so.

    Returns:
        How many were left out.

    Raises:
        ConfigError: Fewer than 50 items are left, or more than half of them were seen.
    """
    seen = None if opened.checkpoint is None else SeenItems.from_checkpoint(opened.checkpoint)
    if seen is None:
        if opened.checkpoint is not None and owning_run(opened) is None:
            logger.warning("%s does not list what it was trained on: some of these test items may be.", opened.path)
        return 0
    data = opened.cli.datamodule
    is_seen = seen.in_test(data)
    n_seen, n_items = int(is_seen.sum()), len(is_seen)
    if n_seen == 0:
        return 0
    counted = f"{n_seen:,} of {n_items:,} test items were among those that `{opened.path}` was trained or validated on"
    if n_items - n_seen < MIN_NEW_ITEMS or 2 * n_seen > n_items:
        raise ConfigError(
            f"At least {MIN_NEW_ITEMS} test items, and half of them, must be new to the checkpoint, but {counted}. "
            "Test it on the data of its run, or on later data."
        )
    data.leave_out_of_test(is_seen)
    logger.warning("%s; they are left out.", counted)
    return n_seen


def _check_splits(opened: OpenRun) -> None:
    """Refuse the splits of another origin, window or share: what is test now may have been train then."""
    folder, trained = owning_run(opened), opened.checkpoint and trained_on(opened.checkpoint)
    if folder is None or not trained:
        return
    changes = split_changes(trained, opened.cli.datamodule.describe())
    if changes:
        raise ConfigError(
            f"`{folder}` must be scored on its own splits, but these are other splits of the same data: {changes}. "
            "Leave the options of the data that decide its splits as they were trained with."
        )


def _expand_run(words: Sequence[str]) -> list[str]:
    if not words or words[0].startswith("-"):
        return list(words)
    run = find_run(words[0])
    require_unchanged(run, [CONFIG])
    if not (run / BEST).is_file():
        has_ended = (run / RESULT).is_file() and load_run(run).status == "finished"
        why = (
            "its study keeps those of its best trials, with `keep_checkpoints: all` of each"
            if has_ended
            else ("it was stopped before its first epoch was complete")
        )
        raise CheckpointError(f"`{run}` has no `{BEST}`: {why}.")
    return ["--config", str(run / CONFIG), *_generator(run), "--ckpt_path", str(run / BEST), *words[1:]]


def _generator(run: Path) -> list[str]:
    """Return the flag that draws a planted history as the run has seen it; configurations of 0.1.0 do not say how."""
    facts = load_run(run).data.facts if (run / RESULT).is_file() else {}
    is_old = "signal" in facts and "generator_version" not in facts
    return ["--data.generator_version", "1"] if is_old else []
