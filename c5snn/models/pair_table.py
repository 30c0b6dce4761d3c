"""What counting pairs achieves: which part follows which, from one event to the next."""

from typing import ClassVar, final

import torch
from jaxtyping import Float
from torch import Tensor

from c5snn.data import EventDataModule
from c5snn.errors import require, require_positive
from c5snn.tasks.next_event import NextEventModule

__all__ = ["PairTable"]


@final
class PairTable(NextEventModule):
    """Counts on train which part follows which; a map between two events needs nothing more, and nothing is trained.

    ``score_p = Σ_q log((c_{q,p} + a) / (c_q + a·F))`` over the parts q of the last event, with ``c_q = Σ_p c_{q,p}``,
    maps ``(batch, window, parts)`` to ``(batch, parts)``. The counts are buffers, so that a checkpoint carries them.

    Args:
        n_parts: Number of parts F, at least 1.
        smoothing: What each pair counts before any was seen (a), above 0.

    Raises:
        ConfigError: An argument is out of its range.

    Source: a Markov chain of order one between parts, its rows smoothed as in Lidstone (1920), Trans. Fac. Actuaries
    8:182.
    """

    is_baseline: ClassVar[bool] = True

    counts: Float[Tensor, "parts parts"]

    def __init__(self, n_parts: int = 39, smoothing: float = 1.0) -> None:
        super().__init__()
        require_positive(n_parts=n_parts)
        require("0 < smoothing", holds=smoothing > 0, smoothing=smoothing)
        self.save_hyperparameters()
        self.smoothing = smoothing
        self.register_buffer("counts", torch.zeros(n_parts, n_parts))

    def fit_directly(self, data: EventDataModule) -> None:
        """Count the pairs of neighbouring events up to the last target of train."""
        seen = torch.from_numpy(data.history.multi_hot()[: data.events("train")[-1] + 1]).to(self.counts)
        self.counts.copy_(seen[:-1].T @ seen[1:])

    def forward(self, windows: Float[Tensor, "batch window parts"]) -> Float[Tensor, "batch parts"]:
        """Return one log-likelihood per part."""
        total = self.counts.sum(dim=1, keepdim=True) + self.smoothing * len(self.counts)
        return windows[:, -1] @ ((self.counts + self.smoothing) / total).log()
