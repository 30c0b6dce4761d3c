"""A power law is found where there is one, and none is claimed where there is noise."""

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import curve_fit

from c5snn.errors import ConfigError
from c5snn.evidence.power_law import fit_power_law

SIZES = np.repeat([1e4, 3e4, 1e5, 3e5, 1e6, 3e6], 3)


def test_a_planted_curve_is_recovered_and_identified():
    noise = np.random.default_rng(1).normal(0, 0.002, len(SIZES))
    found = fit_power_law(SIZES, 0.3 + 20 * SIZES**-0.5 + noise)
    assert found.exponent == pytest.approx(0.5, abs=0.1)
    assert found.floor == pytest.approx(0.3, abs=0.01)
    assert found.interval.low < 0.5 < found.interval.high
    assert not found.is_flat


def test_it_agrees_with_a_general_optimiser():
    losses = 0.3 + 20 * SIZES**-0.5 + np.random.default_rng(2).normal(0, 0.002, len(SIZES))
    found = fit_power_law(SIZES, losses)
    expected, _ = curve_fit(lambda n, e, a, alpha: e + a * (n / 1e5) ** -alpha, SIZES, losses, (0.3, 0.1, 0.5))
    assert found.exponent == pytest.approx(expected[2], abs=0.006)
    np.testing.assert_allclose(found.at(SIZES), expected[0] + expected[1] * (SIZES / 1e5) ** -expected[2], atol=5e-4)


def test_noise_is_called_flat_in_all_but_a_few_of_many_draws():
    random = np.random.default_rng(3)
    flat = [fit_power_law(SIZES, 0.5 + random.normal(0, 0.01, len(SIZES))).is_flat for _ in range(60)]
    assert sum(flat) >= 54


@pytest.mark.slow
def test_noise_of_five_runs_is_called_flat_as_often_as_it_should():
    random = np.random.default_rng(4)
    sizes = np.geomspace(1e4, 1e6, 5)
    flat = [fit_power_law(sizes, 0.5 + random.normal(0, 0.01, 5)).is_flat for _ in range(60)]
    assert stats.binomtest(60 - sum(flat), 60, 0.05, "greater").pvalue > 0.01


def test_a_loss_that_rises_has_an_exponent_below_zero():
    found = fit_power_law(SIZES, 0.3 + 0.01 * (SIZES / 1e4) ** 0.4)
    assert found.exponent == pytest.approx(-0.4, abs=0.02)
    assert not found.is_flat


def test_equal_losses_are_flat():
    found = fit_power_law(SIZES, np.full(len(SIZES), 0.5))
    assert found.is_flat
    np.testing.assert_allclose(found.at(SIZES), 0.5)


def test_four_sizes_are_too_few():
    with pytest.raises(ConfigError, match="min_sizes <= n_sizes"):
        fit_power_law(SIZES[:12], np.ones(12))
