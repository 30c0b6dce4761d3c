"""The task of the category keeps the contract of every task, and its metrics are what they are called."""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from c5snn.cli import main
from c5snn.data import ArcDataModule
from c5snn.data.arc.arc_task import CATEGORIES
from c5snn.data.arc.synthetic import synthesize_tasks
from c5snn.errors import ConfigError
from c5snn.evidence import PermutedLabels
from c5snn.models import GridFeatures, MajorityClass
from c5snn.records import load_run
from c5snn.tasks.judging import score_items
from tests.tasks.contract import TaskContract

SMALL = {"n_per_category": 15}


class TestCategory(TaskContract):
    def data(self):
        return ArcDataModule(**SMALL)

    def model(self):
        return GridFeatures()

    def constant_outputs(self, data):
        counts = torch.bincount(torch.from_numpy(data.targets("train")), minlength=9).double()
        return counts.expand(len(data.targets("test")), -1)


@pytest.fixture(scope="module")
def data():
    found = ArcDataModule(**SMALL)
    found.setup()
    return found


@pytest.fixture(scope="module")
def logits(data):
    return torch.from_numpy(np.random.default_rng(4).normal(size=(len(data.items("test")), 9)))


def test_the_metrics_of_a_test_are_those_that_are_logged(data, logits):
    metrics = MajorityClass().build_metrics(data)
    labels = torch.from_numpy(data.targets("test"))
    for start in range(0, len(labels), 4):  # the last batch is smaller
        metrics.update(logits[start : start + 4], labels[start : start + 4])
    logged = {name: value.item() for name, value in metrics.compute().items()}
    record = MajorityClass().judge(logits, data).record
    of_class = {f"accuracy_{name}": score for name, score in record.by_class.items()}
    assert logged.keys() == {*record.metrics, *of_class, "accuracy_batch_mean"}
    for name, score in (record.metrics | of_class).items():
        assert logged[name] == pytest.approx(score.value, abs=1e-6), name


def test_chance_of_every_metric_is_its_mean_over_permuted_labels(data, logits, monkeypatch):
    record = MajorityClass().judge(logits, data).record
    expected = {name: score.chance for name, score in (record.metrics | record.by_class).items()}
    labels, random, n = data.targets("test"), np.random.default_rng(5), 3_000
    found = {name: [] for name in expected}
    train = data.targets("train")
    for _ in range(n):
        shuffled = random.permutation(labels)
        monkeypatch.setattr(data, "targets", lambda split, now=shuffled: now if split == "test" else train)
        permuted = _scores(logits.numpy(), shuffled)
        for name, value in permuted.items():
            found[name].append(value)
    for name, values in found.items():
        assert np.mean(values) == pytest.approx(expected[name], abs=4 * np.std(values) / np.sqrt(n) + 1e-12), name


def _scores(logits, labels):
    """Return the metrics by their definitions, one class after another."""
    said, f1 = logits.argmax(axis=1), []
    recalls = {name: float((said[labels == k] == k).mean()) for k, name in enumerate(CATEGORIES)}
    for k in range(9):
        n_right = int(((said == k) & (labels == k)).sum())
        f1.append(2 * n_right / (int((said == k).sum()) + int((labels == k).sum())))
    log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    top = [label in row for label, row in zip(labels, np.argsort(-logits, axis=1)[:, :3], strict=True)]
    return recalls | {
        "accuracy": float((said == labels).mean()),
        "balanced_accuracy": float(np.mean(list(recalls.values()))),
        "macro_f1": float(np.mean(f1)),
        "top_3_accuracy": float(np.mean(top)),
        "cross_entropy": float(-log_p[np.arange(len(labels)), labels].mean()),
    }


def test_accuracy_does_not_depend_on_the_batch_size_but_its_mean_over_batches_does(data):
    constant = torch.eye(9)[2].expand(len(data.items("val")), -1)
    labels = torch.from_numpy(data.targets("val"))
    found = []
    for size in (4, 5, len(labels)):
        metrics = MajorityClass().build_metrics(data)
        for start in range(0, len(labels), size):
            metrics.update(constant[start : start + size], labels[start : start + size])
        found.append({name: value.item() for name, value in metrics.compute().items()})
    assert len({round(each["accuracy"], 6) for each in found}) == 1
    assert len({round(each["accuracy_batch_mean"], 6) for each in found}) > 1


def test_label_smoothing_changes_the_loss_and_no_metric():
    model = MajorityClass()
    outputs, labels = torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([0])
    plain = model.loss(outputs, labels)
    model.label_smoothing = 0.1
    smooth = 0.9 * plain - 0.1 * outputs.log_softmax(dim=1).mean()
    torch.testing.assert_close(model.loss(outputs, labels), smooth)


def test_logits_that_are_not_finite_are_refused(data, logits):
    broken = logits.clone()
    broken[1, 3] = torch.nan
    with pytest.raises(ConfigError, match="1 of 27 tasks have NaN or infinite"):
        MajorityClass().judge(broken, data)


def test_only_categories_that_are_scored_have_an_accuracy_of_their_own(tmp_path):
    labels = {f"t{i}": "S1" if i < 10 else "C1" for i in range(20)}
    (tmp_path / "labels.json").write_text(json.dumps(labels))
    tasks = {name: {"train": [{"input": [[i % 10]], "output": [[0, i % 7]]}]} for i, name in enumerate(labels)}
    (tmp_path / "tasks.json").write_text(json.dumps(tasks))
    found = ArcDataModule(path=str(tmp_path / "tasks.json"), labels=str(tmp_path / "labels.json"))
    names = set(MajorityClass().build_metrics(found))
    assert "accuracy_K1" in names
    found.setup()
    assert {name for name in MajorityClass().build_metrics(found) if name.startswith("accuracy_")} == {
        "accuracy_S1", "accuracy_C1", "accuracy_batch_mean",
    }  # fmt: skip


@pytest.fixture
def files(workdir, monkeypatch):
    """A folder of synthetic tasks with their labels, and an encoder that is allowed."""
    shutil.copy(Path(__file__).parent / "one_layer.py", workdir)
    monkeypatch.setenv("C5SNN_ALLOWED_IMPORTS", "one_layer")
    monkeypatch.syspath_prepend(workdir)
    tasks = synthesize_tasks(8, data_seed=1)
    (workdir / "tasks").mkdir()
    for task in tasks:
        pairs = [{"input": pair.input.tolist(), "output": pair.output.tolist()} for pair in task.pairs]
        (workdir / "tasks" / f"{task.name}.json").write_text(json.dumps({"train": pairs}))
    (workdir / "labels.json").write_text(json.dumps({task.name: CATEGORIES[task.category] for task in tasks}))
    yield ["--data", "ArcDataModule", "--data.path", "tasks", "--data.labels", "labels.json"]
    sys.modules.pop("one_layer", None)


@pytest.mark.slow
def test_an_encoder_is_trained_and_predicts_files_and_says_which_of_them_it_knows(files, capsys):
    words = ["--model", "one_layer.OneLayer", *files, "--trainer.max_epochs", "2", "--data.split", "[0.5,0.25,0.25]"]
    assert main(["fit", *words]) == 0
    run = load_run("lightning_logs/one_layer")
    assert run.n_steps == 2 * 3
    assert {"val_accuracy", "val_accuracy_S3", "val_accuracy_batch_mean", "val_cross_entropy"} <= run.val.keys()
    capsys.readouterr()
    assert main(["predict", "lightning_logs/one_layer", "--data.labels", "null"]) == 0
    shown = capsys.readouterr().out
    assert "The model was trained or validated on 54 of these 72" in shown
    assert "OneLayer: 72 tasks" in shown
    assert "A1-0003" in shown
    assert "This run has not been tested on this data" in shown
    assert main(["predict", "lightning_logs/one_layer", "--json", "--top-k", "2"]) == 0
    predicted = json.loads(capsys.readouterr().out)
    assert [row["label"] for row in predicted["tasks"]] == ["S1", "S1"]
    assert "memory" not in predicted


@pytest.mark.slow
def test_questions_of_time_are_refused(files, capsys):
    assert main(["fit", "--config", "arc_majority.yaml", *files[2:]]) == 0
    assert main(["predict", "lightning_logs/arc_majority", "--as-of", "2026-01-01"]) == 2
    assert "ARC tasks have none" in capsys.readouterr().err
    assert main(["fit", "--config", "arc_majority.yaml", "--data.path", "tasks"]) == 2
    assert "Give `--data.labels FILE`" in capsys.readouterr().err


def test_the_interval_of_an_accuracy_stays_among_the_shares():
    null = PermutedLabels(((20, 20),), ((20, 20),))
    assert score_items(0.9 * np.eye(1, 40)[0], null).interval.low == 0
