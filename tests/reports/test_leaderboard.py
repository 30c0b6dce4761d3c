"""A comparison of runs: means over seeds, p-values over the whole of it, and only of what can be compared."""

import pytest

from c5snn.errors import ConfigError
from c5snn.reports.leaderboard import contenders, group_runs, summary, summary_sentence
from c5snn.reports.leaderboard_table import markdown
from c5snn.training.evaluation import test_run as score_run


@pytest.fixture
def two_models(workdir):
    """A baseline that cannot learn and the oracle's own kernel, on a strong signal."""
    words = ["--data.n_events", "1200", "--data.window", "3", "--data.strength", "3.0"]
    frequency = score_run(["--config", "frequency.yaml", *words]).run
    latest = ["--model.frequency_weight", "0", "--model.decay", "0.01"]
    repeat = score_run(["--config", "frequency.yaml", *words, *latest]).run
    return workdir, [frequency, repeat]


def test_runs_are_grouped_by_what_differs(two_models):
    groups = group_runs(two_models[1])
    assert list(groups) == [
        "frequency decay=default frequency_weight=default",
        "frequency decay=0.01 frequency_weight=0.0",
    ]


def test_a_strong_signal_is_found_after_correction(two_models):
    entries = contenders(group_runs(two_models[1]), n_draws=2_000)
    by_label = {entry.label: entry for entry in entries}
    best = by_label["frequency decay=0.01 frequency_weight=0.0"]
    assert best.p_family == pytest.approx(1 / 2_001)
    assert all(entry.p_family >= entry.p_value for entry in entries)
    assert "better than chance" in summary_sentence(entries)
    assert best.label in markdown(entries)


def test_runs_on_other_events_are_refused(two_models):
    other = score_run(["--config", "frequency.yaml", "--data.n_events", "1200", "--data.data_seed", "2"]).run
    with pytest.raises(ConfigError, match="same events"):
        contenders(group_runs([*two_models[1], other]))


def test_untested_runs_are_no_contenders(small_run):
    with pytest.raises(ConfigError, match="c5snn test"):
        group_runs([small_run])


def test_one_seed_has_no_spread():
    assert summary([0.5]).std is None
    assert summary([0.5, 0.7]).std == pytest.approx(0.1 * 2**0.5)
