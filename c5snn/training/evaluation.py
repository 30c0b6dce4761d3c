"""Scoring a checkpoint: on test with everything that the result is worth, on validation with the bare metrics."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor

from c5snn.data import EventDataModule
from c5snn.files import replacing, write_json, write_text
from c5snn.training.checkpoints import sha256_of
from c5snn.training.hparams import write_hparams_row
from c5snn.training.known_warnings import without_known_warnings
from c5snn.training.opening import OpenRun, open_run, owning_run
from c5snn.training.result import RunResult, load
from c5snn.training.run import begin_run, record_run
from c5snn.records.run_folder import RANKINGS, TEST_METRICS, TEST_PER_WINDOW
from c5snn.training.scoring import TestScore, score_test_split

__all__ = ["Tested", "test_run", "validate_run"]

LISTED_PARTS = 20


class Tested(NamedTuple):
    """A run's record after its test, and the test's numbers."""

    run: RunResult
    score: TestScore


def test_run(words: Sequence[str]) -> Tested:
    """Score a run's best checkpoint on test and add the test's files to the run's folder.

    A checkpoint that lies in no run's folder, or has seen other events than these, gets a new run's folder.

    Args:
        words: Either a run's folder and flags, or ``--config FILE [--ckpt_path FILE]`` and flags.

    Raises:
        ConfigError: As :func:`open_run`; also wrong data.
        OutputError: The files cannot be written.
    """
    opened = open_run(words, "c5snn test")
    trainer, collector = _trainer(opened)
    with without_known_warnings():
        trainer.test(opened.cli.model, opened.cli.datamodule, verbose=False)
    score = score_test_split(torch.cat(collector.outputs).double().cpu().numpy(), opened.cli.datamodule)
    folder = owning_run(opened)
    if folder is None:
        folder = begin_run(opened.cli)
        record_run(opened.cli, folder, device=str(trainer.strategy.root_device))
    _write(folder, score, opened)
    run = load(folder)
    write_hparams_row(folder, run.chosen, run.headline)
    return Tested(run, score)


test_run.__test__ = False  # type: ignore[attr-defined]  # its name is no test's


def validate_run(words: Sequence[str]) -> dict[str, float]:
    """Score a checkpoint on validation, and write nothing.

    Returns:
        The metrics by their logged names. Validation has chosen the epoch, so no p-value belongs to them.
    """
    opened = open_run(words, "c5snn validate")
    trainer, _ = _trainer(opened)
    with without_known_warnings():
        trainer.validate(opened.cli.model, opened.cli.datamodule, verbose=False)
    return {name: float(value) for name, value in sorted(trainer.callback_metrics.items())}


class _Collector(Callback):
    """Keeps the logits of every test batch, in the order of time. Final."""

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


def _trainer(opened: OpenRun) -> tuple[Trainer, _Collector]:
    collector = _Collector()
    options = {"enable_checkpointing": False, "enable_model_summary": False, "enable_progress_bar": False}
    return opened.cli.make_trainer([collector], None, **options), collector


def _write(folder: Path, score: TestScore, opened: OpenRun) -> None:
    data = opened.cli.datamodule
    checkpoint = opened.path and {"file": opened.path.name, "sha256": sha256_of(opened.path)}
    numbers = score.to_json() | {"data_sha256": data.history.sha256, "checkpoint": checkpoint}
    write_text(folder / TEST_PER_WINDOW, _per_window_csv(score, data))
    events = data.targets("test").astype(score.rankings.dtype)
    with replacing(folder / RANKINGS) as file:
        np.savez_compressed(file, rankings=score.rankings, events=events, fixed_list=score.listed)
    write_json(folder / TEST_METRICS, numbers)


def _per_window_csv(score: TestScore, data: EventDataModule) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = list(score.per_window)
    active = [f"m_{i}" for i in range(1, data.n_active + 1)]
    writer.writerow(["date", *active, *(f"top_{i}" for i in range(1, LISTED_PARTS + 1)), *names])
    values = np.column_stack([score.per_window[name] for name in names])
    rows = zip(data.target_dates("test"), data.targets("test"), score.rankings[:, :LISTED_PARTS], values, strict=True)
    for date, event, ranking, scores in rows:
        writer.writerow([date, *event, *ranking, *(f"{value:.6g}" for value in scores)])
    return text.getvalue()
