"""The loops of a scan on the processor, each elementwise part in one pass over memory; products stay torch's.

numba compiles them when the first scan runs, and only then is it imported.
"""

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from c5snn.errors import ConfigError
from c5snn.ops._backpropagation import InnerGradients, OuterGradients
from c5snn.ops._compiler import compiled_kernels
from c5snn.ops._feedback import Feedback
from c5snn.ops.scan import Dynamics, Recurrence, State
from c5snn.ops.surrogates import Curve

__all__ = ["integrate", "integrate_back"]

History = Float[Tensor, "time batch units"]
Weight = Float[Tensor, "units units"]
Array = NDArray[np.floating]


def integrate(
    current: History, state: State | None, *, dynamics: Dynamics, recurrence: Recurrence | None
) -> tuple[History, History]:
    """Return spikes and membranes."""
    kernels = compiled_kernels(current.dtype)
    spikes, membranes = current.new_empty(current.shape), current.new_empty(current.shape)
    first = current.new_zeros(2, 1, current.shape[-1]) if state is None else torch.stack(tuple(state))
    arrays = (_array(first), _decays(dynamics, current), _constants(dynamics, current))
    outputs = (_array(membranes), _array(spikes))
    if recurrence is None:
        kernels.integrate_all(_array(current), *arrays, *outputs)
        return spikes, membranes
    feedback = Feedback(recurrence, current[0])
    given = _array(current), _array(feedback.buffer), _array(feedback.bias), *arrays
    before = None if state is None else state.spikes
    for step, fired in enumerate(spikes.unbind()):
        if before is not None:
            feedback.add(before)
        kernels.integrate_step(step, *given, *outputs)
        before = fired
    return spikes, membranes


def integrate_back(
    membranes: History, outer: OuterGradients, *, dynamics: Dynamics, weight: Weight | None, at_rest: bool
) -> InnerGradients:
    """Return the gradients within a scan."""
    kernels, gradients = compiled_kernels(membranes.dtype), torch.empty_like(membranes)
    nothing = membranes.new_zeros(1, 1, membranes.shape[-1])
    later_membrane, later_spikes, outer_membranes, outer_spikes = (
        _array(missing if given is None else given)
        for given, missing in (
            (outer.last_membrane, nothing[0]),
            (outer.last_spikes, nothing[0]),
            (outer.membranes, nothing),
            (outer.spikes, nothing),
        )
    )
    is_fast_sigmoid = _curve(dynamics).name == "fast_sigmoid"
    outputs = _decays(dynamics, membranes), _constants(dynamics, membranes), is_fast_sigmoid, _array(gradients)
    history, outside, received = _array(membranes), (outer_membranes, outer_spikes), None
    if weight is None:
        kernels.integrate_all_back(history, later_membrane, later_spikes, *outside, *outputs)
    else:
        received = torch.empty_like(gradients[0])
        returned = _array(received)
        for step, gradient in reversed(list(enumerate(gradients.unbind()))):
            kernels.integrate_step_back(step, history, later_membrane, later_spikes, *outside, *outputs)
            if step > 0 or not at_rest:
                torch.mm(gradient, weight, out=received)
            later_spikes = returned
    return InnerGradients(gradients, *((None, None) if at_rest else (gradients[0] * dynamics.beta, received)))


def _curve(dynamics: Dynamics) -> Curve:
    curve = dynamics.surrogate.curve
    if curve is None:
        raise ConfigError("`surrogate.curve is not None` must hold for compiled scans; use a named surrogate.")
    return curve


def _decays(dynamics: Dynamics, like: Tensor) -> Array:
    return _array(dynamics.beta.expand(like.shape[-1]).contiguous())


def _constants(dynamics: Dynamics, like: Tensor) -> Array:
    return np.array(
        [dynamics.threshold, _curve(dynamics).scale, 1.0], np.float32 if like.dtype == torch.float32 else np.float64
    )


def _array(tensor: Tensor) -> Array:
    """Return the tensor's own memory, contiguous; an axis but the last along which all is the same has length 1."""
    for axis in range(tensor.ndim - 1):
        if tensor.stride(axis) == 0 and tensor.shape[axis] > 1:
            tensor = tensor.narrow(axis, 0, 1)
    array: Array = tensor.detach().contiguous().numpy()
    return array
