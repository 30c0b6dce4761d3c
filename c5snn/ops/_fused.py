"""The loops of a scan, fast on any device: preallocated buffers, few operations per step, plain torch.

A step costs one matrix product and five elementwise operations forward, one product and three operations backward.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from c5snn.ops._backpropagation import InnerGradients, OuterGradients
from c5snn.ops._feedback import Feedback
from c5snn.ops.scan import Dynamics, Recurrence, State

__all__ = ["integrate", "integrate_back"]

History = Float[Tensor, "time batch units"]
Moment = Float[Tensor, "batch units"]
Weight = Float[Tensor, "units units"]


def integrate(
    current: History, state: State | None, *, dynamics: Dynamics, recurrence: Recurrence | None
) -> tuple[History, History]:
    """Return spikes and membranes.

    No fused multiply-add may replace a product and its sum: one rounding fewer flips spikes.
    """
    all_spikes, membranes = torch.empty_like(current), torch.empty_like(current)
    membrane, spikes = state or (None, None)
    threshold = current.new_full((), dynamics.threshold)
    feedback = None if recurrence is None else Feedback(recurrence, current[0])
    for I, U, S in zip(current.unbind(), membranes.unbind(), all_spikes.unbind(), strict=True):  # noqa: E741
        if membrane is None or spikes is None:
            U.copy_(I) if feedback is None else torch.add(I, feedback.bias, out=U)
        else:
            torch.mul(membrane, dynamics.beta, out=U).add_(I)
            if feedback is not None:
                U.add_(feedback.add(spikes))
                feedback.buffer.copy_(feedback.bias)
            # θ·S is exact for spikes of 0 and 1
            U.sub_(spikes, alpha=dynamics.threshold)
        dynamics.surrogate.fire(U, threshold, S)
        membrane, spikes = U, S
    return all_spikes, membranes


def integrate_back(
    membranes: History, outer: OuterGradients, *, dynamics: Dynamics, weight: Weight | None, at_rest: bool
) -> InnerGradients:
    """Return the gradients within a scan, written over the slopes: at most sizes this pass is bound by memory."""
    slopes = dynamics.surrogate.slope(membranes - dynamics.threshold)
    to_membrane, to_spikes = outer.last_membrane, outer.last_spikes
    membrane_buffer, spikes_buffer = torch.empty_like(slopes[0]), torch.empty_like(slopes[0])
    for step, gradient in reversed(list(enumerate(slopes.unbind()))):
        to_spikes = _total(to_spikes, outer.spikes, step, out=spikes_buffer)
        to_membrane = _total(to_membrane, outer.membranes, step, out=membrane_buffer)
        if to_spikes is not None and to_membrane is not None:
            gradient.mul_(to_spikes).add_(to_membrane)  # two roundings, where addcmul may have one
        elif to_spikes is not None:
            gradient.mul_(to_spikes)
        elif to_membrane is not None:
            gradient.copy_(to_membrane)
        else:
            gradient.zero_()
        if step == 0 and at_rest:
            break
        to_membrane = torch.mul(gradient, dynamics.beta, out=membrane_buffer)
        to_spikes = None if weight is None else torch.mm(gradient, weight, out=spikes_buffer)
    return InnerGradients(slopes, *((None, None) if at_rest else (to_membrane, to_spikes)))


def _total(later: Moment | None, outer: History | None, step: int, *, out: Moment) -> Moment | None:
    if outer is None:
        return later
    return outer[step] if later is None else torch.add(later, outer[step], out=out)
