"""A configuration is not one training: what differs in nothing but seeds is rarely called ahead."""

import numpy as np
import pytest
from scipy import stats

from c5snn.errors import ConfigError
from c5snn.evidence import BETTER_BELOW, Interval, compare_configurations, compare_options, compare_paired

N_ITEMS = 400


def trainings(rng, n_seeds, *, spread=0.02, better=0.0, shared=None):
    """Return recalls of seeds that differ by a lasting effect of their own, on windows that are as hard for all."""
    hardness = rng.normal(0, 0.1, N_ITEMS) if shared is None else shared
    own = rng.normal(better, spread, (n_seeds, 1))
    return 0.5 + own + hardness + rng.normal(0, 0.15, (n_seeds, N_ITEMS))


@pytest.mark.parametrize("spread", [0.0, 0.01, 0.05])
def test_pairs_that_differ_in_nothing_but_seeds_are_rarely_ahead(spread):
    rng = np.random.default_rng(0)
    n_ahead = 0
    for _ in range(100):
        shared = rng.normal(0, 0.1, N_ITEMS)
        a, b = (trainings(rng, 2, spread=spread, shared=shared) for _ in range(2))
        n_ahead += compare_configurations(a, b).p < BETTER_BELOW
    assert n_ahead <= 2


@pytest.mark.slow
@pytest.mark.parametrize("n_seeds", [2, 3])
@pytest.mark.parametrize("spread_of_b", [0.0, 0.03])
def test_the_level_holds_when_only_one_side_depends_on_its_seed(n_seeds, spread_of_b):
    rng = np.random.default_rng(8)
    n_found = 0
    for _ in range(500):
        windows = rng.normal(0, 0.2, N_ITEMS)
        a = np.stack([windows + effect for effect in rng.normal(0, 0.03, n_seeds)])
        b = np.repeat(rng.normal(0, spread_of_b, (n_seeds, 1)), N_ITEMS, axis=1)
        n_found += compare_configurations(a, b).p < BETTER_BELOW
    assert stats.binomtest(n_found, 500, BETTER_BELOW, "greater").pvalue > 0.01


def test_the_windows_alone_would_call_many_of_them_different():
    rng = np.random.default_rng(0)
    p_values = []
    for _ in range(100):
        shared = rng.normal(0, 0.1, N_ITEMS)
        a, b = (trainings(rng, 2, spread=0.02, shared=shared) for _ in range(2))
        p_values.append(compare_paired(a.mean(axis=0), b.mean(axis=0), n_draws=1_000).p_two_sided)
    assert np.mean(np.array(p_values) < BETTER_BELOW) > 0.1


def test_a_real_difference_is_found_with_several_seeds():
    rng = np.random.default_rng(1)
    shared = rng.normal(0, 0.1, N_ITEMS)
    a, b = trainings(rng, 5, spread=0.01, better=0.05, shared=shared), trainings(rng, 4, spread=0.01, shared=shared)
    result = compare_configurations(a, b)
    assert result.kind == "configurations"
    assert result.p < 0.01
    assert result.interval.low < 0.05 < result.interval.high
    assert result.mean == pytest.approx(a.mean() - b.mean())


def test_without_spread_of_the_windows_it_is_welchs_t_test_of_the_seeds():
    rng = np.random.default_rng(2)
    of_a, of_b = rng.normal(0.1, 0.05, 4), rng.normal(0.0, 0.02, 3)
    a, b = np.repeat(of_a[:, None], 50, axis=1), np.repeat(of_b[:, None], 50, axis=1)
    expected = stats.ttest_ind(of_a, of_b, equal_var=False)
    result = compare_configurations(a, b)
    assert result.p == pytest.approx(expected.pvalue, rel=1e-9)
    assert result.interval == pytest.approx(tuple(expected.confidence_interval()), rel=1e-9)


def test_without_spread_of_the_seeds_it_is_the_paired_t_test_of_the_windows():
    rng = np.random.default_rng(3)
    of_a, of_b = rng.random((2, 60))
    expected = stats.ttest_rel(of_a, of_b)
    result = compare_configurations(np.stack([of_a, of_a]), np.stack([of_b, of_b]))
    assert result.p == pytest.approx(expected.pvalue, rel=1e-9)
    assert result.interval == pytest.approx(tuple(expected.confidence_interval()), rel=1e-9)


@pytest.mark.parametrize("seeds", [(1, 1), (1, 3), (2, 1)])
def test_a_single_seed_compares_trainings_by_sign_flips(seeds):
    rng = np.random.default_rng(4)
    a, b = (trainings(rng, n) for n in seeds)
    result = compare_configurations(a, b)
    paired = compare_paired(a.mean(axis=0) - b.mean(axis=0), np.zeros(N_ITEMS))
    assert (result.kind, result.p, result.interval) == ("trainings", paired.p_two_sided, paired.interval)


def test_equal_configurations_show_nothing_and_the_same_difference_on_every_item_what_its_signs_show():
    same = np.full((2, 10), 0.5)
    assert compare_configurations(same, same).p == 1
    assert compare_configurations(same + 0.1, same).p == 2 * 0.5**10


@pytest.mark.parametrize("seeds", [(3, 2), (5, 3)])
def test_means_over_other_numbers_of_seeds_differ_by_rounding_which_is_no_difference(seeds):
    scores = np.random.default_rng(0).integers(0, 6, 1_752) / 5
    a, b = (np.repeat(scores[None], n, axis=0) for n in seeds)
    result = compare_configurations(a, b)
    assert (result.mean, result.interval, result.p) == (0, (0, 0), 1)


def width(result) -> float:
    return result.interval.high - result.interval.low


def test_an_option_is_judged_over_its_pairs_with_all_their_seeds():
    rng = np.random.default_rng(5)
    shared = rng.normal(0, 0.1, N_ITEMS)
    a = [trainings(rng, 3, better=0.03, shared=shared) for _ in range(6)]
    b = [trainings(rng, 3, shared=shared) for _ in range(6)]
    together = compare_options(a, b)
    alone = [compare_configurations(x, y) for x, y in zip(a, b, strict=True)]
    assert together.mean == pytest.approx(np.mean([result.mean for result in alone]))
    assert width(together) < np.mean([width(result) for result in alone]) / 1.5


def test_what_is_impossible_is_cut_from_the_interval():
    rng = np.random.default_rng(6)
    a, b = rng.random((2, 2, 4))
    result = compare_configurations(a, b, possible=Interval(-0.2, 0.2))
    assert -0.2 <= result.interval.low <= result.interval.high <= 0.2


def test_two_items_have_no_interval_and_no_finding():
    result = compare_configurations(np.ones((2, 2)), np.zeros((2, 2)))
    assert (result.interval, result.p) == (None, 0.5)


@pytest.mark.parametrize(("a", "b"), [((2, 5), (2, 6)), ((0, 5), (2, 5)), ((2, 0), (2, 0))])
def test_other_items_no_seeds_and_no_items_are_refused(a, b):
    with pytest.raises(ConfigError, match="share their items"):
        compare_configurations(np.zeros(a), np.zeros(b))


def test_values_that_are_not_finite_are_refused():
    with pytest.raises(ConfigError, match="n_faulty=1"):
        compare_configurations(np.array([[0.0, np.nan], [0.0, 1.0]]), np.zeros((2, 2)))
