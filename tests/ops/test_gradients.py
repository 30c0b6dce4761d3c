"""What flows back through a scan: derivatives, across every cut."""

import pytest
import torch
from torch.autograd import gradcheck

from c5snn.ops import State, Surrogate, named_surrogate, scan_lif, scan_recurrent_lif, use

T, B, H = 7, 3, 5
FAST_SIGMOID = named_surrogate("fast_sigmoid")
each_implementation = pytest.mark.parametrize("implementation", ["reference", "fused", "compiled"])


def draw(seed):
    generator = torch.Generator().manual_seed(seed)
    current = torch.randn(T, B, H, generator=generator, dtype=torch.float64)
    weight = torch.randn(H, H, generator=generator, dtype=torch.float64)
    bias = torch.randn(H, generator=generator, dtype=torch.float64)
    beta = torch.rand(H, generator=generator, dtype=torch.float64)
    return current, beta, {"weight": weight, "bias": bias}


@each_implementation
def test_the_gradient_crosses_the_cut(implementation):
    def gradients(cut):
        current, beta, recurrence = draw(0)
        leaves = [current, beta, *recurrence.values()]
        for leaf in leaves:
            leaf.requires_grad_()
        state = None
        for piece in [current] if cut is None else [current[:cut], current[cut:]]:
            scan = scan_recurrent_lif(piece, beta, **recurrence, surrogate=FAST_SIGMOID, state=state)
            state = scan.state
        return torch.autograd.grad((state.spikes + state.membrane).sum(), leaves)

    with use(implementation):
        torch.testing.assert_close(gradients(None), gradients(4))


def smooth_fire(membrane, threshold, out):
    return out.copy_(torch.tanh(membrane - threshold))


SMOOTH = Surrogate(slope=lambda distance: 1 - torch.tanh(distance) ** 2, fire=smooth_fire)
TRUE_STEP = Surrogate(slope=torch.zeros_like)


# With a smooth spike every gradient must be the derivative. The reset is detached, which no finite difference can
# know, so the threshold that it subtracts is 0 here; and with the threshold, where the reset acts, the spike is the
# true step, whose derivative is 0 between its jumps.
@pytest.mark.slow
@pytest.mark.parametrize("implementation", ["reference", "fused"])  # compiled code takes named surrogates only
@pytest.mark.parametrize("recurrent", [True, False])
@pytest.mark.parametrize(("shape", "threshold"), [(SMOOTH, 0.0), (TRUE_STEP, 1.0)], ids=["smooth", "step"])
def test_gradients_are_derivatives(implementation, recurrent, shape, threshold):
    current, beta, recurrence = draw(3)
    current = current[:4]
    start = State(current[0] / 2, (current[1] > 0).double())

    def scan(current, beta, membrane, spikes, weight, bias):
        arguments = {"surrogate": shape, "threshold": threshold, "state": State(membrane, spikes)}
        if recurrent:
            result = scan_recurrent_lif(current, beta, weight=weight, bias=bias, **arguments)
        else:
            result = scan_lif(current, beta, **arguments)
        if shape is TRUE_STEP:
            return result.membranes, result.state.membrane
        return result.spikes, result.membranes, *result.state

    leaves = [current, beta.mul(0.9), start.membrane, start.spikes, recurrence["weight"] / 2, recurrence["bias"]]
    differentiated = [leaf.detach().requires_grad_() for leaf in leaves]
    if shape is TRUE_STEP:
        differentiated[3].requires_grad_(requires_grad=False)
    with use(implementation):
        assert gradcheck(scan, differentiated)


@each_implementation
@pytest.mark.parametrize("read", ["spikes", "membranes"])
def test_the_last_state_has_the_gradient_of_the_last_step(implementation, read):
    current, beta, recurrence = draw(1)
    current.requires_grad_()
    with use(implementation):
        scan = scan_recurrent_lif(current, beta, **recurrence, surrogate=FAST_SIGMOID)
    last = {"spikes": scan.state.spikes, "membranes": scan.state.membrane}[read]
    weights = torch.randn(B, H, dtype=torch.float64)
    (of_state,) = torch.autograd.grad((last * weights).sum(), current, retain_graph=True)
    (of_history,) = torch.autograd.grad((getattr(scan, read)[-1] * weights).sum(), current)
    torch.testing.assert_close(of_state, of_history)
