"""The models whose membranes persist over the encoding steps, against plain loops of snnTorch's neurons over them."""

import pytest
import torch
from torch import nn

from c5snn.models import SpikingCNN1D, SpikingMLP, SpikingTransformer

B, W, F = 6, 7, 11
WINDOWS = torch.zeros(B, W, F).scatter_(
    -1, torch.rand(B, W, F, generator=torch.Generator().manual_seed(0)).topk(3, dim=-1).indices, 1.0
)
MODELS = {
    "mlp": (SpikingMLP, {"window": W, "hidden_sizes": (24, 16)}),
    "one layer": (SpikingMLP, {"window": W, "hidden_sizes": (24,)}),
    "cnn": (SpikingCNN1D, {"n_channels": 12}),
    "spike_and": (SpikingTransformer, {"window": W, "d_model": 16}),
    "membrane": (SpikingTransformer, {"window": W, "d_model": 16, "residual": "membrane"}),
}
ENCODINGS = {
    "direct": {"encoding": "direct"},
    "deterministic": {"encoding": "rate_coded", "timesteps": 4},
    "random": {"encoding": "rate_coded", "timesteps": 4, "rate_min": 0.1, "rate_max": 0.8},
}
each_model = pytest.mark.parametrize("name", MODELS)


def build(name, **arguments):
    """Return a model whose layers fire, in double precision: no rounding decides whether one does."""
    torch.manual_seed(0)
    model_class, small = MODELS[name]
    model = model_class(n_parts=F, **({"init": "fluctuation"} | small | arguments)).double()
    with torch.no_grad():
        for parameter in model.parameters():
            # where two spikes have to meet for a third, units that fire often are needed for any to reach the end
            if parameter.ndim == 1:
                parameter.add_(0.6)
    return model


class Loop:
    """Steps a model through time: every layer at t, then every layer at t + 1."""

    def __init__(self, model):
        self.model = model
        self.membranes = {}

    def logits(self, inputs):
        step = {SpikingMLP: self.mlp, SpikingCNN1D: self.cnn, SpikingTransformer: self.transformer}[type(self.model)]
        features = [step(events) for events in inputs]
        return self.model.output(sum(features) / len(features))

    def fire(self, units, current):
        spikes, self.membranes[units] = units.lif.neuron(current, self.membranes.get(units, 0 * current.detach()))
        return spikes

    def mlp(self, events):
        x = events.flatten(1)
        for synapses, units in self.model.layers:
            x = self.fire(units, self.linear(synapses, x))
        return x

    def cnn(self, events):
        x = events.transpose(1, 2)
        for synapses, units in self.model.layers:
            current = synapses.weights(x)
            x = self.fire(units, synapses.norm.batch_norm(current) if hasattr(synapses.norm, "batch_norm") else current)
        return x.mean(2)

    def transformer(self, events):
        x = self.linear(self.model.embedding, events) + self.model.positions
        for block in self.model.blocks:
            if not hasattr(block, "attention"):
                x = self.fire(block, x)
            else:
                x = (self.membrane_block if hasattr(block, "input") else self.spike_and_block)(block, x)
        return x.mean(1)

    def spike_and_block(self, block, a):
        r = self.fire(block.attended, a + self.layer(block.mix, self.attend(block.attention, a)))
        hidden = block.dropout(self.layer(block.expand, r))
        return self.fire(block.output, r + self.layer(block.contract, hidden))

    def membrane_block(self, block, current):
        a = self.fire(block.input, current)
        current = current + self.linear(block.mix, self.attend(block.attention, a))
        hidden = block.dropout(self.layer(block.expand, self.fire(block.attended, current)))
        return current + self.linear(block.contract, hidden)

    def attend(self, attention, a):
        q, k, v = (self.layer(layer, a) for layer in (attention.query, attention.key, attention.value))
        d_head = q.shape[-1] // attention.num_heads
        heads = torch.arange(q.shape[-1]).split(d_head)
        scores = [torch.einsum("bid,bjd->bij", q[..., head], k[..., head]) / d_head**0.5 for head in heads]
        weights = attention.dropout(torch.stack(scores, 1))
        return torch.cat([weights[:, i] @ v[..., head] for i, head in enumerate(heads)], -1)

    def layer(self, layer, x):
        synapses, units = layer
        return self.fire(units, self.linear(synapses, x))

    @staticmethod
    def linear(synapses, x):
        current = synapses.weights(x)
        norm = getattr(synapses.norm, "batch_norm", nn.Identity())
        return norm(current.flatten(0, -2)).view_as(current)


def encoded(model):
    """Return the list into which the encoder's outputs will be written."""
    outputs = []
    model.encoder.register_forward_hook(lambda _module, _inputs, output: outputs.append(output))
    return outputs


def assert_same(model, logits, expected):
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-10)
    assert logits.std(0).min() > 0
    parameters = list(model.parameters())
    gradients = torch.autograd.grad(logits.square().sum(), parameters)
    for actual, other in zip(gradients, torch.autograd.grad(expected.square().sum(), parameters), strict=True):
        assert other.norm() > 0
        assert (actual - other).norm() <= 1e-5 * other.norm()


@pytest.mark.usefixtures("_spikes_in_the_dtype_of_membranes")
@pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS)
@pytest.mark.parametrize("norm", ["none", "batch"])
@each_model
def test_the_model_is_snntorchs_loop(name, norm, encoding):
    # in training a norm needs all steps at once, which a loop over them has not
    model = build(name, norm=norm, **encoding).eval()
    inputs = encoded(model)
    logits = model(WINDOWS.double())
    assert_same(model, logits, Loop(model).logits(inputs[0].expand(model.encoder.n_steps, B, W, F)))


@pytest.mark.usefixtures("_spikes_in_the_dtype_of_membranes")
@pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS)
@pytest.mark.parametrize("residual", ["spike_and", "membrane"])
def test_with_dropout_the_model_is_snntorchs_loop_under_the_same_masks(residual, encoding):
    model = build(residual, dropout=0.3, **encoding)
    masks = []
    for module in [module for module in model.modules() if hasattr(module, "dropout")]:
        module.dropout = Mask(module.dropout.p)
        masks.append(module.dropout)
    inputs = encoded(model)
    logits = model(WINDOWS.double())
    for mask in masks:
        mask.replays = True
    expected = Loop(model).logits(inputs[0].expand(model.encoder.n_steps, B, W, F))
    assert_same(model, logits, expected)


class Mask(nn.Module):
    """Dropout that draws once for all steps, and then hands the same out step by step."""

    def __init__(self, p):
        super().__init__()
        self.p = p
        self.replays = False

    def forward(self, x):
        if self.replays:
            return x * next(self.steps)
        drawn = (torch.rand_like(x) >= self.p) / (1 - self.p)
        self.steps = iter(drawn)
        return x * drawn


def test_dropout_draws_for_every_step_and_in_training_only():
    model = build("membrane", dropout=0.4, encoding="rate_coded", timesteps=5)
    outputs = []
    for block in [model.blocks[0].attention, model.blocks[0]]:
        block.dropout.register_forward_hook(lambda _module, inputs, output: outputs.append((inputs[0], output)))
    model(WINDOWS.double())
    for given, kept in outputs:
        share = (kept[given > 0] == 0).double().mean()
        assert share.item() == pytest.approx(0.4, abs=0.05)
        assert not torch.equal(kept[0] > 0, kept[1] > 0)
    model.eval()(WINDOWS.double())
    assert all(torch.equal(given, kept) for given, kept in outputs[2:])


@each_model
def test_what_does_not_depend_on_time_is_projected_once(name):
    model = build(name, encoding="rate_coded", timesteps=4)
    rows = {}
    for path, module in model.named_modules():
        if isinstance(module, nn.Linear | nn.Conv1d):
            module.register_forward_hook(lambda _m, inputs, _o, path=path: rows.update({path: inputs[0].numel()}))
    model(WINDOWS.double())
    assert next(iter(rows.values())) == WINDOWS.numel()


@each_model
def test_membranes_persist_from_step_to_step(name):
    one, four = (build(name, encoding="rate_coded", timesteps=n).eval() for n in (1, 4))
    four.load_state_dict(one.state_dict())
    assert not torch.allclose(one(WINDOWS.double()), four(WINDOWS.double()))
