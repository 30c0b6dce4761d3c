"""Errors of forecasts and of probabilities: means over windows, and what describes probabilities beside them."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F
from torchmetrics import Metric, MetricCollection
from torchmetrics.classification import BinaryAUROC, BinaryAveragePrecision

__all__ = [
    "AreaUnderCurve",
    "AveragePrecision",
    "BinaryCrossEntropy",
    "BrierScore",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "ObservedRate",
    "PredictionRange",
    "WindowMean",
    "direction_metrics",
    "forecast_metrics",
]


class WindowMean(Metric):
    """The mean over windows of a number of each. Abstract; a subclass is final and defines ``per_window``."""

    is_differentiable = True
    higher_is_better: bool | None = False
    full_state_update = False

    total: Tensor
    count: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.add_state("total", torch.zeros(()), dist_reduce_fx="sum")
        self.add_state("count", torch.zeros((), dtype=torch.int64), dist_reduce_fx="sum")

    @staticmethod
    @abstractmethod
    def per_window(outputs: Float[Tensor, "batch ..."], targets: Float[Tensor, "batch ..."]) -> Float[Tensor, " batch"]:
        """Return the number of each window."""

    def update(self, outputs: Float[Tensor, "batch ..."], targets: Float[Tensor, "batch ..."]) -> None:
        """Add a batch."""
        self.total += self.per_window(outputs, targets).sum()
        self.count += len(targets)

    def compute(self) -> Float[Tensor, ""]:
        """Return the mean."""
        return self.total / self.count


@final
class MeanSquaredError(WindowMean):
    """Mean of ``(ŷ − y)²`` over steps and channels.

    >>> metric = MeanSquaredError()
    >>> metric.update(torch.zeros(1, 2, 1), torch.tensor([[[1.0], [3.0]]]))
    >>> metric.compute().item()
    5.0
    """

    @staticmethod
    def per_window(outputs: Float[Tensor, "batch ..."], targets: Float[Tensor, "batch ..."]) -> Float[Tensor, " batch"]:
        """Return the error of each window."""
        return (outputs - targets).square().flatten(1).mean(dim=1)


@final
class MeanAbsoluteError(WindowMean):
    """Mean of ``|ŷ − y|`` over steps and channels."""

    @staticmethod
    def per_window(outputs: Float[Tensor, "batch ..."], targets: Float[Tensor, "batch ..."]) -> Float[Tensor, " batch"]:
        """Return the error of each window."""
        return (outputs - targets).abs().flatten(1).mean(dim=1)


@final
class BinaryCrossEntropy(WindowMean):
    """Mean of ``−y log σ(z) − (1 − y) log (1 − σ(z))``, outputs being the logits z.

    >>> metric = BinaryCrossEntropy()
    >>> metric.update(torch.zeros(1, 1), torch.ones(1, 1))
    >>> round(metric.compute().item(), 4)
    0.6931
    """

    @staticmethod
    def per_window(outputs: Float[Tensor, "batch ..."], targets: Float[Tensor, "batch ..."]) -> Float[Tensor, " batch"]:
        """Return the loss of each window."""
        return F.binary_cross_entropy_with_logits(outputs, targets, reduction="none").flatten(1).mean(dim=1)


@final
class BrierScore(WindowMean):
    """Mean of ``(σ(z) − y)²``.

    Source: Brier (1950), Verification of forecasts expressed in terms of probability, Mon. Weather Rev. 78:1,
    doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2.
    """

    @staticmethod
    def per_window(outputs: Float[Tensor, "batch ..."], targets: Float[Tensor, "batch ..."]) -> Float[Tensor, " batch"]:
        """Return the score of each window."""
        return (outputs.sigmoid() - targets).square().flatten(1).mean(dim=1)


@final
class ObservedRate(WindowMean):
    """Share of the targets that are 1; of the outputs it knows nothing."""

    higher_is_better = None

    @staticmethod
    def per_window(outputs: Float[Tensor, "batch ..."], targets: Float[Tensor, "batch ..."]) -> Float[Tensor, " batch"]:
        """Return the targets."""
        del outputs
        return targets.flatten(1).mean(dim=1)


@final
class PredictionRange(Metric):
    """The highest minus the lowest probability: 0 for a model that gives every window the same one.

    >>> metric = PredictionRange()
    >>> metric.update(torch.tensor([[0.0], [100.0]]), torch.zeros(2, 1))
    >>> metric.compute().item()
    0.5
    """

    is_differentiable = False
    higher_is_better = None
    full_state_update = False

    lowest: Tensor
    highest: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.add_state("lowest", torch.ones(()), dist_reduce_fx="min")
        self.add_state("highest", torch.zeros(()), dist_reduce_fx="max")

    def update(self, outputs: Float[Tensor, "batch ..."], targets: Float[Tensor, "batch ..."]) -> None:
        """Add a batch."""
        del targets
        if len(outputs):
            shares = outputs.detach().sigmoid()
            self.lowest = torch.minimum(self.lowest, shares.min())
            self.highest = torch.maximum(self.highest, shares.max())

    def compute(self) -> Float[Tensor, ""]:
        """Return the range."""
        return self.highest - self.lowest


@final
class AreaUnderCurve(BinaryAUROC):
    """The probability that a window that rises has the higher logit than one that does not; ties count half."""

    def update(self, outputs: Float[Tensor, "batch ..."], targets: Float[Tensor, "batch ..."]) -> None:
        """Add a batch."""
        super().update(outputs.sigmoid().flatten(), targets.flatten().long())


@final
class AveragePrecision(BinaryAveragePrecision):
    """The precision among the windows with the highest logits, averaged over the recalls that it is reached at."""

    def update(self, outputs: Float[Tensor, "batch ..."], targets: Float[Tensor, "batch ..."]) -> None:
        """Add a batch."""
        super().update(outputs.sigmoid().flatten(), targets.flatten().long())


def forecast_metrics() -> MetricCollection:
    """Return MSE and MAE."""
    return _collected({"mse": MeanSquaredError(), "mae": MeanAbsoluteError()})


def direction_metrics() -> MetricCollection:
    """Return the cross-entropy, and what describes probabilities beside it."""
    return _collected({
        "bce": BinaryCrossEntropy(),
        "auc": AreaUnderCurve(),
        "average_precision": AveragePrecision(),
        "brier": BrierScore(),
        "base_rate": ObservedRate(),
        "prediction_range": PredictionRange(),
    })  # fmt: skip


def _collected(metrics: Mapping[str, Metric]) -> MetricCollection:
    (name, first), *others = metrics.items()
    collection = MetricCollection({name: first}, compute_groups=False)
    for name, metric in others:  # one by one: a mapping would be sorted by name, and the order is that of importance
        collection.add_metrics({name: metric})
    return collection
