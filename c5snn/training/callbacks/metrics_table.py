"""The learning curve as a file: one row of ``metrics.csv`` per epoch, complete after a resume."""

import time
from pathlib import Path
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer

from c5snn.records import Row, write_curves

__all__ = ["MetricsTable"]


class MetricsTable(Callback):
    """Rewrites ``metrics.csv`` after every epoch.

    Its rows travel in the checkpoint, so a resumed run keeps exactly those of the epochs it builds on.

    Args:
        path: The file to write.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: list[Row] = []
        self.started = 0.0

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start the epoch's clock."""
        del trainer, pl_module
        self.started = time.monotonic()

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Append the epoch's metrics; its time includes validation."""
        del pl_module
        self.add_row(trainer, seconds=time.monotonic() - self.started)

    def add_row(self, trainer: Trainer, *, seconds: float) -> None:
        """Append the trainer's metrics as they are now, and write all rows, whole or not at all."""
        metrics = {name: float(value) for name, value in sorted(trainer.callback_metrics.items())}
        self.rows.append({"epoch": trainer.current_epoch, **metrics, "epoch_time_s": seconds})
        write_curves(self.path, self.rows)

    def state_dict(self) -> dict[str, Any]:
        """Return the rows so far."""
        return {"rows": self.rows}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from the rows of a checkpoint."""
        self.rows = list(state_dict["rows"])
