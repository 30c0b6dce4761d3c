"""Where memory runs out a trial starts again with half the micro-batch, and equals one that had it from the start."""

import csv
import json

import pytest
from lightning.pytorch import Callback

from c5snn.cli import main
from c5snn.records import load_run
from c5snn.records.run_folder import trial_key_of
from c5snn.sweeps.driver import run_sweep
from c5snn.sweeps.executor import Executor
from c5snn.sweeps.ledger import Ledger
from c5snn.sweeps.plan import make_plan
from c5snn.sweeps.points import fallbacks
from c5snn.sweeps.spec import SweepSpec
from tests.sweeps.test_driver import Inline

OPTIONS = {
    "data.n_events": 260,
    "data.window": 5,
    "data.batch_size": 32,
    "trainer.max_epochs": 2,
    "trainer.callbacks": [{"class_path": f"{__name__}.SmallMemory"}],
}


class SmallMemory(Callback):
    """A device that holds what a network keeps of eight items, and fails in the second epoch with more."""

    def on_train_epoch_start(self, trainer, pl_module):
        del pl_module
        if trainer.current_epoch == 1 and (trainer.datamodule.micro_batch or trainer.datamodule.batch_size) > 8:
            raise MemoryError


@pytest.fixture(autouse=True)
def allowed(monkeypatch):
    monkeypatch.setenv("C5SNN_ALLOWED_IMPORTS", "tests")


def swept(output, base="gru.yaml", **options):
    plan = make_plan(SweepSpec(base, {"model.hidden_size": [4]}, OPTIONS | options, seeds=[42]), [])
    ledger = Ledger(output)
    with ledger.lock():
        executor = Executor(ledger, Inline(), timeout_s=600.0, max_attempts=1)
        return plan, run_sweep(plan, output, executor=executor, ledger=ledger)


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    """A sweep of one trial whose memory ran out twice."""
    output = tmp_path_factory.mktemp("sweep") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("C5SNN_ALLOWED_IMPORTS", "tests")
        swept(output)
    return output


@pytest.mark.slow
def test_it_equals_an_undisturbed_run_of_that_micro_batch_under_the_same_key(output, workdir):
    (row,) = rows(output / "trials.csv")
    assert (row["status"], row["micro_batch"], row["out_of_memory_retries"]) == ("finished", "8", "2")
    swept(workdir / "undisturbed", **{"data.micro_batch": 8})
    (other,) = rows(workdir / "undisturbed/trials.csv")
    assert row["key"] == other["key"]
    runs = [load_run(Ledger(folder).folder(row["key"])) for folder in (output, workdir / "undisturbed")]
    assert runs[0].val == runs[1].val
    assert runs[0].test.metrics == runs[1].test.metrics
    assert [run.chosen["data.micro_batch"] for run in runs] == [8, 8]


@pytest.mark.slow
def test_each_attempt_has_its_own_key_and_the_same_command_runs_nothing_again(output):
    plan, again = swept(output)
    (key,) = plan.trials
    tried = [key, *(fallback.key for fallback in fallbacks(*plan.trials[key])[:2])]
    folders = list((output / "trials").iterdir())
    assert sorted(tried) == sorted(trial_key_of(folder) for folder in folders)
    failed = [Ledger(output).folder(key) / "failure.json" for key in tried]
    assert [json.loads(path.read_text())["status"] if path.is_file() else "" for path in failed] == ["oom", "oom", ""]
    assert (again.n_run, again.failed) == (0, [])
    assert Ledger(output).keys() <= plan.trials.keys() | plan.fallback_keys


@pytest.mark.slow
def test_a_run_of_one_item_that_does_not_fit_is_out_of_memory(workdir, monkeypatch):
    monkeypatch.setattr(SmallMemory, "on_train_epoch_start", _always)
    _, result = swept(workdir / "out")
    (outcome,) = result.failed
    assert outcome.status == "oom"
    assert len(list((workdir / "out/trials").iterdir())) == 5, "at most four more attempts"


@pytest.mark.slow
def test_a_model_with_batch_statistics_is_not_started_again(workdir):
    _, result = swept(workdir / "out", **{"model.norm": "batch"}, base="spike_gru.yaml")
    assert [outcome.status for outcome in result.failed] == ["oom"]
    assert len(list((workdir / "out/trials").iterdir())) == 1


@pytest.mark.slow
def test_a_trial_of_a_study_starts_again_and_is_read_as_one(workdir, capsys):
    (workdir / "own.yaml").write_text(
        "base: gru.yaml\n"
        "search: {n_trials: 2, n_random: 2}\n"
        "space: {model.hidden_size: {low: 2, high: 6}}\n"
        f"options: {json.dumps(OPTIONS)}\n"
    )
    assert main(["sweep", "own.yaml", "--workers", "1"]) == 0
    listed = rows(workdir / "sweeps/own/trials.csv")
    assert [row["state"] for row in listed] == ["complete", "complete"]
    for row in listed:
        assert load_run(Ledger(workdir / "sweeps/own").folder(row["key"])).chosen["data.micro_batch"] == 8
    capsys.readouterr()
    assert main(["status", "own"]) == 0
    shown = capsys.readouterr().out
    assert "stale" not in shown
    assert "2 of 2" in shown
    assert main(["sweep", "own.yaml", "--workers", "1"]) == 0
    assert "stale" not in (again := capsys.readouterr().out)
    assert "0 trials run now" in again


def _always(self, trainer, pl_module):
    del self, trainer, pl_module
    raise MemoryError
