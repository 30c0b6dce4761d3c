"""Layers hold snnTorch's weights, compute what snnTorch computes, and leave nothing behind."""

import gc
import weakref

import pytest
import snntorch
import torch

from c5snn.errors import ConfigError
from c5snn.nn import LIF, RecurrentLIF, RecurrentStack

H = 6
each_layer = pytest.mark.parametrize("layer_class", [LIF, RecurrentLIF])
each_surrogate = pytest.mark.parametrize("surrogate", ["fast_sigmoid", "atan"])


def stack(**changes):
    arguments = {"beta": 0.9, "dropout": 0.0, "learn_beta": False, "surrogate": "fast_sigmoid"} | changes
    return RecurrentStack(H, 2, **arguments)


def step_by_step(neuron, current):
    """Return the spikes of snnTorch's own forward."""
    spikes, membrane, all_spikes = torch.zeros_like(current[0]), torch.zeros_like(current[0]), []
    for step in current:
        spikes, membrane = neuron(step, spikes, membrane) if hasattr(neuron, "recurrent") else neuron(step, membrane)
        all_spikes.append(spikes)
    return torch.stack(all_spikes)


@each_layer
@each_surrogate
@pytest.mark.parametrize("beta", [0.8, [0.2, 0.9]])
def test_a_layer_computes_what_its_neuron_would(layer_class, surrogate, beta):
    layer = layer_class(H, beta, learn_beta=True, surrogate=surrogate)
    current = torch.randn(12, 4, H)
    weights = torch.randn(12, 4, H)
    spikes = layer(current).spikes
    expected = step_by_step(layer.neuron, current)
    assert torch.equal(spikes, expected)
    parameters = list(layer.parameters())
    actual_gradients = torch.autograd.grad((spikes * weights).sum(), parameters)
    torch.testing.assert_close(actual_gradients, torch.autograd.grad((expected * weights).sum(), parameters))


def test_weights_carry_over_to_snntorch_and_back():
    layer = RecurrentLIF(H, 0.8)
    theirs = snntorch.RLeaky(beta=0.1, all_to_all=True, linear_features=H, init_hidden=False)
    theirs.load_state_dict(layer.neuron.state_dict())
    current = 2 * torch.randn(12, 4, H)
    assert torch.equal(step_by_step(theirs, current), layer(current).spikes)


@each_layer
def test_weights_come_from_snntorch_with_their_beta_and_threshold(layer_class):
    layer, other = layer_class(H, 0.8), layer_class(H, 0.3)
    arguments = {"all_to_all": True, "linear_features": H} if layer_class is RecurrentLIF else {}
    theirs = type(layer.neuron)(beta=0.3, threshold=0.5, **arguments)
    layer.neuron.load_state_dict(theirs.state_dict())
    current = torch.randn(12, 4, H)
    assert torch.equal(layer(current).spikes, step_by_step(theirs, current))
    assert not torch.equal(layer(current).spikes, other(current).spikes)


@each_layer
def test_a_forward_leaves_nothing_behind(layer_class):
    layer = layer_class(H, 0.9)
    current = torch.randn(5, 3, H)
    before = {name: value.clone() for name, value in layer.state_dict().items()}
    first = layer(current)
    torch.testing.assert_close(layer(current), first, rtol=0, atol=0)
    torch.testing.assert_close(dict(layer.state_dict()), before, rtol=0, atol=0)
    assert layer.neuron.mem.numel() == 0


@each_layer
def test_a_given_state_continues_the_scan(layer_class):
    layer = layer_class(H, 0.9)
    current = torch.randn(8, 3, H)
    state = layer(current[:3]).state
    assert torch.equal(layer(current[3:], state).spikes, layer(current).spikes[3:])


@each_layer
def test_layers_that_nobody_holds_are_freed(layer_class):
    listed = len(snntorch.SpikingNeuron.instances)
    alive = [weakref.ref(layer_class(H, 0.9)) for _ in range(200)]
    gc.collect()
    assert not any(reference() for reference in alive)
    assert len(snntorch.SpikingNeuron.instances) == listed


@each_layer
def test_a_pair_of_betas_draws_one_for_each_unit(layer_class):
    beta = layer_class(1000, [0.4, 0.6]).neuron.beta
    assert beta.shape == (1000,)
    assert 0.4 <= beta.min() < 0.41
    assert 0.59 < beta.max() <= 0.6


@each_layer
@pytest.mark.parametrize("learn_beta", [True, False])
def test_beta_is_learned_only_on_demand(layer_class, learn_beta):
    names = [name for name, _ in layer_class(H, 0.9, learn_beta=learn_beta).named_parameters()]
    assert ("neuron.beta" in names) is learn_beta


@pytest.mark.parametrize("beta", [-0.1, 1.1, float("nan"), [0.9, 0.1], [0.5], [-1.0, 0.5], [0.5, 0.6, 0.7]])
def test_a_beta_out_of_its_range_is_refused(beta):
    with pytest.raises(ConfigError, match=r"beta.* must hold, but got beta="):
        RecurrentLIF(H, beta)


@pytest.mark.parametrize(
    ("changes", "rule"), [({"dropout": 1.0}, "0 <= dropout < 1"), ({"dropout": -0.1}, "0 <= dropout < 1")]
)
def test_a_stack_refuses_what_it_cannot_do(changes, rule):
    with pytest.raises(ConfigError, match=rule):
        stack(**changes)


def test_a_stack_needs_a_layer():
    with pytest.raises(ConfigError, match="`num_layers >= 1` must hold, but got num_layers=0"):
        RecurrentStack(H, 0, beta=0.9, dropout=0.0, learn_beta=False, surrogate="atan")


def test_dropout_acts_between_layers_and_in_training_only():
    layers = stack(dropout=0.5)
    current = torch.randn(20, 8, H) + 1
    below = layers.layers[0](current).spikes
    masks = []
    layers.dropout.register_forward_hook(lambda _module, _inputs, output: masks.append(output))
    assert layers.draws_dropout
    top = layers(current)
    assert not torch.equal(masks[0], below)
    assert torch.equal(top.spikes, layers.layers[1](masks[0]).spikes)
    layers.eval()
    assert not layers.draws_dropout
    assert torch.equal(layers(current).spikes, layers.layers[1](below).spikes)


def test_one_layer_has_no_between_to_drop_from():
    layers = RecurrentStack(H, 1, beta=0.9, dropout=0.9, learn_beta=False, surrogate="atan")
    assert not layers.draws_dropout


@each_layer
def test_under_autocast_membranes_keep_their_precision(layer_class):
    layer = layer_class(H, 0.9)
    with torch.autocast("cpu", torch.bfloat16):
        scan = layer(torch.randn(5, 3, H).bfloat16())
    assert scan.membranes.dtype == torch.float32
