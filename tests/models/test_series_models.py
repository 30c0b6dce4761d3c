"""Networks of series: shapes, counts, what each argument does, and what their definitions say."""

import pytest
import torch

from c5snn.errors import ConfigError
from c5snn.models import DLinear, PatchTST

SHAPE = {"n_channels": 3, "context": 12, "horizon": 5}
SMALL = {
    **SHAPE,
    "patch": 4,
    "stride": 2,
    "d_model": 8,
    "num_layers": 2,
    "num_heads": 2,
    "ffn_size": 12,
    "dropout": 0.0,
}
VARIANTS = [
    {"variant": variant, "targets": targets}
    for variant in ("published", "mixing")
    for targets in ("forecast", "direction")
]
each_variant = pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: "-".join(variant.values()))


def windows(n=6):
    return torch.randn(n, 12, 3, generator=torch.Generator().manual_seed(2))


def count(model):
    return sum(parameter.numel() for parameter in model.parameters())


@each_variant
def test_the_outputs_have_the_shape_of_the_targets(variant):
    outputs = PatchTST(**(SMALL | variant))(windows())
    assert outputs.shape == ((6, 5, 3) if variant["targets"] == "forecast" else (6, 1))
    assert outputs.isfinite().all()


@each_variant
def test_every_parameter_gets_a_gradient(variant):
    model = PatchTST(**(SMALL | variant))
    (model(windows()) ** 2).sum().backward()
    assert [name for name, weight in model.named_parameters() if weight.grad is None or not weight.grad.any()] == []


@each_variant
def test_a_window_is_answered_alone_as_in_a_batch(variant):
    model = PatchTST(**(SMALL | variant)).double().eval()
    batch = windows().double()
    torch.testing.assert_close(model(batch), torch.cat([model(window[None]) for window in batch]))


def test_the_published_form_has_its_published_number_of_weights():
    assert count(PatchTST()) == 81_728


def test_a_published_forecast_of_a_channel_sees_no_other():
    model = PatchTST(**SMALL).eval()
    changed = windows()
    changed[..., 2] = torch.randn(6, 12)
    first, second = model(windows()), model(changed)
    torch.testing.assert_close(first[..., :2], second[..., :2])
    assert not torch.allclose(first[..., 2], second[..., 2])


@pytest.mark.parametrize("variant", ["published", "mixing"])
def test_a_forecast_follows_the_level_and_the_scale_of_its_window(variant):
    model = PatchTST(**SMALL, variant=variant).eval()
    torch.testing.assert_close(model(windows() * 3 + 7), model(windows()) * 3 + 7, rtol=1e-3, atol=1e-3)


def test_a_linear_forecast_of_a_direction_is_refused_before_training():
    with pytest.raises(ConfigError, match="targets == 'forecast'"):
        DLinear(targets="direction")


def test_a_direction_does_not_depend_on_the_level_of_its_window():
    model = PatchTST(**SMALL, targets="direction", variant="mixing").eval()
    torch.testing.assert_close(model(windows() + 7), model(windows()), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    ("argument", "other"),
    [
        *[("patch", 3), ("stride", 3), ("d_model", 16), ("num_layers", 1), ("num_heads", 4), ("ffn_size", 20)],
        *[("dropout", 0.5), ("head_dropout", 0.5), ("variant", "mixing"), ("targets", "direction"), ("horizon", 4)],
    ],
)
def test_every_argument_has_an_effect(argument, other):
    torch.manual_seed(1)
    first = PatchTST(**SMALL)(windows())
    torch.manual_seed(1)
    second = PatchTST(**(SMALL | {argument: other}))(windows())
    assert first.shape != second.shape or not torch.allclose(first, second)


def test_a_linear_forecast_equals_its_equation():
    model = DLinear(**SHAPE, kernel=5).double()
    series = windows().double()
    padded = torch.cat([series[:, :1]] * 2 + [series] + [series[:, -1:]] * 2, dim=1)
    trend = torch.stack([padded[:, step : step + 5].mean(dim=1) for step in range(12)], dim=1)
    expected = torch.einsum("bcf,hc->bhf", trend, model.trend.weight) + model.trend.bias[:, None]
    expected = expected + torch.einsum("bcf,hc->bhf", series - trend, model.rest.weight) + model.rest.bias[:, None]
    torch.testing.assert_close(model(series), expected)


@pytest.mark.parametrize(
    ("model_class", "wrong"),
    [
        *[(DLinear, {"kernel": 4}), (DLinear, {"horizon": 0}), (PatchTST, {"patch": 337})],
        *[(PatchTST, {"num_heads": 3}), (PatchTST, {"head_dropout": 1.0}), (PatchTST, {"n_channels": 0})],
    ],
)
def test_a_model_that_cannot_be_is_refused(model_class, wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        model_class(**wrong)
