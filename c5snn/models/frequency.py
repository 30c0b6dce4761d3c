"""The counting baseline: ranks the parts by how often, and how recently, they were active."""

from typing import ClassVar, final

import torch
from jaxtyping import Float
from torch import Tensor

from c5snn.errors import require
from c5snn.tasks.next_event import NextEventModule

__all__ = ["FrequencyBaseline"]


@final
class FrequencyBaseline(NextEventModule):
    """Counts each part over the window, recent events more; nothing to train.

    ``score_p = Σ_w (a + r·d^(W−1−w))·x_{w,p}`` maps ``(batch, window, parts)`` to ``(batch, parts)``.

    Args:
        frequency_weight: A, what one occurrence counts wherever it lies in the window.
        recency_weight: R, what an occurrence in the latest event counts on top.
        decay: D in [0, 1], by which that shrinks with each event further back.

    Raises:
        ConfigError: An argument is out of its range.

    Source: this project; a mixture of a count and an exponentially weighted count.
    """

    is_baseline: ClassVar[bool] = True

    def __init__(self, frequency_weight: float = 1.0, recency_weight: float = 1.0, decay: float = 0.9) -> None:
        super().__init__()
        require("0 <= decay <= 1", holds=0 <= decay <= 1, decay=decay)
        self.save_hyperparameters()
        self.frequency_weight = frequency_weight
        self.recency_weight = recency_weight
        self.decay = decay

    def forward(self, windows: Float[Tensor, "batch window parts"]) -> Float[Tensor, "batch parts"]:
        """Return one score per part."""
        age = torch.arange(windows.shape[1], device=windows.device).flip(0)
        weight = self.frequency_weight + self.recency_weight * self.decay ** age.to(windows.dtype)
        return torch.einsum("w,bwp->bp", weight, windows)
