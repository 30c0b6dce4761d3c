"""The task of the category: which of nine categories an ARC task is of, from its demonstrations."""

from abc import abstractmethod
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F
from torchmetrics import MetricCollection

from c5snn.data import ArcDataModule, GridPairs
from c5snn.data.arc.arc_task import CATEGORIES
from c5snn.errors import ConfigError, require
from c5snn.evidence import Words
from c5snn.metrics.classes import class_metrics
from c5snn.records import Headline
from c5snn.tasks.judged_classes import ClassOutcomes, judge_classes, predicted_classes
from c5snn.tasks.judging import Judgement
from c5snn.tasks.prediction import Prediction
from c5snn.tasks.task import Task

__all__ = ["CategoryModule"]


class CategoryModule(Task):
    """Sorts ARC tasks into categories.

    Abstract, without an ``__init__``. A subclass is final, calls ``save_hyperparameters()`` with plain values only, and
    defines ``forward``. Its loss is the mean cross-entropy.

    Attributes:
        label_smoothing: Share of each target that is spread over all categories in the loss; a model may have an
            argument of this name. Metrics never smooth.
    """

    data_class: ClassVar[type[ArcDataModule]] = ArcDataModule

    label_smoothing: float = 0.0

    @abstractmethod
    def forward(self, pairs: GridPairs) -> Float[Tensor, "batch categories"]:
        """Return one logit per category from demonstrations; no task's logits depend on the amount of padding."""

    def headline(self, data: ArcDataModule) -> Headline:
        """Return the accuracy."""
        del data
        return Headline("accuracy", "accuracy", "max")

    def loss(self, outputs: Float[Tensor, "batch categories"], targets: Int[Tensor, " batch"]) -> Float[Tensor, ""]:
        """Return the mean cross-entropy."""
        return F.cross_entropy(outputs, targets, label_smoothing=self.label_smoothing)

    def build_metrics(self, data: ArcDataModule) -> MetricCollection:
        """Return accuracy, balanced accuracy, macro F1, top-3 accuracy, cross-entropy, and each category's accuracy.

        Of data that is set up, only the categories that occur in all scored splits have an accuracy of their own.
        """
        occurring = data.scored_categories() if hasattr(data, "splits") else range(len(CATEGORIES))
        return class_metrics({CATEGORIES[number]: number for number in occurring}, data.n_categories)

    def answers(self, outputs: Float[Tensor, "items categories"]) -> Int[np.ndarray, " items"]:
        """Return the categories."""
        return predicted_classes(outputs.detach().cpu().double().numpy())

    def judge(self, outputs: Float[Tensor, "items categories"], data: ArcDataModule) -> Judgement:
        """Compare the categories with permuted labels and with the majority class of train."""
        outcomes = ClassOutcomes(
            classes=CATEGORIES,
            labels=data.targets("test"),
            train_labels=data.targets("train"),
            stratum=data.describe().origin,
            names=[task.name for task in data.items("test")],
        )
        headline = self.headline(data)
        words = Words(headline.label, "task", "category", "order of the labels")
        return judge_classes(outputs.detach().cpu().double().numpy(), outcomes, headline, words)

    def predict_next(self, data: ArcDataModule, *, as_of: str | None, top_k: int | None) -> Prediction:
        """Return the categories of the test tasks; of files without labels, those of all tasks.

        Raises:
            ConfigError: An argument is wrong, or there is no such task.
        """
        if as_of is not None:
            raise ConfigError("`--as-of` needs data in the order of time, but ARC tasks have none.")
        known = bool(data.tasks)
        tasks = data.items("test") if known else data.unlabelled
        require(
            "1 <= n_tasks",
            holds=bool(tasks),
            n_tasks=0,
            fix="The splits have no test; `--data.labels null` predicts all tasks.",
        )
        require("1 <= top_k", holds=top_k is None or top_k >= 1, top_k=top_k)
        with torch.inference_mode():
            logits = torch.cat([self.eval()(_on(self.device, pairs)).double().cpu() for pairs in data.pairs_of(tasks)])
        rows = []
        for task, shares in list(zip(tasks, logits.softmax(dim=1), strict=True))[:top_k]:
            first, second = torch.sort(shares, descending=True, stable=True).indices[:2].tolist()
            label = () if task.category is None else (CATEGORIES[task.category],)
            rows.append((task.name, CATEGORIES[first], float(shares[first]), CATEGORIES[second], *label))
        what = "test tasks with their labels" if known else "tasks"
        shown = f"{len(rows):,} of " if len(rows) < len(tasks) else ""
        return Prediction(
            title=f"{shown}{len(tasks):,} {what}",
            facts={"source": data.source},
            columns=("task", "category", "probability", "second", *(("label",) if known else ())),
            rows=rows,
            is_ranked=False,
            identities=() if known else tuple(data.identities_of(tasks[:top_k]).tolist()),
        )


def _on(device: torch.device, pairs: GridPairs) -> GridPairs:
    return GridPairs(pairs.inputs.to(device), pairs.outputs.to(device))
