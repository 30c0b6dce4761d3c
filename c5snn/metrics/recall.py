"""Recall@K and Hit@K: the share of an event's active parts among the K best-ranked, and whether there is any."""

from fractions import Fraction
from math import comb
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor

from c5snn.metrics.ranking import RankingMetric
from c5snn.metrics.ties import TieGroups, miss_probability, probability_dtype

__all__ = ["HitAtK", "RecallAtK"]


@final
class RecallAtK(RankingMetric):
    """The share of the active parts among the K best-ranked, mean over windows.

    A part below ``b`` better parts in a tie group of ``g`` is among the first K with probability
    ``clamp((K - b) / g, 0, 1)``, so a window's value is the mean of that over its active parts.

    Source: McSherry & Najork (2008), Computing information retrieval performance measures efficiently in the presence
    of tied scores, ECIR, doi:10.1007/978-3-540-78646-7_38.

    >>> import torch
    >>> metric = RecallAtK(k=2, n_parts=4, n_active=2)
    >>> metric.update(torch.tensor([[4.0, 3.0, 2.0, 1.0], [0.0, 0.0, 0.0, 0.0]]), torch.tensor([[1, 0, 1, 0]] * 2))
    >>> round(metric.compute().item(), 6), metric.chance
    (0.5, 0.5)
    >>> round(RecallAtK(k=20).chance, 5), round(RecallAtK(k=5).chance, 5)
    (0.51282, 0.12821)
    """

    short_name = "recall"

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
        listed = ((self.k - groups.above).to(dtype) / groups.tied.clamp(min=1)).clamp(0, 1)
        return listed.mean(dim=1) if groups.sizes is None else listed.sum(dim=1) / groups.sizes.clamp(min=1)


@final
class HitAtK(RankingMetric):
    """1 if any active part is among the K best-ranked and 0 otherwise, mean over windows.

    With ties it is the probability of that, ``1 - P(miss)`` of ``ties.miss_probability``.

    Source: McSherry & Najork (2008), Computing information retrieval performance measures efficiently in the presence
    of tied scores, ECIR, doi:10.1007/978-3-540-78646-7_38; there for precision and recall, here for their indicator.

    >>> metric = HitAtK(k=1, n_parts=4, n_active=2)
    >>> metric.update(torch.tensor([[4.0, 3.0, 2.0, 1.0], [0.0, 0.0, 0.0, 0.0]]), torch.tensor([[1, 0, 1, 0]] * 2))
    >>> round(metric.compute().item(), 6), metric.chance
    (0.75, 0.5)
    >>> round(HitAtK(k=20).chance, 5), round(HitAtK(k=5).chance, 5)
    (0.9798, 0.51671)
    """

    short_name = "hit"

    @property
    def null(self) -> dict[Fraction, Fraction]:
        """A list of K misses all n of N parts with probability C(N - n, K) / C(N, K)."""
        miss = Fraction(comb(self.n_parts - self.n_active, self.k), comb(self.n_parts, self.k))
        law = {Fraction(0): miss, Fraction(1): 1 - miss}
        return {value: probability for value, probability in law.items() if probability}

    def _value(self, groups: TieGroups) -> Float[Tensor, " batch"]:
        depth = torch.full((1,), self.k, device=groups.above.device)
        return 1 - miss_probability(groups, depth)[:, 0]
