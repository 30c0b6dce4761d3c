"""SpikeGRU against a plain loop of snnTorch's neurons."""

import logging

import pytest
import snntorch
import torch

from c5snn.errors import ConfigError
from c5snn.models import SpikeGRU
from c5snn.ops import use

B, W, F = 16, 21, 39
WINDOWS = torch.zeros(B, W, F).scatter_(
    -1, torch.rand(B, W, F, generator=torch.Generator().manual_seed(0)).topk(5, dim=-1).indices, 1.0
)
FEATURES = {
    "last": lambda spikes, *_: spikes[-1],
    "mean": lambda spikes, *_: spikes.mean(0),
    "membrane": lambda _, membranes, __: membranes[-1],
    "prelu": lambda _, membranes, slope: membranes[-1].clamp(min=0) + slope * membranes[-1].clamp(max=0),
}


def build(**arguments):
    """Return a model whose layers fire about as often as trained ones."""
    torch.manual_seed(0)
    model = SpikeGRU(hidden_size=32, **arguments)
    with torch.no_grad():
        model.input.weight *= 5
        for layer in model.recurrent.layers:
            layer.neuron.recurrent.weight *= 2
        for slope in model.readout.parameters():
            slope.fill_(-0.3)
    return model


def snntorch_loop(model, inputs):
    """Step the definition event by event, encoding step by encoding step; return logits and the top layer's spikes."""
    features, top_spikes = [], []
    for events in inputs:
        layers, norms = [layer.neuron for layer in model.recurrent.layers], model.recurrent.norms
        states = [(torch.zeros(B, 32), torch.zeros(B, 32)) for _ in layers]
        spikes, membranes = [], []
        for w in range(W):
            below = model.input(events[:, w])
            for i, layer in enumerate(layers):
                states[i] = layer(norms[i](below), *states[i])
                below = states[i][0]
            spikes.append(states[-1][0])
            membranes.append(states[-1][1])
        slope = None if model.readout.prelu is None else model.readout.prelu.weight
        features.append(FEATURES[model.readout.name](torch.stack(spikes), torch.stack(membranes), slope))
        top_spikes.append(torch.stack(spikes))
    return model.output(torch.stack(features).mean(0)), torch.stack(top_spikes)


def recorded(model, name):
    """Return the list into which a submodule's outputs will be written."""
    outputs = []
    model.get_submodule(name).register_forward_hook(lambda _module, _inputs, output: outputs.append(output))
    return outputs


@pytest.mark.slow
@pytest.mark.parametrize("implementation", ["reference", "fused"])
@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("readout", FEATURES)
@pytest.mark.parametrize(
    "encoding",
    [
        {"encoding": "direct"},
        {"encoding": "rate_coded", "timesteps": 3},
        {"encoding": "rate_coded", "timesteps": 3, "rate_min": 0.1, "rate_max": 0.8},
    ],
    ids=["direct", "deterministic", "random"],
)
def test_the_model_is_snntorchs_loop(implementation, num_layers, readout, encoding):
    model = build(num_layers=num_layers, readout=readout, **encoding)
    inputs, scans = recorded(model, "encoder"), recorded(model, "recurrent")
    with use(implementation):
        logits = model(WINDOWS)
    copies = model.encoder.timesteps if encoding["encoding"] == "rate_coded" else 1
    expected, spikes = snntorch_loop(model, inputs[0].expand(copies, B, W, F))
    own_spikes = scans[0].spikes.unflatten(1, inputs[0].shape[:2]).transpose(0, 1)
    assert 0.05 < spikes.mean() < 0.95
    assert torch.equal(own_spikes.expand_as(spikes), spikes)
    if readout == "last":
        assert torch.equal(logits, expected)
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-5)
    parameters = list(model.parameters())
    gradients = torch.autograd.grad(logits.square().sum(), parameters)
    for actual, other in zip(gradients, torch.autograd.grad(expected.square().sum(), parameters), strict=True):
        assert (actual - other).norm() <= 1e-5 * other.norm()


@pytest.mark.parametrize("num_layers", [1, 2])
def test_with_a_norm_the_model_is_snntorchs_loop_in_evaluation(num_layers):
    model = build(num_layers=num_layers, readout="membrane", norm="batch", beta=0.5)
    for _ in range(30):  # until the running statistics are those of these windows
        model(WINDOWS)
    logits = model.eval()(WINDOWS)
    expected, spikes = snntorch_loop(model, WINDOWS[None])
    assert 0.05 < spikes.mean() < 0.95
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-5)


def test_with_dropout_the_model_is_snntorchs_loop_under_the_same_masks():
    model = build(num_layers=2, dropout=0.3)
    dropped, below = recorded(model, "recurrent.dropout"), recorded(model, "recurrent.layers.0")
    logits = model(WINDOWS)
    bottom, top = (layer.neuron for layer in model.recurrent.layers)
    # where nothing fired, a dropped spike and a kept one are the same
    masks = torch.where(below[0].spikes > 0, dropped[0] / below[0].spikes, 0)
    rest = torch.zeros(B, 32)
    low, high = (rest, rest), (rest, rest)
    for w in range(W):
        low = bottom(model.input(WINDOWS[:, w]), *low)
        high = top(low[0] * masks[w], *high)
    assert not torch.equal(dropped[0], below[0].spikes)
    assert torch.equal(logits, model.output(high[0]))


@pytest.mark.parametrize(("readout", "tolerance"), [("last", 0), ("mean", 1e-6), ("membrane", 1e-6), ("prelu", 1e-6)])
def test_one_step_is_the_same_as_equal_steps(readout, tolerance):
    direct = build(readout=readout)
    copies = build(readout=readout, encoding="rate_coded", timesteps=10)
    expected, _ = snntorch_loop(direct, WINDOWS.expand(10, B, W, F))
    for model in (direct, copies):
        assert (model(WINDOWS) - expected).abs().max() <= tolerance * expected.abs().max()


def test_dropout_gives_every_equal_step_a_mask_of_its_own():
    model = build(num_layers=2, dropout=0.5, encoding="rate_coded", timesteps=4)
    dropped = recorded(model, "recurrent.dropout")
    model(WINDOWS)
    assert dropped[0].shape == (W, 4 * B, 32)
    model.eval()(WINDOWS)
    assert dropped[1].shape == (W, B, 32)


def test_later_events_do_not_reach_earlier_spikes():
    model = build(num_layers=2).eval()
    scans = recorded(model, "recurrent")
    changed = WINDOWS.clone()
    changed[:, 15:] = 1 - changed[:, 15:]
    model(WINDOWS)
    model(changed)
    assert torch.equal(scans[0].spikes[:15], scans[1].spikes[:15])
    assert not torch.equal(scans[0].spikes[15:], scans[1].spikes[15:])


def test_building_a_model_logs_its_architecture_once(caplog):
    with caplog.at_level(logging.INFO, logger="c5snn"):
        SpikeGRU(hidden_size=64, num_layers=2)
    (message,) = [record.getMessage() for record in caplog.records]
    assert message == "SpikeGRU: 39 → 64 → 64 → 39, beta 0.95, direct encoding, readout last."


def test_building_a_model_does_not_register_neurons():
    listed = len(snntorch.SpikingNeuron.instances)
    SpikeGRU(num_layers=2)
    assert len(snntorch.SpikingNeuron.instances) == listed


@pytest.mark.parametrize(
    "change", [{"hidden_size": 0}, {"n_parts": 0}, {"num_layers": 0}, {"dropout": 1.0}, {"beta": 2.0}, {"timesteps": 0}]
)
def test_an_argument_out_of_its_range_is_named(change):
    (name,) = change
    with pytest.raises(ConfigError, match=rf"{name}.* must hold, but got {name}="):
        SpikeGRU(**change)
