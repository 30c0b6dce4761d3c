"""The five metrics that every run logs, updated together from one look at the ties."""

from typing import Any

from jaxtyping import Float
from torch import Tensor
from torchmetrics import MetricCollection

from c5snn.metrics.hit import HitAtK
from c5snn.metrics.recall import RecallAtK
from c5snn.metrics.reciprocal_rank import MeanReciprocalRank
from c5snn.metrics.ties import tie_groups

__all__ = ["RankingMetrics"]


class RankingMetrics(MetricCollection):
    """Recall and Hit at 20 and 5, and MRR, under the names that are logged.

    The names are the same for every history, so ``n_parts`` must exceed 20; smaller histories take ``RecallAtK`` and
    its peers with a k that leaves parts out.

    Args:
        n_parts: number of parts, above 20.
        n_active: number of active parts of an event.

    Raises:
        ConfigError: if ``n_parts`` is 20 or less, or does not exceed ``n_active``.

    >>> import torch
    >>> metrics = RankingMetrics()
    >>> metrics.update(torch.zeros(2, 39), torch.eye(39)[:5].sum(dim=0).expand(2, 39))
    >>> {name: round(value.item(), 5) for name, value in sorted(metrics.compute().items())}
    {'hit_at_20': 0.9798, 'hit_at_5': 0.51671, 'mrr': 0.31003, 'recall_at_20': 0.51282, 'recall_at_5': 0.12821}
    """

    def __init__(self, n_parts: int = 39, n_active: int = 5) -> None:
        # Compute groups merge metrics whose states agree after the first batch. Ours may agree by accident (no part
        # found by Recall nor Hit), and would then share one value for ever.
        super().__init__({"recall_at_20": RecallAtK(20, n_parts, n_active)}, compute_groups=False)
        # one by one: a mapping of several would be sorted by name, and the order is that of importance
        self.add_metrics({"hit_at_20": HitAtK(20, n_parts, n_active)})
        self.add_metrics({"mrr": MeanReciprocalRank(n_parts, n_active)})
        self.add_metrics({"recall_at_5": RecallAtK(5, n_parts, n_active)})
        self.add_metrics({"hit_at_5": HitAtK(5, n_parts, n_active)})
        self.n_parts = n_parts
        self.n_active = n_active

    def update(self, scores: Float[Tensor, "..."], targets: Tensor) -> None:  # type: ignore[override]  # as torchmetrics
        """Add the windows of one batch to every metric; arguments and errors as in ``RankingMetric.update``."""
        groups = tie_groups(scores, targets, n_parts=self.n_parts, n_active=self.n_active)
        super().update(scores, targets, groups=groups)

    def forward(self, scores: Float[Tensor, "..."], targets: Tensor) -> dict[str, Any]:
        """Add the windows of one batch to every metric and return the batch's own values."""
        groups = tie_groups(scores, targets, n_parts=self.n_parts, n_active=self.n_active)
        return super().forward(scores, targets, groups=groups)
