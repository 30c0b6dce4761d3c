"""The synthetic series and its oracle: no forecast from the past has a lower expected error."""

import numpy as np
import pytest
from scipy.stats import norm

from c5snn.data.series import synthesize_series
from c5snn.data.series.synthetic import LEVEL, NOISE


@pytest.fixture(scope="module")
def drawn():
    return synthesize_series(3_000, 3)


def test_a_longer_series_begins_with_the_shorter_one(drawn):
    shorter = synthesize_series(500, 3)
    np.testing.assert_allclose(shorter.series.values, drawn.series.values[:500], rtol=1e-12)


def test_another_data_seed_draws_another_series(drawn):
    other = synthesize_series(500, 3, data_seed=2).series.values
    assert np.abs(other - drawn.series.values[:500]).min(axis=0).max() > 0
    assert synthesize_series(500, 3).series.sha256 == synthesize_series(500, 3).series.sha256


def test_the_oracle_guesses_level_and_noise_whose_sum_it_sees(drawn):
    oracle = drawn.oracle
    np.testing.assert_allclose(oracle.season + oracle.level + oracle.noise, drawn.series.values, atol=1e-9)


def test_the_filter_is_the_conditional_mean_of_the_joint_normal_distribution(drawn):
    n = 40
    gap = np.abs(np.subtract.outer(np.arange(n + 3), np.arange(n + 3)))
    covariance = sum(sd**2 * decay**gap for decay, sd in (LEVEL, NOISE))
    weights = covariance[n:, :n] @ np.linalg.inv(covariance[:n, :n])
    seen = (drawn.series.values - drawn.oracle.season)[:n]
    forecast = drawn.oracle.forecasts(np.array([n]), 3)[0] - drawn.oracle.season[n : n + 3]
    np.testing.assert_allclose(forecast, weights @ seen, atol=1e-8)


def test_one_step_errors_of_the_oracle_cannot_be_foreseen(drawn):
    starts = np.arange(200, 3_000)
    errors = drawn.oracle.forecasts(starts, 1)[:, 0] - drawn.series.values[starts]
    errors /= errors.std(axis=0)
    # the standard error of a correlation over 2,800 rows is 0.019
    assert np.abs(errors.mean(axis=0)).max() < 0.08
    for lag in (1, 2, 24):
        assert np.abs((errors[lag:] * errors[:-lag]).mean(axis=0)).max() < 0.08


def test_the_probability_of_a_rise_in_one_step_is_that_of_the_normal_distribution(drawn):
    starts, rise = np.arange(500, 560), 0.5
    mean = drawn.oracle.forecasts(starts, 1)[:, 0, 1] - drawn.series.values[starts - 1, 1]
    gap = np.abs(np.subtract.outer(np.arange(200), np.arange(200)))
    covariance = sum(sd**2 * decay**gap for decay, sd in (LEVEL, NOISE))
    variance = covariance[0, 0] - covariance[0, 1:] @ np.linalg.solve(covariance[1:, 1:], covariance[1:, 0])
    expected = norm.sf((rise - mean) / (drawn.oracle.scale[1] * np.sqrt(variance)))
    # 1,000 paths: a standard error of at most 0.016
    np.testing.assert_allclose(drawn.oracle.rises(starts, 1, 1, rise), expected, atol=0.06)


def test_a_rise_is_likelier_within_a_longer_horizon_and_as_frequent_as_it_is_said(drawn):
    starts = np.arange(300, 2_900, 5)
    short, long = (drawn.oracle.rises(starts, horizon, 0, 1.0) for horizon in (2, 12))
    assert (short <= long + 0.06).all()
    channel = drawn.series.values[:, 0]
    came = np.array([channel[start : start + 12].max() >= channel[start - 1] + 1.0 for start in starts])
    assert long.mean() == pytest.approx(came.mean(), abs=0.05)
    assert ((long - came) ** 2).mean() < 0.8 * came.var()
