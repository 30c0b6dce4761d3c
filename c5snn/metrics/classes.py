"""Metrics of class predictions that torchmetrics lacks or defines otherwise; the rest are its own."""

from typing import final

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F
from torchmetrics import Metric, MetricCollection
from torchmetrics.classification import MulticlassAccuracy, MulticlassF1Score

__all__ = [
    "BalancedAccuracy",
    "BatchMeanAccuracy",
    "ClassAccuracy",
    "CrossEntropy",
    "class_metrics",
]

LIST_LENGTH = 3


@final
class BalancedAccuracy(Metric):
    """The mean over the classes that occur of the share of their items that are recognised.

    torchmetrics' macro average also counts classes that are predicted but never occur, as 0.

    Args:
        n_classes: Number of classes.

    >>> metric = BalancedAccuracy(3)
    >>> metric.update(torch.eye(3)[[0, 0, 2, 2]], torch.tensor([0, 0, 0, 1]))
    >>> round(metric.compute().item(), 4)
    0.3333
    """

    full_state_update = False
    higher_is_better = True

    right: Tensor
    n: Tensor

    def __init__(self, n_classes: int) -> None:
        super().__init__()
        self.add_state("right", torch.zeros(n_classes, dtype=torch.int64), dist_reduce_fx="sum")
        self.add_state("n", torch.zeros(n_classes, dtype=torch.int64), dist_reduce_fx="sum")

    def update(self, logits: Float[Tensor, "batch classes"], labels: Int[Tensor, " batch"]) -> None:
        """Add a batch."""
        is_right = logits.argmax(dim=1) == labels
        self.n += torch.bincount(labels, minlength=len(self.n))
        self.right += torch.bincount(labels[is_right], minlength=len(self.n))

    def compute(self) -> Float[Tensor, ""]:
        """Return the mean."""
        occurs = self.n > 0
        return (self.right[occurs] / self.n[occurs]).mean()


@final
class ClassAccuracy(Metric):
    """The share of the items of one class that are recognised; NaN where the class does not occur.

    Args:
        number: The class.

    >>> metric = ClassAccuracy(0)
    >>> metric.update(torch.eye(3)[[0, 0, 2, 2]], torch.tensor([0, 0, 0, 1]))
    >>> round(metric.compute().item(), 4)
    0.6667
    """

    full_state_update = False
    higher_is_better = True

    right: Tensor
    n: Tensor

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        for name in ("right", "n"):
            self.add_state(name, torch.zeros((), dtype=torch.int64), dist_reduce_fx="sum")

    def update(self, logits: Float[Tensor, "batch classes"], labels: Int[Tensor, " batch"]) -> None:
        """Add a batch."""
        is_in = labels == self.number
        self.n += is_in.sum()
        self.right += (logits.argmax(dim=1) == labels)[is_in].sum()

    def compute(self) -> Float[Tensor, ""]:
        """Return the share."""
        return self.right / self.n


@final
class CrossEntropy(Metric):
    """The mean over items of minus the log-probability of the class that came, without any smoothing.

    >>> metric = CrossEntropy()
    >>> metric.update(torch.zeros(2, 4), torch.tensor([0, 3]))
    >>> round(metric.compute().item(), 4)
    1.3863
    """

    full_state_update = False
    higher_is_better = False

    total: Tensor
    n: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.add_state("total", torch.zeros(()), dist_reduce_fx="sum")
        self.add_state("n", torch.zeros((), dtype=torch.int64), dist_reduce_fx="sum")

    def update(self, logits: Float[Tensor, "batch classes"], labels: Int[Tensor, " batch"]) -> None:
        """Add a batch."""
        self.total += F.cross_entropy(logits.float(), labels, reduction="sum")
        self.n += len(labels)

    def compute(self) -> Float[Tensor, ""]:
        """Return the mean."""
        return self.total / self.n


@final
class BatchMeanAccuracy(Metric):
    """The mean over *batches* of their accuracy: it depends on the batch size, because the last batch counts as one.

    It is here to be compared with results that were reported so; nothing is chosen or judged by it.

    >>> metric = BatchMeanAccuracy()
    >>> metric.update(torch.eye(3)[[0, 0, 0, 0]], torch.tensor([0, 0, 1, 1]))
    >>> metric.update(torch.eye(3)[[0]], torch.tensor([0]))
    >>> metric.compute().item()
    0.75
    """

    full_state_update = False
    higher_is_better = True

    total: Tensor
    n: Tensor

    def __init__(self) -> None:
        super().__init__()
        for name in ("total", "n"):
            self.add_state(name, torch.zeros(()), dist_reduce_fx="sum")

    def update(self, logits: Float[Tensor, "batch classes"], labels: Int[Tensor, " batch"]) -> None:
        """Add a batch."""
        self.total += (logits.argmax(dim=1) == labels).float().mean()
        self.n += 1

    def compute(self) -> Float[Tensor, ""]:
        """Return the mean."""
        return self.total / self.n


def class_metrics(names: dict[str, int], n_classes: int) -> MetricCollection:
    """Return the metrics of a task whose outcomes are classes, accuracy first.

    Args:
        names: The classes whose own accuracy is logged, by their names.
        n_classes: Number of classes.
    """
    metrics: dict[str, Metric | MetricCollection] = {
        "accuracy": MulticlassAccuracy(n_classes, average="micro"),
        "balanced_accuracy": BalancedAccuracy(n_classes),
        "macro_f1": MulticlassF1Score(n_classes, average="macro"),
        f"top_{LIST_LENGTH}_accuracy": MulticlassAccuracy(n_classes, top_k=LIST_LENGTH, average="micro"),
        "cross_entropy": CrossEntropy(),
        **{f"accuracy_{name}": ClassAccuracy(number) for name, number in names.items()},
        "accuracy_batch_mean": BatchMeanAccuracy(),
    }
    # metrics whose states agree by accident after the first batch must not share one value for ever
    return MetricCollection(metrics, compute_groups=False)
