"""Every implementation against snnTorch's own neurons, stepped one by one."""

import copy

import pytest
import snntorch
import torch
from snntorch import surrogate as snntorch_surrogate

from c5snn.ops import State, named_surrogate, scan_lif, scan_recurrent_lif, use

T, B, H = 21, 16, 24
BETAS = {"one": 0.95, "each": [0.0, 1.0, -0.2, 1.3, 0.5, 0.9] * (H // 6)}


@pytest.fixture
def _spikes_in_the_dtype_of_membranes(monkeypatch):
    """snnTorch returns spikes as float32, whatever it is given."""

    def forward(context, distance, slope):
        context.save_for_backward(distance)
        context.slope = context.alpha = slope
        return (distance > 0).to(distance.dtype)

    for function in (snntorch_surrogate.FastSigmoid, snntorch_surrogate.ATan):
        monkeypatch.setattr(function, "forward", staticmethod(forward))


def build(*, recurrent, n_layers, beta, slope, dtype, units=H, seed=0):
    spike_grad = {"fast_sigmoid": snntorch_surrogate.fast_sigmoid(25), "atan": snntorch_surrogate.atan(2.0)}[slope]
    torch.manual_seed(seed)
    arguments = {"beta": torch.tensor(beta, dtype=dtype), "learn_beta": True, "spike_grad": spike_grad}
    if recurrent:
        arguments |= {"all_to_all": True, "linear_features": units, "init_hidden": False}
    neuron = snntorch.RLeaky if recurrent else snntorch.Leaky
    layers = torch.nn.ModuleList(neuron(**arguments) for _ in range(n_layers)).to(dtype)
    snntorch.SpikingNeuron.init()
    return layers


def loop(layers, current):
    """Step snnTorch's layers through time; return spikes and membranes of all layers."""
    rest = torch.zeros_like(current[0])
    states = [(rest, rest) for _ in layers]
    history = []
    for step in current:
        below = step
        for i, layer in enumerate(layers):
            states[i] = layer(below, *states[i]) if hasattr(layer, "recurrent") else layer(below, states[i][1])
            below = states[i][0]
        history.append([torch.stack(both) for both in states])
    return torch.stack([torch.stack(moment) for moment in history]).unbind(2)


def scan(layers, current, slope):
    """Scan layer by layer; return what ``loop`` does."""
    spikes, membranes = [], []
    for layer in layers:
        shape = {"surrogate": named_surrogate(slope)}
        if hasattr(layer, "recurrent"):
            shape |= {"weight": layer.recurrent.weight, "bias": layer.recurrent.bias}
            result = scan_recurrent_lif(current, layer.beta, **shape)
        else:
            result = scan_lif(current, layer.beta, **shape)
        current = result.spikes
        spikes.append(result.spikes)
        membranes.append(result.membranes)
    return torch.stack(spikes, 1), torch.stack(membranes, 1)


def gradients(spikes, membranes, leaves):
    """Differentiate a sum of everything, weighted at random."""
    generator = torch.Generator().manual_seed(1)
    weights = torch.randn(2, *spikes.shape, generator=generator, dtype=membranes.dtype)
    return torch.autograd.grad((weights[0] * spikes).sum() + (weights[1] * membranes).sum(), leaves)


def magnitudes(layers, current):
    """Return how large each gradient is; that of a β for all units is a sum over units that may cancel to any size.

    What such a sum is worth follows from its terms: the gradients of a β for each unit.
    """
    each = copy.deepcopy(layers)
    for layer in each:
        layer.beta = torch.nn.Parameter(layer.beta.detach().expand(current.shape[-1]).clone())
    leaves = [current, *each.parameters()]
    terms = gradients(*loop(each, current), leaves)
    shared = [current, *layers.parameters()]
    return [term.abs().sum() if leaf.ndim == 0 else term.norm() for leaf, term in zip(shared, terms, strict=True)]


@pytest.mark.usefixtures("_spikes_in_the_dtype_of_membranes")
@pytest.mark.parametrize("implementation", ["reference", "fused", "compiled"])
@pytest.mark.parametrize("recurrent", [True, False], ids=["rleaky", "leaky"])
@pytest.mark.parametrize("n_layers", [1, 2])
@pytest.mark.parametrize("slope", ["fast_sigmoid", "atan"])
@pytest.mark.parametrize("beta", ["one", "each"])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-6), (torch.float64, 1e-14)], ids=["f32", "f64"])
def test_the_scan_is_snntorchs_loop(implementation, recurrent, n_layers, slope, beta, dtype, tolerance):
    for seed in range(3):
        layers = build(recurrent=recurrent, n_layers=n_layers, beta=BETAS[beta], slope=slope, dtype=dtype, seed=seed)
        current = torch.randn(T, B, H, dtype=dtype).requires_grad_()
        leaves = [current, *layers.parameters()]
        sizes = magnitudes(layers, current)
        expected_spikes, expected_membranes = loop(layers, current)
        with use(implementation):
            spikes, membranes = scan(layers, current, slope)
        assert 0.05 < spikes.mean() < 0.95
        assert torch.equal(spikes, expected_spikes)
        assert torch.equal(membranes, expected_membranes)
        expected = gradients(expected_spikes, expected_membranes, leaves)
        actual = gradients(spikes, membranes, leaves)
        for one, other, size in zip(actual, expected, sizes, strict=True):
            assert (one - other).norm() < tolerance * size


@pytest.mark.parametrize(("units", "batch"), [(1, 64), (7, 64), (64, 64), (128, 64), (256, 64), (32, 1), (128, 2)])
@pytest.mark.parametrize("implementation", ["reference", "fused", "compiled"])
def test_spikes_are_snntorchs_bit_for_bit_at_every_size(implementation, units, batch):
    layers = build(recurrent=True, n_layers=1, beta=0.95, slope="fast_sigmoid", dtype=torch.float32, units=units)
    for seed in range(12 if units < 64 else 4):
        generator = torch.Generator().manual_seed(seed)
        current = torch.randn(21, batch, units, generator=generator)
        with torch.no_grad():
            for parameter in layers[0].recurrent.parameters():
                parameter.normal_(0, (1 + seed) / 4 / units**0.5, generator=generator)
            expected_spikes, expected_membranes = loop(layers, current)
            with use(implementation):
                spikes, membranes = scan(layers, current, "fast_sigmoid")
        assert torch.equal(spikes, expected_spikes)
        assert torch.equal(membranes, expected_membranes)


@pytest.mark.parametrize("implementation", ["reference", "fused", "compiled"])
def test_a_state_continues_where_snntorch_would(implementation):
    (layer,) = build(recurrent=True, n_layers=1, beta=0.9, slope="atan", dtype=torch.float32)
    membrane, current = torch.randn(B, H), torch.randn(B, H)
    fired = (membrane > 1).float()
    spikes, expected = layer(current, fired, membrane)
    with use(implementation):
        state = scan_recurrent_lif(
            current[None],
            layer.beta,
            weight=layer.recurrent.weight,
            bias=layer.recurrent.bias,
            surrogate=named_surrogate("atan"),
            state=State(membrane, fired),
        ).state
    assert torch.equal(state.membrane, expected)
    assert torch.equal(state.spikes, spikes)
