import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2, multivariate_hypergeom

from c5snn.data.events.history import EventHistory
from c5snn.data.events.summary import summarise, uniformity


def test_gaps_are_the_steps_longer_than_a_day():
    days = np.datetime64("2000-01-01") + np.array([0, 1, 3, 4, 10])
    summary = summarise(EventHistory(days, np.array([[1, 2], [1, 3], [1, 2], [2, 3], [1, 2]]), 4))
    assert (summary.n_gaps, summary.longest_gap) == (2, 6)
    assert summary.counts.tolist() == [4, 4, 2, 0]


def test_a_history_of_one_event_has_no_gap():
    summary = summarise(EventHistory(np.array(["2000-01-01"], dtype="datetime64[D]"), np.array([[1, 2]]), 4))
    assert (summary.n_gaps, summary.longest_gap) == (0, 0)


@given(st.integers(2, 12), st.data())
def test_the_statistic_is_the_mahalanobis_distance_of_the_counts_from_fairness(n_parts, data):
    n_active = data.draw(st.integers(1, n_parts - 1))
    n_events = data.draw(st.integers(1, 50))
    draws = [data.draw(st.permutations(range(n_parts))) for _ in range(min(n_events, 4))]
    events = [draws[t % len(draws)][:n_active] for t in range(n_events)]
    counts = np.bincount(np.ravel(events).astype(int), minlength=n_parts)
    covariance = n_events * multivariate_hypergeom(m=[1] * n_parts, n=n_active).cov()
    distance = counts - n_events * n_active / n_parts
    expected = float(distance @ np.linalg.pinv(covariance) @ distance)
    found = uniformity(counts, n_events)
    assert found.statistic == pytest.approx(expected, abs=1e-9)
    assert found.degrees_of_freedom == np.linalg.matrix_rank(covariance)
    assert found.p_value == pytest.approx(chi2(n_parts - 1).sf(expected), abs=1e-9)
