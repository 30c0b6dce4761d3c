"""Power and limits against simulation, enumeration and the binomial law, and the formulas against each other."""

import numpy as np
import pytest
from scipy import optimize
from scipy.stats import binom

from c5snn.errors import ConfigError
from c5snn.evidence import (
    SHARE,
    PermutedLabels,
    Sensitivity,
    UniformSubset,
    detectable_lift,
    hypergeometric_law,
    largest_lift,
    law_variance,
)
from c5snn.evidence.lattice import convolution_power, upper_tail

ONE_OF_16 = UniformSubset(16, 1, 1)


def tilted(law: np.ndarray, mean: float) -> np.ndarray:
    """Return the law of 0 … 5 active parts listed, tilted exponentially to another mean."""
    counts = np.arange(len(law))

    def tilt(rate: float) -> np.ndarray:
        weights = law * np.exp(rate * counts)
        return weights / weights.sum()

    return tilt(optimize.brentq(lambda rate: tilt(rate) @ counts - mean, -20, 20))


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


@pytest.mark.parametrize("n_windows", [10, 20, 50, 100, 373, 1752])
@pytest.mark.parametrize("alpha", [0.01, 0.01 / 30])
def test_the_lift_of_a_sparse_list_is_found_with_the_stated_power(n_windows, alpha):
    lift = Sensitivity.of([(ONE_OF_16, n_windows)]).smallest_lift(alpha=alpha, power=0.8)
    critical = next(hits for hits in range(n_windows + 1) if binom.sf(hits - 1, n_windows, 1 / 16) < alpha)
    assert binom.sf(critical - 1, n_windows, 1 / 16 + lift) == pytest.approx(0.8, abs=1e-6)


@pytest.mark.parametrize(("n_windows", "level"), [(10, 0.95), (50, 0.95), (80, 0.95), (20, 1 - 0.05 / 30)])
def test_the_limit_of_a_sparse_list_covers_the_true_lift(n_windows, level):
    sensitivity = Sensitivity.of([(ONE_OF_16, n_windows)])
    hits = np.arange(n_windows + 1)
    limits = np.array([sensitivity.largest_lift(n / n_windows - 1 / 16, level=level) for n in hits])
    for rate in (1 / 16, 0.1, 0.15, 0.25, 0.6):
        is_covered = limits >= rate - 1 / 16 - 1e-9
        assert binom.pmf(hits, n_windows, rate)[is_covered].sum() >= 1 - 1.2 * (1 - level)


@pytest.mark.parametrize(("n_parts", "n_active", "k"), [(39, 5, 20), (39, 5, 1), (16, 1, 8), (5, 2, 3)])
@pytest.mark.parametrize("n_windows", [10, 20, 50, 373])
def test_power_and_limit_of_every_list_are_as_stated_or_close_to_it(n_parts, n_active, k, n_windows):
    law = np.zeros(n_active + 1)
    for recall, probability in hypergeometric_law(n_parts, n_active, k).items():
        law[int(recall * n_active)] = probability
    sensitivity = Sensitivity.of([(UniformSubset(n_parts, n_active, k), n_windows)])
    of_total = convolution_power(law, n_windows)
    critical = next(total for total in range(len(of_total)) if upper_tail(of_total, total) < 0.01)

    def with_lift(lift):
        return convolution_power(tilted(law, law @ np.arange(n_active + 1) + n_active * lift), n_windows)

    found = with_lift(sensitivity.smallest_lift(alpha=0.01, power=0.8))
    assert upper_tail(found, critical) == pytest.approx(0.8, abs=0.03)
    for total in (0, len(of_total) // 2, critical):
        limit = sensitivity.largest_lift(total / n_windows / n_active - k / n_parts, level=0.95)
        if limit < sensitivity.most:
            assert with_lift(limit)[: total + 1].sum() == pytest.approx(0.05, abs=0.01)


@pytest.mark.parametrize("n_windows", [147, 223, 1752])
def test_the_formulas_are_kept_where_they_are_good(n_windows):
    null = UniformSubset(39, 5, 20)
    sensitivity = Sensitivity.of([(null, n_windows)])
    assert sensitivity.law is not None
    assert sensitivity.smallest_lift(alpha=0.01, power=0.8) == detectable_lift(n_windows, null.variance)
    lift = round(0.51 * n_windows * 5) / (n_windows * 5) - null.mean
    assert sensitivity.largest_lift(lift, level=0.95) == largest_lift(lift, n_windows, null.variance)


def test_a_perfect_list_has_no_greater_lift_above_it():
    sensitivity = Sensitivity.of([(UniformSubset(39, 5, 1), 1752)])
    assert sensitivity.most == pytest.approx(1 / 5 - 1 / 39)
    assert sensitivity.largest_lift(sensitivity.most, level=0.95) == pytest.approx(sensitivity.most)
    # one hit less: all windows hit with a probability of 95 %
    below = sensitivity.largest_lift(sensitivity.most - 1 / 1752 / 5, level=0.95)
    assert below == pytest.approx(0.95 ** (1 / 1752) / 5 - 1 / 39, rel=1e-9)


def test_the_origins_of_one_training_are_one_test():
    parts = Sensitivity.of([(ONE_OF_16, 20), (ONE_OF_16, 30)])
    whole = Sensitivity.of([(ONE_OF_16, 50)])
    assert (parts.n_items, parts.most) == (50, whole.most)
    assert parts.smallest_lift(alpha=0.01, power=0.8) == whole.smallest_lift(alpha=0.01, power=0.8)


def test_events_of_many_sizes_keep_the_formula_below_a_perfect_model():
    # their totals lie on a lattice of millions of steps
    null = UniformSubset.of_sizes(39, np.array([1, 7, 11, 13, 17, 19]), 20)
    sensitivity = Sensitivity.of([(null, 6)])
    assert sensitivity.law is None
    assert sensitivity.smallest_lift(alpha=0.01, power=0.8) == pytest.approx(detectable_lift(6, null.variance))
    assert sensitivity.smallest_lift(alpha=1e-9, power=0.8) == sensitivity.most
    assert sensitivity.largest_lift(0.4, level=0.95) == sensitivity.most


def test_predictions_of_other_classes_are_not_held_to_the_greatest_lift_of_these():
    labels = np.array([[number % 2, 0] for number in range(40)])
    uneven = np.array([1] * 5 + [0] * 35)
    null = PermutedLabels.of(uneven, labels, 2)
    sensitivity = Sensitivity.of([(null, 40)])
    assert sensitivity.most == pytest.approx(25 / 40 - 0.5)
    assert sensitivity.largest_lift(0.45, level=0.95) == largest_lift(0.45, 40, null.variance)
    assert sensitivity.largest_lift(0.05, level=0.95) <= sensitivity.most


def test_the_range_of_luck_is_the_exact_one_or_clipped_to_what_is_possible():
    exact = Sensitivity.of([(ONE_OF_16, 15)]).range_of_luck(1 / 16, SHARE)
    assert exact == pytest.approx(tuple(binom.ppf([0.025, 0.975], 15, 1 / 16) / 15))
    clipped = Sensitivity(15, ONE_OF_16.variance).range_of_luck(1 / 16, SHARE)
    assert clipped == pytest.approx((0.0, 1 / 16 + 1.96 * (ONE_OF_16.variance / 15) ** 0.5), abs=1e-4)


@pytest.mark.parametrize("lift", [-1.0, -0.9, -0.6])
def test_a_lift_below_all_that_the_law_can_have_has_the_limit_of_the_formula(lift):
    labels = np.array([[number % 2, 0] for number in range(40)])
    null = PermutedLabels.of(np.array([1] * 5 + [0] * 35), labels, 2)  # 15 to 25 of 40 are right
    assert Sensitivity.of([(null, 40)]).largest_lift(lift, level=0.95) == largest_lift(lift, 40, null.variance)
