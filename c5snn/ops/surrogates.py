"""The spike: a step forward, a smooth slope backward.

``S = H(U − θ)`` has the derivative 0 wherever it has one, so learning replaces it by a slope that peaks at the
threshold. Both slopes peak at 1 and equal snnTorch's. Each operation is rounded on its own: a fused multiply-add would
round otherwise on processors that have none, and compiled code could not repeat it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import pi
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["Curve", "Surrogate", "SurrogateName", "atan_slope", "fast_sigmoid_slope", "heaviside", "named_surrogate"]

SurrogateName = Literal["fast_sigmoid", "atan"]


def heaviside(
    membrane: Float[Tensor, "*shape"], threshold: Float[Tensor, ""], out: Float[Tensor, "*shape"]
) -> Float[Tensor, "*shape"]:
    """Write 1 into ``out`` where ``U > θ``, strictly, and 0 elsewhere; return ``out``.

    >>> heaviside(torch.tensor([0.9, 1.0, 1.1]), torch.tensor(1.0), torch.empty(3))
    tensor([0., 0., 1.])
    """
    return torch.gt(membrane, threshold, out=out)


def fast_sigmoid_slope(distance: Float[Tensor, "*shape"], scale: float = 25.0) -> Float[Tensor, "*shape"]:
    """Return ``1 / (1 + k·|x|)²`` at ``x = U − θ``, written over it.

    >>> fast_sigmoid_slope(torch.tensor([-0.04, 0.0, 0.04]))
    tensor([0.2500, 1.0000, 0.2500])

    Source: Zenke & Ganguli (2018), SuperSpike: Supervised Learning in Multilayer Spiking Neural Networks, sec. 2,
    doi:10.1162/neco_a_01086; k, here ``scale``, is snnTorch's ``slope``.
    """
    return distance.abs_().mul_(scale).add_(1.0).pow_(-2.0)


def atan_slope(distance: Float[Tensor, "*shape"], scale: float = pi) -> Float[Tensor, "*shape"]:
    """Return ``1 / (1 + (π·k·x/2)²)`` at ``x = U − θ``, written over it; ``scale`` is ``π·k/2``.

    >>> atan_slope(torch.tensor([-1.0, 0.0, 1.0]) / torch.pi)
    tensor([0.5000, 1.0000, 0.5000])

    Source: Fang et al. (2021), Incorporating Learnable Membrane Time Constant to Enhance Learning of Spiking Neural
    Networks, doi:10.1109/ICCV48922.2021.00266; k is snnTorch's ``alpha``, and its factor α/2 is left out, so that the
    peak is 1 for every k. At k = 2 that factor is 1.
    """
    return distance.mul_(scale).square_().add_(1.0).reciprocal_()


class Curve(NamedTuple):
    """A slope by its name: what compiled code needs to compute it.

    Args:
        name: Which curve.
        scale: What the distance ``U − θ`` is multiplied by.
    """

    name: SurrogateName
    scale: float


@dataclass(frozen=True)
class Surrogate:
    """How a unit fires and which slope stands for the derivative of that.

    Args:
        slope: Maps ``U − θ`` to the slope of the step; it may overwrite its argument.
        fire: Maps ``(U, θ, out)`` to the spikes, written into ``out``; the step, except where a test needs it smooth.
        curve: The same slope by its name, if it has one and ``fire`` is the step.
    """

    slope: Callable[[Tensor], Tensor]
    fire: Callable[[Tensor, Tensor, Tensor], Tensor] = heaviside
    curve: Curve | None = None


def named_surrogate(name: SurrogateName, slope: float | None = None) -> Surrogate:
    """Return the surrogate of that name.

    Args:
        name: Which curve.
        slope: Its k, above 0: how fast it falls off on both sides of the threshold. None for snnTorch's.
    """
    match name:
        case "fast_sigmoid":
            curve = Curve(name, 25.0 if slope is None else slope)
            return Surrogate(partial(fast_sigmoid_slope, scale=curve.scale), curve=curve)
        case "atan":
            curve = Curve(name, 0.5 * pi * (2.0 if slope is None else slope))
            return Surrogate(partial(atan_slope, scale=curve.scale), curve=curve)
