"""Recall@K: the share of an event's active parts among the K best-ranked."""

from fractions import Fraction
from math import comb

from jaxtyping import Float
from torch import Tensor

from c5snn.metrics.ranking import RankingMetric
from c5snn.metrics.ties import TieGroups, probability_dtype

__all__ = ["RecallAtK"]


class RecallAtK(RankingMetric):
    """The share of the active parts among the K best-ranked, mean over windows.

    A part below ``b`` better parts in a tie group of ``g`` is among the first K with probability
    ``clamp((K - b) / g, 0, 1)``, so a window's value is the mean of that over its active parts.

    Source: McSherry & Najork (2008), Computing information retrieval performance measures efficiently in the presence
    of tied scores, ECIR, doi:10.1007/978-3-540-78646-7_38.

    Args:
        k: length of the list, 1 ≤ k < ``n_parts``.
        n_parts: number of parts.
        n_active: number of active parts of an event.

    Raises:
        ConfigError: if k, ``n_parts`` and ``n_active`` do not fit.

    >>> import torch
    >>> metric = RecallAtK(k=2, n_parts=4, n_active=2)
    >>> metric.update(torch.tensor([[4.0, 3.0, 2.0, 1.0], [0.0, 0.0, 0.0, 0.0]]), torch.tensor([[1, 0, 1, 0]] * 2))
    >>> round(metric.compute().item(), 6), metric.chance
    (0.5, 0.5)
    >>> round(RecallAtK(k=20).chance, 5), round(RecallAtK(k=5).chance, 5)
    (0.51282, 0.12821)
    """

    def __init__(self, k: int, n_parts: int = 39, n_active: int = 5) -> None:
        super().__init__()
        self._declare(n_parts, n_active)
        self.k = self._checked_k(k)

    @property
    def null(self) -> dict[Fraction, Fraction]:
        """The number of active parts among K is hypergeometric: P(j / n) = C(n, j) C(N - n, K - j) / C(N, K)."""
        n_subsets = comb(self.n_parts, self.k)
        fewest = max(0, self.k + self.n_active - self.n_parts)
        return {
            Fraction(j, self.n_active): Fraction(
                comb(self.n_active, j) * comb(self.n_parts - self.n_active, self.k - j), n_subsets
            )
            for j in range(fewest, min(self.k, self.n_active) + 1)
        }

    def _value(self, groups: TieGroups) -> Float[Tensor, " batch"]:
        dtype = probability_dtype(groups.above.device)
        return ((self.k - groups.above).to(dtype) / groups.tied.clamp(min=1)).clamp(0, 1).mean(dim=1)
