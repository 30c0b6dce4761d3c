"""Scores a checkpoint: on test with p-values, references and a verdict, on validation with the metrics alone."""

import csv
import dataclasses
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor

from c5snn.files import sha256_of, write_json, write_text
from c5snn.records import CheckpointRecord, RunRecord, TestItems, TestRecord, commit_test, load_run, write_commit
from c5snn.records.run_folder import RESULT, TEST_ITEMS, TEST_METRICS, TEST_TABLE
from c5snn.tasks import ItemTable, Judgement
from c5snn.training.loggers import close_loggers, conclude
from c5snn.training.opening import OpenRun, leave_out_seen, open_run, owning_run
from c5snn.training.recording import begin_run, record_run
from c5snn.training.switched_off import without_chatter, without_known_warnings
from c5snn.training.tensorboard import write_hparams_row

__all__ = ["Tested", "test_run", "validate_run"]


class Tested(NamedTuple):
    """A run's record after its test, the test's record, and its scores of each item."""

    run: RunRecord
    test: TestRecord
    items: TestItems


@without_chatter()
def test_run(words: Sequence[str]) -> Tested:
    """Score a run's best checkpoint on test and add the test's files to the run's folder.

    A checkpoint that lies in no run's folder, or has seen other data than this, gets a new run's folder. Items that the
    checkpoint was trained or validated on, in this run or in one that it started from, are left out.

    Args:
        words: Either a run's folder and flags, or ``--config FILE [--ckpt_path FILE]`` and flags.

    Raises:
        ConfigError: As :func:`open_run`; also wrong data.
        OutputError: The files cannot be written.
    """
    opened = open_run(words, "c5snn test")
    folder = owning_run(opened)
    n_excluded = leave_out_seen(opened)
    trainer, collector = _trainer(opened, folder)
    model, data = opened.cli.model, opened.cli.datamodule
    with without_known_warnings():
        trainer.test(model, data, verbose=False)
    judged = model.judge(torch.cat(collector.outputs), data)
    if folder is None:
        folder = begin_run(opened.cli)
        record_run(opened.cli, folder, device=str(trainer.strategy.root_device))
    judged = judged._replace(record=dataclasses.replace(judged.record, n_excluded=n_excluded))
    test = _write(folder, judged, opened)
    run = load_run(folder)
    if n_excluded:  # its test is not that of other runs on this data
        dataclasses.replace(run, data=data.describe()).save()
        write_commit(folder, [RESULT])
        run = load_run(folder)
    write_hparams_row(folder, run.shown or _as_text(run.chosen), run.summary)
    conclude(trainer.loggers, test)
    close_loggers(trainer.loggers)
    return Tested(run, test, judged.items)


test_run.__test__ = False  # type: ignore[attr-defined]  # pytest would collect it


@without_chatter()
def validate_run(words: Sequence[str]) -> dict[str, float]:
    """Score a checkpoint on validation, and write nothing.

    Returns:
        The metrics by their logged names. Validation has chosen the epoch, so no p-value belongs to them.
    """
    opened = open_run(words, "c5snn validate")
    opened.cli.config["trainer"]["logger"] = False
    trainer, _ = _trainer(opened, None)
    with without_known_warnings():
        trainer.validate(opened.cli.model, opened.cli.datamodule, verbose=False)
    return {name: float(value) for name, value in sorted(trainer.callback_metrics.items())}


class _Collector(Callback):
    """Keeps the outputs of every test batch, in the order of the data. Final."""

    def __init__(self) -> None:
        self.outputs: list[Tensor] = []

    def on_test_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,  # noqa: ANN401  # as overridden
        batch: object,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Keep one batch."""
        del trainer, pl_module, batch, batch_idx, dataloader_idx
        self.outputs.append(outputs)


def _trainer(opened: OpenRun, folder: Path | None) -> tuple[Trainer, _Collector]:
    collector = _Collector()
    one = {"devices": 1, "num_nodes": 1, "strategy": "auto"}  # each item once, in order
    options = {**one, "enable_checkpointing": False, "enable_model_summary": False, "enable_progress_bar": False}
    return opened.cli.make_trainer([collector], None, folder, **options), collector


def _write(folder: Path, judged: Judgement, opened: OpenRun) -> TestRecord:
    checkpoint = CheckpointRecord(opened.path.name, sha256_of(opened.path)) if opened.path else None
    identity = opened.cli.datamodule.describe().identity
    record = dataclasses.replace(judged.record, data_identity=identity, checkpoint=checkpoint)
    if judged.table is not None:
        write_text(folder / TEST_TABLE, _csv(judged.table))
    judged.items.save(folder / TEST_ITEMS)
    write_json(folder / TEST_METRICS, record.to_json())
    commit_test(folder)
    return record


def _as_text(options: Mapping[str, object]) -> dict[str, str]:
    """Return the options of a run of an earlier version, which recorded no types."""
    return {name: str(value) for name, value in options.items()}


def _csv(table: ItemTable) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows(table.rows)
    return text.getvalue()
