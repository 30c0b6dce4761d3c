"""The ranking metrics that every run logs, updated together from one look at the ties; here, and only here, listed."""

from collections.abc import Sequence
from typing import Any, Final, Literal, final

from jaxtyping import Float
from torch import Tensor
from torchmetrics import MetricCollection

from c5snn.metrics.ranking import RankingMetric
from c5snn.metrics.recall import HitAtK, RecallAtK
from c5snn.metrics.reciprocal_rank import MeanReciprocalRank
from c5snn.metrics.ties import locate_ties

__all__ = ["RANKING_METRICS", "RankingMetrics", "default_k"]

RANKING_METRICS: Final[tuple[type[RankingMetric], ...]] = (RecallAtK, HitAtK, MeanReciprocalRank)

# The list of published comparisons on 39 parts, for histories with enough parts that it leaves some out.
LONG_LIST: Final = 20
FEWEST_FOR_LONG_LIST: Final = 30
# A second depth, where it differs from the first by more than luck.
SHORT_LIST: Final = 5


def default_k(n_parts: int) -> int:
    """Return how long a list is unless it is said: 20 from 30 parts on, otherwise half of the parts, rounded up.

    >>> default_k(39), default_k(16), default_k(5)
    (20, 8, 3)
    """
    return LONG_LIST if n_parts >= FEWEST_FOR_LONG_LIST else -(-n_parts // 2)


@final
class RankingMetrics(MetricCollection):
    """Every listed metric, under the names that are logged: those with a depth at k and, where k is above it, at 5.

    Args:
        n_parts: Number of parts.
        n_active: Number of active parts of an event; ``varies`` for events of any size.
        k: Length of the list, 1 ≤ k < ``n_parts``; None for ``default_k(n_parts)``.
        classes: Which metrics.

    Raises:
        ConfigError: ``n_active`` or k do not fit ``n_parts``.

    >>> import torch
    >>> metrics = RankingMetrics()
    >>> metrics.update(torch.zeros(2, 39), torch.eye(39)[:5].sum(dim=0).expand(2, 39))
    >>> {name: round(value.item(), 5) for name, value in sorted(metrics.compute().items())}
    {'hit_at_20': 0.9798, 'hit_at_5': 0.51671, 'mrr': 0.31003, 'recall_at_20': 0.51282, 'recall_at_5': 0.12821}
    >>> sorted(RankingMetrics(n_parts=5, n_active=2))
    ['hit_at_3', 'mrr', 'recall_at_3']
    """

    def __init__(
        self,
        n_parts: int = 39,
        n_active: int | Literal["varies"] = 5,
        k: int | None = None,
        classes: Sequence[type[RankingMetric]] = RANKING_METRICS,
    ) -> None:
        depth = default_k(n_parts) if k is None else k
        metrics = [metric(depth if metric.has_depth else None, n_parts, n_active) for metric in classes]
        if depth > SHORT_LIST:
            metrics += [metric(SHORT_LIST, n_parts, n_active) for metric in classes if metric.has_depth]
        # Compute groups merge metrics whose states agree after the first batch. Ours may agree by accident (no part
        # found by Recall nor Hit), and would then share one value for ever.
        super().__init__({metrics[0].logged_name: metrics[0]}, compute_groups=False)
        for metric in metrics[1:]:  # one by one: a mapping would be sorted by name, and the order is that of importance
            self.add_metrics({metric.logged_name: metric})
        self.n_parts = n_parts
        self.n_active = n_active
        self.k = depth

    def update(self, scores: Float[Tensor, "..."], targets: Tensor) -> None:  # type: ignore[override]  # as torchmetrics
        """Add the windows of one batch to every metric; arguments and errors as in ``RankingMetric.update``."""
        groups = locate_ties(scores, targets, n_parts=self.n_parts, n_active=self.n_active)
        super().update(scores, targets, groups=groups)

    def forward(self, scores: Float[Tensor, "..."], targets: Tensor) -> dict[str, Any]:
        """Add the windows of one batch to every metric and return the batch's own values."""
        groups = locate_ties(scores, targets, n_parts=self.n_parts, n_active=self.n_active)
        return super().forward(scores, targets, groups=groups)
