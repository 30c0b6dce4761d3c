"""A recipe of CONTRIBUTING.md, followed word by word, adds a model, a baseline, a metric, a signal, a task, a sweep."""

import csv
import inspect
import itertools
import json
from dataclasses import dataclass
from functools import partialmethod
from pathlib import Path
from typing import final

import numpy as np
import pytest

import c5snn.data.events.signals
import c5snn.metrics
import c5snn.models
from c5snn.cli import main
from c5snn.data import TaskData
from c5snn.data.events.signals import Signal
from c5snn.records import load_run
from c5snn.tasks import Task
from tests.contributing.recipes import code, module, section
from tests.data.events import test_signals as signal_contract
from tests.models import test_contract as model_contract
from tests.tasks import toy

SMALL = ["--data.n_events", "260", "--data.window", "5", "--trainer.max_epochs", "1"]


def contract_of(tests, argument):
    """Return the tests of a contract suite that take this argument."""
    return [
        test
        for name, test in vars(tests).items()
        if name.startswith("test_") and argument in inspect.signature(test).parameters
    ]


def cases_of(test, *known):
    """Return every set of the arguments that a test is parametrised with, but for the known ones."""
    choices = []
    for mark in getattr(test, "pytestmark", []):
        names = mark.args[0].split(",") if isinstance(mark.args[0], str) else mark.args[0]
        if mark.name == "parametrize" and not set(names) & set(known):
            choices.append([dict(zip(names, values, strict=True)) for values in mark.args[1]])
    return [{name: value for case in cases for name, value in case.items()} for cases in itertools.product(*choices)]


def export(monkeypatch, package, name, value):
    """Add a name to a package, as a line in its ``__init__`` does."""
    monkeypatch.setattr(package, name, value, raising=False)
    monkeypatch.setattr(package, "__all__", [*package.__all__, name])


def add_model(title, name, class_name, monkeypatch):
    """Follow the recipe of a model: its file and its export."""
    added = getattr(module(title, f"c5snn.models.{name}", Path()), class_name)
    export(monkeypatch, c5snn.models, class_name, added)
    return added


def keeps_the_contract(model_class, tmp_path):
    for test in contract_of(model_contract, "model_class"):
        wanted = inspect.signature(test).parameters
        variants = model_contract.variants_of(model_class) if "variant" in wanted else [None]
        arguments = sorted(model_contract.arguments_of(model_class)) if "argument" in wanted else [None]
        for variant, argument in itertools.product(variants, arguments):
            values = {"model_class": model_class, "variant": variant, "argument": argument, "tmp_path": tmp_path}
            test(**{name: values[name] for name in wanted})


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:The state dict in .* contains no parameters")
def test_a_model_that_follows_the_recipe_keeps_the_contract_and_is_trained_from_its_configuration(workdir, monkeypatch):
    average_linear = add_model("Add a model", "average_linear", "AverageLinear", monkeypatch)
    keeps_the_contract(average_linear, workdir)
    (workdir / "configs").mkdir()
    (workdir / "configs/average_linear.yaml").write_text(code("Add a model", "yaml"))
    assert main(["fit", "--config", "average_linear.yaml", *SMALL]) == 0
    assert load_run("lightning_logs/average_linear").n_parameters == 39 * 39 + 39


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:The state dict in .* contains no parameters")
def test_a_baseline_that_follows_the_recipe_keeps_the_contract_and_is_reported_as_one(workdir, monkeypatch):
    last_event = add_model("Add a baseline", "last_event", "LastEvent", monkeypatch)
    keeps_the_contract(last_event, workdir)
    assert main(["fit", "--model", "LastEvent", *SMALL]) == 0
    assert main(["test", "lightning_logs/last_event"]) == 0
    run = load_run("lightning_logs/last_event")
    assert run.is_baseline
    assert run.test is not None


@pytest.mark.slow
def test_a_metric_that_follows_the_recipe_is_logged_by_every_run(workdir, monkeypatch):
    names = {**vars(c5snn.metrics.ranking), **vars(c5snn.metrics.recall)}
    exec(code("Add a metric"), names)  # noqa: S102  # our own documentation
    listed = (*c5snn.metrics.RANKING_METRICS, names["PrecisionAtK"])
    collection = c5snn.metrics.RankingMetrics
    monkeypatch.setattr(collection, "__init__", partialmethod(collection.__init__, classes=listed))
    assert main(["fit", "--config", "gru.yaml", "--model.hidden_size", "4", *SMALL]) == 0
    assert main(["test", "lightning_logs/gru"]) == 0
    (row,) = csv.DictReader((workdir / "lightning_logs/gru/version_0/metrics.csv").read_text().splitlines())
    assert float(row["val_precision_at_20"]) == pytest.approx(float(row["val_recall_at_20"]) * 5 / 20, abs=1e-6)
    tested = json.loads(Path("lightning_logs/gru/version_0/test_metrics.json").read_text())["metrics"]
    assert tested["precision_at_20"]["chance"] == pytest.approx(5 / 39)


def test_a_signal_that_follows_the_recipe_keeps_the_contract_and_is_planted(workdir):
    names = {**vars(c5snn.data.events.signals), "dataclass": dataclass, "final": final, "np": np}
    exec(code("Add a signal"), names)  # noqa: S102  # our own documentation
    avoid = names["Avoid"]
    c5snn.data.events.signals.Avoid = avoid  # for good: parsers look every known subclass up where it is from
    for test in contract_of(signal_contract, "signal"):
        takes_class = any(signal_contract.SIGNALS in mark.args for mark in test.pytestmark)
        for case in cases_of(test, "signal"):
            test(signal=avoid if takes_class else avoid(), **case)
    assert main(["data", "synthesize", "events.csv", "--signal", "Avoid", "--n-events", "60"]) == 0
    assert (workdir / "events.csv").is_file()
    assert main(["fit", "--config", "gru.yaml", "--model.hidden_size", "4", "--data.signal", "Avoid", *SMALL]) == 0
    assert "Avoid" in str(load_run("lightning_logs/gru").data.facts["signal"])
    assert avoid in Signal.__subclasses__()


def test_the_recipe_of_a_task_names_what_the_toy_and_every_task_have_to_define():
    text = section("Add a task")
    abstract = {*TaskData.__abstractmethods__, *Task.__abstractmethods__} - {"forward"}
    assert abstract <= vars(toy.ToyData).keys() | vars(toy.ToyModel).keys()
    assert [name for name in abstract if f"`{name}`" not in text] == []
    named = ["tests/tasks/toy.py", "tests/tasks/contract.py", "tests/tasks/test_toy.py"]
    assert all(f"`{file}`" in text and Path(toy.__file__).parents[2].joinpath(file).is_file() for file in named)


@pytest.mark.slow
def test_a_sweep_that_follows_the_recipe_is_checked_and_rehearsed(workdir, capsys):
    (workdir / "my_sweep.yaml").write_text(code("Add a sweep", "yaml"))
    assert main(["sweep", "my_sweep.yaml", "--dry-run"]) == 0
    assert "8 configurations" in capsys.readouterr().out
    assert main(["sweep", "my_sweep.yaml", "--profile", "smoke", "--workers", "2"]) == 0
    rows = list(csv.DictReader((workdir / "sweeps/my_sweep_smoke/screening.csv").read_text().splitlines()))
    assert [row["base"] for row in rows] == ["gru"] * 4 + ["two_layers"] * 4
