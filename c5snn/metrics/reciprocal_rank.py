"""Mean reciprocal rank: one over the rank of an event's best-ranked active part."""

from fractions import Fraction
from math import comb
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor

from c5snn.metrics.ranking import RankingMetric
from c5snn.metrics.ties import TieGroups, miss_probability

__all__ = ["MeanReciprocalRank"]


@final
class MeanReciprocalRank(RankingMetric):
    """1 / rank of the best-ranked active part, mean over windows.

    With ties it is ``Σ_r P(rank = r) / r`` with ``P(rank = r) = P(miss at r - 1) - P(miss at r)``.

    Source: McSherry & Najork (2008), Computing information retrieval performance measures efficiently in the presence
    of tied scores, ECIR, doi:10.1007/978-3-540-78646-7_38.

    >>> metric = MeanReciprocalRank(n_parts=4, n_active=2)
    >>> metric.update(torch.tensor([[4.0, 3.0, 2.0, 1.0]]), torch.tensor([[0, 1, 1, 0]]))
    >>> round(metric.compute().item(), 6)
    0.5
    >>> round(MeanReciprocalRank().chance, 5)
    0.31003
    """

    short_name = "mrr"
    has_depth = False

    @property
    def null(self) -> dict[Fraction, Fraction]:
        """The best of n random ranks among N is r when the others are worse: P(1 / r) = C(N - r, n - 1) / C(N, n)."""
        n_subsets = comb(self.n_parts, self.n_active)
        return {
            Fraction(1, rank): Fraction(comb(self.n_parts - rank, self.n_active - 1), n_subsets)
            for rank in range(1, self.n_parts - self.n_active + 2)
        }

    def _value(self, groups: TieGroups) -> Float[Tensor, " batch"]:
        depths = torch.arange(self.n_parts + 1, device=groups.above.device)
        rank_law = -miss_probability(groups, depths).diff(dim=1)
        return (rank_law / depths[1:]).sum(dim=1)
