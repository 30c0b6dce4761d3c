"""The step of a schedule that follows a metric, which a checkpoint of an epoch's end lacks."""

from lightning.pytorch import Callback, LightningModule, Trainer

from c5snn.training.callbacks.metrics_table import MetricsTable

__all__ = ["ResumedPlateau"]


class ResumedPlateau(Callback):
    """Makes that step before the first epoch of a run that goes on: Lightning makes it after checkpoints are saved.

    Args:
        table: The rows of the epochs before.
    """

    def __init__(self, table: MetricsTable) -> None:
        self.table = table
        self.is_due = False

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Note whether the run goes on."""
        del pl_module
        self.is_due = trainer.ckpt_path is not None and bool(self.table.rows)

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Let each such schedule see the metric of the last epoch; what is saved at the start is still without it."""
        del pl_module
        if not self.is_due:
            return
        self.is_due, last = False, self.table.rows[-1]
        for config in trainer.lr_scheduler_configs:
            is_its_turn = (int(last["epoch"]) + 1) % config.frequency == 0
            if config.reduce_on_plateau and is_its_turn and config.monitor in last:
                config.scheduler.step(last[config.monitor])  # type: ignore[arg-type]  # a ReduceLROnPlateau
