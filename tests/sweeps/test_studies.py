"""Studies of real trials: the same whatever the workers, their speeds and ``kill -9``; stopped, resumed, retried."""

import csv
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import optuna
import pytest
import yaml

from c5snn.cli import main
from c5snn.sweeps.ledger import Ledger

ROOT = Path(__file__).parents[2]
MEASURED = {"peak_memory_bytes", "peak_memory_mb"}
TIMES = {
    "training_time_s",
    "epoch_time_s",
    "generated_at",
    "git_commit",
    *MEASURED,
}  # a commit meanwhile changes no result
BASE = {
    "model": {"class_path": "tests.sweeps.one_weight.OneWeight"},
    "data": {"class_path": "tests.tasks.toy.ToyData"},
    "optimizer": {"class_path": "torch.optim.SGD", "init_args": {"lr": 0.1}},
    "early_stopping": {"patience": 100},
}
STUDY = {
    "base": "one_weight.yaml",
    "search": {
        "sampler": {"class_path": "optuna.samplers.TPESampler", "init_args": {"multivariate": True}},
        "pruner": {
            "class_path": "optuna.pruners.HyperbandPruner",
            "init_args": {"min_resource": 1, "max_resource": 4, "reduction_factor": 2},
        },
        "n_trials": 24,
        "n_random": 6,
        "lag": 8,
    },
    "space": {
        "optimizer.lr": {"low": "1e-2", "high": 1.0, "log": True},
        "model.start": {"low": -1.0, "high": 0.5},
        "model.reach": {"low": 1, "high": 3},
    },
    "options": {"trainer.max_epochs": 4},
    "screen": {"monitor": "val_loss"},
    "confirm": {"top_k": 3, "seeds": [1, 2]},
    "targets": {"minimum": 0.6, "target": 0.001},
}


@pytest.fixture
def study(workdir, monkeypatch):
    """Write a study of the model of one weight, with changes; return its file."""
    monkeypatch.setenv("C5SNN_ALLOWED_IMPORTS", "tests")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (workdir / "one_weight.yaml").write_text(yaml.safe_dump(BASE))

    def write(changes=None, **search):
        definition = {**STUDY, **(changes or {}), "search": {**STUDY["search"], **search}}
        (workdir / "own.yaml").write_text(yaml.safe_dump(definition, sort_keys=False))
        return "own.yaml"

    return write


def rows(path):
    with path.open(newline="") as file:
        return [{name: value for name, value in row.items() if name not in TIMES} for row in csv.DictReader(file)]


def without_times(content):
    if isinstance(content, dict):
        return {name: without_times(value) for name, value in content.items() if name not in TIMES}
    return [without_times(value) for value in content] if isinstance(content, list) else content


def proposals(output):
    found = [json.loads(path.read_text()) for path in output.glob("trials/*/proposal.json")]
    return sorted(found, key=lambda proposal: proposal["number"])


def left(output):
    """Return everything that a study leaves, times aside."""
    return (
        rows(output / "trials.csv"),
        proposals(output),
        without_times(json.loads((output / "top3.json").read_text())),
        sorted(path.name for path in (output / "trials").iterdir()),
    )


def start(output, n_workers, **environment):
    command = [sys.executable, "-m", "c5snn", "sweep", "own.yaml", "--workers", str(n_workers), "--output", str(output)]
    environment = {**os.environ, "MAX_DELAY_S": "0.3", **environment}
    output.parent.mkdir(exist_ok=True)
    with Path(f"{output}.log").open("a") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_any_number_of_workers_and_kills_leaves_the_same(study, workdir):
    study()
    began = time.monotonic()
    assert start(workdir / "one/own", 1).wait() == 0
    duration_s = time.monotonic() - began
    undisturbed = left(workdir / "one/own")
    states = [row["state"] for row in undisturbed[0]]
    assert {"pruned", "complete", "confirmed"} <= set(states)
    for n_workers in (2, 4):
        assert start(workdir / str(n_workers) / "own", n_workers).wait() == 0
        assert left(workdir / str(n_workers) / "own") == undisturbed
    random, n_kills = Random(3), 0  # noqa: S311
    while n_kills < 5:
        driver = start(workdir / "hurt/own", 2)
        time.sleep(random.uniform(0.2, 0.6) * duration_s)
        n_kills += driver.poll() is None
        driver.kill()
        driver.wait()
        time.sleep(2)  # its trials notice within a second
    assert start(workdir / "hurt/own", 3).wait() == 0
    assert left(workdir / "hurt/own") == undisturbed


def sweep(*words):
    return main(["sweep", "own.yaml", "--workers", "2", *words])


@pytest.mark.slow
def test_a_study_that_stops_goes_on_to_its_exact_budget_and_may_grow(study, workdir, capsys):
    study(n_trials=8, n_random=3, lag=2)
    output = workdir / "sweeps/own"
    assert sweep("--max-trials", "3") == 0
    assert len(proposals(output)) == 3
    assert sweep("--dry-run") == 0
    assert "3 of 8 trials have ended" in capsys.readouterr().out
    output.joinpath("STOP").touch()
    assert sweep() == 0
    assert "stopped as its stop file asked" in capsys.readouterr().out
    assert not output.joinpath("STOP").exists()
    assert len(proposals(output)) == 3
    assert sweep() == 0
    said = capsys.readouterr().out
    assert "11 trials run now" in said  # five of the search, six confirming
    assert "no accident of the machine: the trials are the same with any number of workers" in said
    finished = left(output)
    assert [row["number"] for row in finished[0][:8]] == [str(n) for n in range(8)]
    assert all(float(row["value"]) > 0 for row in finished[0][:8])
    assert sweep() == 0
    assert "0 trials run now" in capsys.readouterr().out
    assert left(output) == finished
    study(n_trials=9, n_random=3, lag=2)
    assert sweep("--max-trials", "1") == 0
    assert proposals(output)[:8] == finished[1]
    assert len(proposals(output)) == 9


@pytest.mark.slow
def test_a_failed_trial_stays_until_it_is_retried_and_then_later_ones_are_stale(study, workdir, capsys):
    study({"timeout_s": 120, "confirm": None}, n_trials=5, n_random=2, lag=1)
    output = workdir / "sweeps/own"
    assert sweep() == 0
    second = next(
        path for path in output.glob("trials/*") if json.loads((path / "proposal.json").read_text())["number"] == 1
    )
    for path in second.iterdir():
        if path.is_file() and path.name not in {"proposal.json", "trial.json"}:
            path.unlink()
    (second / "failure.json").write_text('{"status": "timeout", "message": "why", "attempts": 2, "traceback": ""}')
    assert sweep("--dry-run") == 0
    said = capsys.readouterr().out
    assert "2 of 5 trials have ended; 3 recorded trials are stale" in said
    assert sweep() == 4
    assert "accidents of the machine: 1 timeout; without them later trials would be others" in capsys.readouterr().out
    states = [row["state"] for row in rows(output / "trials.csv")]
    assert states[1] == "failed"
    assert len(states) == 5
    capsys.readouterr()
    assert sweep("--retry-failed") == 0
    said = capsys.readouterr().out
    assert "1 failed trial to run again" in said
    assert "1 trial run now" in said  # those after it follow from its result again as at first
    assert "6 recorded trials are stale" in said  # until the retried one has ended


@pytest.mark.slow
def test_each_combination_is_a_study_of_its_own(study, workdir):
    study(
        {"each": {"model.reach": [1, 2]}, "space": {"optimizer.lr": STUDY["space"]["optimizer.lr"]}, "confirm": None},
        n_trials=3,
        lag=2,
    )
    assert sweep("--only", "reach=2") == 0
    assert {path.name for path in (workdir / "sweeps/own").iterdir()} == {"reach=2", "resources.csv"}
    (workdir / "sweeps/own/STOP").touch()  # where all of them lie
    assert sweep() == 0
    assert not (workdir / "sweeps/own/STOP").exists()
    assert not list((workdir / "sweeps/own").glob("reach=1/trials/*"))
    assert sweep() == 0
    assert len(rows(workdir / "sweeps/own/reach=1/trials.csv")) == 3
    assert sweep("--only", "reach=3") == 2


@pytest.mark.slow
def test_a_trial_of_several_runs_counts_as_their_mean(study, workdir):
    study(
        {"screen": {"monitor": "val_loss", "average_over": {"model.bias": [-1.0, 0.0, 1.0]}}, "confirm": None},
        n_trials=2,
        n_random=2,
        pruner=None,
    )
    assert sweep() == 0
    for row in rows(workdir / "sweeps/own/trials.csv"):
        folder = Ledger(workdir / "sweeps/own").folder(row["key"])
        runs = [folder, folder / "run_2", folder / "run_3"]
        values = [min(float(epoch["val_loss"]) for epoch in rows(run / "metrics.csv")) for run in runs]
        assert len(set(values)) == 3
        assert float(row["value"]) == pytest.approx(sum(values) / 3)


@pytest.mark.slow
def test_configurations_of_a_file_are_tried_first(study, workdir):
    study({"confirm": None}, n_trials=2, lag=1)
    (workdir / "known.yaml").write_text("- {optimizer.lr: 1e-1, model.start: 0.25, model.reach: 2}\n")
    assert sweep("--enqueue", "known.yaml") == 0
    first = rows(workdir / "sweeps/own/trials.csv")[0]
    assert (first["sampled_by"], first["lr"], first["start"], first["reach"]) == ("enqueued", "0.1", "0.25", "2")


@pytest.mark.slow
def test_trials_that_equal_earlier_ones_are_counted_also_after_the_last_that_is_run(study, workdir, capsys):
    study({"space": {"model.start": [-1.0, 0.5]}, "confirm": None}, n_trials=6, n_random=2, lag=2, pruner=None)
    assert sweep() == 0
    said = capsys.readouterr().out
    assert "4 trials equal earlier ones, and the known result counts" in said
    assert "2 trials run now" in said
    assert len(rows(workdir / "sweeps/own/trials.csv")) == 6
    assert main(["status", "own"]) == 0
    assert "6 of 6 trials have ended: 6 complete; 4 equal to earlier ones" in capsys.readouterr().out
    assert sweep("--dry-run") == 0
    assert "6 of 6 trials have ended, 4 of them equal to earlier ones" in capsys.readouterr().out


WITHOUT_TORCH = """
import sys
from c5snn.cli import main
code = main(["status", "own"])
sys.exit(code or "torch" in sys.modules or "optuna" in sys.modules)
"""


@pytest.mark.slow
def test_status_and_export_tell_what_the_trials_were(study, workdir, capsys):
    study({"confirm": None}, n_trials=8, n_random=3, lag=2)
    assert sweep("--max-trials", "7") == 0
    listed = rows(workdir / "sweeps/own/trials.csv")
    assert len(listed) == 7
    best = min((row for row in listed if row["state"] == "complete"), key=lambda row: float(row["value"]))
    ended = subprocess.run([sys.executable, "-c", WITHOUT_TORCH], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    n_pruned = sum(row["state"] == "pruned" for row in listed)
    assert f"7 of 8 trials have ended: {7 - n_pruned} complete, {n_pruned} pruned" in ended.stdout
    assert "not running" in ended.stdout
    assert f"best: #{best['number']} val_loss={float(best['value']):.4f}" in ended.stdout
    assert "targets: minimum 0.6 reached, target 0.001 not reached" in ended.stdout
    capsys.readouterr()
    assert main(["report", "sweeps/own", "--output", "study.db"]) == 0
    assert "7 trials written to study.db" in capsys.readouterr().out
    storage = optuna.storages.RDBStorage("sqlite:///study.db")
    loaded = optuna.load_study(study_name="own", storage=storage)
    assert loaded.direction == optuna.study.StudyDirection.MINIMIZE
    assert len(loaded.trials) == 7
    for row, trial in zip(listed, loaded.trials, strict=True):
        assert trial.state.name.lower() == row["state"]
        assert (trial.value, trial.params["model.start"]) == (float(row["value"]), float(row["start"]))
        epochs = rows(Ledger(workdir / "sweeps/own").folder(row["key"]) / "metrics.csv")
        assert trial.intermediate_values == {n: float(epoch["val_loss"]) for n, epoch in enumerate(epochs, 1)}
        assert trial.user_attrs["folder"].endswith(f".{row['key']}")
    storage.engine.dispose()


def test_a_folder_of_no_study_has_no_status_and_no_export(workdir, capsys):
    assert main(["status", "nothing"]) == 2
    (workdir / "sweeps/empty").mkdir(parents=True)
    assert main(["report", "sweeps/empty", "--output", "study.db"]) == 2
    assert "must hold `study.json`" in capsys.readouterr().err
    assert not (workdir / "study.db").exists()


@pytest.mark.slow
def test_the_best_of_each_branch_are_confirmed_with_other_options_on_each_of_their_data(study, workdir):
    space = {**STUDY["space"], "model.reach": {"weights": {1: 0.5, 2: 0.5}}}
    confirm = {
        "top_k": 1,
        "per": "model.reach",
        "seeds": [1],
        "options": {"trainer.max_epochs": 2},
        "average_over": {"model.bias": [0.0, 0.5]},
    }
    study({"space": space, "confirm": confirm}, n_trials=6, n_random=3, lag=2, pruner=None)
    assert sweep() == 0
    listed = rows(workdir / "sweeps/own/trials.csv")
    confirmed = [row for row in listed if row["state"] == "confirmed"]
    assert [(row["branch"], row["n_epochs"], row["seed"]) for row in confirmed] == [
        ("1", "2", "1"), ("1", "2", "1"), ("2", "2", "1"), ("2", "2", "1"),
    ]  # fmt: skip
    for branch in ("1", "2"):
        searched = [row for row in listed if row["branch"] == branch and row["state"] == "complete"]
        best = min(searched, key=lambda row: float(row["value"]))
        assert {row["number"] for row in confirmed if row["branch"] == branch} == {best["number"]}
    names = [model["name"] for model in json.loads((workdir / "sweeps/own/top1.json").read_text())["models"]]
    assert len(names) == 4  # two configurations, each twice


@pytest.mark.long
def test_stop_now_ends_running_trials_and_they_run_again(study, workdir):
    study({"confirm": None}, n_trials=3, n_random=3, lag=2)
    output = workdir / "now/own"
    driver = start(output, 1, MAX_DELAY_S="600")
    deadline = time.monotonic() + 200
    while not list(output.glob("trials/.*/proposal.json")) and time.monotonic() < deadline:
        time.sleep(0.1)
    (output / "STOP_NOW").touch()
    assert driver.wait(60) == 0
    assert not (output / "STOP_NOW").exists()
    assert list((output / "trials").iterdir()) == []
    assert start(output, 2).wait() == 0
    assert len(rows(output / "trials.csv")) == 3
