"""The checkpoint that a stopped run resumes from: that of the last complete epoch."""

from pathlib import Path

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import Checkpoint

__all__ = ["LastCheckpoint"]


class LastCheckpoint(Checkpoint):
    """Saves before the first epoch and after every one.

    It is saved after all other callbacks, the best checkpoint's included, so it holds their state of the same epoch.

    Args:
        path: The file to replace.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Save the initial state, unless the run resumes from this very file."""
        del pl_module
        if trainer.ckpt_path is None or Path(trainer.ckpt_path).resolve() != self.path.resolve():
            trainer.save_checkpoint(self.path)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Save a complete epoch."""
        del pl_module
        trainer.save_checkpoint(self.path)
