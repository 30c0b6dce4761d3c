"""The law of a total under chance: exact where it can be, tails included, and simulated otherwise."""

import sys
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from c5snn.errors import ConfigError
from c5snn.evidence import fair_outcomes, fixed_list, law_mean, law_variance, p_of_total, reciprocal_ranks
from c5snn.evidence.lattice import convolution_power
from c5snn.metrics import HitAtK, MeanReciprocalRank, RecallAtK


def tail_in_fractions(null: dict[Fraction, Fraction], n: int, total: Fraction) -> Fraction:
    """Return P(total or more) by convolving exact fractions one window at a time."""
    law = {Fraction(0): Fraction(1)}
    for _ in range(n):
        sums: dict[Fraction, Fraction] = {}
        for (so_far, p), (value, q) in product(law.items(), null.items()):
            sums[so_far + value] = sums.get(so_far + value, Fraction(0)) + p * q
        law = sums
    return sum((p for value, p in law.items() if value >= total), Fraction(0))


def coin(share: Fraction) -> dict[Fraction, Fraction]:
    return {Fraction(0): 1 - share, Fraction(1): share}


@pytest.mark.parametrize("n_hits", [0, 40, 500, 900, 999, 1000])
def test_the_p_of_hits_is_the_binomial_tail(n_hits):
    values = np.repeat([1.0, 0.0], [n_hits, 1000 - n_hits])
    expected = stats.binom(1000, 0.5).sf(n_hits - 1)
    assert p_of_total(values, coin(Fraction(1, 2))).p == pytest.approx(max(expected, sys.float_info.min), rel=1e-9)


@pytest.mark.parametrize("values", [[1.0] * 30, [0.0] * 30, [0.6] * 30, [0.2, 0.4, 0.8] * 10, [1.0] * 29 + [0.0]])
def test_the_p_of_recall_is_the_exact_convolution(recall_null, values):
    total = sum((Fraction(value).limit_denominator(5) for value in values), Fraction(0))
    expected = float(tail_in_fractions(recall_null, len(values), total))
    assert p_of_total(np.array(values), recall_null).p == pytest.approx(expected, rel=1e-12)


def test_a_tail_near_the_smallest_double_keeps_its_digits():
    null = coin(Fraction(1, 1000))
    expected = stats.binom(1000, 0.001).logsf(109)  # about 1e-155
    assert np.log(p_of_total(np.repeat([1.0, 0.0], [110, 890]), null).p) == pytest.approx(expected, rel=1e-12)
    exact = Fraction(1, 1000) ** 100
    assert p_of_total(np.ones(100), null).p == pytest.approx(float(exact), rel=1e-12)  # 1e-300


def test_a_tail_beyond_the_smallest_double_is_rounded_up_not_to_zero(recall_null):
    assert p_of_total(np.ones(1752), recall_null) == (sys.float_info.min, True)


@settings(deadline=None, max_examples=30)
@given(n=st.integers(0, 40), share=st.floats(0.01, 0.99))
def test_a_convolution_power_is_the_binomial_law(n, share):
    law = convolution_power(np.array([1 - share, share]), n)
    np.testing.assert_allclose(law, stats.binom(n, share).pmf(np.arange(n + 1)), rtol=1e-9)


def test_values_of_another_lattice_are_convolved_on_their_own_step():
    null = {Fraction(-1, 3): Fraction(1, 4), Fraction(1, 6): Fraction(1, 4), Fraction(2, 3): Fraction(1, 2)}
    values = np.array([2 / 3, 1 / 6, 2 / 3, -1 / 3])
    expected = tail_in_fractions(null, 4, Fraction(7, 6))
    assert p_of_total(values, null).p == pytest.approx(float(expected), rel=1e-12)


def test_a_null_of_one_value_has_p_one():
    assert p_of_total(np.full(7, 0.5), {Fraction(1, 2): Fraction(1)}) == (1, True)


def test_float32_values_find_their_places(recall_null):
    values = np.array([0.2, 0.6, 0.8, 1.0] * 9)
    assert p_of_total(values.astype(np.float32), recall_null) == p_of_total(values, recall_null)


def test_the_simulated_p_agrees_with_the_exact_one(reciprocal_null):
    values = np.array([1.0, 1 / 2, 1 / 7])
    total = sum((Fraction(value).limit_denominator(39) for value in values), Fraction(0))
    expected = float(tail_in_fractions(reciprocal_null, 3, total))
    p, is_exact = p_of_total(values, reciprocal_null, n_draws=100_000)
    assert not is_exact
    assert p == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / 100_000))


def test_the_simulated_p_is_near_normal_for_many_windows(reciprocal_null):
    events = fair_outcomes(np.random.default_rng(3), (4000,))
    values = reciprocal_ranks(fixed_list(np.arange(39), 4000), events)
    z = (values.mean() - float(law_mean(reciprocal_null))) / np.sqrt(float(law_variance(reciprocal_null)) / 4000)
    assert p_of_total(values, reciprocal_null).p == pytest.approx(stats.norm.sf(z), abs=0.01)


def test_the_simulated_p_depends_on_the_seed_and_nothing_else(reciprocal_null):
    values = 1 / np.arange(1, 31)
    assert p_of_total(values, reciprocal_null, seed=5) == p_of_total(values[::-1], reciprocal_null, seed=5)
    assert p_of_total(values, reciprocal_null, seed=5) != p_of_total(values, reciprocal_null, seed=6)


def test_the_simulated_p_is_never_zero(reciprocal_null):
    assert p_of_total(np.ones(300), reciprocal_null, n_draws=999) == (1 / 1000, False)


def test_mean_and_variance_are_those_of_scipy(recall_null):
    counts = stats.hypergeom(39, 20, 5)
    assert float(law_mean(recall_null)) == pytest.approx(counts.mean() / 5)
    assert float(law_variance(recall_null)) == pytest.approx(counts.var() / 25)


def test_each_metric_states_the_null_that_its_values_have(recall_null, reciprocal_null):
    assert RecallAtK(20).null == recall_null
    assert MeanReciprocalRank().null == reciprocal_null
    assert p_of_total(np.ones(3), HitAtK(5).null).p == pytest.approx(HitAtK(5).chance ** 3)


@pytest.mark.parametrize("values", [[0.2, 0.3], [0.2, np.nan], [1.2], [np.inf]])
def test_values_that_chance_cannot_give_are_refused(recall_null, values):
    with pytest.raises(ConfigError, match="break_ties"):
        p_of_total(np.array(values), recall_null)


def test_no_window_is_refused(recall_null):
    with pytest.raises(ConfigError, match="got no window"):
        p_of_total(np.zeros(0), recall_null)


def test_a_null_that_is_no_law_is_refused():
    with pytest.raises(ConfigError, match="sum"):
        p_of_total(np.ones(2), {Fraction(0): Fraction(1, 2), Fraction(1): Fraction(1, 3)})


def test_no_draws_are_refused(reciprocal_null):
    with pytest.raises(ConfigError, match="n_draws >= 1"):
        p_of_total(np.ones(2), reciprocal_null, n_draws=0)
