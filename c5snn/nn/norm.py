"""Batch normalisation of input currents, scaled to the threshold that they have to reach."""

from typing import Literal, final

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["CurrentNorm", "NormName", "current_norm"]

Units = float | Float[Tensor, ""] | Float[Tensor, " units"]
NormName = Literal["none", "batch"]


@final
class CurrentNorm(nn.Module):
    """Brings the input current of each unit to mean b and standard deviation γ, over time, batch and positions.

    ``I ← γ·(I − E[I]) / sqrt(Var[I] + ε) + b`` with γ = θ = 1 and b = 0 at start. What a layer's own spikes return to
    it is no part of I. In training the statistics are those of the currents given, so where one input stands for equal
    copies they are those of one copy; a single current has none and is normalised as in evaluation.

    Args:
        n_units: Number of units, or of channels that share their statistics over positions.

    Source: Zheng et al. (2021), Going Deeper With Directly-Trained Larger Spiking Neural Networks, sec.
    Threshold-Dependent Batch Normalization, arXiv:2011.05280, with α = 1; γ is their product α·V_th·λ at its start.
    """

    def __init__(self, n_units: int) -> None:
        super().__init__()
        self.batch_norm = nn.BatchNorm1d(n_units)

    def forward(self, current: Float[Tensor, "rows units *positions"]) -> Float[Tensor, "rows units *positions"]:
        """Return the normalised currents."""
        norm = self.batch_norm
        if current.numel() > norm.num_features:
            return norm(current)  # type: ignore[no-any-return]  # torch types a module's call as Any
        return F.batch_norm(current, norm.running_mean, norm.running_var, norm.weight, norm.bias, eps=norm.eps)

    @torch.no_grad()
    def expect_(self, mean: Units, variance: Units, *, deviation: Units) -> None:
        """Start from what the currents will be, so that an untrained network is in evaluation what it is in training.

        Args:
            mean: E[I] in evaluation until training has seen currents.
            variance: Var[I], alike.
            deviation: γ.
        """
        running_mean, running_var = self.batch_norm.running_mean, self.batch_norm.running_var
        for statistic, value in ((running_mean, mean), (running_var, variance), (self.batch_norm.weight, deviation)):
            if statistic is not None:
                statistic.copy_(torch.as_tensor(value))


def current_norm(norm: NormName, n_units: int) -> CurrentNorm | nn.Identity:
    """Return the norm of that name; ``none`` leaves the current as it is."""
    match norm:
        case "batch":
            return CurrentNorm(n_units)
        case "none":
            return nn.Identity()
