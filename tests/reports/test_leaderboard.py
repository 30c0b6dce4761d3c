"""A comparison of configurations: means over seeds, exact references, p-values over the whole of it."""

import numpy as np
import pytest

from c5snn.errors import ConfigError
from c5snn.evidence import family_p, recall_at_k
from c5snn.reports.contender import summary
from c5snn.reports.leaderboard import contenders
from c5snn.reports.leaderboard_table import leaderboard_table
from c5snn.training.evaluation import test_run as score_run


@pytest.fixture
def groups(make_run, rankings_of):
    """A lucky and a knowing configuration, two seeds each; validation prefers the second."""
    return {
        label: [
            make_run(f"{label}_{seed}", seed=seed, rankings=rankings_of(seed, share), val={"val_recall_at_20": val})
            for seed in (1, 2)
        ]
        for label, share, val in (("lucky", 0.0, 0.51), ("knowing", 0.5, 0.7))
    }


def test_validation_decides_the_order(groups):
    assert [entry.label for entry in contenders(groups, n_draws=500)] == ["knowing", "lucky"]


def test_p_is_that_of_the_rankings_of_all_seeds_together(groups, rankings_of, events):
    stacks = [np.stack([rankings_of(seed, share) for seed in (1, 2)]) for share in (0.5, 0.0)]
    expected = family_p(stacks, events, n_draws=500)
    found = contenders(groups, n_draws=500)
    assert [(entry.p_value, entry.p_family) for entry in found] == [tuple(p) for p in expected]


def test_the_interval_is_that_of_the_mean_over_seeds_in_each_window(groups, rankings_of, events):
    values = np.mean([recall_at_k(rankings_of(seed, 0.5), events, 20) for seed in (1, 2)], axis=0)
    half_width = 1.96 * values.std(ddof=1) / len(values) ** 0.5
    knowing = contenders(groups, n_draws=500)[0]
    assert knowing.interval == pytest.approx((values.mean() - half_width, values.mean() + half_width))
    assert knowing.standard_error == pytest.approx(half_width / 1.96)


def test_the_difference_to_the_fixed_list_is_paired_over_all_seeds(groups, rankings_of, events):
    ones = np.mean([recall_at_k(rankings_of(seed, 0.5), events, 20) for seed in (1, 2)], axis=0)
    listed = (events <= 20).mean(axis=1)  # the list of the first twenty parts
    knowing = contenders(groups, n_draws=500)[0]
    assert knowing.over_list.mean == pytest.approx((ones - listed).mean())
    assert knowing.over_list.p_greater < 1e-6
    assert knowing.fixed_list == pytest.approx(listed.mean())


def test_tests_that_kept_no_list_have_the_difference_without_an_interval(make_run, rankings_of, events):
    rankings = rankings_of(3, 0.5)
    (entry,) = contenders({"a": [make_run("a", rankings=rankings, fixed_list=None)]}, n_draws=50)
    expected = (recall_at_k(rankings, events, 20) - (events <= 20).mean(axis=1)).mean()
    assert entry.over_list.mean == pytest.approx(expected)
    assert entry.over_list.interval is None
    assert entry.over_list.p_greater is None


def test_one_ranking_for_all_windows_ignores_the_input(make_run, rankings_of):
    constant = np.tile(np.arange(1, 40, dtype=np.uint8), (300, 1))
    blind = make_run("blind", rankings=constant)
    seeing = make_run("seeing", rankings=rankings_of(1))
    found = {entry.label: entry.ignores_input for entry in contenders({"b": [blind], "s": [seeing]}, n_draws=50)}
    assert found == {"b": True, "s": False}


def test_origins_are_pooled_into_one_test(make_run, rankings_of, events):
    parts = [slice(0, 150), slice(150, 300)]
    rankings = rankings_of(4, 0.3)
    runs = [
        make_run(
            f"origin_{i}", rankings=rankings[part], events=events[part],
            data={"n_origins": 2, "origin": i, "last_target": f"2005-0{i + 1}-01", "n_windows": {"test": 150}},
        )
        for i, part in enumerate(parts)
    ]  # fmt: skip
    (pooled,) = contenders({"a": runs}, n_draws=500)
    (whole,) = contenders({"a": [make_run("whole", rankings=rankings)]}, n_draws=500)
    assert pooled.value == pytest.approx(whole.value)
    assert (pooled.p_value, pooled.interval, pooled.over_list) == (whole.p_value, whole.interval, whole.over_list)


def test_runs_on_other_windows_are_refused(make_run, rankings_of):
    here, there = (
        make_run("a", rankings=rankings_of()),
        make_run("b", rankings=rankings_of(), data={"sha256": "b" * 64}),
    )
    with pytest.raises(ConfigError, match="same events"):
        contenders({"a": [here], "b": [there]})


def test_untested_runs_are_no_contenders(make_run):
    with pytest.raises(ConfigError, match="c5snn test"):
        contenders({"a": [make_run("a")]})


def test_columns_that_hold_nothing_are_left_out(groups):
    entries = contenders(groups, n_draws=50)
    table = leaderboard_table(entries)
    assert all(len(row) == len(table.columns) for row in table.rows)
    assert not any({row[i] for row in table.rows} == {"–"} for i in range(len(table.columns)))


def test_one_seed_has_no_spread():
    assert summary([0.5]).std is None
    assert summary([0.5, 0.7]).std == pytest.approx(0.1 * 2**0.5)


def test_a_real_test_keeps_the_list_that_it_was_compared_with(workdir):
    tested = score_run(["--config", "frequency.yaml", "--data.n_events", "600", "--data.window", "3"])
    (entry,) = contenders({"frequency": [tested.run]}, n_draws=50)
    assert entry.over_list.mean == pytest.approx(tested.score.over_list.mean)
    assert entry.over_list.p_greater == pytest.approx(tested.score.over_list.p_greater)
    assert workdir in tested.run.folder.resolve().parents
