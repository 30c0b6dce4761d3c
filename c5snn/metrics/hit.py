"""Hit@K: whether any active part of an event is among the K best-ranked."""

from fractions import Fraction
from math import comb

import torch
from jaxtyping import Float
from torch import Tensor

from c5snn.metrics.ranking import RankingMetric
from c5snn.metrics.ties import TieGroups, miss_probability

__all__ = ["HitAtK"]


class HitAtK(RankingMetric):
    """1 if any active part is among the K best-ranked and 0 otherwise, mean over windows.

    With ties it is the probability of that, ``1 - P(miss)`` of ``ties.miss_probability``.

    Source: McSherry & Najork (2008), Computing information retrieval performance measures efficiently in the presence
    of tied scores, ECIR, doi:10.1007/978-3-540-78646-7_38; there for precision and recall, here for their indicator.

    Args:
        k: length of the list, 1 ≤ k < ``n_parts``.
        n_parts: number of parts.
        n_active: number of active parts of an event.

    Raises:
        ConfigError: if k, ``n_parts`` and ``n_active`` do not fit.

    >>> metric = HitAtK(k=1, n_parts=4, n_active=2)
    >>> metric.update(torch.tensor([[4.0, 3.0, 2.0, 1.0], [0.0, 0.0, 0.0, 0.0]]), torch.tensor([[1, 0, 1, 0]] * 2))
    >>> round(metric.compute().item(), 6), metric.chance
    (0.75, 0.5)
    >>> round(HitAtK(k=20).chance, 5), round(HitAtK(k=5).chance, 5)
    (0.9798, 0.51671)
    """

    def __init__(self, k: int, n_parts: int = 39, n_active: int = 5) -> None:
        super().__init__()
        self._declare(n_parts, n_active)
        self.k = self._checked_k(k)

    @property
    def null(self) -> dict[Fraction, Fraction]:
        """A list of K misses all n of N parts with probability C(N - n, K) / C(N, K)."""
        miss = Fraction(comb(self.n_parts - self.n_active, self.k), comb(self.n_parts, self.k))
        law = {Fraction(0): miss, Fraction(1): 1 - miss}
        return {value: probability for value, probability in law.items() if probability}

    def _value(self, groups: TieGroups) -> Float[Tensor, " batch"]:
        depth = torch.full((1,), self.k, device=groups.above.device)
        return 1 - miss_probability(groups, depth)[:, 0]
