"""The linear baseline: one weight per lag, one bias per part."""

from typing import ClassVar, final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from c5snn.errors import require_positive
from c5snn.tasks.next_event import NextEventModule

__all__ = ["LagKernel"]


@final
class LagKernel(NextEventModule):
    """Weighs a part's own past by its lag; where this is as good, nothing more is needed.

    ``score_p = b_p + Σ_w k_w·x_{w,p}`` with ``k = 0`` at start maps ``(batch, window, parts)`` to ``(batch, parts)``;
    W + F parameters.

    Args:
        n_parts: Number of parts F, at least 1.
        window: Number of past events W, at least 1.

    Raises:
        ConfigError: An argument is out of its range.

    Source: a linear filter shared by all parts; McCullagh & Nelder (1989), Generalized Linear Models, sec. 4.3.
    """

    is_baseline: ClassVar[bool] = True

    def __init__(self, n_parts: int = 39, window: int = 21) -> None:
        super().__init__()
        require_positive(n_parts=n_parts, window=window)
        self.save_hyperparameters()
        self.kernel = nn.Parameter(torch.zeros(window))
        self.bias = nn.Parameter(torch.zeros(n_parts))

    def forward(self, windows: Float[Tensor, "batch window parts"]) -> Float[Tensor, "batch parts"]:
        """Return one logit per part."""
        return self.bias + torch.einsum("w,bwp->bp", self.kernel, windows)
