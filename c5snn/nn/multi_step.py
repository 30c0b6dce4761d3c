"""Spiking layers whose membranes persist over the encoding steps, all steps of a layer at once.

Tensors begin with ``(time, batch)``. Before anything depends on time, one *copy* stands for all steps: what is
projected is projected once, and only the scan runs over all of them.
"""

from dataclasses import dataclass
from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from c5snn.nn.fluctuation import InitName, current_variance, draw_current_
from c5snn.nn.norm import NormName, current_norm
from c5snn.nn.spiking import LIF
from c5snn.ops import Scan, SurrogateName

__all__ = ["LayerOptions", "MultiStepLIF", "Synapses", "spiking_convolution", "spiking_linear"]


@dataclass(frozen=True)
class LayerOptions:
    """What the spiking layers of one network have in common.

    Args:
        n_steps: T, the encoding steps that a scan runs over, at least 1.
        beta: Decay β of the membrane per step, in [0, 1].
        surrogate: Slope that stands for the derivative of the step.
        norm: What a current passes between its weights and the membrane.
        init: How weights are drawn.
    """

    n_steps: int
    beta: float
    surrogate: SurrogateName
    norm: NormName
    init: InitName


@final
class MultiStepLIF(nn.Module):
    """LIF units in any arrangement, over all steps.

    Args:
        n_units: Number of units, at least 1; positions multiply it.
        options: Those of the network.
        channels_first: Whether units come before the positions of the window, as a convolution leaves them.
    """

    def __init__(self, n_units: int, options: LayerOptions, *, channels_first: bool = False) -> None:
        super().__init__()
        self.channels_first = channels_first
        self.n_steps = options.n_steps
        self.lif = LIF(n_units, options.beta, surrogate=options.surrogate)

    def forward(self, current: Float[Tensor, "copies batch *units"]) -> Float[Tensor, "time batch *units"]:
        """Return the spikes of a scan from rest; every window of a batch keeps all its units side by side."""
        steps = current.expand(self.n_steps, *current.shape[1:])
        scan: Scan = self.lif(steps.flatten(2))
        return scan.spikes.view(steps.shape)


@final
class Synapses(nn.Module):
    """What turns the output of one layer into the input current of another: weights, then the norm.

    Args:
        weights: A linear map of the last axis, or a convolution of the channels before it; without a bias where a norm
            follows, because the norm has one of its own.
        options: Those of the network.
    """

    def __init__(self, weights: nn.Linear | nn.Conv1d, options: LayerOptions) -> None:
        super().__init__()
        self.weights = weights
        self.norm = current_norm(options.norm, len(weights.weight))
        if options.init == "fluctuation":
            beta = weights.weight.new_tensor(options.beta)
            draw_current_(weights, self.norm, current_variance(beta, options.n_steps))

    @classmethod
    def linear(cls, n_inputs: int, n_units: int, options: LayerOptions) -> "Synapses":
        """Return synapses from every input to every unit."""
        return cls(nn.Linear(n_inputs, n_units, bias=options.norm == "none"), options)

    @classmethod
    def convolution(cls, n_inputs: int, n_units: int, kernel_size: int, options: LayerOptions) -> "Synapses":
        """Return synapses of every position with those around it, channels first; zeros lie beyond the ends."""
        bias = options.norm == "none"
        return cls(nn.Conv1d(n_inputs, n_units, kernel_size, padding="same", bias=bias), options)

    def forward(self, inputs: Float[Tensor, "copies batch *inputs"]) -> Float[Tensor, "copies batch *units"]:
        """Return the currents."""
        # one row for each vector that a linear map takes, or for each window that a convolution runs along
        rows = inputs.ndim - 1 if isinstance(self.weights, nn.Linear) else 2
        current = self.norm(self.weights(inputs.flatten(0, rows - 1)))
        return current.unflatten(0, inputs.shape[:rows])  # type: ignore[no-any-return]  # torch types a call as Any


def spiking_linear(n_inputs: int, n_units: int, options: LayerOptions) -> nn.Sequential:
    """Return ``LIF(Linear(…))``, with what ``options`` puts between the two."""
    return nn.Sequential(Synapses.linear(n_inputs, n_units, options), MultiStepLIF(n_units, options))


def spiking_convolution(n_inputs: int, n_units: int, kernel_size: int, options: LayerOptions) -> nn.Sequential:
    """Return ``LIF(Conv1d(…))`` of ``(time, batch, channels, window)``, with what ``options`` puts between the two."""
    synapses = Synapses.convolution(n_inputs, n_units, kernel_size, options)
    return nn.Sequential(synapses, MultiStepLIF(n_units, options, channels_first=True))
