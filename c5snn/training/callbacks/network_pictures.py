"""Pictures of the network in TensorBoard: spikes, membranes and the spectrum of its weights."""

from typing import Any, Literal, cast

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.loggers import TensorBoardLogger
from torch import nn

from c5snn.tasks import Task
from c5snn.training.activity_meter import spiking_layers
from c5snn.training.spike_traces import layer_traces, recording
from c5snn.training.tensorboard import add_picture

__all__ = ["NetworkPictures", "PicturesOption"]

PicturesOption = Literal["end", "off"] | int
MOST_LAYERS = 4


class NetworkPictures(Callback):
    """Adds pictures to TensorBoard: ``spikes/<layer>``, ``membranes/<layer>`` and ``weights/singular_values``.

    What is drawn is the first item of val. Other loggers get none.

    Args:
        when: ``end``: after the last epoch; ``off``: never; N: after every N-th epoch, too.
    """

    def __init__(self, when: PicturesOption = "end") -> None:
        self.when = when

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Draw after every N-th epoch."""
        if isinstance(self.when, int) and (trainer.current_epoch + 1) % self.when == 0:
            self._add(trainer, pl_module)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Draw after the last epoch."""
        is_drawn = isinstance(self.when, int) and trainer.current_epoch % self.when == 0
        if self.when != "off" and not is_drawn:
            self._add(trainer, pl_module)

    def _add(self, trainer: Trainer, model: LightningModule) -> None:
        boards = [board for board in trainer.loggers if isinstance(board, TensorBoardLogger)]
        if not boards or not trainer.is_global_zero:
            return
        for tag, picture in _pictures(model, trainer).items():
            for board in boards:
                add_picture(board, tag, picture, trainer.global_step)


def _pictures(model: LightningModule, trainer: Trainer) -> dict[str, bytes]:
    from c5snn.training.pictures import membrane_picture, raster_picture, singular_values, spectrum_picture

    found = {}
    if spiking_layers(model):
        inputs: Any = next(iter(trainer.datamodule.val_dataloader()))[0][:1]  # type: ignore[attr-defined]  # set by fit
        with recording(model, 1) as histories:
            _forward(cast(Task, model), inputs)
        for layer in layer_traces(model, histories)[:MOST_LAYERS]:
            found[f"spikes/{layer.layer}"] = raster_picture(layer)
            found[f"membranes/{layer.layer}"] = membrane_picture(layer)
    if spectra := singular_values(model):
        found["weights/singular_values"] = spectrum_picture(spectra)
    return found


def _forward(model: nn.Module, inputs: Any) -> None:  # noqa: ANN401  # as the model takes them
    """Run the model as on validation, and leave its mode and the random numbers as they were."""
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad(), torch.random.fork_rng():
            model(inputs.to(next(model.parameters()).device))
    finally:
        model.train(was_training)
