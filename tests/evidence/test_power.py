"""The power formulas against simulation, and against each other."""

from fractions import Fraction

import numpy as np
import pytest
from scipy import optimize

from c5snn.errors import ConfigError
from c5snn.evidence import detectable_lift, null_variance, windows_needed
from c5snn.evidence.lattice import convolution_power, upper_tail


def tilted(law: np.ndarray, mean: float) -> np.ndarray:
    """Return the law of 0 … 5 active parts listed, tilted exponentially to another mean."""
    counts = np.arange(len(law))

    def tilt(rate: float) -> np.ndarray:
        weights = law * np.exp(rate * counts)
        return weights / weights.sum()

    return tilt(optimize.brentq(lambda rate: tilt(rate) @ counts - mean, -5, 5))


@pytest.mark.parametrize("n_windows", [300, 1752])
@pytest.mark.parametrize(("alpha", "power"), [(0.05, 0.8), (0.01, 0.8), (0.05, 0.5)])
def test_the_exact_test_finds_the_detectable_lift_as_often_as_promised(recall_null, n_windows, alpha, power):
    law = np.array([float(p) for p in recall_null.values()])
    lift = detectable_lift(n_windows, null_variance(recall_null), alpha=alpha, power=power)
    of_total = convolution_power(law, n_windows)
    critical = next(total for total in range(len(of_total)) if upper_tail(of_total, total) <= alpha)
    shifted = tilted(law, law @ np.arange(6) + 5 * lift)
    totals = np.random.default_rng(0).multinomial(n_windows, shifted, size=20_000) @ np.arange(6)
    assert np.mean(totals >= critical) == pytest.approx(power, abs=0.025)


@pytest.mark.parametrize("lift", [0.001, 0.0126, 0.05])
def test_the_windows_needed_are_the_fewest_that_detect_the_lift(lift):
    n = windows_needed(lift, Fraction(447, 10_000))
    assert detectable_lift(n, 0.0447) <= lift < detectable_lift(n - 1, 0.0447)


def test_four_times_the_windows_detect_half_the_lift():
    assert detectable_lift(4000, 0.04) == pytest.approx(detectable_lift(1000, 0.04) / 2)


def test_the_real_history_detects_a_lift_of_about_one_percent(recall_null):
    assert detectable_lift(1752, null_variance(recall_null)) == pytest.approx(0.0126, abs=5e-5)


@pytest.mark.parametrize("options", [{"alpha": 0.0}, {"power": 1.0}, {"alpha": 0.8, "power": 0.5}])
def test_impossible_demands_are_refused(options):
    with pytest.raises(ConfigError, match="0 < alpha < power < 1"):
        detectable_lift(100, 0.04, **options)
    with pytest.raises(ConfigError, match="0 < alpha < power < 1"):
        windows_needed(0.01, 0.04, **options)


def test_no_windows_no_lift_and_no_variance_are_refused():
    with pytest.raises(ConfigError, match="n_windows >= 1"):
        detectable_lift(0, 0.04)
    with pytest.raises(ConfigError, match="lift > 0"):
        windows_needed(0.0, 0.04)
    with pytest.raises(ConfigError, match="variance > 0"):
        detectable_lift(10, 0.0)
