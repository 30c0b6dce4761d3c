"""The family-wise p of ranked lists: what many configurations cost, and what copies do not."""

from time import perf_counter

import numpy as np
import pytest
from scipy import stats

from c5snn.errors import ConfigError
from c5snn.evidence import ConfigurationP, UniformSubset, fair_outcomes, family_p, list_recall, list_weights

NULL = UniformSubset(39, 5, 20)


def random_lists(generator: np.random.Generator, n_seeds: int, n_windows: int) -> np.ndarray:
    return np.stack([list_weights(generator.random((n_windows, 39)), 20) for _ in range(n_seeds)])


def tied_lists(generator: np.random.Generator, n_seeds: int, n_windows: int) -> np.ndarray:
    return np.stack([list_weights(generator.integers(0, 4, (n_windows, 39)), 20) for _ in range(n_seeds)])


@pytest.mark.parametrize("lists", [random_lists, tied_lists])
def test_seeds_that_agree_have_the_exact_p_of_one_training(lists):
    generator = np.random.default_rng(1)
    weights = lists(generator, 1, 400)
    events = fair_outcomes(generator, (400,))
    exact = NULL.p_value(weights[0], events).p
    [result] = family_p(NULL, [np.repeat(weights, 3, axis=0)], events, n_draws=4000)
    assert result.p_value == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 4000) + 1e-3)
    assert result.p_family == result.p_value


def test_the_mean_over_seeds_has_its_own_law_not_the_hypergeometric_one():
    generator = np.random.default_rng(2)
    weights = random_lists(generator, 5, 200)
    events = fair_outcomes(generator, (200,))
    events[:12] = np.argsort(-weights[0, :12], axis=1)[:, :5] + 1
    mean_recall = np.mean([list_recall(seed, events).mean() for seed in weights])
    fair_histories = fair_outcomes(generator, (400, 200))
    scores = [np.mean([list_recall(seed, history).mean() for seed in weights]) for history in fair_histories]
    expected = np.mean(np.array(scores) >= mean_recall - 1e-9)
    [result] = family_p(NULL, [weights], events, n_draws=4000)
    assert result.p_value == pytest.approx(expected, abs=4 * np.sqrt(expected / 400) + 0.005)
    assert np.std(scores) < 0.6 * np.sqrt(NULL.variance / 200)


def test_copies_of_one_list_count_as_one():
    generator = np.random.default_rng(3)
    events = fair_outcomes(generator, (300,))
    one_list = np.repeat(list_weights(generator.random((1, 39)), 20), 300, axis=0)[None]
    results = family_p(NULL, [one_list] * 12, events, n_draws=2000)
    assert len(set(results)) == 1
    assert results[0].p_family == results[0].p_value


@pytest.mark.parametrize("lists", [random_lists, tied_lists])
def test_copies_with_more_seeds_count_as_one_too(lists):
    generator = np.random.default_rng(4)
    events = fair_outcomes(generator, (301,))
    one = lists(generator, 1, 301)
    once, thrice = family_p(NULL, [one, np.repeat(one, 3, axis=0)], events, n_draws=2000)
    assert once == thrice


def test_independent_configurations_pay_for_their_number():
    generator = np.random.default_rng(5)
    lists = [random_lists(generator, 1, 500) for _ in range(8)]
    for p_own, p_family, p_worse, p_worse_family in family_p(
        NULL, lists, fair_outcomes(generator, (500,)), n_draws=4000
    ):
        assert p_family == pytest.approx(1 - (1 - p_own) ** 8, abs=0.04)
        assert p_worse_family == pytest.approx(1 - (1 - p_worse) ** 8, abs=0.04)


def test_the_family_wise_p_is_never_below_the_own_p():
    generator = np.random.default_rng(6)
    lists = [random_lists(generator, 2, 50) for _ in range(5)]
    for p_own, p_family, p_worse, p_worse_family in family_p(NULL, lists, fair_outcomes(generator, (50,)), n_draws=500):
        assert p_own <= p_family
        assert p_worse <= p_worse_family


@pytest.mark.slow
def test_the_best_of_six_is_called_significant_in_one_fair_history_of_twenty():
    generator = np.random.default_rng(7)
    n_false = 0
    for _ in range(200):
        lists = [random_lists(generator, 1, 60) for _ in range(4)] + [tied_lists(generator, 3, 60) for _ in range(2)]
        results = family_p(NULL, lists, fair_outcomes(generator, (60,)), n_draws=199)
        n_false += min(result.p_family for result in results) <= 0.05
    assert stats.binomtest(n_false, 200, 0.05).pvalue > 0.01


def test_a_configuration_whose_seeds_list_every_part_equally_often_shows_nothing():
    shifted = np.stack([np.roll([1.0, 0, 0, 0], shift) for shift in range(4)]).astype(np.float32)
    events = fair_outcomes(np.random.default_rng(9), (30,), n_parts=4, n_active=2)
    flat = np.repeat(shifted[:, None], 30, axis=1)
    assert family_p(UniformSubset(4, 2, 1), [flat], events, n_draws=100) == [ConfigurationP(1, 1, 1, 1)]


def test_equal_scores_of_all_parts_show_nothing_on_any_history():
    events = np.tile([1, 2, 3, 4, 5], (50, 1))
    equal = list_weights(np.zeros((50, 39)), 20)
    assert list_recall(equal, events).mean() == pytest.approx(20 / 39, abs=1e-12)
    assert NULL.p_value(equal, events) == (1.0, True)
    assert family_p(NULL, [equal[None]], events, n_draws=100) == [ConfigurationP(1, 1, 1, 1)]


def test_planted_hits_survive_the_family():
    generator = np.random.default_rng(10)
    lists = [random_lists(generator, 1, 200) for _ in range(4)]
    events = fair_outcomes(generator, (200,))
    events[::3] = np.argsort(-lists[2][0, ::3], axis=1)[:, :5] + 1
    assert family_p(NULL, lists, events, n_draws=999)[2][:2] == (1 / 1000, 1 / 1000)


@pytest.mark.parametrize("lists", [[], [np.zeros((0, 10, 39), np.float32)], [np.zeros((1, 0, 39), np.float32)]])
def test_no_configuration_no_seed_and_no_item_are_refused(lists):
    with pytest.raises(ConfigError, match="1 <= n_configurations, n_seeds, n_items"):
        family_p(NULL, lists, fair_outcomes(np.random.default_rng(0), (10,)))


def test_no_draws_are_refused():
    generator = np.random.default_rng(12)
    with pytest.raises(ConfigError, match="1 <= n_draws"):
        family_p(NULL, [random_lists(generator, 1, 5)], fair_outcomes(generator, (5,)), n_draws=0)


@pytest.mark.bench
def test_a_large_sweep_takes_less_than_twenty_seconds():
    generator = np.random.default_rng(13)
    lists = [random_lists(generator, 3, 1752) for _ in range(36)]
    events = fair_outcomes(generator, (1752,))
    start = perf_counter()
    family_p(NULL, lists, events)
    assert perf_counter() - start < 20
