"""A whole epoch of ``c5snn fit`` against a plain loop, and what loader, Lightning and SpikeMonitor take of it."""

import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from lightning.pytorch import Callback, LightningModule, Trainer
from torch.utils.data import DataLoader

from benchmarks.plain_loop import PlainRun, PlainWindows
from benchmarks.table import Row, Table
from benchmarks.timing import Effort, Timing, sample
from benchmarks.training_steps import own_optimizer, training_step
from c5snn.data import EventDataModule
from c5snn.models import SpikeGRU
from c5snn.training.callbacks import SpikeMonitor
from c5snn.training.run import train
from c5snn.training.switched_off import without_known_warnings

__all__ = ["measure_epoch"]

HIDDEN_SIZE = 128
EPOCH_NOTE = """SpikeGRU H 128, L 1, direct, default history. c5snn: an epoch of `c5snn fit` with all that it does
(loader, metrics, TensorBoard, `metrics.csv`, SpikeMonitor, checkpoints), as the time that 3 epochs more take. Plain: a
`DataLoader`, the snnTorch loop, metrics in Python row by row, the best weights saved. Waiting for the
disk does not count."""
PARTS_NOTE = """Of the same epoch. Lightning: a Trainer without validation and logger beside the bare training steps of
the same loader. SpikeMonitor: what an epoch of train and validation takes more with it than without. Loader: all
batches of train, against torch's `DataLoader` with its default collation."""


def measure_epoch(effort: Effort, *, quick: bool) -> list[Table]:
    """Return the whole and its parts."""
    n_events, n_more = (300, 1) if quick else (11_700, 3)
    few = replace(effort, n_rounds=min(effort.n_rounds, 5))
    data = EventDataModule(n_events=n_events)
    data.setup("fit")
    with tempfile.TemporaryDirectory() as folder, without_known_warnings():
        plain = PlainRun(data, HIDDEN_SIZE, Path(folder))
        whole = sample({"c5snn": lambda: _fit(n_events, n_more, folder), "plain": lambda: _time(plain.epoch)}, few)
        parts = sample(
            {
                "steps": lambda: _time(_bare_steps(data)),
                "trainer": lambda: _trainer_epoch(data, limit_val_batches=0),
                "unmonitored": lambda: _trainer_epoch(data),
                "monitored": lambda: _trainer_epoch(data, SpikeMonitor()),
                "loader": lambda: _time(_drain(data.train_dataloader())),
                "plain loader": lambda: _time(_drain(_plain_loader(data))),
            },
            few,
        )
    return [_whole_table(whole), _parts_table(parts, len(data.train_dataloader()))]


class _EpochClock(Callback):
    """Keeps how long the last epoch took, its validation included."""

    def __init__(self) -> None:
        self.started = self.seconds = 0.0

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        del trainer, pl_module
        self.started = time.process_time()

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        del trainer, pl_module
        self.seconds = time.process_time() - self.started


def _fit(n_events: int, n_more: int, folder: str) -> float:
    def run(n_epochs: int) -> Callable[[], object]:
        words = {"model": "SpikeGRU", "model.hidden_size": HIDDEN_SIZE, "data.n_events": n_events}
        words |= {"trainer.max_epochs": n_epochs, "trainer.default_root_dir": folder}
        words |= {"trainer.enable_progress_bar": "false", "trainer.enable_model_summary": "false"}
        return lambda: train([f"--{name}={value}" for name, value in words.items()])

    once = _time(run(1))
    return (_time(run(1 + n_more)) - once) / n_more


def _trainer_epoch(data: EventDataModule, *callbacks: Callback, limit_val_batches: float = 1.0) -> float:
    clock = _EpochClock()
    trainer = Trainer(
        accelerator="cpu",
        max_epochs=2,
        limit_val_batches=limit_val_batches,
        num_sanity_val_steps=0,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[clock, *callbacks],
    )
    trainer.fit(SpikeGRU(hidden_size=HIDDEN_SIZE), data)
    return clock.seconds


def _bare_steps(data: EventDataModule) -> Callable[[], None]:
    model = SpikeGRU(hidden_size=HIDDEN_SIZE)
    optimizer = own_optimizer(model)

    def steps() -> None:
        for batch in data.train_dataloader():
            training_step(model, optimizer, batch)()

    steps()  # the Trainer's epoch is its second, too
    return steps


def _plain_loader(data: EventDataModule) -> DataLoader[object]:
    return DataLoader(PlainWindows.of(data, "train"), data.batch_size, shuffle=True)


def _drain(batches: Iterable[object]) -> Callable[[], object]:
    return lambda: deque(batches, maxlen=0)


def _time(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def _whole_table(timings: dict[str, Timing]) -> Table:
    own, plain = timings["c5snn"], timings["plain"]
    row: Row = {"c5snn s": own.median_s, "plain s": plain.median_s, "× plain": plain.median_s / own.median_s}
    return Table("A whole epoch", [{**row, "dispersion": max(own.dispersion, plain.dispersion)}], EPOCH_NOTE)


def _parts_table(timings: dict[str, Timing], n_steps: int) -> Table:
    seconds = {name: timing.median_s for name, timing in timings.items()}
    share = (seconds["monitored"] - seconds["unmonitored"]) / seconds["monitored"]
    lightning = (seconds["trainer"] - seconds["steps"]) / n_steps
    rows: list[Row] = [
        {"part": "Lightning, ms per step", "value": lightning * 1e3},
        {"part": "Lightning, share of the step", "value": lightning * n_steps / seconds["trainer"]},
        {"part": "SpikeMonitor, share of the epoch", "value": share},
        {"part": "loader, ms per epoch", "value": seconds["loader"] * 1e3},
        {"part": "loader, × DataLoader", "value": seconds["plain loader"] / seconds["loader"]},
        {"part": "dispersion", "value": max(timing.dispersion for timing in timings.values())},
    ]
    return Table("Parts of an epoch", rows, PARTS_NOTE)
