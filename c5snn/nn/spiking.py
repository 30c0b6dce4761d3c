"""Spiking layers: snnTorch's neurons hold the weights, ``c5snn.ops`` computes.

State dicts carry over from and to snnTorch. A layer starts at rest unless a state is given, and leaves nothing behind.
A membrane is a sum over time: under autocast it keeps the precision of the weights.
"""

from collections.abc import Callable
from typing import final

import snntorch
import torch
from jaxtyping import Float
from torch import Tensor, nn

from c5snn import ops
from c5snn.errors import require, require_positive
from c5snn.nn.fluctuation import FEEDFORWARD_SHARE, InitName, current_variance, draw_
from c5snn.ops import Scan, State, SurrogateName

__all__ = ["LIF", "RecurrentLIF"]


@final
class LIF(nn.Module):
    """Leaky integrate-and-fire units that do not see one another; ``neuron`` is the ``snntorch.Leaky`` of its weights.

    Args:
        n_units: Number of units, at least 1; one beta for all serves any multiple, such as units at many positions.
        beta: Decay of the membrane per step, in [0, 1]; ``[low, high]`` draws one for each unit, uniformly.
        learn_beta: Whether beta is learned.
        surrogate: Which slope stands for the derivative of the step.

    Raises:
        ConfigError: An argument is out of its range.

    Attributes:
        known_threshold: The neuron's threshold as a number, set while a network is exported, where a trace cannot read
            the buffer that holds it.
    """

    known_threshold: float | None = None

    def __init__(
        self,
        n_units: int,
        beta: float | list[float],
        *,
        learn_beta: bool = False,
        surrogate: SurrogateName = "fast_sigmoid",
    ) -> None:
        super().__init__()
        self.surrogate = ops.named_surrogate(surrogate)
        self.neuron = snntorch.Leaky(
            beta=_draw_beta(n_units, beta), learn_beta=learn_beta, spike_grad=_spike_gradient(surrogate)
        )
        _forget(self.neuron)

    def forward(self, current: Float[Tensor, "time batch units"], state: State | None = None) -> Scan:
        """Return spikes, membranes and the last state of a scan that starts from ``state``, or at rest."""
        neuron = self.neuron
        return ops.scan_lif(
            current.to(neuron.beta.dtype),
            neuron.beta,
            state=state,
            surrogate=self.surrogate,
            threshold=_threshold(self),
        )


@final
class RecurrentLIF(nn.Module):
    """Leaky integrate-and-fire units whose spikes return to all of them one step later.

    ``neuron`` is the ``snntorch.RLeaky`` of its weights.

    Args:
        n_units: Number of units, at least 1.
        beta: Decay of the membrane per step, in [0, 1]; ``[low, high]`` draws one for each unit, uniformly.
        learn_beta: Whether beta is learned.
        surrogate: Which slope stands for the derivative of the step.
        slope: How fast it falls off on both sides of the threshold, above 0; None for snnTorch's.
        init: Whether V and b are torch's own or those of ``c5snn.nn.fluctuation``, which asks for a beta below 1.

    Raises:
        ConfigError: An argument is out of its range.

    Attributes:
        known_threshold: The neuron's threshold as a number, set while a network is exported, where a trace cannot read
            the buffer that holds it.
    """

    known_threshold: float | None = None

    def __init__(
        self,
        n_units: int,
        beta: float | list[float],
        *,
        learn_beta: bool = False,
        surrogate: SurrogateName = "fast_sigmoid",
        slope: float | None = None,
        init: InitName = "default",
    ) -> None:
        super().__init__()
        require("slope > 0", holds=slope is None or slope > 0, slope=slope)
        self.surrogate = ops.named_surrogate(surrogate, slope)
        self.neuron = snntorch.RLeaky(
            beta=_draw_beta(n_units, beta),
            all_to_all=True,
            linear_features=n_units,
            init_hidden=False,
            spike_grad=_spike_gradient(surrogate),
            learn_beta=learn_beta,
        )
        _forget(self.neuron)
        if init == "fluctuation":
            draw_(self.neuron.recurrent, (1 - FEEDFORWARD_SHARE) * current_variance(self.neuron.beta.detach()))

    def input_variance(self) -> Float[Tensor, "*units"]:
        """Return the variance that ``fluctuation`` asks of the current from below, one for all units or one for each.

        Raises:
            ConfigError: A beta is not below 1.
        """
        return FEEDFORWARD_SHARE * current_variance(self.neuron.beta.detach())

    def forward(self, current: Float[Tensor, "time batch units"], state: State | None = None) -> Scan:
        """Return spikes, membranes and the last state of a scan that starts from ``state``, or at rest."""
        neuron = self.neuron
        return ops.scan_recurrent_lif(
            current.to(neuron.beta.dtype),
            neuron.beta,
            weight=neuron.recurrent.weight,
            bias=neuron.recurrent.bias,
            state=state,
            surrogate=self.surrogate,
            threshold=_threshold(self),
        )


def _threshold(layer: LIF | RecurrentLIF) -> float:
    return layer.neuron.threshold.item() if layer.known_threshold is None else layer.known_threshold


def _draw_beta(n_units: int, beta: float | list[float]) -> Float[Tensor, ""] | Float[Tensor, " units"]:
    require_positive(n_units=n_units)
    if isinstance(beta, list):
        rule = "beta == [low, high] and 0 <= low <= high <= 1"
        require(rule, holds=len(beta) == 2 and 0 <= beta[0] <= beta[1] <= 1, beta=beta)  # noqa: PLR2004  # a pair
        return torch.empty(n_units).uniform_(*beta)
    require("0 <= beta <= 1", holds=0 <= beta <= 1, beta=beta)
    return torch.tensor(float(beta))


def _spike_gradient(surrogate: SurrogateName) -> Callable[[Tensor], Tensor]:
    # snnTorch's own makers return closures, which no other process can be sent
    return _fast_sigmoid if surrogate == "fast_sigmoid" else _atan


def _fast_sigmoid(membrane: Tensor) -> Tensor:
    return snntorch.surrogate.FastSigmoid.apply(membrane, 25)  # type: ignore[no-any-return]  # snnTorch is untyped


def _atan(membrane: Tensor) -> Tensor:
    return snntorch.surrogate.ATan.apply(membrane, 2.0)  # type: ignore[no-any-return]  # snnTorch is untyped


def _forget(neuron: snntorch.SpikingNeuron) -> None:
    # snnTorch lists every neuron ever built, to reset hidden states that ours do not have; the list keeps them alive
    snntorch.SpikingNeuron.instances.remove(neuron)
