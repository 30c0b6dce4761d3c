"""Everything that trains goes through :func:`train`, from a command line or from Python."""

import logging
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from lightning.pytorch import Callback
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.utilities.exceptions import SIGTERMException

from c5snn.errors import OutputError, TrainingDivergedError
from c5snn.files import write_json, write_text
from c5snn.records import NetworkActivity, Row, RunRecord, Status, begin_training, commit_training
from c5snn.records.run_folder import (
    BEST,
    CONFIG,
    LAST,
    METRICS,
    PROVENANCE,
    TEST_ITEMS,
    TEST_METRICS,
    TEST_TABLE,
    create_run_folder,
    model_name,
)
from c5snn.training.activity_meter import spiking_layers
from c5snn.training.callbacks import (
    LastCheckpoint,
    MetricsTable,
    SeedEachEpoch,
    SpikeMonitor,
    StopOnDivergence,
    StopOnSignal,
    StoppedBySignal,
    TimeProjection,
)
from c5snn.training.checkpoints import read_checkpoint
from c5snn.training.hparams import write_hparams_row
from c5snn.training.known_warnings import without_known_warnings
from c5snn.training.lightning_cli import C5CLI
from c5snn.training.loggers import tensorboard, writer_errors_once
from c5snn.training.provenance import provenance
from c5snn.training.resume import starting_point

__all__ = ["begin_run", "record_run", "runs_folder", "train"]

logger = logging.getLogger(__name__)


def train(
    args: Sequence[str] | dict[str, Any], *, folder: Path | None = None, callbacks: Sequence[Callback] = ()
) -> RunRecord:
    """Train a model, keep its best checkpoint by validation, and record the run.

    Args:
        args: Words of a command line after ``c5snn fit``, or the same as a nested mapping.
        folder: An empty folder for the run; None: the next ``lightning_logs/<model>/version_<n>``.
        callbacks: More callbacks, as a search uses them to end a run early; at an epoch's end they find its row
            written. They are no part of the recorded configuration.

    Returns:
        The run's record, also stored as ``result.json`` in its folder.

    Raises:
        ConfigError: Wrong input; as :class:`DataError` and :class:`CheckpointError`, before anything is written.
        OutputError: The folder cannot be written.
        TrainingDivergedError: The loss or a weight is no number any more; the run is recorded as ``diverged``.
        StoppedBySignal: Ctrl-C or SIGTERM; the run is recorded as ``stopped`` and can go on from ``last.ckpt``.
    """
    cli = C5CLI(args)
    cli.datamodule.setup("fit")
    start = starting_point(cli.config["ckpt_path"], cli.model, cli.datamodule, runs_folder(cli))
    cli.make_trainer([], None)  # an impossible device or option leaves no folder behind
    run = _Run(cli, begin_run(cli, folder or start.folder), callbacks)
    try:
        run.fit(start.checkpoint)
    except SIGTERMException as stop:  # Lightning's own check came before ours
        run.record("stopped")
        raise StoppedBySignal(signal.SIGTERM) from stop
    except StoppedBySignal:
        run.record("stopped")
        raise
    except TrainingDivergedError:
        run.record("diverged")
        raise
    except FileNotFoundError as error:  # somebody removed the folder under TensorBoard's writer
        raise OutputError(f"`{run.folder}` was removed during the run: {error}.") from error
    return run.record("finished")


def runs_folder(cli: C5CLI) -> Path:
    """Return the folder of this model's runs."""
    return Path(cli.config["trainer"]["default_root_dir"] or ".") / "lightning_logs" / model_name(cli.model)


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
    write_text(run / CONFIG, yaml.safe_dump(cli.dump(), sort_keys=False))
    write_json(run / PROVENANCE, provenance())
    return run


def record_run(
    cli: C5CLI, folder: Path, *, device: str, n_steps: int = 0, rows: Sequence[Row] = (), status: Status = "finished"
) -> RunRecord:
    """Store how a run ended, and its row in TensorBoard's HPARAMS tab.

    Args:
        cli: The configuration.
        folder: The run's folder.
        device: Where it ran.
        n_steps: Optimizer steps that it has made.
        rows: Its metrics, one row per epoch.
        status: How it ended.
    """
    best = folder / BEST
    epoch = int(read_checkpoint(best)["epoch"]) if best.is_file() else None
    best_row = next((row for row in rows if row["epoch"] == epoch), {})
    model = cli.model
    result = RunRecord(
        folder=folder,
        status=status,
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
        best_epoch=epoch,
        val={name: value for name, value in best_row.items() if name.startswith("val_")},
        training_time_s=sum((row["epoch_time_s"] for row in rows), 0.0),
        device=device,
        chosen=cli.chosen(),
        activity=NetworkActivity.from_logged(best_row, spiking_layers(model)),
    )
    result.save()
    commit_training(folder)
    write_hparams_row(folder, result.chosen, result.summary)
    return result


def _without_shapes(cli: C5CLI) -> dict[str, Any]:
    """Return what the model computes; its shapes are facts of the data."""
    effective = cli.model.effective_hparams()
    return {name: value for name, value in effective.items() if name not in cli.datamodule.links}


class _Run:
    """The training of one configuration in one folder. Final."""

    def __init__(self, cli: C5CLI, folder: Path, callbacks: Sequence[Callback]) -> None:
        self.cli = cli
        self.folder = folder
        self.table = MetricsTable(folder / METRICS)
        self.trainer = cli.make_trainer([*self._callbacks(), *callbacks], tensorboard(folder))

    def _callbacks(self) -> list[Callback]:
        monitor = self.cli.config["early_stopping"]["monitor"]
        return [
            SeedEachEpoch(self.cli.config["seed_everything"]),
            StopOnSignal(),
            StopOnDivergence(),
            SpikeMonitor(),
            self.table,
            TimeProjection(self.table, monitor),
            ModelCheckpoint(
                self.folder,
                filename=Path(BEST).stem,
                monitor=monitor,
                mode=self.cli.config["early_stopping"]["mode"],
                enable_version_counter=False,
            ),
            LastCheckpoint(self.folder / LAST),
        ]

    def fit(self, checkpoint: Path | None) -> None:
        """Train from the start or from a checkpoint; a model without weights is only scored."""
        model, data = self.cli.model, self.cli.datamodule
        logger.info("Run: %s", self.folder)
        with without_known_warnings(), writer_errors_once():
            if model.is_trainable:
                self.trainer.fit(model, data, ckpt_path=checkpoint)
                return
            logger.info("%s has nothing to train; it is scored as it is.", type(model).__name__)
            self.trainer.validate(model, data, verbose=False)
            self.trainer.save_checkpoint(self.folder / BEST)
            self.table.add_row(self.trainer, seconds=0.0)

    def record(self, status: Status) -> RunRecord:
        """Store how the run ended."""
        device = str(self.trainer.strategy.root_device)
        n_steps = self.trainer.global_step
        return record_run(self.cli, self.folder, device=device, n_steps=n_steps, rows=self.table.rows, status=status)
