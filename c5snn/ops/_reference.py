"""The meaning of a scan: one readable step after the other, differentiated by autograd.

The order of operations is snnTorch's, so that spikes and membranes equal its own to the last bit.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from c5snn.ops.scan import Dynamics, Recurrence, Scan, State

__all__ = ["integrate"]

History = Float[Tensor, "time batch units"]
Moment = Float[Tensor, "batch units"]


def integrate(current: History, state: State | None, *, dynamics: Dynamics, recurrence: Recurrence | None) -> Scan:
    """Return spikes and membranes over time; without ``recurrence`` no spike feeds back.

    ``U_t = β·U_{t−1} + I_t + (V·S_{t−1} + b) − θ·R_t``, ``R_t = S_{t−1}`` (detached), ``S_t = H(U_t − θ)``.

    Source: Eshraghian et al. (2023), Training Spiking Neural Networks Using Lessons From Deep Learning, sec. III,
    doi:10.1109/JPROC.2023.3308088, as snnTorch 1.0 computes it in ``Leaky`` and ``RLeaky`` with reset by subtraction.
    """
    membrane, spikes = state or State(torch.zeros_like(current[0]), torch.zeros_like(current[0]))
    membranes, all_spikes = [], []
    for I in current:  # noqa: E741  # I, U and S as in the equations
        reset = spikes.detach() * dynamics.threshold
        membrane = dynamics.beta * membrane + I
        if recurrence is not None:
            membrane = membrane + F.linear(spikes, recurrence.weight, recurrence.bias)
        membrane = membrane - reset
        spikes = _Spike.apply(membrane, dynamics)  # type: ignore[no-untyped-call]  # torch's
        membranes.append(membrane)
        all_spikes.append(spikes)
    return Scan(torch.stack(all_spikes), torch.stack(membranes), State(membrane, spikes))


class _Spike(torch.autograd.Function):
    """A step forward, the surrogate's slope backward."""

    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401  # torch does not type what a context carries
        membrane: Moment,
        dynamics: Dynamics,
    ) -> Moment:
        """Return 1 where the membrane exceeds the threshold."""
        ctx.save_for_backward(membrane)
        ctx.dynamics = dynamics
        return dynamics.surrogate.fire(membrane, membrane.new_full((), dynamics.threshold), torch.empty_like(membrane))

    @staticmethod
    def backward(
        ctx: Any,  # noqa: ANN401  # torch does not type what a context carries
        to_spikes: Moment,
    ) -> tuple[Moment, None]:
        """Return the gradient of the membrane."""
        (membrane,) = ctx.saved_tensors
        return to_spikes * ctx.dynamics.surrogate.slope(membrane - ctx.dynamics.threshold), None
