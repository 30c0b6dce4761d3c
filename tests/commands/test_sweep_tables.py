"""What a sweep shows between its stages: all points counted and sorted, repeated ones marked, and the confirmed."""

import re

import pytest

from c5snn.commands.sweep_tables import confirmed_table, print_screened, screened_table
from c5snn.sweeps.plan import make_plan
from c5snn.sweeps.spec import Confirm, SweepSpec
from tests.sweeps.test_driver import sweep

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """Run a sweep of counters, of which the learning rate changes nothing; return plan, result, tables and lines."""
    space = {"model.decay": [0.5, 0.9], "optimizer.lr": [0.1, 0.2]}
    options = {"data.n_events": 120, "data.window": 5}
    spec = SweepSpec("frequency.yaml", space, options, confirm=Confirm(1, [42, 7]), allow_inert=True)
    plan = make_plan(spec, [])
    tables = []
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("swept")
        patch.chdir(folder)
        result = sweep(plan, folder / "out", on_screened=lambda outcomes: tables.append(dict(outcomes)))
    return plan, result, tables


def test_all_points_are_listed_the_best_first_and_repeated_ones_name_their_original(shown):
    plan, _, (outcomes,) = shown
    table = screened_table(plan, outcomes)
    assert table.columns == ["no.", "decay", "lr", "val_recall_at_20", "val_hit_at_20", "training", "same as"]
    values = [float(row[3]) for row in table.rows]
    assert values == sorted(values, reverse=True)
    assert {row[0]: row[-1] for row in table.rows} == {"1": "", "2": "1", "3": "", "4": "3"}


def test_the_table_of_all_stands_before_anything_is_confirmed(shown):
    _, result, (outcomes,) = shown
    assert len(outcomes) == 2
    assert len(result.outcomes) == 3  # the screened seed of the best serves its confirmation


def test_the_first_ones_are_shown_and_the_rest_is_said_to_be_there(shown, capsys):
    plan, _, (outcomes,) = shown
    print_screened(plan, outcomes, 3)
    text = capsys.readouterr().out
    assert text.startswith("screened: 4 configurations by val_recall_at_20, the first 3 (--all shows all)\n")
    assert len(re.findall(r"^│ \d", text, flags=re.MULTILINE)) == 3


def test_a_confirmed_configuration_has_its_options_and_a_mean_with_its_spread(shown):
    _, result, _ = shown
    table = confirmed_table(result.entries, result.options)
    assert table.columns == ["place", "decay", "lr", "Recall@20", "Hit@20", "seeds"]
    ((place, decay, _, recall, hit, seeds),) = table.rows
    assert (place, seeds) == ("1", "2")
    assert decay in {"0.5", "0.9"}
    assert re.fullmatch(r"0\.\d{4} ± 0\.\d{4}", recall)
    assert re.fullmatch(r"[01]\.\d{4} ± 0\.\d{4}", hit)


def test_points_are_counted_and_repeated_ones_marked(shown, workdir, capsys):
    plan, _, _ = shown
    sweep(plan, workdir / "out", max_trials=2)
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith(("[", "screen"))]
    assert lines[0] == "screen: 4 configurations, 0 done already"
    assert [line.split()[0] for line in lines[1:]] == ["[1/4]", "[2/4]", "[3/4]", "[4/4]"]
    assert lines[2].endswith("= [1], the same computation")
    assert lines[4].endswith("= [3], the same computation")
