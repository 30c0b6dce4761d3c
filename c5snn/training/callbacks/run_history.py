"""What a run was told, from its first epoch on: its options travel in its checkpoints."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer

from c5snn.records import Segment

__all__ = ["RunHistory"]


class RunHistory(Callback):
    """Keeps the options of each part of a run, and renews its folder when there is something new to save.

    Args:
        options: All options by name, as plain values.
        segments: The parts of the run so far, the one that begins now included.
        renew: Called once, before the first checkpoint is saved: what lies in the folder of a run that goes on stays as
            it is until then.
    """

    def __init__(self, options: Mapping[str, object], segments: Sequence[Segment], renew: Callable[[], None]) -> None:
        self.options = dict(options)
        self.segments = tuple(segments)
        self.is_renewed = False
        self._renew = renew

    def on_save_checkpoint(self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]) -> None:
        """Write the run's options into the checkpoint."""
        del pl_module
        if not self.is_renewed and trainer.is_global_zero:
            self._renew()
        self.is_renewed = True
        checkpoint["run"] = {
            "options": self.options,
            "segments": [segment._asdict() for segment in self.segments],
            "has_stopped": bool(trainer.should_stop),
        }

    @staticmethod
    def options_in(checkpoint: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the options that a checkpoint was trained with; None where it does not hold them."""
        found: dict[str, Any] | None = checkpoint.get("run", {}).get("options")
        return found

    @staticmethod
    def segments_in(checkpoint: Mapping[str, Any]) -> tuple[Segment, ...]:
        """Return the parts of the run that a checkpoint builds on."""
        return tuple(Segment(**fields) for fields in checkpoint["run"]["segments"])

    @staticmethod
    def has_stopped(checkpoint: Mapping[str, Any]) -> bool:
        """Return whether the run had stopped early when a checkpoint was saved."""
        return bool(checkpoint["run"]["has_stopped"])
