"""Everything that trains goes through :func:`train`, from a command line or from Python."""

import logging
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lightning.pytorch import Callback, Trainer
from lightning.pytorch.utilities.exceptions import SIGTERMException

from c5snn.data.micro_batches import has_batch_statistics, refuse_micro_batches
from c5snn.errors import ConfigError, OutputError, TrainingDivergedError
from c5snn.files import write_bytes
from c5snn.records import (
    RunRecord,
    Status,
    load_run,
)
from c5snn.records.options import flatten
from c5snn.records.run_folder import (
    BEST,
    LAST,
    METRICS,
    RESULT,
    model_name,
)
from c5snn.training.allocator import keep_freed_memory
from c5snn.training.callbacks import (
    BestCheckpoint,
    EpochBar,
    LastCheckpoint,
    MetricsTable,
    NetworkPictures,
    ResumedPlateau,
    RunHistory,
    SeedEachEpoch,
    SpikeMonitor,
    StopOnDivergence,
    StopOnSignal,
    StoppedBySignal,
    TimeProjection,
)
from c5snn.training.callbacks.stop_signals import keeping_handlers
from c5snn.training.checkpoints import read_checkpoint
from c5snn.training.failures import discard_folder, is_out_of_memory, leaving_process_group, out_of_memory
from c5snn.training.launched import check_strategy, launched, launching
from c5snn.training.lightning_cli import C5CLI
from c5snn.training.loggers import close_loggers, start_loggers
from c5snn.training.memory import forget_peak, peak_bytes
from c5snn.training.micro_batch_search import settle_micro_batch
from c5snn.training.recording import begin_run, record_ended, record_run, runs_folder
from c5snn.training.resume import StartingPoint, starting_point
from c5snn.training.run_options import check_validates, is_rehearsal
from c5snn.training.switched_off import without_chatter, without_known_warnings
from c5snn.training.tensorboard import run_logger, writer_errors_once

__all__ = ["train"]

logger = logging.getLogger(__name__)


@without_chatter()
def train(
    args: Sequence[str] | dict[str, Any],
    *,
    folder: Path | None = None,
    callbacks: Sequence[Callback] = (),
    searched: Sequence[str] = (),
) -> RunRecord:
    """Train a model, keep its best checkpoint by validation, and record the run.

    Args:
        args: Words of a command line after ``c5snn fit``, or the same as a nested mapping.
        folder: An empty folder for the run; None: the next ``lightning_logs/<name>/version_<n>``.
        callbacks: More callbacks, as a search uses them to end a run early; at an epoch's end they find its row
            written. They are no part of the recorded configuration.
        searched: Options that a sweep searches: TensorBoard shows them where they have their defaults, too.

    Returns:
        The run's record, also stored as ``result.json`` in its folder.

    Raises:
        ConfigError: Wrong input; as :class:`DataError` and :class:`CheckpointError`, before anything is written.
        OutputError: The folder cannot be written.
        TrainingDivergedError: The loss or a weight is no number any more; the run is recorded as ``diverged``.
        StoppedBySignal: Ctrl-C or SIGTERM; the run is recorded as ``stopped`` and can go on from ``last.ckpt``.
    """
    cli = C5CLI(args)
    if told := launched():
        logging.getLogger("c5snn").setLevel(logging.ERROR)  # the first process says it all
        cli.take_seed(told.seed)
    cli.datamodule.setup("fit")
    start = starting_point(cli, runs_folder(cli))
    trainer = cli.make_trainer([], None)  # an impossible device or option leaves no folder behind
    check_strategy(trainer)
    if trainer.strategy.root_device.type == "cpu":
        keep_freed_memory()
    if cli.datamodule.chooses_micro_batch:
        settle_micro_batch(cli, trainer.strategy.root_device, n_devices=trainer.world_size)
    refuse_micro_batches(
        cli.datamodule,
        model=model_name(cli.model),
        is_normalised_by_batch=has_batch_statistics(cli.model),
        n_devices=trainer.world_size,
    )
    if cli.model.is_trainable:
        check_validates(trainer, len(cli.datamodule.train_dataloader()))
    if start.over and start.folder is None:
        raise ConfigError(f"`{start.checkpoint}` has nothing left to train: {start.over}.")
    if start.over and start.folder is not None:
        logger.warning("nothing is left to train: %s", start.over)
        checkpoint = read_checkpoint(start.folder / LAST)
        return record_ended(cli, start.folder, checkpoint, device=str(trainer.strategy.root_device))
    with leaving_process_group(), keeping_handlers():
        if is_rehearsal(cli.config):
            with TemporaryDirectory() as nowhere:  # a few batches are no run: nothing of them is kept
                elsewhere = start._replace(folder=None)
                return _train(_Run(cli, elsewhere, Path(nowhere), callbacks, searched))
        return _train(_Run(cli, start, folder, callbacks, searched))


def _train(run: "_Run") -> RunRecord:
    """Train, and record how the run ends."""
    run.open()
    failed = True
    try:
        record = _trained(run)
        failed = False
    finally:
        close_loggers(run.trainer.loggers, failed=failed)
    return record


def _trained(run: "_Run") -> RunRecord:
    try:
        run.fit()
    except SIGTERMException as stop:  # Lightning's own check came before ours
        run.record("stopped")
        raise StoppedBySignal(signal.SIGTERM) from stop
    except StoppedBySignal:
        run.record("stopped")
        raise
    except TrainingDivergedError:
        run.record("diverged")
        raise
    # whatever torch, Lightning or a user's class raises: the run is recorded as failed, and the error goes on
    except Exception as error:
        if not run.folder.is_dir():  # somebody removed the folder under TensorBoard's writer
            raise OutputError(f"`{run.folder}` was removed during the run: {error}.") from error
        with suppress(OutputError):  # the error itself says more
            run.record("failed")
        if is_out_of_memory(error):
            raise out_of_memory(
                run.cli.datamodule, is_normalised_by_batch=has_batch_statistics(run.cli.model)
            ) from error
        raise
    if launched():
        raise SystemExit(0)
    return run.record("finished")


class _Run:
    """The training of one configuration in one folder. Final.

    Args:
        cli: The configuration.
        start: Where it starts.
        folder: An empty folder; None: that of the run that goes on, or a new one.
        callbacks: More callbacks.
        searched: Options that a sweep searches.
    """

    trainer: Trainer

    def __init__(
        self,
        cli: C5CLI,
        start: StartingPoint,
        folder: Path | None,
        callbacks: Sequence[Callback],
        searched: Sequence[str],
    ) -> None:
        self.cli = cli
        self.searched = searched
        self.start = start
        self.is_trial = folder is not None
        told = launched()
        self.folder = told.folder if told else start.folder or begin_run(cli, folder)
        if start.best is not None and not told:
            _copy_best(start.best, self.folder)
        self.table = MetricsTable(self.folder / METRICS)
        self.history = RunHistory(flatten(cli.dump()), start.segments, self._renew)
        self.callbacks = [*self._callbacks(), *callbacks]
        self.peak_memory_bytes: int | None = None

    def _renew(self) -> None:
        """Drop what an earlier part of the run has left: it may find another best epoch."""
        if self.start.folder is not None:
            begin_run(self.cli, self.folder)

    def _callbacks(self) -> list[Callback]:
        rule = self.cli.config["early_stopping"]
        return [
            SeedEachEpoch(self.cli.config["seed_everything"]),
            StopOnSignal(),
            StopOnDivergence(),
            SpikeMonitor(),
            self.table,
            ResumedPlateau(self.table),
            TimeProjection(self.table, rule["monitor"]),
            EpochBar(self.table, rule["monitor"], rule["mode"]),
            self.history,
            NetworkPictures(self.cli.config["pictures"] or ("off" if self.is_trial else "end")),
            BestCheckpoint(self.folder, rule["monitor"], rule["mode"]),
            LastCheckpoint(self.folder / LAST),
        ]

    def open(self) -> None:
        """Build the trainer and open its loggers; where one cannot write, a new folder is removed again.

        Raises:
            OutputError: A logger cannot write.
        """
        board = run_logger(self.folder, self.cli.dump())
        self.trainer = self.cli.make_trainer(self.callbacks, board, self.folder)
        if launched():
            return
        try:
            start_loggers(self.trainer.loggers, self.cli.shown(self.searched), self.folder)
        except OutputError:
            if self.start.folder is None and not self.is_trial:
                discard_folder(self.folder)
            raise

    def fit(self) -> None:
        """Train from the start or from a checkpoint; a model without weights is only scored."""
        model, data, trainer = self.cli.model, self.cli.datamodule, self.trainer
        seed, device = self.cli.config["seed_everything"], trainer.strategy.root_device
        forget_peak(device)
        n_weights = sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
        logger.info("Parameters to train: %s. Seed: %d.", f"{n_weights:,}", seed)
        logger.info("Run: %s", self.folder)
        with launching(trainer, self.folder, seed), without_known_warnings(), writer_errors_once():
            if model.is_trainable:
                # checkpoints are of an epoch's end; with `max_steps` Lightning would end that epoch a second time
                trainer.fit_loop._iteration_based_training = lambda: False  # type: ignore[method-assign]  # noqa: SLF001
                trainer.fit(model, data, ckpt_path=self.start.checkpoint, weights_only=True)
                self.peak_memory_bytes = peak_bytes(device)
                return
            logger.info("%s has nothing to train; it is scored as it is.", type(model).__name__)
            model.fit_directly(data)
            trainer.validate(model, data, verbose=False)
            trainer.save_checkpoint(self.folder / BEST)
            self.table.add_row(trainer, seconds=0.0)

    def record(self, status: Status) -> RunRecord:
        """Store how the run ended; one that stopped or failed before its first new epoch was complete is as it was."""
        if status in {"stopped", "failed"} and not self.history.is_renewed and (self.folder / RESULT).is_file():
            return load_run(self.folder)
        return record_run(
            self.cli,
            self.folder,
            device=str(self.trainer.strategy.root_device),
            n_steps=self.trainer.global_step,
            rows=self.table.rows,
            status=status,
            segments=self.start.segments,
            searched=self.searched,
            peak_memory_bytes=self.peak_memory_bytes,
        )


def _copy_best(best: Path, folder: Path) -> None:
    for name in (f"{BEST}.sha256", BEST):
        if (best.parent / name).is_file():
            write_bytes(folder / name, (best.parent / name).read_bytes())
