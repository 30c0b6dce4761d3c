"""The power formulas against simulation, and against each other."""

import numpy as np
import pytest
from scipy import optimize

from c5snn.errors import ConfigError
from c5snn.evidence import detectable_lift, largest_lift, law_variance
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
    lift = detectable_lift(n_windows, law_variance(recall_null), alpha=alpha, power=power)
    of_total = convolution_power(law, n_windows)
    critical = next(total for total in range(len(of_total)) if upper_tail(of_total, total) <= alpha)
    shifted = tilted(law, law @ np.arange(6) + 5 * lift)
    totals = np.random.default_rng(0).multinomial(n_windows, shifted, size=20_000) @ np.arange(6)
    assert np.mean(totals >= critical) == pytest.approx(power, abs=0.025)


def test_four_times_the_windows_detect_half_the_lift():
    assert detectable_lift(4000, 0.04) == pytest.approx(detectable_lift(1000, 0.04) / 2)


def test_the_real_history_detects_a_lift_of_one_point_six_percent(recall_null):
    assert detectable_lift(1752, law_variance(recall_null)) == pytest.approx(0.0160, abs=5e-5)


def test_a_lift_at_its_upper_limit_would_rarely_have_shown_so_little(recall_null):
    law = np.array([float(p) for p in recall_null.values()])
    observed = 0.004
    limit = largest_lift(observed, 1752, law_variance(recall_null))
    shifted = tilted(law, law @ np.arange(6) + 5 * limit)
    totals = np.random.default_rng(0).multinomial(1752, shifted, size=20_000) @ np.arange(6) / 5 / 1752
    assert np.mean(totals - float(law @ np.arange(6)) / 5 <= observed) == pytest.approx(0.05, abs=0.01)


def test_a_model_without_variance_has_no_uncertain_lift():
    assert detectable_lift(10, 0.0) == 0
    assert largest_lift(0.0, 10, 0.0) == 0


@pytest.mark.parametrize("options", [{"alpha": 0.0}, {"power": 1.0}, {"alpha": 0.8, "power": 0.5}])
def test_impossible_demands_are_refused(options):
    with pytest.raises(ConfigError, match="0 < alpha < power < 1"):
        detectable_lift(100, 0.04, **options)


def test_no_items_and_a_negative_variance_are_refused():
    with pytest.raises(ConfigError, match="1 <= n_items"):
        detectable_lift(0, 0.04)
    with pytest.raises(ConfigError, match="0 <= variance"):
        largest_lift(0.0, 10, -1.0)
    with pytest.raises(ConfigError, match="0 < level < 1"):
        largest_lift(0.0, 10, 0.04, level=1.0)
