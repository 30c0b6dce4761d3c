"""The bar of a run in a terminal: its epochs, the monitored metric, the best so far, and the time left."""

import datetime as dt
import math
import sys
from collections.abc import Sequence
from typing import Any, final

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import ProgressBar
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from c5snn.printable import printable
from c5snn.records import Row
from c5snn.training.callbacks.metrics_table import MetricsTable
from c5snn.training.callbacks.stopping_rule import Mode

__all__ = ["EpochBar", "epoch_facts"]

REFRESHES_PER_SECOND = 4
RECENT = 5  # epochs whose mean time is that of the next ones


@final
class EpochBar(ProgressBar):
    """Shows one bar over the epochs on standard error, and every other line above it.

    It counts epochs from 1, as every printed line does. While it stands, what is written to the standard streams,
    warnings included, passes through its console, so no line is wiped or glued to the bar.

    Args:
        table: Where the epochs' times and metrics stand; it must come before this callback.
        monitor: The metric that is shown.
        mode: Which direction of it is better.
    """

    def __init__(self, table: MetricsTable, monitor: str, mode: Mode) -> None:
        super().__init__()
        self.table, self.monitor, self.mode = table, monitor, mode
        self._is_enabled = True
        self._progress: Progress | None = None

    def disable(self) -> None:
        """Show nothing, as the processes of a run beside its first do."""
        self._is_enabled = False

    def enable(self) -> None:
        """Show the bar."""
        self._is_enabled = True

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Draw the bar."""
        del pl_module
        if not self._is_enabled:
            return
        self._progress = Progress(
            TextColumn("{task.description}"), BarColumn(bar_width=None), TextColumn("{task.fields[facts]}"),
            console=Console(file=sys.stderr), expand=True, transient=True, refresh_per_second=REFRESHES_PER_SECOND,
        )  # fmt: skip
        has_end = trainer.max_epochs not in (None, -1)
        self._progress.add_task("", total=trainer.max_epochs if has_end else None, facts="")
        self._show(trainer, float(len(self.table.rows)))
        self._progress.start()

    def on_train_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,  # noqa: ANN401  # as overridden
        batch: Any,  # noqa: ANN401
        batch_idx: int,
    ) -> None:
        """Move the bar within the epoch."""
        del pl_module, outputs, batch
        self._show(trainer, trainer.current_epoch + (batch_idx + 1) / max(1, self.total_train_batches))

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Show what the epoch has come to."""
        del pl_module
        self._show(trainer, float(len(self.table.rows)))

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Remove the bar."""
        del trainer, pl_module
        self._stop()

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        """Remove the bar of a run that ends otherwise."""
        del trainer, pl_module, exception
        self._stop()

    def _show(self, trainer: Trainer, n_done: float) -> None:
        if self._progress is None:
            return
        n_epochs = None if trainer.max_epochs in (None, -1) else trainer.max_epochs
        now = min(math.floor(n_done) + 1, n_epochs or math.inf)
        of_all = f"/{n_epochs}" if n_epochs else ""
        facts = epoch_facts(self.table.rows, self.monitor, self.mode, n_epochs)
        description = f"epoch {now:{len(of_all) - 1 if n_epochs else 1}}{of_all}"
        self._progress.update(self._progress.task_ids[0], completed=n_done, description=description, facts=facts)

    def _stop(self) -> None:
        if self._progress is not None:
            self._progress.stop()
        self._progress = None


def epoch_facts(rows: Sequence[Row], monitor: str, mode: Mode, n_epochs: int | None) -> str:
    """Return the metric, the best so far with its epoch, counted from 1, and the most time that is left.

    >>> rows = [{"epoch": 0, "val_loss": 0.5, "epoch_time_s": 3}, {"epoch": 1, "val_loss": 0.75, "epoch_time_s": 1}]
    >>> epoch_facts(rows, "val_loss", "min", 10)
    'val_loss 0.7500, best 0.5000 (1), ≤ 0:00:16 left'

    Args:
        rows: The run's metrics, one row per epoch.
        monitor: The metric.
        mode: Which direction of it is better.
        n_epochs: The most epochs that the run may have; None for no limit.
    """
    values = [(row[monitor], int(row["epoch"]) + 1) for row in rows if not math.isnan(row.get(monitor, math.nan))]
    facts = []
    if values:
        best, epoch = (max if mode == "max" else min)(values, key=lambda entry: entry[0])
        facts = [f"{printable(monitor)} {values[-1][0]:.4f}", f"best {best:.4f} ({epoch})"]
    if rows and n_epochs:
        recent = [row["epoch_time_s"] for row in rows[-RECENT:]]
        left_s = math.ceil(sum(recent) / len(recent) * (n_epochs - len(rows)))
        facts.append(f"≤ {dt.timedelta(seconds=left_s)} left")
    return ", ".join(facts)
