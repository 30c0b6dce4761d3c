"""A sweep with ``data.micro_batch: auto``: the number is found once an architecture, and stands in the key."""

import csv
import json
from contextlib import contextmanager

import pytest

from c5snn.cli import main
from c5snn.records import load_run
from c5snn.sweeps.ledger import Ledger
from c5snn.sweeps.micro_batch_choices import MICRO_BATCHES, MicroBatchChoices
from c5snn.sweeps.plan import make_plan
from c5snn.sweeps.spec import SweepSpec
from c5snn.training.micro_batch_search import Tried

DATA = {"data.n_events": 260, "data.window": 5, "data.batch_size": 32}


class Small:
    """A device that takes sixteen items of a small network at once and eight of a larger one."""

    def __init__(self):
        self.asked = []

    def __call__(self, config, size):
        self.asked.append(size)
        most = 16 if config["model"]["init_args"]["hidden_size"] == 4 else 8
        return Tried(size, 10**6 * size // most, 10**6 * 2)


def planned(folder, tried, **options):
    space = {"model.hidden_size": [4, 6], "model.dropout": [0.0, 0.1], "model.num_layers": [2]}
    spec = SweepSpec("gru.yaml", space, {**DATA, "data.micro_batch": "auto", **options}, seeds=[42])
    return make_plan(spec, [], tried and MicroBatchChoices(folder, n_workers=1, tried=tried))


def micro_batches(plan):
    return [point.config["data"]["init_args"]["micro_batch"] for point in plan.points]


@pytest.mark.slow
def test_the_number_stands_in_the_configuration_and_in_the_key_and_is_found_once_an_architecture(workdir):
    tried = Small()
    plan = planned(workdir, tried)
    assert micro_batches(plan) == [16, 16, 8, 8]
    assert tried.asked == [32, 16, 32, 16, 8], "dropout is no other architecture"
    given = planned(workdir, None, **{"data.micro_batch": 16})
    assert set(plan.trials) & set(given.trials) == {
        key for key, (point, _) in plan.trials.items() if point.values["model.hidden_size"] == 4
    }
    assert [fallback.micro_batch for fallback in plan.first_jobs()[0].fallbacks] == [8, 4, 2, 1]


@pytest.mark.slow
def test_what_was_found_stays_where_other_memory_is_free(workdir):
    first = planned(workdir, Small())

    def without_memory(_config, size):
        return Tried(size, None, None)

    again = planned(workdir, without_memory)
    assert set(again.trials) == set(first.trials)
    kept = json.loads((workdir / MICRO_BATCHES).read_text()).values()
    assert sorted(entry["micro_batch"] for entry in kept) == [8, 16]
    assert all(entry["tried"][-1]["taken_bytes"] == 10**6 for entry in kept)


@pytest.mark.slow
def test_a_dry_run_makes_no_step(workdir):
    tried = Small()
    spec = SweepSpec("gru.yaml", {"model.hidden_size": [4]}, {**DATA, "data.micro_batch": "auto"}, seeds=[42])
    plan = make_plan(spec, [], MicroBatchChoices(workdir, n_workers=1, tried=tried, may_try=False))
    assert (tried.asked, micro_batches(plan), plan.chooses_micro_batch) == ([], ["auto"], True)
    assert not list(workdir.iterdir())


@pytest.mark.slow
def test_the_folder_is_locked_while_steps_are_made(workdir):
    events = []

    @contextmanager
    def lock():
        events.append("locked")
        yield
        events.append("free")

    def tried(_config, size):
        events.append(size)
        return Tried(size, 1, 9)

    spec = SweepSpec("gru.yaml", {"model.hidden_size": [4]}, {**DATA, "data.micro_batch": "auto"}, seeds=[42])
    make_plan(spec, [], MicroBatchChoices(workdir, n_workers=1, tried=tried, lock=lock))
    assert events == ["locked", 32, "free"]


@pytest.mark.slow
def test_a_model_without_weights_has_no_micro_batch(workdir):
    spec = SweepSpec("frequency.yaml", {}, {**DATA, "data.micro_batch": "auto"}, seeds=[42])
    assert micro_batches(make_plan(spec, [], MicroBatchChoices(workdir, n_workers=1, tried=Small()))) == [None]


@pytest.mark.slow
def test_a_study_runs_with_what_was_found_and_resumes_without_another_step(workdir, capsys):
    study = {
        "base": "gru.yaml",
        "search": {"n_trials": 2, "n_random": 2},
        "space": {"optimizer.lr": {"low": 0.001, "high": 0.1, "log": True}},
        "options": {**DATA, "data.micro_batch": "auto", "model.hidden_size": 4, "trainer.max_epochs": 1},
        "confirm": {"top_k": 1, "seeds": [42]},
    }
    (workdir / "own.yaml").write_text(json.dumps(study))
    assert main(["sweep", "own.yaml", "--dry-run"]) == 0
    assert not (workdir / "sweeps/own" / MICRO_BATCHES).exists()
    assert main(["sweep", "own.yaml", "--workers", "1"]) == 0
    output = workdir / "sweeps/own"
    (entry,) = json.loads((output / MICRO_BATCHES).read_text()).values()
    rows = list(csv.DictReader((output / "trials.csv").read_text().splitlines()))
    assert [row["micro_batch"] for row in rows] == [str(entry["micro_batch"])] * 3 == ["32"] * 3
    assert all(int(row["peak_memory_mb"]) > 50 for row in rows)
    assert load_run(Ledger(output).folder(rows[0]["key"])).peak_memory_bytes > entry["tried"][-1]["taken_bytes"]
    capsys.readouterr()
    assert main(["sweep", "own.yaml", "--workers", "1"]) == 0
    shown = capsys.readouterr().out
    assert "0 trials run now" in shown
    assert "stale" not in shown
