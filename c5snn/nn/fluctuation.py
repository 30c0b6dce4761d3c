"""Fluctuation-driven initialisation: weights that make a membrane fluctuate just enough to fire now and then.

A unit whose n inputs of 0 and 1 spike independently at rate ν, through weights of mean 0 and variance σ², has a
membrane that fluctuates with variance ``n·σ²·ν·(1 − ν)·ε``, where ``ε = Σ_{k<T} β^{2k}`` is the energy of what one
spike leaves behind in T steps, ``1/(1 − β²)`` where T is long. Weights are drawn to make its standard deviation θ/ξ,
the share α of the variance coming from below and the rest from the unit's own layer:

    ``σ_W² = α·(θ/ξ)² / (n·ν·(1 − ν)·ε)``    ``σ_V² = (1 − α)·(θ/ξ)² / (h·ν·(1 − ν)·ε)``

with θ = 1, ξ = 1, and α = 0.9 in recurrent layers, 1 in others. Whatever is no spike counts as one.

Two things differ from the source. In discrete time with slow leak the quenched mean of a unit's input, ``ν·Σ_j W_ij``,
exceeds the fluctuations, and half of the units would fire always: the bias takes it off, hence ν·(1 − ν) in place of ν.
And where a norm follows, which voids the scale of weights, they stay torch's own; the norm's γ takes the standard
deviation of the current that drawn ones would have made, ``γ² = α·(θ/ξ)²/ε``, and its running statistics start at the
mean ``ν·Σ_j W_ij`` and the variance ``ν·(1 − ν)·Σ_j W_ij²`` that such inputs will give.

Source: Rossbroich, Gygax & Zenke (2022), Fluctuation-Driven Initialization for Spiking Neural Network Training,
sec. 2, doi:10.1088/2634-4386/ac97bb.
"""

from typing import Final, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from c5snn.errors import require
from c5snn.nn.norm import CurrentNorm

__all__ = ["FEEDFORWARD_SHARE", "InitName", "current_variance", "draw_", "draw_current_", "expect_spikes_"]

InitName = Literal["default", "fluctuation"]

Kernels = Float[Tensor, "lines delays"]

# α of recurrent layers, as in the source's experiments
FEEDFORWARD_SHARE: Final = 0.9
# ν: five active parts of 39 are one in 7.8, and a unit whose membrane fluctuates like this fires about as often
RATE: Final = 0.125


def current_variance(beta: Float[Tensor, "*units"], n_steps: int | None = None) -> Float[Tensor, "*units"]:
    """Return ``(θ/ξ)²/ε``, the variance of a current per step whose membrane fluctuates as it should.

    >>> current_variance(torch.tensor(0.5), n_steps=2), current_variance(torch.tensor(0.5))
    (tensor(0.8000), tensor(0.7500))

    Args:
        beta: Decay of the membrane; below 1 unless ``n_steps`` is given.
        n_steps: T, the length of the scan; None where it is long.

    Raises:
        ConfigError: A membrane does not decay and nothing ends its scan, so its fluctuations have no limit.
    """
    if n_steps is None:
        rule = 'beta < 1 where init == "fluctuation"'
        require(rule, holds=bool((beta < 1).all()), beta=beta.max().item())
        return 1 - beta.square()
    return 1 / (beta[..., None] ** (2 * torch.arange(n_steps))).sum(-1)


@torch.no_grad()
def draw_(weights: nn.Linear | nn.Conv1d, variance: Float[Tensor, "*units"], kernels: Kernels | None = None) -> None:
    """Draw weights anew, in place, that make a current of this variance, and let the bias cancel its mean.

    Args:
        weights: What the inputs meet.
        variance: That of each unit's current, one for all or one for each.
        kernels: Those of unit norm that the inputs have passed on several lines; None for inputs as they are.
    """
    rows = weights.weight.flatten(1)
    # a view of the parameter's own memory
    rows.normal_().mul_((variance / (rows.shape[1] * RATE * (1 - RATE))).sqrt()[..., None])
    if weights.bias is not None:
        weights.bias.copy_(-RATE * _per_spike(weights, kernels).sum(1))


@torch.no_grad()
def draw_current_(
    weights: nn.Linear | nn.Conv1d,
    norm: nn.Module,
    variance: Float[Tensor, "*units"],
    kernels: Kernels | None = None,
) -> None:
    """Let weights and what follows them make a current of this variance and of mean 0, in place.

    Args:
        weights: What the inputs meet.
        norm: What follows the weights; anything but a ``CurrentNorm`` is none.
        variance: That of each unit's current, one for all or one for each.
        kernels: As in ``draw_``.
    """
    if isinstance(norm, CurrentNorm):
        rows = _per_spike(weights, kernels)
        spread = RATE * (1 - RATE) * rows.square().sum(1)
        norm.expect_(RATE * rows.sum(1), spread, deviation=variance.sqrt())
    else:
        draw_(weights, variance, kernels)


def expect_spikes_(norm: nn.Module, variance: Float[Tensor, "*units"]) -> None:
    """Let a norm make currents of this variance from spikes that arrive directly; without one they stay spikes.

    Args:
        norm: What the spikes pass; anything but a ``CurrentNorm`` is none.
        variance: That of each unit's current, one for all or one for each.
    """
    if isinstance(norm, CurrentNorm):
        norm.expect_(RATE, RATE * (1 - RATE), deviation=variance.sqrt())


def _per_spike(weights: nn.Linear | nn.Conv1d, kernels: Kernels | None) -> Float[Tensor, "units spikes"]:
    """Return the weight of each input of 0 or 1, present or past, in the current of each unit."""
    rows = weights.weight.flatten(1)
    if kernels is None:
        return rows
    return torch.einsum("ulp,ld->upd", rows.unflatten(1, (len(kernels), -1)), kernels).flatten(1)
