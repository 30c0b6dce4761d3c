"""Every metric on events of any size is the mean over those that are not empty of what it is on each alone."""

from collections import Counter

import pytest
import torch

from c5snn.errors import ConfigError
from c5snn.metrics import RANKING_METRICS, RankingMetrics, RecallAtK

N_PARTS = 9
SIZES = (3, 0, 1, 9, 2, 5)


@pytest.fixture(params=["distinct", "tied", "equal"])
def batch(request):
    generator = torch.Generator().manual_seed(0)
    scores = torch.rand(len(SIZES), N_PARTS, generator=generator)
    if request.param != "distinct":
        scores = torch.round(scores * (2 if request.param == "tied" else 0))
    targets = torch.zeros(len(SIZES), N_PARTS)
    for row, size in enumerate(SIZES):
        targets[row, torch.randperm(N_PARTS, generator=generator)[:size]] = 1
    return scores, targets


@pytest.fixture(params=RANKING_METRICS, ids=lambda metric: metric.__name__)
def varying(request):
    metric = request.param
    return metric(4 if metric.has_depth else None, N_PARTS, "varies")


def test_each_event_has_the_value_of_a_metric_of_its_size(varying, batch):
    scores, targets = batch
    found = varying.per_window(scores, targets)
    for row, size in enumerate(SIZES):
        rows = slice(row, row + 1)
        if size:
            alone = varying.of_size(size)
            groups = alone.per_window(scores[rows], targets[rows])
            assert found[row] == pytest.approx(float(groups), abs=1e-12)


def test_empty_events_are_left_out_whatever_the_batches(varying, batch):
    scores, targets = batch
    values = varying.per_window(scores, targets)
    for row in range(len(SIZES)):
        varying.update(scores[row : row + 1], targets[row : row + 1])
    assert float(varying.compute()) == pytest.approx(float(values.sum()) / 5, abs=1e-9)


def test_chance_is_the_mean_over_the_sizes(varying):
    sizes = Counter({2: 3, 5: 1, N_PARTS: 1})
    expected = [varying.of_size(size).chance for size in (2, 2, 2, 5, N_PARTS)]
    assert varying.chance_of(sizes) == pytest.approx(sum(expected) / 5)
    with pytest.raises(ConfigError, match="n_active is a number"):
        _ = varying.chance


def test_a_target_that_is_no_set_is_refused(varying):
    with pytest.raises(ConfigError, match="targets are 0 or 1"):
        varying.update(torch.zeros(1, N_PARTS), torch.full((1, N_PARTS), 0.5))


def test_only_empty_events_have_no_value():
    metrics = RankingMetrics(N_PARTS, "varies", 4)
    metrics.update(torch.zeros(2, N_PARTS), torch.zeros(2, N_PARTS))
    with pytest.raises(ConfigError, match="1 <= n_windows"):
        metrics.compute()


def test_the_recall_of_a_large_event_does_not_depend_on_how_ties_are_located():
    scores = torch.round(torch.rand(20, 50, generator=torch.Generator().manual_seed(1)) * 9)
    targets = torch.zeros(20, 50)
    targets[:, :7] = 1
    fixed, varying = (RecallAtK(20, 50, n_active) for n_active in (7, "varies"))
    assert torch.allclose(fixed.per_window(scores, targets), varying.per_window(scores, targets), atol=1e-12)
