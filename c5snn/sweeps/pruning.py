"""Decides in the trial itself whether it ends early, from what was known when it was proposed and its own values."""

import math
import warnings
from typing import final

from lightning.pytorch import Callback, LightningModule, Trainer

from c5snn.sweeps.optuna_classes import import_optuna
from c5snn.sweeps.sampling import STUDY_NAME, add_trials
from c5snn.sweeps.study_job import Pruning
from c5snn.sweeps.trial_result import TrialResult

__all__ = ["StopWhenPruned"]


@final
class StopWhenPruned(Callback):
    """Reports the monitored value of every epoch, and stops the run where the pruner says so.

    The pruner sees the trials of the snapshot, this one after them, and nothing that happens meanwhile elsewhere.

    Args:
        pruning: What the decisions follow from.
    """

    def __init__(self, pruning: Pruning) -> None:
        optuna = import_optuna()
        self.pruning = pruning
        self.curve: list[float] = []
        self.is_pruned = False
        self.study = optuna.create_study(
            study_name=STUDY_NAME,
            direction=pruning.direction,
            sampler=optuna.samplers.RandomSampler(0),  # never asked
            pruner=pruning.pruner.pruner(),
        )
        add_trials(self.study, pruning.snapshot.known())
        self.trial = self.study.ask()

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Report the epoch that has ended, and decide."""
        del pl_module
        value = trainer.callback_metrics.get(self.pruning.monitor)
        if value is None or self.is_pruned:
            return
        if self.decide(float(value)):
            trainer.should_stop = True

    def decide(self, value: float) -> bool:
        """Take in the value of the next epoch, and return whether the trial ends there."""
        self.curve.append(value)
        with warnings.catch_warnings():  # a step reported twice, an experimental pruner: known
            warnings.filterwarnings("ignore", module="optuna")
            self.trial.report(value, len(self.curve))
            self.is_pruned = bool(self.trial.should_prune())
        return self.is_pruned

    def result(self, *, has_ended: bool, value: float) -> TrialResult:
        """Return what the trial came to.

        Args:
            has_ended: Whether it ran to its end, whatever the pruner says of its last epoch.
            value: Its best value.
        """
        attributes = self.study.get_trials(deepcopy=False)[self.trial.number].system_attrs
        if not math.isfinite(value):
            return TrialResult("failed", None, tuple(self.curve))
        return TrialResult("complete" if has_ended else "pruned", value, tuple(self.curve), dict(attributes))
