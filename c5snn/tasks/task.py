"""What every model has, whatever its task: loss, metrics, optimizer, and a judgement of its test."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from jaxtyping import Float, Shaped
from lightning.pytorch import LightningModule
from torch import Tensor
from torchmetrics import MeanMetric, MetricCollection

from c5snn.data.micro_batches import MicroBatch, has_batch_statistics, micro_batches, refuse_micro_batches
from c5snn.data.seen_items import SeenItems
from c5snn.data.task_data import TaskData
from c5snn.errors import ConfigError
from c5snn.records import Headline
from c5snn.tasks.judging import Judgement
from c5snn.tasks.prediction import ItemInputs, Prediction, places_until

__all__ = ["Task"]

Batch = Sequence[Any]  # inputs and targets; a DataLoader makes lists of tuples

_SHOWN_ITEMS = 20


class Task(LightningModule, ABC):
    """A task is an abstract subclass, without an ``__init__``; a model is a final subclass of it.

    A model calls ``save_hyperparameters()`` with plain values only and defines ``forward``. Batches are pairs of
    inputs and targets; ``forward`` maps the inputs to the outputs, one row an item.

    Attributes:
        data_class: The data of the task; another task's data is refused by name.
        is_baseline: Whether the model is a count or a linear model that stands beside every network.
        seen: The items that its weights depend on, before the run that goes on now; a checkpoint carries them.
    """

    data_class: ClassVar[type[TaskData]]
    is_baseline: ClassVar[bool] = False

    seen: SeenItems = SeenItems()

    # an epoch that goes on from its middle has no start
    _loss_sum: Tensor | float = 0.0
    _n_seen: int = 0
    _micro_batch: int | None = None

    val_metrics: MetricCollection
    test_metrics: MetricCollection
    val_loss: MeanMetric
    test_loss: MeanMetric

    def headline(self, data: Any) -> Headline:  # noqa: ANN401  # the task's own data class
        """Return the metric that selects and is judged, named before training; by default the first one.

        Args:
            data: The data, which need not be set up.
        """
        name, metric = next(iter(self.build_metrics(data).items()))
        return Headline(name, name.replace("_", " "), "max" if metric.higher_is_better else "min")

    @abstractmethod
    def loss(self, outputs: Any, targets: Any) -> Float[Tensor, ""]:  # noqa: ANN401  # the task's own types
        """Return the mean loss over the items of a batch."""

    @abstractmethod
    def build_metrics(self, data: Any) -> MetricCollection:  # noqa: ANN401
        """Return the metrics, updated with outputs and targets, the headline first."""

    def build_validation_metrics(self, data: Any) -> MetricCollection:  # noqa: ANN401
        """Return the metrics of validation: those of the test and, where a task has such, those of validation alone.

        Args:
            data: The data; where it is not set up, the metrics have their names and directions only.
        """
        return self.build_metrics(data)

    def missing_metrics(self, data: Any) -> dict[str, str]:  # noqa: ANN401
        """Return the logged names of metrics that other data of the task has, each with the reason; by default none.

        Args:
            data: The data, which need not be set up.
        """
        del data
        return {}

    @abstractmethod
    def judge(self, outputs: Any, data: Any) -> Judgement:  # noqa: ANN401
        """Judge the outputs on test.

        Args:
            outputs: Of every test item, in the order of the data, as ``forward`` returns them.
            data: The data, set up.
        """

    def answers(self, outputs: Any) -> Shaped[np.ndarray, "items ..."]:  # noqa: ANN401
        """Return the model's answer for each item in the form in which answers are compared: a ranking, a class.

        A model that gives (nearly) all items the same answer ignores its input.
        """
        return np.asarray(outputs.detach().cpu())

    def predict_next(self, data: Any, *, as_of: str | None, top_k: int | None) -> Prediction:  # noqa: ANN401
        """Predict what follows the data; where nothing does, return the answers for the first test items.

        Args:
            data: The data, set up.
            as_of: The last point that the model may see; None: all of it.
            top_k: How many rows to return; None: the task's default.

        Raises:
            ConfigError: An argument is wrong, or the task has no order of time.
        """
        if as_of is not None:
            raise ConfigError(f"`--as-of` needs data in the order of time, but a {type(data).__name__} has none.")
        with torch.inference_mode():
            answers = np.concatenate([self.answers(self(batch[0].to(self.device))) for batch in data.test_dataloader()])
        rows = [(item, str(answer)) for item, answer in enumerate(answers[: _SHOWN_ITEMS if top_k is None else top_k])]
        return Prediction("test items", {}, ("item", "answer"), rows, is_ranked=False)

    def inputs_until(self, data: Any, *, as_of: str | None, item: int, n_items: int) -> ItemInputs:  # noqa: ANN401
        """Return the inputs of test items, the last of them as asked.

        Args:
            data: The data, set up.
            as_of: A point in time that the last item ends at; it need not be of test. None: ``item`` says it.
            item: The place of the last item in test; from -1 on backwards, from the end.
            n_items: How many to return, where there are as many.

        Raises:
            ConfigError: There is no such item, or the task has no order of time.
        """
        if as_of is not None:
            raise ConfigError(f"`--as-of` needs data in the order of time, but a {type(data).__name__} has none.")
        return ItemInputs.of_test(data, places_until(item, data.describe().n_items["test"], n_items))

    def fit_directly(self, data: Any) -> None:  # noqa: ANN401  # the task's own data class
        """Set what train decides without a gradient, such as counts; by default nothing.

        Called once before a model that has nothing to train is scored; what it sets lies in buffers.

        Args:
            data: The data, set up.
        """
        del data

    def take_data(self, data: Any) -> None:  # noqa: ANN401  # the task's own data class
        """Take what the model needs of its data beside batches, before it is used without a trainer; nothing here."""
        del data

    @property
    def is_trainable(self) -> bool:
        """Whether anything has a gradient; a model of pure counts has nothing to train."""
        return any(parameter.requires_grad for parameter in self.parameters())

    def parameter_groups(self) -> list[dict[str, Any]]:
        """Return what an optimizer with weight decay takes; a group with ``weight_decay`` 0 does not decay."""
        return [{"params": list(self.parameters())}]

    def effective_hparams(self) -> dict[str, object]:
        """Return the arguments in canonical form: two models of one class that compute the same return equal ones."""
        return dict(self.hparams)

    def setup(self, stage: str) -> None:
        """Build the metrics from what the data module states."""
        del stage
        data = getattr(self.trainer, "datamodule", None)
        if not isinstance(data, self.data_class):
            found = "plain dataloaders" if data is None else f"a {type(data).__name__}"
            raise ConfigError(f"A `datamodule` must be given (a `{self.data_class.__name__}`), but got {found}.")
        if data.chooses_micro_batch:
            raise ConfigError("`micro_batch` is auto, which `c5snn fit` replaces by a number; give a number here.")
        is_normalised, n_devices = has_batch_statistics(self), self.trainer.world_size
        refuse_micro_batches(data, model=type(self).__name__, is_normalised_by_batch=is_normalised, n_devices=n_devices)
        self._micro_batch = data.micro_batch
        self.val_metrics = self.build_validation_metrics(data)
        self.test_metrics = self.build_metrics(data)
        self.val_loss, self.test_loss = MeanMetric(), MeanMetric()

    def on_train_epoch_start(self) -> None:
        """Start the epoch's sum of losses."""
        self._loss_sum, self._n_seen = 0.0, 0

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor | None:
        """Return the loss of one batch, or None when nothing has a gradient."""
        inputs, targets = batch
        *earlier, last = micro_batches(inputs, targets, self._micro_batch)
        known = self._accumulated(earlier, batch_idx)
        loss = self._training_loss(last.inputs, last.targets) * last.share + known
        if not loss.requires_grad:
            return None
        self._loss_sum = self._loss_sum + loss.detach().float() * len(targets)  # half precision cannot hold a sum
        self._n_seen += len(targets)
        if self.trainer.is_last_batch:  # one call an epoch: Lightning's log is slow beside a small network
            mean = self._over_devices(self._loss_sum) / self._over_devices(float(self._n_seen))
            self.log("train_loss", mean, on_step=False, on_epoch=True, batch_size=1, prog_bar=True, sync_dist=True)
        if self.trainer.world_size > 1:  # gradients are averaged over devices, whatever their shares
            loss = loss * (len(targets) * self.trainer.world_size / self._over_devices(float(len(targets))))
        return loss

    def optimizer_zero_grad(self, epoch: int, batch_idx: int, optimizer: torch.optim.Optimizer) -> None:
        """Set the gradients to zero, unless the first micro-batch has done so: here they hold all but the last."""
        if self._micro_batch is None:
            super().optimizer_zero_grad(epoch, batch_idx, optimizer)

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Score one batch of the validation split."""
        del batch_idx
        self._score(batch, self.val_metrics, self.val_loss)

    def on_validation_epoch_end(self) -> None:
        """Log the metrics and the mean loss over val."""
        self._log_scores("val", self.val_metrics, self.val_loss)

    def test_step(self, batch: Batch, batch_idx: int) -> Any:  # noqa: ANN401  # as forward returns them
        """Score one batch of the test split and return its outputs."""
        del batch_idx
        return self._score(batch, self.test_metrics, self.test_loss)

    def on_test_epoch_end(self) -> None:
        """Log the metrics and the mean loss over test."""
        self._log_scores("test", self.test_metrics, self.test_loss)

    def predict_step(self, batch: Batch, batch_idx: int) -> Any:  # noqa: ANN401  # as forward returns them
        """Return the outputs of one batch."""
        del batch_idx
        return self(batch[0])

    def configure_optimizers(self) -> torch.optim.Optimizer | None:
        """Return Adam with learning rate 1e-3, or None when nothing has a gradient."""
        if not self.is_trainable:
            return None
        # one kernel instead of twelve for each tensor; under mixed precision Lightning clips no fused optimizer
        mixed = self._trainer is not None and "mixed" in str(self._trainer.precision)
        fused = self.device.type in {"cpu", "cuda"} and not mixed
        return torch.optim.Adam(self.parameters(), lr=1e-3, fused=fused or None)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Record which model was trained on which data, and on which items through every warm start."""
        data: TaskData = self.trainer.datamodule  # type: ignore[attr-defined]  # set by fit
        if self.is_trainable:
            self.seen = self.seen.union(SeenItems.of(data))
        checkpoint |= {"model": type(self).__name__, "data": data.describe().to_json()}
        checkpoint["seen"] = self.seen.to_checkpoint()

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Inherit what was seen; a changed argument wins over a tensor of its name, such as a learned ``beta``."""
        self.seen = SeenItems.from_checkpoint(checkpoint) or SeenItems()
        trained = checkpoint.get("hyper_parameters", {})
        for path, module in self.named_modules():
            if type(module).__module__.startswith("torch."):
                continue  # its `weight` is no argument of that name
            for argument, value in [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]:
                name = f"{path}.{argument}".removeprefix(".")
                if name in checkpoint["state_dict"] and trained.get(argument) != self.hparams.get(argument):
                    checkpoint["state_dict"][name] = value.detach()

    def _accumulated(self, parts: Sequence[MicroBatch], batch_idx: int) -> Tensor | float:
        """Add the gradients of a batch's micro-batches to the weights', and return their share of its loss."""
        n_batches = self.trainer.accumulate_grad_batches
        if self._micro_batch is not None and batch_idx % n_batches == 0:
            self.zero_grad()
        total: Tensor | float = 0.0
        for part in parts:
            loss = self._training_loss(part.inputs, part.targets) * part.share
            if loss.requires_grad:
                self.trainer.strategy.backward(loss / n_batches, None)
            total = total + loss.detach()
        return total

    def _training_loss(self, inputs: Any, targets: Any) -> Float[Tensor, ""]:  # noqa: ANN401
        if len(targets):
            return self.loss(self(inputs), targets)
        # of several devices one may get none of an epoch's last items; all of them wait for its gradients
        return torch.stack([weight.sum() for weight in self.parameters()]).sum() * 0

    def _over_devices(self, value: Tensor | float) -> Tensor:
        """Return the sum of a number over all devices."""
        here = torch.as_tensor(value, device=self.device)
        if self.trainer.world_size == 1:
            return here
        total: Tensor = self.trainer.strategy.reduce(here.double(), reduce_op="sum")
        return total

    def _score(self, batch: Batch, metrics: MetricCollection, mean_loss: MeanMetric) -> Any:  # noqa: ANN401
        inputs, targets = batch
        outputs = self(inputs)
        metrics.update(outputs, targets)
        mean_loss.update(self.loss(outputs, targets), weight=len(targets))
        return outputs

    def _log_scores(self, split: str, metrics: MetricCollection, mean_loss: MeanMetric) -> None:
        # once a split: Lightning's log is slow beside a small network
        self.log_dict({f"{split}_loss": mean_loss, **{f"{split}_{name}": metric for name, metric in metrics.items()}})
