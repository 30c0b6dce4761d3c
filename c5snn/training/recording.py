"""What a run leaves in its folder: its configuration and provenance at the beginning, its record at the end."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import yaml

from c5snn.errors import ConfigError, OutputError
from c5snn.files import write_json, write_text
from c5snn.records import (
    NetworkActivity,
    Row,
    RunRecord,
    Segment,
    Status,
    begin_training,
    commit_training,
    load_run,
    write_curves,
)
from c5snn.records.run_folder import (
    BEST,
    CONFIG,
    METRICS,
    PROVENANCE,
    RUNS,
    TEST_ITEMS,
    TEST_METRICS,
    TEST_TABLE,
    create_run_folder,
    model_name,
)
from c5snn.training.activity_meter import spiking_layers
from c5snn.training.callbacks import MetricsTable, RunHistory
from c5snn.training.checkpoints import Checkpoint, read_checkpoint
from c5snn.training.failures import discard_folder
from c5snn.training.lightning_cli import C5CLI
from c5snn.training.multiply_accumulates import count_multiply_accumulates, first_item
from c5snn.training.provenance import provenance
from c5snn.training.tensorboard import write_hparams_row

__all__ = ["begin_run", "record_ended", "record_run", "runs_folder"]


def runs_folder(cli: C5CLI) -> Path:
    """Return the folder of the runs of this name."""
    return Path(cli.config["trainer"]["default_root_dir"] or ".") / RUNS / str(cli.config["name"])


def begin_run(cli: C5CLI, folder: Path | None = None) -> Path:
    """Write a run's configuration and provenance into its folder.

    Args:
        cli: The configuration.
        folder: The folder to go on in; None: a new one.

    Raises:
        OutputError: The folder cannot be written.
    """
    run = folder or create_run_folder(runs_folder(cli))
    begin_training(run)
    for name in (TEST_METRICS, TEST_TABLE, TEST_ITEMS):  # a run that goes on may find another best epoch
        (run / name).unlink(missing_ok=True)
    try:
        write_text(run / CONFIG, yaml.safe_dump(cli.dump(), sort_keys=False))
        write_json(run / PROVENANCE, provenance())
    except OutputError:
        if folder is None:
            discard_folder(run)
        raise
    return run


def record_run(  # each is a fact of its own
    cli: C5CLI,
    folder: Path,
    *,
    device: str,
    n_steps: int = 0,
    rows: Sequence[Row] = (),
    status: Status = "finished",
    segments: tuple[Segment, ...] = (Segment(0, {}),),
    searched: Sequence[str] = (),
    peak_memory_bytes: int | None = None,
) -> RunRecord:
    """Store how a run ended, and its row in TensorBoard's HPARAMS tab.

    Args:
        cli: The configuration.
        folder: The run's folder.
        device: Where it ran.
        n_steps: Optimizer steps that it has made.
        rows: Its metrics, one row per epoch.
        status: How it ended.
        segments: Which epochs were trained with which options.
        searched: Options that a sweep searches.
        peak_memory_bytes: The most memory while it trained.
    """
    best = read_checkpoint(folder / BEST) if (folder / BEST).is_file() else None
    validated = (best and MetricsTable.validated_in(best)) or {}
    model = cli.model
    result = RunRecord(
        folder=folder,
        status=status,
        name=cli.config["name"],
        model=model_name(model),
        class_path=f"{type(model).__module__}.{type(model).__qualname__}",
        arguments=dict(model.hparams),
        effective_arguments=_without_shapes(cli),
        is_baseline=model.is_baseline,
        n_parameters=sum(weight.numel() for weight in model.parameters() if weight.requires_grad),
        seed=cli.config["seed_everything"],
        data=cli.datamodule.describe(),
        headline=cli.headline,
        metrics=tuple(map(str, model.build_metrics(cli.datamodule))),
        n_epochs=len(rows),
        n_steps=n_steps,
        best_epoch=None if best is None else int(best["epoch"]),
        val={name: value for name, value in validated.items() if name.startswith("val_")},
        training_time_s=sum((row["epoch_time_s"] for row in rows), 0.0),
        device=device,
        chosen=cli.chosen(),
        shown=cli.shown(searched),
        n_multiply_accumulates=_multiply_accumulates(cli) if status == "finished" else None,
        peak_memory_bytes=peak_memory_bytes,
        segments=segments,
        activity=NetworkActivity.from_logged(validated, spiking_layers(model)),
    )
    result.save()
    commit_training(folder)
    write_hparams_row(folder, result.shown, result.summary)
    return result


def _multiply_accumulates(cli: C5CLI) -> int:
    inputs, _ = next(iter(cli.datamodule.val_dataloader()))
    dtype = next((weight.dtype for weight in cli.model.parameters()), torch.get_default_dtype())
    return count_multiply_accumulates(cli.model, first_item(inputs, cli.model.device, dtype))


def _without_shapes(cli: C5CLI) -> dict[str, Any]:
    """Return what the model computes; its shapes are facts of the data."""
    effective = cli.model.effective_hparams()
    return {name: value for name, value in effective.items() if name not in cli.datamodule.links}


def record_ended(cli: C5CLI, folder: Path, checkpoint: Checkpoint, *, device: str) -> RunRecord:
    """Return the record of a run that has nothing left to train; it is made where the run was killed before it."""
    try:
        found = load_run(folder)
    except ConfigError:
        found = None
    if found is not None and found.status == "finished":
        return found
    rows = MetricsTable.rows_in(checkpoint)
    write_curves(folder / METRICS, rows)  # those in the file may be damaged
    return record_run(
        cli,
        folder,
        device=device,
        n_steps=checkpoint["global_step"],
        rows=rows,
        segments=RunHistory.segments_in(checkpoint),
    )
