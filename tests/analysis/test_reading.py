"""Searches are read from the tables of other tools."""

import json

import pytest

from c5snn.analysis.reading import read_search
from c5snn.errors import ConfigError, DataError
from tests.analysis.conftest import write_table


def trials(**fields):
    base = {"number": 0, "value": 0.5, "params": {"lr": 0.1, "wide": True, "kind": "a"}, "state": "COMPLETE"}
    return [{**base, "number": i, **{name: column[i] for name, column in fields.items()}} for i in range(5)]


@pytest.mark.parametrize(
    "states",
    [["0", "1", "2", "3", "4"], [0, 1, 2, 3, 4], ["running", "COMPLETE", "TrialState.PRUNED", "FAIL", "WAITING"]],
)
def test_states_are_read_as_names_and_as_numbers(tmp_path, states):
    values = [None, 0.5, 0.4, None, None]
    path = tmp_path / "study.json"
    path.write_text(json.dumps({"trials_summary": trials(state=states, value=values)}))
    found = read_search(str(path)).search
    assert [trial.state for trial in found.trials] == ["running", "complete", "pruned", "failed", "running"]
    assert (len(found.complete), len(found.pruned)) == (1, 1)


def test_the_direction_of_a_study_follows_from_its_best_value(tmp_path):
    path = tmp_path / "study.json"
    content = {"trials_summary": trials(value=[0.5, 0.1, 0.9, 0.4, 0.3]), "best_value": 0.1}
    path.write_text(json.dumps(content))
    assert read_search(str(path)).search.best.number == 1
    assert read_search(str(path), mode="max").search.best.number == 2
    path.write_text(json.dumps({**content, "direction": "MAXIMIZE"}))
    assert read_search(str(path)).search.best.number == 2


def test_a_trial_a_file_is_read(tmp_path):
    for i in range(4):
        trial = {
            "trial_number": i,
            "value": i / 4,
            "params": {"depth": i},
            "state": "COMPLETE",
            "architecture": {"n": 9},
        }
        (tmp_path / f"trial_{i}.json").write_text(json.dumps(trial))
    found = read_search(str(tmp_path)).search
    assert [(t.number, t.value, t.params, t.metrics["n"]) for t in found.trials][3] == (3, 0.75, {"depth": 3}, 9)


def test_cells_have_types_and_empty_ones_were_not_sampled(tmp_path):
    rows = [
        {
            "number": i,
            "val_loss": 1.0 - i / 10,
            "depth": f"{i}.0",
            "flag": str(i > 1),
            "lr": "1e-3",
            "c": "",
            "best_epoch": 3,
        }
        for i in range(4)
    ]
    rows[2]["c"] = "x"
    found = read_search(str(write_table(tmp_path / "t.csv", rows))).search
    assert found.mode == "min"
    assert [trial.params.get("depth") for trial in found.trials] == [0, 1, 2, 3]
    assert all(isinstance(trial.params["depth"], int) for trial in found.trials)
    assert found.trials[2].params == {"depth": 2, "flag": True, "lr": 0.001, "c": "x"}
    assert "c" not in found.trials[0].params
    assert {option.name for option in found.options} == {"depth", "flag", "lr", "c"}


def test_the_tables_of_optuna_itself_are_read(tmp_path):
    rows = [
        {
            "number": i,
            "value": i,
            "datetime_start": "now",
            "params_lr": 0.1 * (i + 1),
            "user_attrs_acc": i,
            "state": "COMPLETE",
        }
        for i in range(3)
    ]
    found = read_search(str(write_table(tmp_path / "t.csv", rows)), metric="acc").search
    assert [option.name for option in found.options] == ["lr"]
    assert found.metric == "acc"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("number,value,lr\n0,x,1\n", "row 2, column value"),
        ("number,value,lr\n0,1,1\n0,1,2\n", "trial 0 stands there twice"),
        ("number,value,state,lr\n0,1,odd,1\n", "row 2, column state"),
        ("number,value,lr\n0,1\n", "rows 2 have other lengths"),
        ("number,value,lr\n0.5,1,1\n", "row 2, column number"),
        ("number,lr\n0,1\n", "column `value`"),
        ("", "distinct names"),
        ("\x00", "row"),
    ],
)
def test_broken_tables_are_named_with_file_row_and_column(tmp_path, text, words):
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=words):
        read_search(str(path))


@pytest.mark.parametrize("text", ["[]", "{}", "{", '{"trials": [1]}', '{"trials": [{"number": 0, "params": 3}]}'])
def test_broken_studies_are_refused(tmp_path, text):
    path = tmp_path / "t.json"
    path.write_text(text)
    with pytest.raises(DataError, match=r"t\.json"):
        read_search(str(path))


def test_what_is_no_search_is_refused_with_what_would_be(workdir):
    with pytest.raises(ConfigError, match="sweep's folder, a CSV"):
        read_search("nothing")
    (workdir / "empty").mkdir()
    with pytest.raises(ConfigError, match="sweep's folder, a CSV"):
        read_search("empty")


@pytest.mark.parametrize(
    ("metric", "mode"),
    [
        ("val_acc", "max"), ("error=val_acc", "max"), ("error=1-val_acc", "min"), ("val_acc_a*2-0.5", "max"),
        ("accuracy=1-val_loss", "max"), ("mean=(3*val_acc_a+val_acc)/4", "max"), ("mean=val_loss/2", "min"),
    ],
)  # fmt: skip
def test_the_direction_of_a_metric_follows_from_its_name_or_its_arithmetic(tmp_path, metric, mode):
    rows = [{"number": i, "val_acc": i / 4, "val_acc_a": i / 3, "val_loss": 1 - i / 4, "x": i} for i in range(4)]
    found = read_search(str(write_table(tmp_path / "t.csv", rows)), metric=metric).search
    assert found.mode == mode
    assert found.best.number == 3


@pytest.mark.parametrize(
    "metric",
    ["1-val_acc", "-val_acc", "gap=val_acc-val_acc_a", "x=1/val_acc", "x=val_acc*-2", "x=val_acc*val_acc_a",
     "x=val_acc/val_acc_a", "x=val_acc+val_loss"],
)  # fmt: skip
def test_a_metric_of_unknown_direction_needs_one(tmp_path, metric):
    rows = [{"number": i, "val_acc": 1 + i, "val_acc_a": 2 + i, "val_loss": 1 - i / 4, "x": i} for i in range(4)]
    path = str(write_table(tmp_path / "t.csv", rows))
    with pytest.raises(ConfigError, match="`--mode max` or `--mode min`"):
        read_search(path, metric=metric)
    assert read_search(path, metric=metric, mode="min").search.mode == "min"


def test_a_metric_that_is_not_recorded_is_refused_with_those_that_are(sorted_split):
    with pytest.raises(ConfigError, match="val_acc_S4 is not; recorded are: val_acc, val_acc_S1"):
        read_search(str(sorted_split), metric="x=val_acc_S4*2")
