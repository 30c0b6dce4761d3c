"""The skill of validation by expectation, against that of the test's judgement, which is computed without torch."""

import math

import numpy as np
import pytest
import torch

from c5snn.data import EventDataModule
from c5snn.data.events.signals import Drift, Successor
from c5snn.errors import ConfigError
from c5snn.evidence import expected_skill, list_weights
from c5snn.metrics import ExpectedSkill
from c5snn.models import GRU


def validation(signal):
    data = EventDataModule(signal=signal, strength=0.7, n_events=400, window=5)
    data.setup()
    return data, GRU(hidden_size=4).build_validation_metrics(data)


@pytest.mark.parametrize("signal", [Successor(), Drift(half_life=20.0)])
def test_it_is_the_skill_of_the_judgement(signal):
    data, metrics = validation(signal)
    theta = data.oracle_scores("val")
    noise = np.random.default_rng(0).normal(size=theta.shape)
    scores = np.round(2 * (theta + noise)) / 2  # most windows have ties
    targets = torch.zeros(scores.shape).scatter_(1, torch.from_numpy(data.targets("val")) - 1, 1.0)
    for first in range(0, len(scores), 7):
        metrics.update(torch.from_numpy(scores[first : first + 7]), targets[first : first + 7])
    expected = expected_skill(list_weights(scores, data.k), list_weights(theta, data.k), theta, data.n_active)
    assert 0.1 < expected < 0.9
    assert metrics.compute()["skill"].item() == pytest.approx(expected, abs=1e-6)


def test_the_oracle_has_skill_one_and_equal_scores_have_none():
    data, metrics = validation(Successor())
    theta = torch.from_numpy(data.oracle_scores("val"))
    for scores, skill in ((theta, 1.0), (torch.zeros_like(theta), 0.0), (-theta, None)):
        metric = metrics["skill"]
        metric.reset()
        metric.update(scores, theta)
        assert metric.compute().item() == pytest.approx(skill, abs=1e-6) if skill is not None else metric.compute() < 0


def test_a_reset_begins_at_the_first_window_and_no_window_is_beyond_the_last():
    chances = torch.tensor([[0.9, 0.1, 0.0], [0.1, 0.9, 0.0]])
    metric = ExpectedSkill(chances, k=1)
    for _ in range(2):
        metric.update(chances, chances)
        assert metric.compute().item() == pytest.approx(1.0)
        with pytest.raises(ConfigError, match="windows <= chances"):
            metric.update(chances[:1], chances[:1])
        metric.reset()


def test_without_a_lift_of_the_oracle_there_is_no_skill():
    metric = ExpectedSkill(torch.full((2, 3), 1 / 3), k=1)
    metric.update(torch.eye(3)[:2], torch.eye(3)[:2])
    assert math.isnan(metric.compute().item())
