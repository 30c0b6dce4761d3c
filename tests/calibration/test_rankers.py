"""Untrained rankers: three kinds, all of the past alone."""

import numpy as np
import pytest

from c5snn.data import EventDataModule, Repeat, synthesize, write_events
from c5snn.evidence import distinct_rankings
from calibration.rankers import N_OF_A_KIND, untrained_rankings


def opened(path) -> EventDataModule:
    data = EventDataModule(path=str(path))
    data.setup()
    return data


@pytest.fixture(scope="module")
def rankings(tmp_path_factory):
    """All rankings of a fair history, and those of the same history with other events from half of the test on."""
    folder = tmp_path_factory.mktemp("histories")
    history = synthesize(Repeat(), strength=0.0, n_events=300, data_seed=1).history
    write_events(history, folder / "first.csv")
    history.parts[-20:] = [1, 2, 3, 4, 5]
    write_events(history, folder / "second.csv")
    return [untrained_rankings(opened(folder / name)) for name in ("first.csv", "second.csv")]


def test_there_are_twelve_different_rankers_of_each_kind(rankings):
    for rankers in rankings[0].values():
        assert len(np.unique(rankers, axis=0)) == N_OF_A_KIND


def test_an_event_changes_no_ranking_of_its_own_window_or_before(rankings):
    first, second = rankings
    for kind, rankers in first.items():
        np.testing.assert_array_equal(rankers[:, :-19], second[kind][:, :-19])


def test_counts_follow_the_events_and_fixed_lists_do_not(rankings):
    first, second = rankings
    assert (first["decayed counts"][:, -19:] != second["decayed counts"][:, -19:]).any(axis=(1, 2)).all()
    assert all(distinct_rankings(ranker) == 1 for ranker in first["fixed lists"])
    assert max(distinct_rankings(ranker) for ranker in first["SpikeGRU, random weights"]) > 30
