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


@pytest.mark.slow
@given(st.integers(2, 12), st.data())
def test_the_statistic_is_the_mahalanobis_distance_of_the_counts_from_fairness(n_parts, data):
    sizes = np.array(data.draw(st.lists(st.integers(0, n_parts), min_size=1, max_size=20)))
    events = [data.draw(st.permutations(range(n_parts)))[:size] for size in sizes.tolist()]
    counts = np.bincount(np.concatenate([np.array(event, dtype=int) for event in events]), minlength=n_parts)
    covariance = sum(multivariate_hypergeom(m=[1] * n_parts, n=size).cov() for size in sizes.tolist())
    distance = counts - sizes.sum() / n_parts
    expected = float(distance @ np.linalg.pinv(covariance) @ distance)
    found = uniformity(counts, sizes)
    assert found.statistic == pytest.approx(expected, abs=1e-9)
    assert found.degrees_of_freedom == n_parts - 1
    assert found.p_value == pytest.approx(chi2(n_parts - 1).sf(expected), abs=1e-9)


@pytest.mark.parametrize(
    ("dates", "gaps"),
    [
        (np.array(["2000-01-01T13:30", "2000-01-01T19:30", "2000-01-04T13:30"], "datetime64[m]"), (1, 3)),
        (np.array([5, 6, 9]), (1, 3)),
    ],
    ids=["times", "numbers"],
)
def test_gaps_are_days_also_between_times_and_numbers_where_there_are_no_dates(dates, gaps):
    summary = summarise(EventHistory(dates, np.array([[1, 2], [1, 3], [1, 2]]), 4))
    assert (summary.n_gaps, summary.longest_gap) == gaps
