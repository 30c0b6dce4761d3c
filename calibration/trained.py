"""A trained network on fair histories: its test p is uniform, and the p of its best epoch on validation is not."""

import tempfile
from functools import partial
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
from scipy import stats

from benchmarks.table import Row, Table
from c5snn.data import EventDataModule
from c5snn.data.task_data import SplitName
from c5snn.evidence import WEAK_BELOW, wilson
from c5snn.tasks import NextEventModule
from c5snn.training.opening import open_run
from c5snn.training.run import train
from calibration.effort import Effort
from calibration.judging import JudgedP, judge, lists_of
from calibration.words import SURPRISE, percent, percent_interval, yes_or_no

__all__ = ["calibrate_trained"]

FIRST_SEED = 30_000
HIDDEN_SIZE = 32

NOTE = """A GRU with 32 units, trained and stopped by `c5snn fit` with its defaults; its best checkpoint ranks both
splits. `p < 0.05`: share of exact p-values with its 95 % interval. KS: randomised p-values against the uniform law.
`holds`: the KS p is above 0.01 for test, and below for validation, which has chosen the epoch."""


class _Trained(NamedTuple):
    """One history: the p on each split of the network that it trained."""

    val: JudgedP
    test: JudgedP
    best_epoch: int


def calibrate_trained(effort: Effort) -> list[Table]:
    """Return the table of test and validation."""
    runs = effort.for_each(partial(_train_once, effort), effort.n_trained)
    rows = [
        _row("test", [run.test for run in runs], should_be_uniform=True),
        _row("validation, best epoch", [run.val for run in runs], should_be_uniform=False),
    ]
    epochs = f"Best epoch: median {int(np.median([run.best_epoch for run in runs]))}, counted from 0."
    title = f"A GRU trained on each of {effort.n_trained} fair histories of {effort.n_events:,} events"
    return [Table(title, rows, f"{NOTE} {epochs}")]


def _train_once(effort: Effort, number: int) -> _Trained:
    options = {
        "config": "gru.yaml",
        "model.hidden_size": HIDDEN_SIZE,
        "data.strength": 0.0,
        "data.n_events": effort.n_events,
        "data.data_seed": FIRST_SEED + number,
        "seed_everything": number,
        "trainer.max_epochs": effort.max_epochs,
        "trainer.accelerator": "cpu",
        "trainer.enable_progress_bar": "false",
        "trainer.enable_model_summary": "false",
    }
    with tempfile.TemporaryDirectory() as folder:
        run = train([f"--{name}={value}" for name, value in options.items()], folder=Path(folder))
        opened = open_run([folder], "python -m calibration")
    data, model = cast(EventDataModule, opened.cli.datamodule), cast(NextEventModule, opened.cli.model)
    random = np.random.default_rng([FIRST_SEED, number])

    def judged(split: SplitName) -> JudgedP:
        batches = data.val_dataloader() if split == "val" else data.test_dataloader()
        return judge(lists_of(model, batches), data.targets(split), random.random())

    return _Trained(judged("val"), judged("test"), run.best_epoch or 0)


def _row(split: str, judged: list[JudgedP], *, should_be_uniform: bool) -> Row:
    n_below = sum(p.reported < WEAK_BELOW for p in judged)
    surprise = float(stats.kstest([p.randomised for p in judged], "uniform").pvalue)
    return {
        "split": split,
        "p < 0.05": percent(n_below / len(judged)),
        "95 % interval": percent_interval(wilson(n_below, len(judged))),
        "KS p": surprise,
        "uniform": yes_or_no(holds=surprise > SURPRISE),
        "holds": yes_or_no(holds=(surprise > SURPRISE) == should_be_uniform),
    }
