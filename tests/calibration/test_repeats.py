"""What is said to be known exactly of a repeating history, against histories that were drawn."""

import numpy as np
import pytest
from scipy import stats

from c5snn.data import Repeat, synthesize
from calibration.judging import size_of_test
from calibration.repeats import exact_power, law_of_listed, law_of_repeats


def drawn(strength: float, n_events: int, data_seed: int = 3) -> np.ndarray:
    history = synthesize(Repeat(lag=1), strength=strength, n_events=n_events, data_seed=data_seed).history
    return history.multi_hot().astype(bool)


@pytest.mark.parametrize("strength", [0.0, 0.5, 2.0])
def test_events_repeat_parts_of_the_last_one_by_their_law(strength):
    events = drawn(strength, 6_000)
    repeats = np.bincount((events[1:] & events[:-1]).sum(axis=1), minlength=6)
    law = law_of_repeats(strength)
    assert law.sum() == pytest.approx(1)
    three_or_more = [0, 1, 2, 3, 3, 3]  # without a signal, more than three are too rare for chi-squared
    observed, expected = (np.bincount(three_or_more, weights=counts) for counts in (repeats, law * 5_999))
    assert stats.chisquare(observed, expected).pvalue > 0.01


def test_without_a_signal_the_listed_parts_are_hypergeometric():
    np.testing.assert_allclose(law_of_listed(0.0), stats.hypergeom(39, 5, 20).pmf(np.arange(6)), rtol=1e-12)


def test_the_listed_parts_of_drawn_events_have_their_law():
    events = drawn(1.0, 6_000)
    order = np.random.default_rng(0).permutation(39)
    scores = events[:-1] * 100 - order  # the last event first, the rest in one order
    threshold = np.sort(scores, axis=1)[:, -20]
    listed = np.bincount((events[1:] & (scores >= threshold[:, None])).sum(axis=1), minlength=6)
    assert stats.chisquare(listed, law_of_listed(1.0) * 5_999).pvalue > 0.01


def test_a_signal_of_strength_zero_is_found_as_often_as_the_test_is_large():
    assert exact_power(0.0, 50, 0.05) == pytest.approx(size_of_test(50, 0.05))


def test_the_power_is_how_often_drawn_totals_are_significant():
    n_windows, generator = 60, np.random.default_rng(1)
    totals = generator.multinomial(n_windows, law_of_listed(0.7), size=20_000) @ np.arange(6)
    chance = generator.multinomial(n_windows, law_of_listed(0.0), size=200_000) @ np.arange(6)
    critical = next(total for total in range(5 * n_windows) if np.mean(chance >= total) < 0.05)
    assert exact_power(0.7, n_windows, 0.05) == pytest.approx(np.mean(totals >= critical), abs=0.015)
