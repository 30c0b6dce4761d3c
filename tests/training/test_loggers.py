"""Loggers get hyperparameters, curves, the test and its verdict, wherever they write; one that cannot ends the run."""

import csv
import sqlite3
import struct

import pytest

from c5snn.cli import main
from c5snn.training.evaluation import test_run as score_run
from c5snn.training.evaluation import validate_run
from c5snn.training.run import train


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def curves_of_tensorboard(folder):
    """The event files of a run, without that of its row."""
    return [path for path in folder.glob("events.*") if path.suffix != ".hparams"]


@pytest.mark.parametrize(
    "name", ["CSVLogger", pytest.param("lightning.pytorch.loggers.CSVLogger", marks=pytest.mark.slow)]
)
def test_a_csv_logger_is_given_by_its_name_alone_and_writes_into_the_run(small, name):
    run = train([*small, "--trainer.logger", name])
    logged = [row for row in rows(run.folder / "csv/version_0/metrics.csv") if row["val_loss"]]
    assert [float(row["val_loss"]) for row in logged] == pytest.approx([row["val_loss"] for row in run.learning_curve])
    assert curves_of_tensorboard(run.folder) == []
    assert "model.hidden_size: 8" in (run.folder / "csv/version_0/hparams.yaml").read_text()


@pytest.mark.slow
def test_several_loggers_write_side_by_side(small):
    both = '[{"class_path": "TensorBoardLogger"}, {"class_path": "CSVLogger", "init_args": {"save_dir": "own"}}]'
    run = train([*small, f"--trainer.logger={both}"])
    assert len(curves_of_tensorboard(run.folder)) == 1
    assert list(run.folder.parents[2].glob("own/*/*/metrics.csv"))


def test_the_test_reaches_the_logger_with_its_p(small):
    run = train([*small, "--trainer.logger", "CSVLogger"])
    tested = score_run([str(run.folder)])
    (row,) = [row for row in rows(run.folder / "csv/version_1/metrics.csv") if row["test_recall_at_20_p"]]
    assert float(row["test_recall_at_20"]) == pytest.approx(tested.test.metrics["recall_at_20"].value)
    assert float(row["test_recall_at_20_p"]) == pytest.approx(tested.test.metrics["recall_at_20"].p)


@pytest.mark.slow
def test_a_validation_logs_nothing(small):
    run = train([*small, "--trainer.logger", "CSVLogger"])
    before = sorted(run.folder.rglob("*"))
    validate_run([str(run.folder)])
    assert sorted(run.folder.rglob("*")) == before


def test_a_logger_that_cannot_write_is_one_line_and_leaves_nothing(small, workdir, capsys):
    (workdir / "taken").write_text("a file")
    words = ["--trainer.logger", "CSVLogger", "--trainer.logger.save_dir", "taken/logs"]
    assert main(["fit", *small, *words]) == 1
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("c5snn ")]
    assert line.startswith("c5snn fit: `CSVLogger` cannot write, so nothing was trained: ")
    assert [path.name for path in workdir.iterdir()] == ["taken"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_mlflow_has_options_curves_the_test_and_the_verdict_in_one_run(small, workdir):
    pytest.importorskip("mlflow")
    pytest.importorskip("sqlalchemy")
    store = ["--trainer.logger.tracking_uri", "sqlite:///mlflow.db"]
    run = train([*small, "--trainer.logger", "MLFlowLogger", *store])
    tested = score_run([str(run.folder)])
    with sqlite3.connect(workdir / "mlflow.db") as store:
        (one,) = store.execute("select run_uuid from runs").fetchall()
        options = dict(store.execute("select key, value from params").fetchall())
        curve = store.execute("select value from metrics where key = 'val_loss' order by step").fetchall()
        metrics = dict(store.execute("select key, value from latest_metrics").fetchall())
        tags = dict(store.execute("select key, value from tags").fetchall())
    assert one
    assert options["model.hidden_size"] == "8.0"
    assert [value for (value,) in curve] == pytest.approx([row["val_loss"] for row in run.learning_curve])
    assert metrics["test_recall_at_20"] == pytest.approx(tested.test.metrics["recall_at_20"].value)
    assert tags["verdict"] == tested.test.verdict.sentence


def records_of(content):
    """The records of a file of W&B, which has the format of LevelDB's log in blocks of 32 KiB."""
    block, at, parts = 32_768, 7, []
    while at + 7 <= len(content):
        if block - at % block < 7:
            at += block - at % block
            continue
        _, length, kind = struct.unpack("<IHB", content[at : at + 7])
        parts.append(content[at + 7 : at + 7 + length])
        at += 7 + length
        if kind in {1, 4}:  # the whole of a record, or its last part
            yield b"".join(parts)
            parts = []


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_wandb_has_options_curves_the_test_and_the_verdict_under_one_id(small, workdir, monkeypatch):
    wandb = pytest.importorskip("wandb")
    from wandb.proto import wandb_internal_pb2 as internal

    for name, value in (("MODE", "offline"), ("SILENT", "true"), ("DIR", str(workdir))):
        monkeypatch.setenv(f"WANDB_{name}", value)
    wandb.teardown()  # where it has run before, it remembers what was set then
    run = train([*small, "--trainer.logger", "WandbLogger"])
    tested = score_run([str(run.folder)])
    assert wandb.run is None
    summary, config, ids, curve = {}, {}, set(), []
    for path in sorted(workdir.glob("wandb/offline-run-*/*.wandb")):
        for content in records_of(path.read_bytes()):
            record = internal.Record.FromString(content)
            if record.WhichOneof("record_type") == "run":
                ids.add(record.run.run_id)
                config |= {entry.key: entry.value_json for entry in record.run.config.update}
            config |= {entry.key: entry.value_json for entry in record.config.update}
            summary |= {entry.key or entry.nested_key[0]: entry.value_json for entry in record.summary.update}
            curve += [
                float(item.value_json) for item in record.history.item if (item.key or item.nested_key[0]) == "val_loss"
            ]
    assert len(ids) == 1
    assert float(config["model.hidden_size"]) == 8
    assert curve == pytest.approx([row["val_loss"] for row in run.learning_curve])
    assert summary["verdict"] == f'"{tested.test.verdict.sentence}"'
    assert float(summary["test_recall_at_20"]) == pytest.approx(tested.test.metrics["recall_at_20"].value)
