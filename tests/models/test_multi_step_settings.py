"""Settings of models whose membranes persist over time: the same where training is the same, and nowhere else."""

import pytest
import torch

from c5snn.errors import ConfigError
from c5snn.models import SpikingCNN1D, SpikingMLP, SpikingTransformer

B, W, F = 8, 7, 11
WINDOWS = torch.zeros(B, W, F).scatter_(
    -1, torch.rand(B, W, F, generator=torch.Generator().manual_seed(0)).topk(3, dim=-1).indices, 1.0
)
SMALL = {
    SpikingMLP: {"window": W, "hidden_sizes": (24, 16)},
    SpikingCNN1D: {"n_channels": 12},
    SpikingTransformer: {"window": W, "d_model": 16, "num_layers": 1, "residual": "membrane"},
}
each_class = pytest.mark.parametrize("model_class", SMALL)
# pairs of settings that differ in words alone
SAME = [
    ({}, {"timesteps": 3}),
    ({}, {"rate_min": 0.4, "rate_max": 0.6}),
    ({}, {"encoding": "rate_coded", "timesteps": 1}),
    ({}, {"beta": 0.2}),
    ({"encoding": "rate_coded", "timesteps": 1}, {"beta": 0.2, "rate_min": 0.3}),
]
DIFFERENT = [
    {"encoding": "rate_coded", "timesteps": 2},
    {"encoding": "rate_coded", "timesteps": 2, "beta": 0.2},
    {"encoding": "rate_coded", "timesteps": 3},
    {"encoding": "rate_coded", "timesteps": 1, "rate_max": 0.7},
    {"encoding": "rate_coded", "timesteps": 1, "rate_min": 0.2},
    {"surrogate": "atan"},
    {"norm": "none"},
]


def build(model_class, **arguments):
    torch.manual_seed(0)
    return model_class(n_parts=F, **({"norm": "batch", "init": "fluctuation"} | SMALL[model_class] | arguments))


def trained(model_class, arguments):
    """Return the weights after two steps."""
    model = build(model_class, **arguments)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    torch.manual_seed(1)
    for _ in range(2):
        optimizer.zero_grad()
        torch.nn.functional.binary_cross_entropy_with_logits(model(WINDOWS), WINDOWS[:, -1]).backward()
        optimizer.step()
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


@each_class
@pytest.mark.parametrize(("one", "other"), SAME)
def test_settings_that_are_called_the_same_train_the_same_model(model_class, one, other):
    assert build(model_class, **one).effective_hparams() == build(model_class, **other).effective_hparams()
    assert torch.equal(trained(model_class, one), trained(model_class, other))


@each_class
def test_settings_that_are_called_different_train_different_models(model_class):
    effective = [build(model_class, **arguments).effective_hparams() for arguments in [{}, *DIFFERENT]]
    assert all(effective.count(one) == 1 for one in effective)
    weights = [trained(model_class, arguments) for arguments in [{}, *DIFFERENT]]
    for i, one in enumerate(weights):
        assert not any(one.shape == other.shape and torch.equal(one, other) for other in weights[:i])


@each_class
@pytest.mark.parametrize("arguments", [{}, *DIFFERENT])
def test_effective_hyperparameters_build_the_same_model(model_class, arguments):
    effective = build(model_class, **arguments).effective_hparams()
    del effective["n_parts"]
    assert torch.equal(trained(model_class, effective), trained(model_class, arguments))


def test_no_size_of_the_feed_forward_part_means_twice_the_model():
    assert build(SpikingTransformer).effective_hparams() == build(SpikingTransformer, ffn_size=32).effective_hparams()
    assert torch.equal(trained(SpikingTransformer, {}), trained(SpikingTransformer, {"ffn_size": 32}))
    assert build(SpikingTransformer).effective_hparams() != build(SpikingTransformer, ffn_size=16).effective_hparams()


@pytest.mark.parametrize(
    ("model_class", "change"),
    [
        (SpikingMLP, {"hidden_sizes": ()}),
        (SpikingMLP, {"hidden_sizes": (8, 0)}),
        (SpikingMLP, {"window": 0}),
        (SpikingMLP, {"beta": 1.1}),
        (SpikingCNN1D, {"kernel_size": 2}),
        (SpikingCNN1D, {"num_layers": 0}),
        (SpikingCNN1D, {"n_channels": 0}),
        (SpikingTransformer, {"window": 101}),
        (SpikingTransformer, {"num_heads": 3}),
        (SpikingTransformer, {"num_layers": 0}),
        (SpikingTransformer, {"ffn_size": 0}),
        (SpikingTransformer, {"dropout": 1.0}),
        (SpikingTransformer, {"timesteps": 0}),
    ],
)
def test_an_argument_out_of_its_range_is_named(model_class, change):
    (name,) = change
    with pytest.raises(ConfigError, match=rf"{name}.* must hold, but got .*{name}="):
        model_class(**change)
