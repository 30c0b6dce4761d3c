"""Results that earlier releases have left, one folder each, are still read as they were written."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from c5snn.cli import main
from c5snn.records import load_run
from c5snn.training.lightning_cli import C5CLI

RELEASED = sorted(path.parent for path in Path(__file__).parent.glob("*/*/result.json"))


@pytest.fixture(params=RELEASED, ids=lambda folder: f"{folder.parent.name} {folder.name}")
def released(request, tmp_path):
    """A copy of a run's record, so that nothing is written beside the released one."""
    return Path(shutil.copytree(request.param, tmp_path / request.param.parent.name / request.param.name))


def test_the_first_release_has_left_results():
    assert "0.1.0" in {folder.parent.name for folder in RELEASED}


def test_every_number_of_a_released_run_is_read(released):
    written = json.loads((released / "result.json").read_text())
    run = load_run(released)
    assert (run.status, run.seed, run.n_epochs) == (written["status"], written["seed"], written["n_epochs"])
    assert run.val == written["val"]
    assert run.data.n_items == written["data"]["n_windows"]
    with (released / "metrics.csv").open(newline="") as file:
        assert run.learning_curve == [
            {name: float(value) for name, value in row.items() if value} for row in csv.DictReader(file)
        ]
    assert run.provenance["c5snn"] == released.parent.name


def test_every_number_of_a_released_test_is_read(released):
    written = json.loads((released / "test_metrics.json").read_text())
    test = load_run(released).test
    for name, entry in written["metrics"].items():
        found = test.metrics[name]
        assert (found.value, found.chance, found.lift) == (entry["value"], entry["chance"], entry["lift"])
        assert (found.p, found.interval) == (entry["p_value"], tuple(entry["interval"]))
        assert found.is_exact == (name != "mrr")
    (reference,) = test.references
    listed = written["fixed_list"]
    assert (reference.value, reference.difference) == (listed["recall_at_20"], listed["difference"])
    assert (reference.interval, reference.p) == (tuple(listed["interval"]), listed["p_value"])
    assert (test.n_distinct, test.skill) == (written["distinct_rankings"], written["captured_lift"])
    assert test.verdict.learns == written["verdict"]["learns_from_history"]


def test_the_items_of_a_released_test_are_those_of_its_rankings(released):
    run = load_run(released)
    with np.load(released / "rankings.npz") as saved:
        listed = [set(ranking[:20].tolist()) for ranking in saved["rankings"]]
        expected = [len(parts & set(event.tolist())) / 5 for parts, event in zip(listed, saved["events"], strict=True)]
    assert run.items.scores.tolist() == pytest.approx(expected)
    assert run.items.scores.mean() == pytest.approx(run.test.score.value)


def test_the_facts_of_a_released_run_are_recorded_of_its_data(released):
    run = load_run(released)
    assert (run.data.facts["signal"], run.data.facts["n_parts"]) == ({"class": "Repeat", "lag": 1}, 39)
    assert run.class_path == "c5snn.models.spike_gru.SpikeGRU"
    assert not run.is_baseline


def test_a_released_run_is_reported(released, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["report", str(released)]) == 0
    recall = load_run(released).test.score.value
    assert f"{recall:.4f}" in capsys.readouterr().out


def test_a_released_run_is_opened_on_the_history_that_it_has_seen(released, workdir, capsys):  # noqa: ARG001
    assert main(["predict", str(released)]) == 2  # its checkpoint is not kept here; its data is looked at first
    assert "best.ckpt" in capsys.readouterr().err
    data = C5CLI(["--config", str(released / "config.yaml"), "--data.generator_version", "1"]).datamodule
    data.setup("test")
    assert data.describe().test_identity == load_run(released).data.test_identity
