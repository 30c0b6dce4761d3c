"""The sign-flip test of paired differences, against all sign patterns and scipy."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from c5snn.errors import ConfigError
from c5snn.evidence import Interval, compare_paired, mean_interval


def all_sign_patterns(differences: np.ndarray) -> tuple[float, float]:
    """Return P(total or more) and P(total or less) over all 2^n sign patterns."""
    signs = np.array(list(product([-1, 1], repeat=len(differences))))
    totals = signs @ np.abs(differences)
    observed = differences.sum()
    return float(np.mean(totals >= observed - 1e-9)), float(np.mean(totals <= observed + 1e-9))


@settings(deadline=None, max_examples=40)
@given(fifths=st.lists(st.integers(-5, 5), min_size=1, max_size=10))
def test_recall_differences_are_tested_over_all_sign_patterns(fifths):
    differences = np.array(fifths) / 5
    result = compare_paired(differences, np.zeros(len(fifths)))
    greater, less = all_sign_patterns(differences)
    assert result.p_greater == pytest.approx(greater, rel=1e-12)
    assert result.p_two_sided == pytest.approx(min(1, 2 * min(greater, less)), rel=1e-12)
    assert result.is_exact


def test_differences_off_the_lattice_are_simulated_to_the_same_p():
    differences = np.random.default_rng(0).normal(0.3, 1, 12)
    result = compare_paired(differences, np.zeros(12), n_draws=50_000)
    greater, less = all_sign_patterns(differences)
    assert result.p_greater == pytest.approx(greater, abs=4 * np.sqrt(greater / 50_000))
    assert result.p_two_sided == pytest.approx(2 * min(greater, less), abs=0.01)


def test_many_windows_agree_with_the_normal_law_on_both_paths():
    generator = np.random.default_rng(1)
    on_lattice = generator.integers(-2, 3, 1752) / 5 + generator.integers(0, 2, 1752) / 50
    for differences in (on_lattice, generator.normal(0.02, 1, 1752)):
        result = compare_paired(differences, np.zeros(1752), n_draws=20_000)
        z = differences.sum() / np.sqrt((differences**2).sum())
        assert result.p_greater == pytest.approx(stats.norm.sf(z), abs=0.015)
        assert result.is_exact == (differences is on_lattice)


def test_the_sign_test_of_equal_steps_is_binomial_in_the_far_tail():
    result = compare_paired(np.ones(900), np.zeros(900))
    assert result.p_greater == pytest.approx(0.5**900, rel=1e-12)


def test_the_reference_in_the_place_of_the_model_mirrors_the_result():
    generator = np.random.default_rng(2)
    a, b = generator.integers(0, 6, (2, 200)) / 5
    forth, back = compare_paired(a, b), compare_paired(b, a)
    assert forth.mean == -back.mean
    assert forth.p_two_sided == back.p_two_sided
    assert forth.p_greater + back.p_greater > 1  # both count the observed total


@pytest.mark.parametrize(("scale", "n"), [(1e-9, 10), (1e-7, 60), (1e-6, 60), (1e6, 60)])
def test_small_losses_have_the_p_of_large_ones(scale, n):
    values, reference = np.random.default_rng(3).random((2, n)) + np.array([[0.3], [0.0]])
    expected = compare_paired(values, reference)
    assert 0 < expected.p_two_sided < 0.5
    assert compare_paired(scale * values, scale * reference).p_two_sided == pytest.approx(expected.p_two_sided)


def test_what_float32_rounds_is_no_difference():
    values = np.tile([0.2, 0.4, 0.6, 1.0], 10)
    found = compare_paired(values.astype(np.float32), values)
    assert (found.p_greater, found.p_two_sided) == (1.0, 1.0)


def test_equal_results_show_nothing():
    values = np.array([0.2, 0.4, 0.0])
    result = compare_paired(values, values)
    assert (result.mean, result.p_greater, result.p_two_sided) == (0, 1, 1)


def test_mean_and_interval_are_those_of_the_differences():
    a, b = np.array([0.2, 0.6, 1.0]), np.array([0.4, 0.4, 0.4])
    result = compare_paired(a, b)
    assert result.mean == pytest.approx(0.2)
    assert result.interval == mean_interval(a - b)
    assert result.n_items == 3
    assert compare_paired(a[:2], b[:2]).interval is None
    assert compare_paired(a, b, possible=Interval(-0.1, 0.5)).interval == (-0.1, 0.5)


@pytest.mark.slow
def test_two_rankers_on_fair_outcomes_differ_at_the_stated_rate():
    generator = np.random.default_rng(3)
    p_values = [compare_paired(*(generator.integers(0, 6, (2, 150)) / 5)).p_greater for _ in range(300)]
    assert stats.kstest(p_values, "uniform").pvalue > 0.01


@pytest.mark.parametrize(("n", "m"), [(3, 4), (1, 2), (0, 0)])
def test_results_on_different_windows_are_refused(n, m):
    with pytest.raises(ConfigError, match="same items"):
        compare_paired(np.zeros(n), np.zeros(m))


def test_values_that_are_not_finite_are_refused():
    with pytest.raises(ConfigError, match="n_faulty=1"):
        compare_paired(np.array([0.2, np.nan]), np.zeros(2))
