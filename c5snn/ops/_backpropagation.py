"""The scan and its gradient for autograd, whatever runs the loops over time: weight gradients are single products."""

from typing import Any, NamedTuple, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

from c5snn.ops.scan import Beta, Dynamics, Recurrence, Scan, State

__all__ = ["InnerGradients", "Loops", "OuterGradients", "differentiable_scan"]

History = Float[Tensor, "time batch units"]
Moment = Float[Tensor, "batch units"]
Weight = Float[Tensor, "units units"]
Bias = Float[Tensor, " units"]


class OuterGradients(NamedTuple):
    """What reaches the results of a scan from outside; None for what nobody reads."""

    spikes: History | None
    membranes: History | None
    last_membrane: Moment | None
    last_spikes: Moment | None


class InnerGradients(NamedTuple):
    """``∂L/∂I = ∂L/∂U`` over time, and the gradients of the first state where there is one that takes them."""

    current: History
    membrane: Moment | None
    spikes: Moment | None


@runtime_checkable
class Loops(Protocol):
    """Two loops over time: an implementation of a scan."""

    def integrate(
        self, current: History, state: State | None, *, dynamics: Dynamics, recurrence: Recurrence | None
    ) -> tuple[History, History]:
        """Return spikes and membranes: ``U_t = ((β·U_{t−1} + I_t) + (V·S_{t−1} + b)) − θ·S_{t−1}``, so associated."""

    def integrate_back(
        self, membranes: History, outer: OuterGradients, *, dynamics: Dynamics, weight: Weight | None, at_rest: bool
    ) -> InnerGradients:
        """Return the gradients within a scan.

        ``∂L/∂I_t = ∂L/∂U_t = β·∂L/∂U_{t+1} + σ'(U_t − θ)·(Vᵀ·∂L/∂U_{t+1} + outer ∂L/∂S_t) + outer ∂L/∂U_t``; the
        reset is detached.

        Source: Neftci, Mostafa & Zenke (2019), Surrogate Gradient Learning in Spiking Neural Networks, eqs. 12-15,
        doi:10.1109/MSP.2019.2931595.

        Args:
            membranes: U over time.
            outer: Gradients from outside.
            dynamics: As in ``integrate``.
            weight: V; None without recurrence.
            at_rest: Whether the scan started at rest, so that nothing asks for the gradients of its first state.
        """


def differentiable_scan(
    current: History, state: State | None, *, dynamics: Dynamics, recurrence: Recurrence | None, loops: Loops
) -> Scan:
    """Return what ``_reference.integrate`` returns: every sum that decides a spike is rounded in the same order."""
    weight, bias = recurrence or (None, None)
    membrane, spikes = state or (None, None)
    all_spikes, membranes, last_membrane, last_spikes = _Scan.apply(  # type: ignore[no-untyped-call]  # torch's
        current, dynamics.beta, weight, bias, membrane, spikes, dynamics, loops
    )
    return Scan(all_spikes, membranes, State(last_membrane, last_spikes))


class _Scan(torch.autograd.Function):
    """The last state is an output of its own, so that to read it alone costs one step."""

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
        loops: Loops,
    ) -> tuple[History, History, Moment, Moment]:
        """Return spikes and membranes over time, then the last membrane and the last spikes."""
        recurrence = None if weight is None or bias is None else Recurrence(weight, bias)
        state = None if membrane is None or spikes is None else State(membrane, spikes)
        all_spikes, membranes = loops.integrate(current, state, dynamics=dynamics, recurrence=recurrence)
        ctx.save_for_backward(all_spikes, membranes, beta, weight, membrane, spikes)
        ctx.dynamics, ctx.loops = dynamics, loops
        ctx.set_materialize_grads(False)
        return all_spikes, membranes, membranes[-1].clone(), all_spikes[-1].clone()

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any,  # noqa: ANN401  # torch does not type what a context carries
        *to_results: Tensor | None,
    ) -> tuple[Tensor | None, ...]:
        """Return the gradients of ``forward``'s arguments from those of its results."""
        spikes, membranes, beta, weight, membrane, first_spikes = ctx.saved_tensors
        gradient, to_membrane, to_first_spikes = ctx.loops.integrate_back(
            membranes, OuterGradients(*to_results), dynamics=ctx.dynamics, weight=weight, at_rest=membrane is None
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
            None,
        )


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
