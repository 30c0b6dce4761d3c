"""The projected time of a run, logged after two epochs; and a line per epoch, in detail only beside a progress bar."""

import logging
from collections.abc import Sequence

from lightning.pytorch import Callback, LightningModule, Trainer

from c5snn.records import Row
from c5snn.training.callbacks.metrics_table import MetricsTable

__all__ = ["LONG_RUN_S", "TimeProjection", "time_bound_s"]

logger = logging.getLogger(__name__)

MEASURED_EPOCHS = 2
LONG_RUN_S = 20 * 60


class TimeProjection(Callback):
    """Projects the time of a run from its first two epochs, validation included.

    The projection is an upper bound, because early stopping may end the run sooner.

    Args:
        table: Where the epochs' times and metrics stand; it must come before this callback.
        monitor: The metric that the epoch's line shows.
    """

    def __init__(self, table: MetricsTable, monitor: str) -> None:
        self.table = table
        self.monitor = monitor

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Log the epoch, counted from 1, and after the second one the projection."""
        del pl_module
        row = self.table.rows[-1]
        level = logging.INFO if trainer.progress_bar_callback is None else logging.DEBUG
        shown = "  ".join(f"{name} {row[name]:.4f}" for name in ("train_loss", self.monitor) if name in row)
        logger.log(level, "epoch %3d  %s  (%.1f s)", row["epoch"] + 1, shown, row["epoch_time_s"])
        if len(self.table.rows) == MEASURED_EPOCHS:
            self._project(trainer)

    def _project(self, trainer: Trainer) -> None:
        bound = time_bound_s(self.table.rows, trainer.max_epochs)
        if bound is None:
            return
        level = logging.WARNING if bound > LONG_RUN_S else logging.INFO
        logger.log(
            level,
            "at most %.1f minutes for %d epochs at this speed; early stopping may end the run sooner",
            bound / 60,
            trainer.max_epochs,
        )


def time_bound_s(rows: Sequence[Row], max_epochs: int | None) -> float | None:
    """Return the most seconds that a run takes at the speed of its first two epochs, validation included.

    Args:
        rows: The run's metrics, one row per epoch.
        max_epochs: How many epochs it may have; None or -1: no limit.

    Returns:
        The bound; None without a limit, or where too few epochs are left.
    """
    if max_epochs is None or max_epochs <= MEASURED_EPOCHS or len(rows) < MEASURED_EPOCHS:
        return None
    return sum(row["epoch_time_s"] for row in rows[:MEASURED_EPOCHS]) / MEASURED_EPOCHS * max_epochs
