"""Metrics of forecasts and probabilities against torchmetrics' own and their definitions, whatever the batches."""

import pytest
import torch
from torch.nn import functional as F
from torchmetrics.functional import mean_absolute_error, mean_squared_error
from torchmetrics.functional.classification import binary_auroc, binary_average_precision

from c5snn.metrics.series import direction_metrics, forecast_metrics


def updated(metrics, outputs, targets, size):
    for pair in zip(outputs.split(size), targets.split(size), strict=True):
        metrics.update(*pair)
    return {name: value.item() for name, value in metrics.compute().items()}


@pytest.mark.parametrize("size", [40, 7])
def test_errors_are_means_over_all_values(size):
    outputs, targets = torch.randn(2, 40, 6, 3, generator=torch.Generator().manual_seed(0))
    outputs = outputs.transpose(1, 2).contiguous().transpose(1, 2)
    found = updated(forecast_metrics(), outputs, targets, size)
    assert list(found) == ["mse", "mae"]
    assert found["mse"] == pytest.approx(mean_squared_error(outputs.contiguous(), targets).item(), rel=1e-5)
    assert found["mae"] == pytest.approx(mean_absolute_error(outputs.contiguous(), targets).item(), rel=1e-5)


@pytest.mark.parametrize("size", [60, 7])
def test_what_is_said_of_probabilities(size):
    generator = torch.Generator().manual_seed(1)
    logits, targets = torch.randn(60, 1, generator=generator), (torch.rand(60, 1, generator=generator) < 0.4).float()
    shares, labels = logits.sigmoid(), targets.long()
    found = updated(direction_metrics(), logits, targets, size)
    assert next(iter(found)) == "bce"
    expected = {
        "bce": F.binary_cross_entropy(shares, targets),
        "auc": binary_auroc(shares, labels),
        "average_precision": binary_average_precision(shares.flatten(), labels.flatten()),
        "brier": (shares - targets).square().mean(),
        "base_rate": targets.mean(),
        "prediction_range": shares.max() - shares.min(),
    }
    assert found == pytest.approx({name: value.item() for name, value in expected.items()}, rel=1e-5)


def test_lower_errors_are_better_and_higher_rankings():
    directions = {name: metric.higher_is_better for name, metric in direction_metrics().items()}
    assert directions == {
        "bce": False, "auc": True, "average_precision": True, "brier": False, "base_rate": None,
        "prediction_range": None,
    }  # fmt: skip
