"""A task that nobody above knows fits, is tested, predicts, sweeps and is reported without a line elsewhere."""

import os
import shutil
import sys
from pathlib import Path

import pytest
import torch

from c5snn.cli import main
from c5snn.records import load_run
from tests.tasks.contract import TaskContract
from tests.tasks.toy import ToyData, ToyModel

FIT = ["--model", "toy.ToyModel", "--data", "toy.ToyData", "--optimizer.lr", "0.1", "--trainer.max_epochs", "5"]


class TestToy(TaskContract):
    def data(self):
        return ToyData()

    def model(self):
        return ToyModel()

    def constant_outputs(self, data):
        return torch.ones(len(data.labels[2]))


@pytest.fixture
def toy(workdir, monkeypatch):
    """The toy beside the current folder's files, and allowed."""
    shutil.copy(Path(__file__).parent / "toy.py", workdir)
    monkeypatch.setenv("C5SNN_ALLOWED_IMPORTS", "toy")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(workdir), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.syspath_prepend(workdir)
    yield workdir
    sys.modules.pop("toy", None)


@pytest.mark.usefixtures("toy")
def test_it_fits_is_tested_and_predicts(capsys):
    assert main(["fit", *FIT]) == 0
    assert main(["test", "lightning_logs/toy"]) == 0
    assert main(["predict", "lightning_logs/toy", "--top-k", "3"]) == 0
    shown = capsys.readouterr().out
    assert "accuracy is better than chance" in shown
    assert "test items" in shown
    run = load_run("lightning_logs/toy")
    assert run.class_path == "toy.ToyModel"
    assert run.test.verdict.learns
    assert run.val["val_accuracy"] > 0.9


@pytest.mark.usefixtures("toy")
def test_another_tasks_data_is_refused_by_name(capsys):
    assert main(["fit", "--model", "toy.ToyModel"]) == 2
    assert "`ToyModel` must be given a `ToyData`, but `data` is a `EventDataModule`" in capsys.readouterr().err
    assert main(["fit", "--config", "gru.yaml", "--data", "toy.ToyData"]) == 2
    assert "`GRU` must be given a `EventDataModule`" in capsys.readouterr().err


def test_it_sweeps_and_is_reported(toy, capsys):
    base = "model: {class_path: toy.ToyModel}\ndata: {class_path: toy.ToyData}\ntrainer: {max_epochs: 3}\n"
    (toy / "toy.yaml").write_text(base + "optimizer: {class_path: Adam, init_args: {lr: 0.1}}\n")
    spec = "base: toy.yaml\nspace:\n  model.hidden_size: [2, 4]\nconfirm: {top_k: 1, seeds: [1, 2]}\n"
    (toy / "toy_sweep.yaml").write_text(spec)
    assert main(["sweep", "toy_sweep.yaml", "--workers", "2", "--output", "swept"]) == 0
    header = (toy / "swept/screening.csv").read_text().splitlines()[0]
    assert header == "config_id,hidden_size,val_accuracy,training_time_s,best_epoch"
    capsys.readouterr()
    assert main(["report", "swept", "--output", "report.html"]) == 0
    assert "accuracy" in capsys.readouterr().out
    page = (toy / "report.html").read_text()
    assert "constant class" in page
    assert "Recall@20" not in page
