"""The skill of rankings where it is known how likely each part was to be drawn: without the luck of the draw."""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor
from torchmetrics import Metric

from c5snn.errors import require
from c5snn.metrics.ties import probability_dtype

__all__ = ["ExpectedSkill"]

# below it the best list has no lift to share
SMALLEST_LIFT = 1e-9


@final
class ExpectedSkill(Metric):
    """``(model - chance) / (oracle - chance)`` of the expected Recall@K over all windows seen; NaN where 0/0.

    A list of weights w has the expected recall ``Σ_p w_p π_p / n``, where π_p is the probability that part p is drawn;
    the oracle lists the K likeliest parts. Tied parts are listed by a fraction. n and the number of windows cancel.

    Windows are known by their place: the first window after a reset is the first row of ``chances``.

    Args:
        chances: How likely each part is to be drawn, a row a window, in the order in which windows are scored.
        k: Length of the list, 1 ≤ k < ``n_parts``.

    >>> chances = torch.tensor([[0.9, 0.5, 0.3, 0.3], [0.3, 0.3, 0.5, 0.9]])
    >>> metric = ExpectedSkill(chances, k=1)
    >>> metric.update(torch.tensor([[2.0, 1.0, 0.0, 0.0]]), torch.zeros(1, 4))
    >>> metric.update(torch.zeros(1, 4), torch.zeros(1, 4))
    >>> round(metric.compute().item(), 6)
    0.5
    """

    is_differentiable = False
    higher_is_better = True
    full_state_update = True  # its windows have an order

    lift: Tensor
    best: Tensor
    chances: Tensor

    def __init__(self, chances: Float[Tensor, "windows parts"], k: int) -> None:
        super().__init__()
        require("1 <= k < n_parts", holds=1 <= k < chances.shape[1], k=k, n_parts=chances.shape[1])
        self.k, self.n_seen = k, 0
        self.register_buffer("chances", chances, persistent=False)
        self.add_state("lift", torch.tensor(0.0), dist_reduce_fx="sum")
        self.add_state("best", torch.tensor(0.0), dist_reduce_fx="sum")

    def update(self, scores: Float[Tensor, "batch parts"], targets: Tensor) -> None:  # what came has luck in it
        """Add the windows of one batch.

        Args:
            scores: One score per part, higher is better.
            targets: Not used: what came is one draw of what might have come.

        Raises:
            ConfigError: There are more windows than chances.
        """
        del targets
        end = self.n_seen + len(scores)
        require("windows <= chances", holds=end <= len(self.chances), windows=end, chances=len(self.chances))
        chances = self.chances[self.n_seen : end].to(probability_dtype(scores.device))
        above = chances - chances.mean(dim=1, keepdim=True)
        self.lift = self.lift + (self._listed(scores) * above).sum()
        self.best = self.best + (self._listed(chances) * above).sum()
        self.n_seen = end

    def compute(self) -> Float[Tensor, ""]:
        """Return the skill of the windows seen."""
        return torch.where(self.best < SMALLEST_LIFT, torch.nan, self.lift / self.best)

    def reset(self) -> None:
        """Begin at the first window."""
        super().reset()
        self.n_seen = 0

    def _listed(self, scores: Float[Tensor, "batch parts"]) -> Float[Tensor, "batch parts"]:
        """Return how much of each part is listed: ``clamp((K - above) / tied, 0, 1)``."""
        at_cut = scores.topk(self.k, dim=1).values[:, -1:]
        is_above, is_tied = scores > at_cut, scores == at_cut
        share = (self.k - is_above.sum(dim=1, keepdim=True)) / is_tied.sum(dim=1, keepdim=True)
        return is_above + is_tied * share.to(probability_dtype(scores.device))
