"""How likely each part is drawn, against all orders of small draws and against many draws of large ones."""

from itertools import permutations

import numpy as np
import pytest

from c5snn.errors import ConfigError
from c5snn.evidence import expected_recall, expected_skill, inclusion_probabilities, list_recall, list_weights


def over_all_orders(theta: np.ndarray, n_active: int) -> np.ndarray:
    weights = np.exp(theta)
    probabilities = np.zeros(len(theta))
    for order in permutations(range(len(theta)), n_active):
        left, probability = weights.sum(), 1.0
        for part in order:
            probability *= weights[part] / left
            left -= weights[part]
        probabilities[list(order)] += probability
    return probabilities


@pytest.mark.parametrize("spread", [0.1, 1.0, 6.0])
@pytest.mark.parametrize("n_active", [1, 2, 5, 6])
def test_probabilities_are_those_over_all_orders(spread, n_active):
    theta = np.random.default_rng(n_active).normal(0, spread, (4, 7))
    expected = [over_all_orders(row, n_active) for row in theta]
    np.testing.assert_allclose(inclusion_probabilities(theta, n_active), expected, atol=1e-7)


@pytest.mark.parametrize("spread", [0.5, 2.0])
def test_probabilities_are_the_shares_of_many_draws(spread):
    rng = np.random.default_rng(0)
    theta = rng.normal(0, spread, (1, 39))
    drawn = np.argsort(-(theta + rng.gumbel(size=(40_000, 39))), axis=1)[:, :5]
    shares = np.bincount(drawn.ravel(), minlength=39) / 40_000
    np.testing.assert_allclose(inclusion_probabilities(theta, 5)[0], shares, atol=0.012)


def test_each_row_sums_to_the_size_of_an_event_whatever_its_scale():
    theta = np.random.default_rng(1).normal(0, 3, (300, 39))
    probabilities = inclusion_probabilities(theta, 5)
    np.testing.assert_allclose(probabilities.sum(axis=1), 5, atol=1e-9)
    np.testing.assert_allclose(inclusion_probabilities(theta + 700, 5), probabilities, atol=1e-9)


def test_equal_weights_draw_every_part_equally_often():
    np.testing.assert_allclose(inclusion_probabilities(np.zeros((2, 39)), 5), 5 / 39, atol=1e-9)


def test_what_comes_has_the_expected_recall_on_average():
    rng = np.random.default_rng(2)
    theta, scores = rng.normal(0, 1, (1, 39)), rng.integers(0, 5, (1, 39))
    weights = list_weights(scores, 20)
    drawn = np.argsort(-(theta + rng.gumbel(size=(20_000, 39))), axis=1)[:, :5] + 1
    realised = list_recall(np.repeat(weights, 20_000, axis=0), drawn)
    expected = expected_recall(weights, theta, 5)[0]
    assert realised.mean() == pytest.approx(expected, abs=4 * realised.std() / np.sqrt(20_000))


def test_the_expected_skill_of_a_model_that_knows_nothing_is_zero_and_of_the_oracle_one():
    rng = np.random.default_rng(3)
    theta = rng.normal(0, 0.5, (50, 39))
    oracle = list_weights(theta, 20)
    assert expected_skill(oracle, oracle, theta, 5) == 1
    assert expected_skill(list_weights(np.zeros((50, 39)), 20), oracle, theta, 5) == pytest.approx(0, abs=1e-12)
    assert expected_skill(list_weights(-theta, 20), oracle, theta, 5) < -0.9


def test_a_fair_lottery_has_no_skill():
    weights = list_weights(np.random.default_rng(4).random((20, 39)), 20)
    assert expected_skill(weights, weights, np.zeros((20, 39)), 5) is None


def test_the_expected_skill_has_a_small_part_of_the_noise_of_the_realised_one():
    rng = np.random.default_rng(5)
    expected, realised = [], []
    for _ in range(30):
        theta = (rng.random((300, 39)) < 5 / 39) * 0.5
        weights, oracle = list_weights(rng.random((300, 39)), 20), list_weights(theta, 20)
        events = np.argsort(-(theta + rng.gumbel(size=theta.shape)), axis=1)[:, :5] + 1
        expected.append(expected_skill(weights, oracle, theta, 5))
        lifts = [list_recall(lists, events).mean() - 20 / 39 for lists in (weights, oracle)]
        realised.append(lifts[0] / lifts[1])
    assert np.std(expected) < np.std(realised) / 2
    assert np.mean(expected) == pytest.approx(0, abs=4 * np.std(expected) / np.sqrt(30))


def test_arguments_out_of_range_are_refused():
    with pytest.raises(ConfigError, match="1 <= n_active < n_parts"):
        inclusion_probabilities(np.zeros((1, 5)), 5)
    with pytest.raises(ConfigError, match="isfinite"):
        inclusion_probabilities(np.full((1, 5), np.inf), 2)
