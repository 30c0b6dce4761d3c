"""Synaptic operations: what a network would add up on hardware that moves only when a spike arrives.

One operation is one nonzero value that meets one weight, so a layer costs ``Σ_i [x_i ≠ 0] · fan-out_i``:

* a ``Linear`` or ``Conv1d`` that is called as a module: its nonzero inputs. For the first layer these are the active
  input parts, for a readout the spikes, the units that fired at all (spikes averaged), or all units (membranes);
* ``DelayLines``: its nonzero inputs, once for each line and each delay that ends within the window;
* a ``RecurrentLIF``: each spike goes back to all its units, those of the last step nowhere;
* a ``RecurrentStack``: each spike goes to one unit of the layer above.

What is computed once counts once, such as the copies of a deterministic encoding. Not counted: biases, normalisation,
sums without weights (residuals), and the products of spikes with spikes in attention.

Source: Merolla et al. (2014), A million spiking-neuron integrated circuit with a scalable communication network and
interface, doi:10.1126/science.1254642; there the count is a mean rate times a mean fan-out, here it is exact.
"""

from collections.abc import Callable, Iterator
from functools import partial

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from c5snn.nn import DelayLines, RecurrentLIF, RecurrentStack
from c5snn.ops import Scan

__all__ = [
    "Counter",
    "convolution_operations",
    "count_spikes",
    "delay_operations",
    "feedback_operations",
    "linear_operations",
    "operation_counters",
]

# the operations of one call, from the input and the output of a module
Counter = Callable[[Tensor, Tensor | Scan], Int64[Tensor, ""]]


def operation_counters(model: nn.Module) -> Iterator[tuple[nn.Module, Counter]]:
    """Yield the modules of a model that cost operations, each with what counts those of a call."""
    for module in model.modules():
        match module:
            case nn.Linear():
                yield module, partial(_of_input, partial(linear_operations, module))
            case nn.Conv1d():
                yield module, partial(_of_input, partial(convolution_operations, module))
            case DelayLines():
                yield module, partial(_of_input, partial(delay_operations, module))
            case RecurrentLIF():
                yield module, partial(_of_spikes, feedback_operations)
            case RecurrentStack():
                yield from ((layer, partial(_of_spikes, count_spikes)) for layer in list(module.layers)[:-1])


def linear_operations(layer: nn.Linear, inputs: Float[Tensor, "*batch features"]) -> Int64[Tensor, ""]:
    """Return the operations of one call.

    >>> linear_operations(nn.Linear(3, 4), torch.tensor([[1.0, 0.0, 0.5]])).item()
    8
    """
    return _is_nonzero(inputs).sum().long() * layer.out_features


def convolution_operations(layer: nn.Conv1d, inputs: Float[Tensor, "*batch channels length"]) -> Int64[Tensor, ""]:
    """Return the operations of one call; what is padded with is 0 and costs nothing.

    >>> convolution_operations(nn.Conv1d(1, 4, 3, padding="same"), torch.tensor([[[1.0, 1.0, 0.0]]])).item()
    20
    """
    active = _is_nonzero(inputs).flatten(0, -2).sum(0).long()
    return (active * _reach(layer, inputs.shape[-1]).to(inputs.device)).sum() * (layer.out_channels // layer.groups)


def delay_operations(layer: DelayLines, inputs: Float[Tensor, "batch window parts"]) -> Int64[Tensor, ""]:
    """Return the operations of one call.

    >>> delay_operations(DelayLines(2, 1), torch.tensor([[[1.0], [0.0], [1.0]]])).item()
    6
    """
    n_lines, n_delays = layer.kernels.shape
    moments_left = torch.arange(inputs.shape[1], 0, -1, device=inputs.device)
    active = _is_nonzero(inputs).sum((0, 2)).long()
    return (active * moments_left.clamp(max=n_delays)).sum() * n_lines


def feedback_operations(spikes: Float[Tensor, "time batch units"]) -> Int64[Tensor, ""]:
    """Return the operations of a scan whose spikes return to all units one step later.

    >>> feedback_operations(torch.ones(3, 1, 4)).item()
    32
    """
    return count_spikes(spikes[:-1]) * spikes.shape[-1]


def count_spikes(spikes: Float[Tensor, "time batch units"]) -> Int64[Tensor, ""]:
    """Return how many there are; what they cost where each goes to one unit.

    >>> count_spikes(torch.ones(3, 1, 4)).item()
    12
    """
    return spikes.sum(dtype=torch.float32).long()


def _of_input(count: Callable[[Tensor], Int64[Tensor, ""]], inputs: Tensor, output: Tensor | Scan) -> Int64[Tensor, ""]:
    del output
    return count(inputs)


def _of_spikes(
    count: Callable[[Tensor], Int64[Tensor, ""]], inputs: Tensor, output: Tensor | Scan
) -> Int64[Tensor, ""]:
    del inputs
    return count(output.spikes if isinstance(output, Scan) else output)


def _is_nonzero(values: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """Return 1 and 0 in float32: several times faster than booleans, and a sum of them is exact up to 2^24."""
    return torch.ne(values.detach(), 0, out=torch.empty_like(values, dtype=torch.float32))


def _reach(layer: nn.Conv1d, length: int) -> Int64[Tensor, " length"]:
    """Return into how many positions of the output each position of the input goes; at the ends it is fewer."""
    (kernel,), (stride,), (dilation,) = layer.kernel_size, layer.stride, layer.dilation
    span = dilation * (kernel - 1)
    match layer.padding:
        case "same":
            before, padded = span // 2, span
        case "valid":
            before, padded = 0, 0
        case (before,):
            padded = 2 * before
    n_outputs = (length + padded - span - 1) // stride + 1
    met = (torch.arange(n_outputs)[:, None] * stride + torch.arange(kernel) * dilation - before).flatten()
    return met[(met >= 0) & (met < length)].bincount(minlength=length)
