"""Delay lines: learned weights, one for each delay, through which a layer also receives past events."""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from c5snn.errors import require, require_positive

__all__ = ["DelayLines"]

MAX_WEIGHTS = 10_000_000
SLOWEST_DECAY = 0.95


@final
class DelayLines(nn.Module):
    """Passes every input along several lines, each of which weights the past by a kernel of its own.

    ``z_r[w] = Σ_{d ≤ min(w, D)} κ_{r,d} · x[w − d]`` for the lines r = 1 … R; nothing precedes the window. Kernels
    start as decaying exponentials of unit norm, from one that passes the input as it is to a slow one, and every weight
    is learned: a line may become a single delay, an average, or a difference.

    Args:
        n_lines: R, at least 1.
        max_delay: D, in events, at least 1.

    Source: Hammouamri, Khalfaoui-Hassani & Masquelier (2024), Learning Delays in Spiking Neural Networks using Dilated
    Convolutions with Learnable Spacings, arXiv:2306.17670. There each synapse learns the position of one delay; here
    all inputs share R kernels whose weights are learned, and the synapses of a unit choose among them.
    """

    def __init__(self, n_lines: int, max_delay: int) -> None:
        super().__init__()
        require_positive(n_lines=n_lines, max_delay=max_delay)
        rule = f"n_lines * max_delay <= {MAX_WEIGHTS:_}"
        require(rule, holds=n_lines * max_delay <= MAX_WEIGHTS, n_lines=n_lines, max_delay=max_delay)
        decays = torch.linspace(0, SLOWEST_DECAY, n_lines)[:, None]
        kernels = decays ** torch.arange(max_delay + 1)
        self.kernels = nn.Parameter(kernels / kernels.norm(dim=1, keepdim=True))

    def forward(self, inputs: Float[Tensor, "batch window parts"]) -> Float[Tensor, "window batch delayed_parts"]:
        """Return the delayed inputs, time first, line by line."""
        batch, window, n_parts = inputs.shape
        n_lines, n_delays = self.kernels.shape
        moments = torch.arange(window, device=inputs.device)
        delays = moments[:, None] - moments
        weights = self.kernels[:, delays.clamp(0, n_delays - 1)] * ((delays >= 0) & (delays < n_delays))
        # a product of two matrices; einsum takes longer
        lines = weights.flatten(0, 1) @ inputs.transpose(0, 1).flatten(1)
        return lines.view(n_lines, window, batch, n_parts).permute(1, 2, 0, 3).flatten(2)

    def last(
        self, inputs: Float[Tensor, "batch window parts"], shares: Float[Tensor, "1 lines"]
    ) -> Float[Tensor, "batch parts"]:
        """Return the lines' last outputs, summed with these weights."""
        kernel = (shares @ self.kernels)[:, : inputs.shape[1]].flip(1)
        return (kernel @ inputs[:, -kernel.shape[1] :]).squeeze(1)
