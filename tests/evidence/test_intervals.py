"""Intervals of means and shares, against scipy and by coverage."""

import numpy as np
import pytest
from scipy import stats

from c5snn.errors import ConfigError
from c5snn.evidence import SHARE, mean_interval, wilson


@pytest.mark.parametrize("n", [50, 51, 400])
def test_the_interval_of_many_is_the_normal_one(n):
    values = np.random.default_rng(0).random(n)
    low, high = stats.norm.interval(0.95, values.mean(), stats.sem(values))
    assert mean_interval(values) == pytest.approx((low, high), abs=1e-5)


@pytest.mark.parametrize("n", [3, 10, 49])
def test_the_interval_of_few_is_students(n):
    values = np.random.default_rng(0).random(n)
    low, high = stats.t.interval(0.95, n - 1, values.mean(), stats.sem(values))
    assert mean_interval(values) == pytest.approx((low, high), rel=1e-9)


@pytest.mark.parametrize("n", [1, 2])
def test_one_value_or_two_have_no_interval(n):
    assert mean_interval(np.full(n, 0.3)) is None


def test_few_equal_differences_have_no_interval():
    assert mean_interval(np.zeros(15), possible=SHARE.differences) is None
    assert mean_interval(np.full(49, 0.4)) is None
    assert mean_interval(np.zeros(50), possible=SHARE.differences) == (0, 0)
    assert mean_interval(np.full(31, 20 / 39), possible=SHARE) == (20 / 39, 20 / 39)  # of equal scores of all parts


def test_a_share_stays_between_nothing_and_all():
    assert mean_interval(np.array([0.0, 0.9, 1.0]), possible=SHARE) == (0.0, 1.0)
    assert mean_interval(np.array([0.0, 0.9, 1.0])).high > 1


@pytest.mark.parametrize("n_right", [0, 19, 20])
def test_a_mean_of_rights_and_wrongs_has_wilsons_interval(n_right):
    values = np.arange(20) < n_right
    assert mean_interval(values.astype(float), possible=SHARE) == wilson(n_right, 20)


def test_students_interval_of_five_covers_the_truth_nineteen_times_in_twenty():
    samples = np.random.default_rng(3).normal(0.3, 1, (1000, 5))
    n_covered = sum(low < 0.3 < high for low, high in map(mean_interval, samples))
    assert stats.binomtest(n_covered, 1000, 0.95).pvalue > 0.01


def test_no_value_is_refused():
    with pytest.raises(ConfigError, match="1 <= len"):
        mean_interval(np.zeros(0))


@pytest.mark.parametrize(("n_successes", "n"), [(0, 1), (0, 40), (17, 40), (40, 40), (1717, 1752)])
def test_wilson_is_scipys_wilson(n_successes, n):
    expected = stats.binomtest(n_successes, n).proportion_ci(0.95, method="wilson")
    assert wilson(n_successes, n) == pytest.approx((expected.low, expected.high), abs=1e-4)


@pytest.mark.parametrize(("n_successes", "n"), [(0, 0), (-1, 4), (5, 4)])
def test_a_share_of_nothing_is_refused(n_successes, n):
    with pytest.raises(ConfigError, match="0 <= n_successes <= n"):
        wilson(n_successes, n)


def test_both_cover_the_truth_nineteen_times_in_twenty():
    generator = np.random.default_rng(1)
    samples = generator.random((400, 200)) < 0.3
    of_means = [mean_interval(sample.astype(float)) for sample in samples]
    of_shares = [wilson(int(sample.sum()), 200) for sample in samples]
    for intervals in (of_means, of_shares):
        n_covered = sum(low < 0.3 < high for low, high in intervals)
        assert stats.binomtest(n_covered, 400, 0.95).pvalue > 0.01
