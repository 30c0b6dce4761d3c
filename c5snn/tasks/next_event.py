"""What every model of the next event shares: loss, metrics, optimizer and prediction. A model adds its ``forward``."""

from abc import ABC, abstractmethod
from typing import Any

import torch
from jaxtyping import Float
from lightning.pytorch import LightningModule
from torch import Tensor
from torch.nn import functional as F
from torchmetrics import MeanMetric

from c5snn.errors import ConfigError
from c5snn.metrics import RankingMetrics

__all__ = ["NextEventModule"]

Batch = tuple[Float[Tensor, "batch window parts"], Float[Tensor, "batch parts"]]


class NextEventModule(LightningModule, ABC):
    """Ranks the parts of the next event from a window of past events.

    Abstract, without an ``__init__``. A subclass is final, calls ``save_hyperparameters()`` with plain values only, and
    defines ``forward``. Its loss is the mean binary cross-entropy of the logits, because an event is a set of parts.
    """

    # an epoch that goes on from its middle has no start
    _loss_sum: Tensor | float = 0.0
    _n_seen: int = 0

    val_metrics: RankingMetrics
    test_metrics: RankingMetrics
    val_loss: MeanMetric
    test_loss: MeanMetric

    @abstractmethod
    def forward(self, windows: Float[Tensor, "batch window parts"]) -> Float[Tensor, "batch parts"]:
        """Return one logit per part from windows of 0/1 rows, oldest event first."""

    @property
    def is_trainable(self) -> bool:
        """Whether anything has a gradient; a model of pure counts has nothing to train."""
        return any(parameter.requires_grad for parameter in self.parameters())

    def parameter_groups(self) -> list[dict[str, Any]]:
        """Return what an optimizer with weight decay takes; a group whose ``weight_decay`` is 0 is left alone by it."""
        return [{"params": list(self.parameters())}]

    def effective_hparams(self) -> dict[str, object]:
        """Return the arguments in canonical form: two models of one class that compute the same return equal ones."""
        return dict(self.hparams)

    def setup(self, stage: str) -> None:
        """Build the metrics from the shapes that the data module states."""
        del stage
        data = getattr(self.trainer, "datamodule", None)
        if data is None:
            raise ConfigError("A `datamodule` must be given (an `EventDataModule`), but got bare dataloaders.")
        self.val_metrics = RankingMetrics(data.n_parts, data.n_active)
        self.test_metrics = RankingMetrics(data.n_parts, data.n_active)
        self.val_loss, self.test_loss = MeanMetric(), MeanMetric()

    def on_train_epoch_start(self) -> None:
        """Start the epoch's sum of losses."""
        self._loss_sum, self._n_seen = 0.0, 0

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor | None:
        """Return the loss of one batch, or None when nothing has a gradient."""
        del batch_idx
        windows, targets = batch
        loss = self._loss(self(windows), targets)
        if not loss.requires_grad:
            return None
        self._loss_sum = self._loss_sum + loss.detach() * len(windows)
        self._n_seen += len(windows)
        if self.trainer.is_last_batch:  # one call an epoch: Lightning's log is slow beside a small network
            self.log(
                "train_loss", self._loss_sum / self._n_seen, on_step=False, on_epoch=True, batch_size=1, prog_bar=True
            )
        return loss

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Score one batch of the validation split."""
        del batch_idx
        self._score(batch, self.val_metrics, self.val_loss)

    def on_validation_epoch_end(self) -> None:
        """Log the metrics and the mean loss over val."""
        self._log_scores("val", self.val_metrics, self.val_loss)

    def test_step(self, batch: Batch, batch_idx: int) -> Float[Tensor, "batch parts"]:
        """Score one batch of the test split and return its logits."""
        del batch_idx
        return self._score(batch, self.test_metrics, self.test_loss)

    def on_test_epoch_end(self) -> None:
        """Log the metrics and the mean loss over test."""
        self._log_scores("test", self.test_metrics, self.test_loss)

    def predict_step(self, batch: Batch, batch_idx: int) -> Float[Tensor, "batch parts"]:
        """Return the logits of one batch."""
        del batch_idx
        return self(batch[0])  # type: ignore[no-any-return]  # torch types a module's call as Any

    def configure_optimizers(self) -> torch.optim.Optimizer | None:
        """Return Adam with learning rate 1e-3, or None when nothing has a gradient."""
        if not self.is_trainable:
            return None
        # one kernel instead of twelve for each tensor; under mixed precision Lightning clips no fused optimizer
        mixed = self._trainer is not None and "mixed" in str(self._trainer.precision)
        fused = self.device.type in {"cpu", "cuda"} and not mixed
        return torch.optim.Adam(self.parameters(), lr=1e-3, fused=fused or None)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Write down which model was trained on which events and splits."""
        data = self.trainer.datamodule  # type: ignore[attr-defined]  # set by fit
        checkpoint |= {"model": type(self).__name__, "data_sha256": data.history.sha256, "cut": data.cut()}

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Let a changed argument win over a buffer that carries its name, such as snnTorch's ``beta``."""
        trained = checkpoint.get("hyper_parameters", {})
        for name, buffer in self.named_buffers():
            argument = name.rpartition(".")[2]
            if name in checkpoint["state_dict"] and trained.get(argument) != self.hparams.get(argument):
                checkpoint["state_dict"][name] = buffer

    def _score(self, batch: Batch, metrics: RankingMetrics, mean_loss: MeanMetric) -> Float[Tensor, "batch parts"]:
        windows, targets = batch
        logits = self(windows)
        metrics.update(logits, targets)
        mean_loss.update(self._loss(logits, targets), weight=len(windows))
        return logits  # type: ignore[no-any-return]  # torch types a module's call as Any

    def _log_scores(self, split: str, metrics: RankingMetrics, mean_loss: MeanMetric) -> None:
        # once a split: Lightning's log is slow beside a small network
        self.log_dict({f"{split}_loss": mean_loss, **{f"{split}_{name}": metric for name, metric in metrics.items()}})

    @staticmethod
    def _loss(logits: Float[Tensor, "batch parts"], targets: Float[Tensor, "batch parts"]) -> Tensor:
        return F.binary_cross_entropy_with_logits(logits, targets)
