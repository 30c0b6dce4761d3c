"""The p of one ranking: exact as the product's, randomised as scipy's law of the total says."""

import numpy as np
import pytest
from scipy import stats

from c5snn.evidence import fair_outcomes, list_weights
from calibration.judging import K, judge, size_of_test


def law_of_total(n_windows: int) -> np.ndarray:
    law = np.ones(1)
    for _ in range(n_windows):
        law = np.convolve(law, stats.hypergeom(39, 5, 20).pmf(np.arange(6)))
    return law


def first_parts(n: int) -> np.ndarray:
    return list_weights(-np.arange(39.0)[None].repeat(n, axis=0), K)


@pytest.mark.parametrize("n_listed", range(6))
@pytest.mark.parametrize("uniform", [0.0, 0.25, 0.99])
def test_the_randomised_p_is_the_chance_of_more_and_a_share_of_that_of_as_many(n_listed, uniform):
    event = np.concatenate([np.arange(1, n_listed + 1), np.arange(35, 40)])[:5]
    judged = judge(first_parts(3), event[None].repeat(3, axis=0), uniform)
    law = law_of_total(3)
    more, as_many = law[3 * n_listed + 1 :].sum(), law[3 * n_listed]
    assert judged.reported == pytest.approx(more + as_many)
    assert judged.randomised == pytest.approx(more + (1 - uniform) * as_many, abs=1e-12)


def test_a_certain_total_has_p_one_and_a_uniform_randomised_p():
    equal = list_weights(np.zeros((3, 39)), K)
    judged = judge(equal, np.array([[1, 2, 3, 4, 5]]).repeat(3, axis=0), 0.25)
    assert judged == pytest.approx((1.0, 0.75))


@pytest.mark.parametrize("n_windows", [2, 37, 372])
def test_the_size_of_the_test_is_the_largest_attainable_p_below_five_percent(n_windows):
    tails = law_of_total(n_windows)[::-1].cumsum()
    for level in (0.05, 0.01):
        assert size_of_test(n_windows, level) == pytest.approx(tails[tails < level].max())


@pytest.mark.slow
def test_randomised_p_values_of_a_fixed_list_are_uniform_and_exact_ones_of_few_windows_are_not():
    generator = np.random.default_rng(0)
    judged = [judge(first_parts(2), events, generator.random()) for events in fair_outcomes(generator, (500, 2))]
    assert stats.kstest([p.randomised for p in judged], "uniform").pvalue > 0.01
    assert stats.kstest([p.reported for p in judged], "uniform").pvalue < 1e-6
