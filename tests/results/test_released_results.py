"""Results that earlier releases have left, one folder each, are still read as they were written."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from c5snn.cli import main
from c5snn.training.result import load

RELEASED = sorted(path.parent for path in Path(__file__).parent.glob("*/*/result.json"))


def numbers(content):
    """Return every number of a record, in its order."""
    if isinstance(content, dict):
        content = list(content.values())
    if isinstance(content, list):
        return [number for value in content for number in numbers(value)]
    return [content] if isinstance(content, int | float) else []


@pytest.fixture(params=RELEASED, ids=lambda folder: f"{folder.parent.name} {folder.name}")
def released(request, tmp_path):
    """A copy of a run's record, so that nothing is written beside the released one."""
    return Path(shutil.copytree(request.param, tmp_path / request.param.parent.name / request.param.name))


def test_the_first_release_has_left_results():
    assert "0.1.0" in {folder.parent.name for folder in RELEASED}


def test_every_number_of_a_released_run_is_read(released):
    written = json.loads((released / "result.json").read_text())
    run = load(released)
    assert (run.status, run.seed, run.n_epochs) == (written["status"], written["seed"], written["n_epochs"])
    assert run.val == written["val"]
    assert run.data.n_windows == written["data"]["n_windows"]
    assert numbers(run.test) == numbers(json.loads((released / "test_metrics.json").read_text()))
    with (released / "metrics.csv").open(newline="") as file:
        assert run.learning_curve == [
            {name: float(value) for name, value in row.items() if value} for row in csv.DictReader(file)
        ]
    assert run.provenance["c5snn"] == released.parent.name
    with np.load(released / "rankings.npz") as saved:
        assert saved["rankings"].shape == (run.data.n_windows["test"], run.data.n_parts)


def test_a_released_run_is_reported(released, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["report", str(released)]) == 0
    recall = load(released).test["metrics"]["recall_at_20"]["value"]
    assert f"{recall:.4f}" in capsys.readouterr().out
