"""What there is, by kind: what is shipped, what lies in the current folder, and runs, the newest first."""

import inspect
import os
from pathlib import Path

import pytest

import c5snn.models
from c5snn.cli import main
from c5snn.commands.catalogue import data_classes, models, signals, trainer_options
from c5snn.data import EventDataModule, Signal
from c5snn.files import write_text
from tests.records.written import events, make_run, rankings_of

__all__ = ["events", "make_run", "rankings_of"]


def test_the_models_are_those_of_the_package_with_all_their_arguments():
    assert {entry.name for entry in models()} == set(c5snn.models.__all__)
    for entry in models():
        expected = inspect.signature(getattr(c5snn.models, entry.name)).parameters
        assert [argument.name for argument in entry.arguments] == list(expected)
        assert all(argument.says for argument in entry.arguments if argument.name != "n_parts")


def test_data_signals_and_trainer_are_read_from_their_source():
    assert data_classes()[0].links == EventDataModule.links
    assert {entry.name for entry in signals()} == {cls.__name__ for cls in Signal.__subclasses__()}
    assert [argument.name for argument in signals()[1].arguments] == ["lag"]
    assert "max_epochs" in {argument.name for argument in trainer_options()}


def test_a_configuration_of_the_current_folder_is_listed_with_its_comment(workdir, capsys):
    (workdir / "configs").mkdir()
    (workdir / "configs/mine.yaml").write_text("# My network.\nmodel: GRU\n")
    assert main(["list", "configs"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.split() == ["mine.yaml", "My", "network."] for line in lines)
    assert any(line.startswith("  original/spike_gru.yaml ") for line in lines)
    assert max(map(len, lines)) <= 80


@pytest.fixture
def runs(tmp_path, make_run, rankings_of):
    """Write an old run that was tested, a newer one that diverged, and one without a result."""
    tested, diverged = make_run("first/version_0", rankings=rankings_of()), make_run("b/version_1", status="diverged")
    (tmp_path / "c/version_0").mkdir(parents=True)
    write_text(tmp_path / "c/version_0/config.yaml", "model: GRU\n")
    ends = {tested.folder / "result.json": 1_000, diverged.folder / "result.json": 2_000}
    for path, seconds in {**ends, tmp_path / "c/version_0/config.yaml": 3_000}.items():
        os.utime(path, (seconds, seconds))
    return tested


def test_runs_are_listed_the_newest_first_with_status_and_headline(runs, tmp_path, capsys):
    assert main(["list", "runs", "--folder", str(tmp_path)]) == 0
    rows = [line.split("│")[1:-1] for line in capsys.readouterr().out.splitlines() if line.startswith("│")]
    assert [(row[0].strip(), row[2].strip()) for row in rows] == [
        ("c/version_0", "running or killed"), ("b/version_1", "diverged"), ("first/version_0", "finished"),
    ]  # fmt: skip
    assert rows[2][4].strip() == f"{runs.test.score.value:.4f}"
    assert rows[2][5].strip() == runs.test.verdict.level


@pytest.mark.usefixtures("workdir")
def test_a_folder_without_runs_says_how_to_make_one(capsys):
    assert main(["list", "runs"]) == 0
    assert "c5snn fit" in capsys.readouterr().out
    assert list(Path().iterdir()) == []
