"""The same scan, fast: preallocated buffers, few operations per step, a hand-written pass back through time.

A step costs one matrix product and five elementwise operations forward, one product and two operations backward; the
gradient of the weights is a single product over all steps at the end. Plain torch: it runs where torch runs.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

from c5snn.ops.scan import Beta, Dynamics, Recurrence, Scan, State

__all__ = ["integrate"]

History = Float[Tensor, "time batch units"]
Moment = Float[Tensor, "batch units"]
Weight = Float[Tensor, "units units"]
Bias = Float[Tensor, " units"]


def integrate(current: History, state: State | None, *, dynamics: Dynamics, recurrence: Recurrence | None) -> Scan:
    """Return what ``_reference.integrate`` returns: every sum that decides a spike is rounded in the same order."""
    weight, bias = recurrence or (None, None)
    membrane, spikes = state or (None, None)
    all_spikes, membranes, last_membrane, last_spikes = _Scan.apply(  # type: ignore[no-untyped-call]  # torch's
        current, dynamics.beta, weight, bias, membrane, spikes, dynamics
    )
    return Scan(all_spikes, membranes, State(last_membrane, last_spikes))


class _Scan(torch.autograd.Function):
    """The scan and its gradient; the last state is an output of its own, so that to read it alone costs one step."""

    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401  # torch does not type what a context carries
        current: History,
        beta: Beta,
        weight: Weight | None,
        bias: Bias | None,
        membrane: Moment | None,
        spikes: Moment | None,
        dynamics: Dynamics,
    ) -> tuple[History, History, Moment, Moment]:
        """Return spikes and membranes over time, then the last membrane and the last spikes."""
        recurrence = None if weight is None or bias is None else Recurrence(weight, bias)
        state = None if membrane is None or spikes is None else State(membrane, spikes)
        all_spikes, membranes = _integrate(current, state, dynamics=dynamics, recurrence=recurrence)
        ctx.save_for_backward(all_spikes, membranes, beta, weight, membrane, spikes)
        ctx.dynamics = dynamics
        ctx.set_materialize_grads(False)
        return all_spikes, membranes, membranes[-1].clone(), all_spikes[-1].clone()

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any,  # noqa: ANN401  # torch does not type what a context carries
        to_spikes: History | None,
        to_membranes: History | None,
        to_last_membrane: Moment | None,
        to_last_spikes: Moment | None,
    ) -> tuple[Tensor | None, ...]:
        """Return the gradients of ``forward``'s arguments from those of its results."""
        spikes, membranes, beta, weight, membrane, first_spikes = ctx.saved_tensors
        slopes = ctx.dynamics.surrogate.slope(membranes - ctx.dynamics.threshold)
        gradient, to_membrane, to_first_spikes = _integrate_back(
            slopes,
            (to_spikes, to_membranes, to_last_membrane, to_last_spikes),
            beta=beta,
            weight=weight,
            at_rest=membrane is None,
        )
        _, to_beta, to_weight, to_bias, *_ = ctx.needs_input_grad
        return (
            gradient,
            _beta_gradient(gradient, membranes, membrane, beta) if to_beta else None,
            _weight_gradient(gradient, spikes, first_spikes) if to_weight else None,
            gradient.sum((0, 1)) if to_bias else None,
            to_membrane,
            to_first_spikes,
            None,
        )


def _integrate(
    current: History, state: State | None, *, dynamics: Dynamics, recurrence: Recurrence | None
) -> tuple[History, History]:
    """Return spikes and membranes: ``U_t = ((β·U_{t−1} + I_t) + (V·S_{t−1} + b)) − θ·S_{t−1}``, in that association.

    No fused multiply-add may replace a product and its sum: one rounding fewer flips spikes.
    """
    all_spikes, membranes = torch.empty_like(current), torch.empty_like(current)
    membrane, spikes = state or (None, None)
    threshold = current.new_full((), dynamics.threshold)
    if recurrence is not None:
        # Vᵀ stays a view, as in torch's linear: laid out anew, products of few rows or units are rounded otherwise on
        # some processors; a product starts from b at no cost where b has a row for each of S
        weight, bias = recurrence.weight.t(), recurrence.bias.expand(current[0].shape).contiguous()
        received = torch.empty_like(bias)
    for I, U, S in zip(current.unbind(), membranes.unbind(), all_spikes.unbind(), strict=True):  # noqa: E741
        if membrane is None or spikes is None:
            U.copy_(I) if recurrence is None else torch.add(I, bias, out=U)
        else:
            torch.mul(membrane, dynamics.beta, out=U).add_(I)
            if recurrence is not None:
                U.add_(torch.addmm(bias, spikes, weight, out=received))
            # θ·S is exact for spikes of 0 and 1
            U.sub_(spikes, alpha=dynamics.threshold)
        dynamics.surrogate.fire(U, threshold, S)
        membrane, spikes = U, S
    return all_spikes, membranes


def _integrate_back(
    slopes: History,
    outer: tuple[History | None, History | None, Moment | None, Moment | None],
    *,
    beta: Beta,
    weight: Weight | None,
    at_rest: bool,
) -> tuple[History, Moment | None, Moment | None]:
    """Return ``∂L/∂I`` over time and, unless the scan started at rest, the gradients of its first state.

    ``∂L/∂I_t = ∂L/∂U_t = β·∂L/∂U_{t+1} + σ'(U_t − θ)·(Vᵀ·∂L/∂U_{t+1} + outer ∂L/∂S_t) + outer ∂L/∂U_t``; the reset is
    detached. Written over ``slopes``: at most sizes this pass is bound by memory.

    Source: Neftci, Mostafa & Zenke (2019), Surrogate Gradient Learning in Spiking Neural Networks, eqs. 12-15,
    doi:10.1109/MSP.2019.2931595.
    """
    outer_spikes, outer_membranes, to_membrane, to_spikes = outer
    membrane_buffer, spikes_buffer = torch.empty_like(slopes[0]), torch.empty_like(slopes[0])
    for step, gradient in reversed(list(enumerate(slopes.unbind()))):
        to_spikes = _total(to_spikes, outer_spikes, step, out=spikes_buffer)
        to_membrane = _total(to_membrane, outer_membranes, step, out=membrane_buffer)
        if to_spikes is not None and to_membrane is not None:
            torch.addcmul(to_membrane, to_spikes, gradient, out=gradient)
        elif to_spikes is not None:
            gradient.mul_(to_spikes)
        elif to_membrane is not None:
            gradient.copy_(to_membrane)
        else:
            gradient.zero_()
        if step == 0 and at_rest:
            return slopes, None, None
        to_membrane = torch.mul(gradient, beta, out=membrane_buffer)
        to_spikes = None if weight is None else torch.mm(gradient, weight, out=spikes_buffer)
    return slopes, to_membrane, to_spikes


def _total(later: Moment | None, outer: History | None, step: int, *, out: Moment) -> Moment | None:
    if outer is None:
        return later
    return outer[step] if later is None else torch.add(later, outer[step], out=out)


def _weight_gradient(gradient: History, spikes: History, first_spikes: Moment | None) -> Weight:
    """Return ``∂L/∂V = Σ_t ∂L/∂U_t · S_{t−1}ᵀ``, all steps in one product."""
    to_weight = gradient[1:].flatten(0, 1).t() @ spikes[:-1].flatten(0, 1)
    return to_weight if first_spikes is None else to_weight.addmm_(gradient[0].t(), first_spikes)


def _beta_gradient(gradient: History, membranes: History, membrane: Moment | None, beta: Beta) -> Beta:
    """Return ``∂L/∂β = Σ_t ∂L/∂U_t · U_{t−1}``, for all units or for each."""
    to_beta = (gradient[1:] * membranes[:-1]).sum((0, 1))
    if membrane is not None:
        to_beta += (gradient[0] * membrane).sum(0)
    return to_beta.sum_to_size(beta.shape)
