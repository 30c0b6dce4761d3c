"""The learning curve as a file: one row of ``metrics.csv`` per epoch, complete after a resume."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer

from c5snn.records import Row, write_curves

__all__ = ["MetricsTable"]


class MetricsTable(Callback):
    """Rewrites ``metrics.csv`` after every epoch.

    Its rows travel in the checkpoint, so a resumed run keeps exactly those of the epochs it builds on. So do the values
    of the validation that a checkpoint was saved after. An epoch without a validation has no values of one.

    Args:
        path: The file to write.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: list[Row] = []
        self.started = 0.0
        self._validated: Row = {}
        self._of_validation: set[str] = set()
        self._known_before: set[str] = set()

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start the epoch's clock and forget the validation before it."""
        del trainer, pl_module
        self.started = time.monotonic()
        self._validated = {}

    def on_validation_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Note which metrics there were before the validation logs its own."""
        del pl_module
        self._known_before = set(trainer.callback_metrics)

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Keep the values of this validation."""
        del pl_module
        if trainer.sanity_checking:
            return
        self._of_validation |= set(trainer.callback_metrics) - self._known_before
        self._validated = {
            name: float(value) for name, value in trainer.callback_metrics.items() if name in self._of_validation
        }

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Append the epoch's metrics; its time includes validation."""
        del pl_module
        self.add_row(trainer, seconds=time.monotonic() - self.started)

    def add_row(self, trainer: Trainer, *, seconds: float) -> None:
        """Append the epoch's metrics, and write all rows, whole or not at all."""
        logged = {name: float(value) for name, value in trainer.callback_metrics.items()}
        # in an epoch that `max_steps` cuts short the means of training are still those of the epoch before
        is_whole = trainer.is_last_batch or trainer.state.fn != "fit"
        trained = {name: value for name, value in logged.items() if is_whole and name not in self._of_validation}
        metrics = dict(sorted((trained | self._validated).items()))
        self.rows.append({"epoch": trainer.current_epoch, **metrics, "epoch_time_s": seconds})
        if trainer.is_global_zero:
            write_curves(self.path, self.rows)

    def state_dict(self) -> dict[str, Any]:
        """Return the rows so far and the values of this epoch's validation."""
        return {"rows": self.rows, "validated": self._validated}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from the rows of a checkpoint."""
        self.rows = list(state_dict["rows"])

    @classmethod
    def rows_in(cls, checkpoint: Mapping[str, Any]) -> list[Row]:
        """Return the rows of the epochs that a checkpoint builds on."""
        return list(_state(checkpoint).get("rows", []))

    @classmethod
    def validated_in(cls, checkpoint: Mapping[str, Any]) -> Row | None:
        """Return the values of the validation that a checkpoint was saved after; None where it does not hold them."""
        found: Row | None = _state(checkpoint).get("validated")
        return found


def _state(checkpoint: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = checkpoint.get("callbacks", {}).get(MetricsTable.__qualname__, {})
    return found
