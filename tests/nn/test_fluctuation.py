"""Drawn weights let membranes fluctuate around rest by one threshold, as measured where nothing can fire."""

import pytest
import torch
from torch import nn

from c5snn import ops
from c5snn.errors import ConfigError
from c5snn.nn import LIF, CurrentNorm, DelayLines, LayerOptions, RecurrentLIF, RecurrentStack, Synapses
from c5snn.nn.fluctuation import draw_current_

N, H, B = 60, 200, 100
RATE = 1 / 8
BETAS = [0.0, 0.5, 0.95]


def spikes(*shape):
    return torch.bernoulli(torch.full(shape, RATE))


def membranes(current, beta):
    """Return the membranes of units that never fire."""
    return ops.scan_lif(current, beta, surrogate=ops.named_surrogate("atan"), threshold=1e9).membranes.detach()


def assert_fluctuates(membrane, variance):
    """Check mean and variance over what varies, for the average unit; five standard errors of either are 10 %."""
    samples = membrane.flatten(0, -2)
    assert samples.var(0).mean().item() == pytest.approx(variance, rel=0.1)
    assert samples.mean(0).square().mean().item() < 0.02 * variance


def options(n_steps, beta, norm="none"):
    return LayerOptions(n_steps, beta, "fast_sigmoid", norm, "fluctuation")


@pytest.mark.parametrize("beta", BETAS)
@pytest.mark.parametrize("n_steps", [1, 6])
@pytest.mark.parametrize("norm", ["none", "batch"])
def test_a_membrane_that_persists_fluctuates_by_one_threshold_at_the_last_step(beta, n_steps, norm):
    synapses = Synapses.linear(N, H, options(n_steps, beta, norm))
    assert_fluctuates(membranes(synapses(spikes(n_steps, 20 * B, N)), beta)[-1], 1.0)


def test_a_convolution_counts_what_its_kernel_sees():
    synapses = Synapses.convolution(20, H, 3, options(1, 0.9))
    inside = synapses(spikes(1, B, 20, 22))[0, :, :, 1:-1]
    assert_fluctuates(inside.detach().mT, 1.0)


@pytest.mark.parametrize("beta", [*BETAS, [0.2, 0.9]])
@pytest.mark.parametrize("norm", ["none", "batch"])
def test_input_and_recurrence_share_the_fluctuations_nine_to_one(beta, norm):
    stack = RecurrentStack(
        H, 1, beta=beta, dropout=0.0, learn_beta=False, surrogate="atan", norm=norm, init="fluctuation"
    )
    below = nn.Linear(N, H, bias=norm == "none")
    stack.draw_below_(below)
    (layer,) = stack.layers
    n_steps = 100  # the slowest membrane has forgotten its start by then
    current = stack.norms[0](below(spikes(n_steps * B, N))).view(n_steps, B, H)
    from_input = membranes(current, layer.neuron.beta)
    assert_fluctuates(from_input[-20:], 0.9)
    from_layer = membranes(layer.neuron.recurrent(spikes(n_steps, B, H)), layer.neuron.beta)
    assert_fluctuates(from_layer[-20:], 0.1)


def test_an_untrained_norm_is_in_evaluation_what_it_is_in_training():
    synapses = Synapses.linear(N, H, options(1, 0.9, "batch"))
    inputs = spikes(1, 100 * B, N)
    in_evaluation = synapses.eval()(inputs)
    in_training = synapses.train()(inputs)
    assert (in_evaluation - in_training).square().mean() < 0.01


def test_spikes_taken_directly_are_scaled_by_the_norm():
    stack = RecurrentStack(
        H, 2, beta=0.5, dropout=0.0, learn_beta=False, surrogate="atan", norm="batch", init="fluctuation"
    )
    (_, above) = stack.norms
    assert isinstance(above, CurrentNorm)
    for norm in (above, above.eval()):
        current = norm(spikes(60 * B, H)).view(60, B, H)
        assert_fluctuates(membranes(current, 0.5)[-20:], 0.9)


def test_a_membrane_that_keeps_everything_has_no_limit():
    with pytest.raises(ConfigError, match=r'`beta < 1 where init == "fluctuation"` must hold, but got beta=1'):
        RecurrentLIF(4, 1.0, init="fluctuation")
    Synapses.linear(N, H, options(5, 1.0))


def test_torchs_own_weights_are_the_default():
    torch.manual_seed(1)
    ours = RecurrentLIF(4, 0.9).neuron.recurrent.weight
    torch.manual_seed(1)
    assert torch.equal(ours, nn.Linear(4, 4).weight)
    assert not list(LIF(4, 0.9).parameters())


def test_currents_from_delay_lines_fluctuate_as_asked_once_the_window_is_full():
    lines, weights, norm = DelayLines(4, 20), nn.Linear(4 * 39, 200, bias=False), CurrentNorm(200)
    variance = torch.linspace(0.1, 0.9, 200)
    draw_current_(weights, norm, variance, lines.kernels)
    spikes = torch.bernoulli(torch.full((2_000, 21, 39), RATE))
    current = norm.eval()(weights(lines(spikes)[-1])).detach()
    torch.testing.assert_close(current.mean(0), torch.zeros(200), atol=0.1, rtol=0)
    torch.testing.assert_close(current.var(0), variance, atol=0, rtol=0.2)
