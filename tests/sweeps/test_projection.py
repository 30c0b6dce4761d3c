"""How long the rest of a sweep can take: a bound that is said once, and again only when it was wrong."""

import re

import pytest

from c5snn.records import write_curves
from c5snn.sweeps.console import Projection
from c5snn.sweeps.job import Outcome


@pytest.fixture
def trial(small_run):
    """Make the outcome of a trial from the seconds of its epochs."""

    def make(*seconds: float) -> Outcome:
        write_curves(small_run.folder / "metrics.csv", [{"epoch": i, "epoch_time_s": s} for i, s in enumerate(seconds)])
        return Outcome("key", "finished", "", 1, small_run)

    return make


def test_the_first_trial_bounds_those_left_by_its_first_two_epochs(trial):
    said = Projection(n_trials=6, n_workers=2).after(trial(1.0, 3.0, 50.0), 100)
    assert said.startswith("time left at most 0:10:00 (h:mm:ss): 5 trials of at most 0:03:20")


def test_it_is_said_again_only_when_a_trial_is_half_as_slow_again(trial):
    projection = Projection(n_trials=9, n_workers=1)
    said = [projection.after(trial(seconds, seconds), 100) for seconds in (2.0, 1.0, 2.9, 4.0, 5.0)]
    assert [bool(line) for line in said] == [True, False, False, True, False]
    assert "at most 0:33:20 (h:mm:ss): 5 trials of at most 0:06:40" in said[3]


@pytest.mark.slow
@pytest.mark.parametrize(("seconds", "warns"), [(11.9, False), (12.1, True)])
def test_a_trial_of_more_than_twenty_minutes_is_a_warning(seconds, warns, trial):
    said = Projection(n_trials=2, n_workers=1).after(trial(seconds, seconds), 100)
    assert bool(re.match("warning: ", said)) == warns


def test_nothing_is_said_of_what_says_nothing(trial):
    projection = Projection(n_trials=9, n_workers=1)
    assert projection.after(Outcome("key", "oom", "why", 1, None), 100) is None
    assert projection.after(trial(2.0), 100) is None
    assert projection.after(trial(2.0, 2.0), 2) is None
    assert projection.after(trial(0.0, 0.0), 100) is None
    assert projection.after(trial(2.0, 2.0), 100) is not None


def test_after_the_last_trial_there_is_nothing_to_project(trial):
    assert Projection(n_trials=1, n_workers=1).after(trial(2.0, 2.0), 100) is None
