"""Untrained rankers: three kinds, all of the past alone."""

import numpy as np
import pytest

from c5snn.data import EventDataModule, Repeat, synthesize, write_events
from calibration.rankers import N_OF_A_KIND, untrained_lists


def opened(path) -> EventDataModule:
    data = EventDataModule(path=str(path))
    data.setup()
    return data


@pytest.fixture(scope="module")
def lists(tmp_path_factory):
    """All lists of a fair history, and those of the same history with other events from half of the test on."""
    folder = tmp_path_factory.mktemp("histories")
    history = synthesize(Repeat(), strength=0.0, n_events=300, data_seed=1).history
    write_events(history, folder / "first.csv")
    history.parts[-20:] = [1, 2, 3, 4, 5]
    write_events(history, folder / "second.csv")
    return [untrained_lists(opened(folder / name)) for name in ("first.csv", "second.csv")]


def test_there_are_twelve_different_rankers_of_each_kind(lists):
    for rankers in lists[0].values():
        assert len(np.unique(rankers, axis=0)) == N_OF_A_KIND


def test_an_event_changes_no_list_of_its_own_window_or_before(lists):
    first, second = lists
    for kind, rankers in first.items():
        np.testing.assert_array_equal(rankers[:, :-19], second[kind][:, :-19])


def test_counts_follow_the_events_and_fixed_lists_do_not(lists):
    first, second = lists
    assert (first["decayed counts"][:, -19:] != second["decayed counts"][:, -19:]).any(axis=(1, 2)).all()
    assert all(len(np.unique(ranker, axis=0)) == 1 for ranker in first["same list throughout"])
    assert max(len(np.unique(ranker, axis=0)) for ranker in first["SpikeGRU, random weights"]) > 30
