"""Firing rates and input dependence of every validation, with a warning where a layer or the output is dead."""

import logging
from typing import cast

from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.loggers import TensorBoardLogger

from c5snn.records.activity import NetworkActivity
from c5snn.tasks import Task
from c5snn.training.activity_meter import ActivityMeter

__all__ = ["SpikeMonitor"]

logger = logging.getLogger(__name__)


class SpikeMonitor(Callback):
    """Logs firing rates, silent and saturated shares, synaptic operations and input dependence of a validation.

    ``spikes/<layer>/{firing_rate, silent_share, saturated_share}``, ``synaptic_operations``, ``distinct_outputs``,
    ``same_output_share`` and ``output_std`` are logged as any metric, so they stand in ``metrics.csv``, too;
    TensorBoard also gets a histogram of each layer's unit firing rates. A silent or saturated layer, and an output
    that ignores the input, are each warned about once.

    The model has hooks during validation only; they change nothing.
    """

    def __init__(self) -> None:
        self.meter: ActivityMeter | None = None
        self.warned: set[str] = set()

    def on_validation_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Attach the hooks, unless this is Lightning's sanity check."""
        if not trainer.sanity_checking:
            self.meter = ActivityMeter(pl_module, cast(Task, pl_module).answers)

    def on_validation_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Log what was measured."""
        activity = self.meter and self.meter.activity()
        if self.meter is None or activity is None:  # the metrics refuse logits that are NaN or infinite
            return
        for name, value in activity.logged().items():
            # each device validates on all items; without the mean of equal values Lightning warns
            pl_module.log(name, value, batch_size=self.meter.n_windows, sync_dist=True)
        if trainer.is_global_zero:
            item = trainer.datamodule.describe().item  # type: ignore[attr-defined]  # set by fit
            self._warn(activity, self.meter, f"{item}s (epoch {trainer.current_epoch + 1})")
        self._add_histograms(self.meter, trainer)

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Remove the hooks."""
        del trainer, pl_module
        self._detach()

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        """Remove the hooks of a validation that failed."""
        del trainer, pl_module, exception
        self._detach()

    def _detach(self) -> None:
        if self.meter is not None:
            self.meter.detach()
        self.meter = None

    def _warn(self, activity: NetworkActivity, meter: ActivityMeter, items: str) -> None:
        n_units = {name: len(rates) for name, rates in meter.unit_rates().items()}
        seen = f"{meter.n_windows:,} validation {items}"
        for entry in activity.layers:
            layer = entry.layer
            if entry.is_silent:
                self._warn_once(f"layer {layer} is silent", f"none of its {n_units[layer]} units fired on {seen}")
            if entry.is_saturated:
                self._warn_once(
                    f"layer {layer} is saturated", f"all of its {n_units[layer]} units fired in every step of {seen}"
                )
        if activity.ignores_input:
            n_same = round(activity.same_share * meter.n_windows)
            some = "all" if n_same == meter.n_windows else f"{n_same:,} of"
            self._warn_once("the output ignores the input", f"{some} {seen} get the same output")

    def _warn_once(self, what: str, why: str) -> None:
        if what not in self.warned:
            logger.warning("%s: %s", what, why)
        self.warned.add(what)

    @staticmethod
    def _add_histograms(meter: ActivityMeter, trainer: Trainer) -> None:
        for board in trainer.loggers:
            if isinstance(board, TensorBoardLogger):
                for name, rates in meter.unit_rates().items():
                    board.experiment.add_histogram(f"spikes/{name}/unit_firing_rates", rates, trainer.global_step)
