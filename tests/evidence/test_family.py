"""The family-wise p: exact on histories small enough to enumerate, and as promised on larger ones."""

from itertools import combinations, product
from time import perf_counter

import numpy as np
import pytest
from scipy import stats

from c5snn.errors import ConfigError
from c5snn.evidence import FamilyP, break_ties, fair_outcomes, family_p, fixed_list, p_value, recall_at_k


def random_rankings(generator: np.random.Generator, n_seeds: int, n_windows: int, n_parts: int = 39) -> np.ndarray:
    return np.stack([break_ties(generator.random((n_windows, n_parts)), 0) for _ in range(n_seeds)])


def all_histories(contenders: list[np.ndarray], events: np.ndarray, k: int) -> list[tuple[float, float]]:
    """Return each contender's own and family-wise p over every possible history of a few windows."""
    n_windows, n_parts = contenders[0].shape[1:]
    subsets = list(combinations(range(1, n_parts + 1), events.shape[1]))
    histories = np.array(list(product(subsets, repeat=n_windows)))
    scores = np.array(
        [
            [np.mean([recall_at_k(ranking, history, k) for ranking in rankings]) for rankings in contenders]
            for history in [*histories, events]
        ]
    )
    everywhere = scores[:-1]
    standardised = (scores - everywhere.mean(axis=0)) / everywhere.std(axis=0)
    drawn, observed = standardised[:-1], standardised[-1]
    own = np.mean(drawn >= observed - 1e-9, axis=0)
    best = np.mean(drawn.max(axis=1, keepdims=True) >= observed - 1e-9, axis=0)
    return list(zip(own.tolist(), best.tolist(), strict=True))


def test_both_p_values_agree_with_all_possible_histories():
    generator = np.random.default_rng(0)
    contenders = [random_rankings(generator, n_seeds, 2, 6) for n_seeds in (1, 3, 3)]
    events = np.array([contenders[1][0, 0, :2], contenders[1][1, 1, :2]])
    expected = all_histories(contenders, events, k=3)
    result = family_p(contenders, events, k=3, n_draws=40_000)
    for (own, best), p in zip(expected, result, strict=True):
        assert p.p_value == pytest.approx(own, abs=4 * np.sqrt(own * (1 - own) / 40_000) + 1e-4)
        assert p.p_family == pytest.approx(best, abs=4 * np.sqrt(best * (1 - best) / 40_000) + 1e-4)


def test_seeds_that_agree_have_the_exact_p_of_one_ranking(recall_null):
    generator = np.random.default_rng(1)
    rankings = random_rankings(generator, 1, 400)
    events = fair_outcomes(generator, (400,))
    exact = p_value(recall_at_k(rankings[0], events, 20), recall_null)
    [result] = family_p([np.repeat(rankings, 3, axis=0)], events, n_draws=4000)
    assert result.p_value == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 4000))
    assert result.p_family == result.p_value


def test_the_mean_over_seeds_has_its_own_law_not_the_hypergeometric_one():
    generator = np.random.default_rng(2)
    rankings = random_rankings(generator, 5, 200)
    events = fair_outcomes(generator, (200,))
    events[:12] = rankings[0, :12, :5]
    mean_recall = np.mean([recall_at_k(ranking, events, 20) for ranking in rankings])
    fair_histories = fair_outcomes(generator, (400, 200))
    scores = [np.mean([recall_at_k(ranking, history, 20) for ranking in rankings]) for history in fair_histories]
    expected = np.mean(np.array(scores) >= mean_recall - 1e-9)
    [result] = family_p([rankings], events, n_draws=4000)
    assert result.p_value == pytest.approx(expected, abs=4 * np.sqrt(expected / 400) + 0.005)
    assert np.std(scores) < 0.6 * np.sqrt(0.0447 / 200)  # 0.0447 is the variance of one ranking's Recall@20


def test_copies_of_one_list_count_as_one():
    generator = np.random.default_rng(3)
    events = fair_outcomes(generator, (300,))
    one_list = fixed_list(generator.random(39), 300)[None]
    results = family_p([one_list] * 12, events, n_draws=2000)
    assert len(set(results)) == 1
    assert results[0].p_family == results[0].p_value


def test_copies_with_more_seeds_count_as_one_too():
    generator = np.random.default_rng(4)
    events = fair_outcomes(generator, (301,))
    one = random_rankings(generator, 1, 301)
    once, thrice = family_p([one, np.repeat(one, 3, axis=0)], events, n_draws=2000)
    assert once.p_value == thrice.p_value


def test_independent_contenders_pay_for_their_number():
    generator = np.random.default_rng(5)
    contenders = [random_rankings(generator, 1, 500) for _ in range(8)]
    results = family_p(contenders, fair_outcomes(generator, (500,)), n_draws=4000)
    for p_own, p_family in results:
        assert p_family == pytest.approx(1 - (1 - p_own) ** 8, abs=0.04)


def test_the_family_wise_p_is_never_below_the_own_p():
    generator = np.random.default_rng(6)
    contenders = [random_rankings(generator, 2, 50) for _ in range(5)]
    for p_own, p_family in family_p(contenders, fair_outcomes(generator, (50,)), n_draws=500):
        assert p_own <= p_family


def test_the_best_of_six_is_called_significant_in_one_fair_history_of_twenty():
    generator = np.random.default_rng(7)
    n_false = 0
    for _ in range(200):
        contenders = [random_rankings(generator, 1, 60) for _ in range(6)]
        results = family_p(contenders, fair_outcomes(generator, (60,)), n_draws=199)
        n_false += min(result.p_family for result in results) <= 0.05
    assert stats.binomtest(n_false, 200, 0.05).pvalue > 0.01


@pytest.mark.parametrize("draws_per_chunk", [1, 7, 299, 300, 1000])
def test_the_chunk_size_does_not_change_the_p(draws_per_chunk):
    generator = np.random.default_rng(8)
    contenders = [random_rankings(generator, n_seeds, 40) for n_seeds in (1, 3)]
    events = fair_outcomes(generator, (40,))
    whole = family_p(contenders, events, n_draws=300)
    assert family_p(contenders, events, n_draws=300, draws_per_chunk=draws_per_chunk) == whole


def test_a_contender_whose_seeds_list_every_part_equally_often_shows_nothing():
    shifted = np.stack([np.roll(np.arange(1, 5), shift) for shift in range(4)])
    events = fair_outcomes(np.random.default_rng(9), (30,), n_parts=4, n_active=2)
    flat = np.repeat(shifted[:, None], 30, axis=1)
    assert family_p([flat], events, k=1, n_draws=100) == [FamilyP(1, 1)]


def test_planted_hits_survive_the_family():
    generator = np.random.default_rng(10)
    contenders = [random_rankings(generator, 1, 200) for _ in range(4)]
    events = fair_outcomes(generator, (200,))
    events[::3] = contenders[2][0, ::3, :5]
    results = family_p(contenders, events, n_draws=999)
    assert results[2] == FamilyP(1 / 1000, 1 / 1000)


def test_contenders_on_different_windows_are_refused():
    generator = np.random.default_rng(11)
    contenders = [random_rankings(generator, 1, n) for n in (10, 11)]
    with pytest.raises(ConfigError, match="same windows"):
        family_p(contenders, fair_outcomes(generator, (10,)))


@pytest.mark.parametrize(
    "contenders", [[], [np.zeros((0, 10, 39), dtype=np.uint8)], [np.zeros((1, 0, 39), dtype=np.uint8)]]
)
def test_no_contender_no_seed_and_no_window_are_refused(contenders):
    with pytest.raises(ConfigError, match="must have a seed"):
        family_p(contenders, fair_outcomes(np.random.default_rng(0), (10,)))


@pytest.mark.parametrize("options", [{"k": 39}, {"k": 0}, {"n_draws": 0}, {"draws_per_chunk": 0}])
def test_options_out_of_range_are_refused(options):
    generator = np.random.default_rng(12)
    with pytest.raises(ConfigError, match="must hold"):
        family_p([random_rankings(generator, 1, 5)], fair_outcomes(generator, (5,)), **options)


@pytest.mark.bench
def test_a_large_sweep_takes_less_than_twenty_seconds():
    generator = np.random.default_rng(13)
    contenders = [random_rankings(generator, 3, 1752) for _ in range(36)]
    events = fair_outcomes(generator, (1752,))
    start = perf_counter()
    family_p(contenders, events)
    assert perf_counter() - start < 20
