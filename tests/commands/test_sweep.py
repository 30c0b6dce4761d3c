"""``c5snn sweep`` as it is typed: its options, what it refuses, and how it ends."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from c5snn.cli import main
from c5snn.sweeps.ledger import Ledger

SWEEP = {
    "base": "gru.yaml",
    "space": {"model.hidden_size": [4, 6]},
    "options": {"data.n_events": 260, "data.window": 5, "trainer.max_epochs": 1},
    "confirm": {"top_k": 1, "seeds": [42, 7]},
    "profiles": {"wide": {"model.hidden_size": [4, 5, 6]}},
}
# two trials that each wait for the other; one that notes its process and waits for ever; one that removes all results
CALLBACKS = """
import os
import shutil
import time
from pathlib import Path

from lightning.pytorch import Callback


class Meet(Callback):
    def on_train_start(self, trainer, pl_module):
        Path(f"{os.getpid()}.here").touch()
        deadline = time.monotonic() + 60
        while len(list(Path().glob("*.here"))) < 2:
            if time.monotonic() > deadline:
                raise TimeoutError("the other trial did not come")
            time.sleep(0.01)


class Wait(Callback):
    def on_train_start(self, trainer, pl_module):
        if pl_module.hparams["hidden_size"] == 6:
            Path("waiting.txt").write_text(str(os.getpid()))
            time.sleep(10_000)


class Remove(Callback):
    def on_train_end(self, trainer, pl_module):
        if pl_module.hparams["hidden_size"] == 6:
            shutil.rmtree("sweeps")
"""


@pytest.fixture
def spec(workdir):
    """A sweep's file in an empty folder."""
    (workdir / "own.yaml").write_text(yaml.safe_dump(SWEEP, sort_keys=False))
    return "own.yaml"


@pytest.fixture
def callbacks(workdir, monkeypatch):
    """A module of callbacks that trials may name."""
    (workdir / "sweep_callbacks.py").write_text(CALLBACKS)
    monkeypatch.setenv("C5SNN_ALLOWED_IMPORTS", "sweep_callbacks")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(workdir), *os.environ.get("PYTHONPATH", "").split()]))
    monkeypatch.syspath_prepend(str(workdir))


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_help_names_every_option(capsys):
    assert main(["sweep", "--help"]) == 0
    shown = capsys.readouterr().out
    for option in ("SPEC", "--workers", "--top-k", "--seeds", "--profile", "--max-trials", "--all", "--output",
                   "--dry-run", "c5snn fit", "resumes"):  # fmt: skip
        assert option in shown


@pytest.mark.slow
def test_a_sweep_stops_after_so_many_trials_and_goes_on(spec, capsys):
    words = ["sweep", spec, "--workers", "1", "--top-k", "2", "--seeds", "5"]
    assert main([*words, "--max-trials", "1"]) == 0
    assert "1 trial run now; 1 left" in capsys.readouterr().out
    assert [bool(row["val_mrr"]) for row in rows(Path("sweeps/own/screening.csv"))] == [True, False]
    assert not list(Path("sweeps/own").glob("top*"))
    assert main([*words, "--max-trials", "2"]) == 0  # one that screens, one that confirms
    assert "2 trials run now; 1 left" in capsys.readouterr().out
    assert main(words) == 0
    top = json.loads(Path("sweeps/own/top2.json").read_text())
    assert [list(model["seed_metrics"]) for model in top["models"]] == [["5"], ["5"]]
    assert [row["seed"] for row in rows(Path("sweeps/own/trials.csv"))] == ["42", "5", "42", "5"]


@pytest.mark.usefixtures("callbacks")
def test_two_workers_run_two_trials_at_once(spec, capsys):
    words = ["sweep", spec, "--max-trials", "2", "--trainer.callbacks", "[{class_path: sweep_callbacks.Meet}]"]
    assert main([*words, "--workers", "2"]) == 0, capsys.readouterr().out


@pytest.mark.slow
def test_flags_of_fit_reach_every_trial(spec):
    assert main(["sweep", spec, "--max-trials", "2", "--trainer.gradient_clip_val", "0.5", "--optimizer=SGD"]) == 0
    configs = [yaml.safe_load(path.read_text()) for path in Path("sweeps/own/trials").glob("*/config.yaml")]
    assert [config["trainer"]["gradient_clip_val"] for config in configs] == [0.5, 0.5]
    assert {config["optimizer"]["class_path"] for config in configs} == {"torch.optim.SGD"}


@pytest.mark.slow
def test_all_lists_more_than_the_first_ones(workdir, capsys, monkeypatch):
    monkeypatch.setattr("c5snn.commands.sweep.LISTED", 2)
    sweep = {"base": "frequency.yaml", "space": {"model.decay": [0.1, 0.2, 0.3]}, "options": SWEEP["options"]}
    (workdir / "own.yaml").write_text(yaml.safe_dump({**sweep, "seeds": [1]}))
    assert main(["sweep", "own.yaml"]) == 0
    assert capsys.readouterr().out.count("│ frequency decay=") == 2
    assert main(["sweep", "own.yaml", "--all"]) == 0
    assert capsys.readouterr().out.count("│ frequency decay=") == 3


@pytest.mark.slow
def test_a_profile_has_a_folder_of_its_own(spec, capsys):
    assert main(["sweep", spec, "--profile", "wide", "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert "3 configurations" in shown
    assert f"results: {Path('sweeps/own_wide')}" in shown
    assert "dry run: 3 of 3 trials" in shown
    assert [path.name for path in Path().iterdir()] == ["own.yaml"]


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["with spaces/and ünïcode 部", "deep/../up", "long/" + "d" * 250])
def test_results_go_where_they_are_told_and_nowhere_else(folder, spec, workdir):
    assert main(["sweep", spec, "--max-trials", "1", "--output", folder]) == 0
    assert (Path(folder) / "screening.csv").is_file()
    trials = Path(folder).resolve() / "trials"
    for result in workdir.rglob("result.json"):
        assert result.parent.parent == trials


@pytest.mark.slow
@pytest.mark.parametrize("output", ["own.yaml", "own.yaml/below", "d" * 300])
def test_an_output_that_cannot_be_written_is_one_line(output, spec, capsys):
    assert main(["sweep", spec, "--output", output]) == 1
    error = capsys.readouterr().err
    assert output in error
    assert error.count("\n") == 1
    assert [path.name for path in Path().iterdir()] == ["own.yaml"]


@pytest.mark.slow
@pytest.mark.usefixtures("callbacks")
def test_results_removed_during_the_sweep_are_one_line(spec, workdir, capsys):
    words = ["sweep", spec, "--workers", "1", "--trainer.callbacks", "[{class_path: sweep_callbacks.Remove}]"]
    before = {path.name for path in workdir.iterdir()}
    assert main(words) == 1
    error = capsys.readouterr().err
    assert error.startswith("c5snn sweep: ")
    assert error.count("\n") == 1
    assert {path.name for path in workdir.iterdir()} <= before | {"sweeps", "__pycache__"}
    assert not list(workdir.rglob("result.json"))


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ([], "SPEC"),
        (["none.yaml"], "phase_b.yaml"),
        (["own.yaml", "--workers", "0"], "--workers"),
        (["own.yaml", "--workers", "many"], "--workers"),
        (["own.yaml", "--max-trials", "-1"], "--max-trials"),
        (["own.yaml", "--top-k", "0"], "--top-k"),
        (["own.yaml", "--seeds", "1,x"], "--seeds"),
        (["own.yaml", "--seeds", "1,1"], "seeds=[1, 1]"),
        (["own.yaml", "--profile", "wild"], "wide"),
        (["own.yaml", "--modle.dropout", "0.1"], "modle"),
        (["own.yaml", "--model.dropout", "7"], "dropout"),
        (["own.yaml", "--model.hidden_size", "8"], "hidden_size"),
        (["own.yaml", "--data.path", "none.csv"], "none.csv"),
        (["own.yaml", "own.yaml"], "own.yaml"),
    ],
    ids=" ".join,
)
def test_wrong_words_are_named_and_nothing_starts(words, named, spec, capsys):
    assert main(["sweep", *words]) == 2
    assert named in capsys.readouterr().err
    assert [path.name for path in Path().iterdir()] == [spec]


def test_a_second_sweep_on_one_output_exits_3_and_changes_nothing(spec, capsys):
    with Ledger(Path("sweeps/own")).lock():
        assert main(["sweep", spec]) == 3
        assert "another one is running" in capsys.readouterr().err
        assert [path.name for path in Path("sweeps/own").iterdir()] == [".lock"]


def test_a_sweep_with_failed_trials_finishes_and_exits_4(spec, capsys):
    assert main(["sweep", spec, "--optimizer", "SGD", "--optimizer.lr", "1e38", "--trainer.max_epochs", "3"]) == 4
    shown = capsys.readouterr().out
    assert shown.count(": diverged after 1 attempt: ") == 2
    assert {row["status"] for row in rows(Path("sweeps/own/trials.csv"))} == {"diverged"}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.usefixtures("callbacks")
@pytest.mark.parametrize(("stop", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_sweep_keeps_what_has_ended_and_leaves_no_process(stop, exit_code, spec):
    words = ["sweep", spec, "--workers", "1", "--trainer.callbacks", "[{class_path: sweep_callbacks.Wait}]"]
    driver = subprocess.Popen(
        [sys.executable, "-m", "c5snn", *words], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    deadline = time.monotonic() + 120
    while not (Path("waiting.txt").is_file() and Path("waiting.txt").read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    trial = int(Path("waiting.txt").read_text())
    driver.send_signal(stop)
    shown, _ = driver.communicate(timeout=60)
    assert driver.returncode == exit_code
    assert "the same command resumes the sweep" in shown
    assert not Path(f"/proc/{trial}").exists()
    assert len(list(Path("sweeps/own/trials").iterdir())) == 1
