"""The network that neither spikes nor recurs: the window as one vector."""

from itertools import pairwise
from typing import ClassVar, final

from jaxtyping import Float
from torch import Tensor, nn

from c5snn.errors import require, require_positive
from c5snn.tasks.next_event import NextEventModule

__all__ = ["MLP"]


@final
class MLP(NextEventModule):
    """Reads the whole window as one vector; where this is as good, neither spikes nor recurrence are needed.

    ``x = flatten(z)`` → per layer ``x ← max(0, A·x + a)`` → ``logits = C·x + c``; ``(batch, window, parts)`` to
    ``(batch, parts)``.

    Args:
        n_parts: Number of parts, at least 1.
        window: Number of past events, at least 1.
        hidden_sizes: Units of each layer, each at least 1; one layer or more.

    Raises:
        ConfigError: An argument is out of its range.

    Source: Rumelhart, Hinton & Williams (1986), doi:10.1038/323533a0, with rectified units.
    """

    is_baseline: ClassVar[bool] = True

    def __init__(self, n_parts: int = 39, window: int = 21, hidden_sizes: tuple[int, ...] = (256, 128)) -> None:
        super().__init__()
        require_positive(n_parts=n_parts, window=window)
        rule = "len(hidden_sizes) >= 1 and all(size >= 1 for size in hidden_sizes)"
        require(rule, holds=min(hidden_sizes, default=0) >= 1, hidden_sizes=hidden_sizes)
        self.save_hyperparameters()
        layers = [(nn.Linear(below, above), nn.ReLU()) for below, above in pairwise((window * n_parts, *hidden_sizes))]
        self.layers = nn.Sequential(*(module for layer in layers for module in layer))
        self.readout = nn.Linear(hidden_sizes[-1], n_parts)

    def forward(self, windows: Float[Tensor, "batch window parts"]) -> Float[Tensor, "batch parts"]:
        """Return one logit per part."""
        logits: Tensor = self.readout(self.layers(windows.flatten(1)))  # (B, W·F) → (B, F)
        return logits
