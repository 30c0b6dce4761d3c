"""Stops a run whose loss or weights become NaN or infinite."""

import math

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor

from c5snn.errors import TrainingDivergedError

__all__ = ["StopOnDivergence"]


class StopOnDivergence(Callback):
    """Stops training before a validation, and at an epoch's end, if its mean loss or a weight is NaN or infinite.

    The check costs one host synchronisation a time; at its end an epoch's last checkpoint is not saved yet.
    """

    total: Tensor | float = 0.0

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start the epoch's sum."""
        del trainer, pl_module
        self.total = 0.0

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: object, batch: object, batch_idx: int
    ) -> None:
        """Add this batch's loss, on its own device."""
        del trainer, pl_module, batch, batch_idx
        if isinstance(outputs, dict):
            self.total = self.total + outputs["loss"].detach()

    def on_validation_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Check the sum and the weights before they are scored.

        Raises:
            TrainingDivergedError: One of them is not finite.
        """
        if trainer.state.fn == "fit" and not trainer.sanity_checking:
            self._check(trainer, pl_module)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Check them where an epoch has no validation at its end.

        Raises:
            TrainingDivergedError: One of them is not finite.
        """
        self._check(trainer, pl_module)

    def _check(self, trainer: Trainer, pl_module: LightningModule) -> None:
        sums = torch.stack([weight.detach().double().abs().sum() for weight in pl_module.parameters()])
        loss = float(self.total)
        if not (math.isfinite(loss) and bool(torch.isfinite(sums).all())):
            value = "a weight became NaN or infinite" if math.isfinite(loss) else f"the loss became {loss}"
            raise TrainingDivergedError(
                f"diverged in epoch {trainer.current_epoch + 1}: {value}. A smaller learning rate or "
                "`--trainer.gradient_clip_val 1.0` may help; the last finite epoch is in `last.ckpt`."
            )
