"""``experiments.csv`` has one row a trial, in the columns of the earlier tool."""

import csv
import hashlib
import json

import pytest

from c5snn.cli import main
from c5snn.data import SeriesDataModule
from c5snn.records import load_run
from c5snn.sweeps.experiments import COLUMNS


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    """A grid over a series in a file, one of whose two trials diverges."""
    folder = tmp_path_factory.mktemp("sweep")
    data = SeriesDataModule(n_rows=700, n_channels=2, context=24, horizon=3)
    data.setup()
    lines = [f"{time},{a},{b}" for time, (a, b) in zip(data.series.times, data.series.values, strict=True)]
    (folder / "series.csv").write_text("\n".join(["time,a,b", *lines]) + "\n")
    (folder / "own.yaml").write_text(
        "base: patchtst_direction.yaml\n"
        "space: {optimizer.lr: [2.0e-3, 1.0e+30]}\n"
        f"options: {{data.path: {folder / 'series.csv'}, data.context: 24, data.horizon: 3, model.d_model: 8,\n"
        "  model.num_layers: 2, model.num_heads: 2, model.ffn_size: 12, trainer.max_epochs: 2}\n"
    )
    assert main(["sweep", str(folder / "own.yaml"), "--output", str(folder / "out"), "--workers", "1"]) == 4
    return folder / "out"


@pytest.mark.slow
def test_a_trial_that_finished_has_what_was_measured(output):
    with (output / "experiments.csv").open() as file:
        assert tuple(next(csv.reader(file))) == COLUMNS
    row = next(row for row in rows(output / "experiments.csv") if row["status"] == "finished")
    run = load_run(output / "trials" / row["experiment"])
    assert (row["task"], row["horizon"], row["timescale"], row["run_type"]) == (
        "direction",
        "3",
        "3600 seconds",
        "confirm",
    )
    assert float(row["val_loss"]) == run.val["val_loss"]
    assert int(row["param_count"]) == run.n_parameters
    assert [row[name] for name in ("d_model", "n_layers", "n_heads", "d_ff")] == ["8", "2", "2", "12"]
    assert json.loads(row["hyperparameters"])["optimizer.lr"] == 2e-3
    content = (output.parent / "series.csv").read_bytes()
    assert row["data_md5"] == hashlib.md5(content, usedforsecurity=False).hexdigest()
    assert row["script_path"] == str(output.parent / "own.yaml")


def test_a_trial_that_failed_has_its_shape_and_why(output):
    row = next(row for row in rows(output / "experiments.csv") if row["status"] == "diverged")
    assert "diverged in epoch" in row["error_message"]
    assert (row["d_model"], row["val_loss"], row["param_count"]) == ("8", "", "")
