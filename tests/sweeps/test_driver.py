"""The driver asks nothing of a backend but its interface, and shows the stages of a search."""

import csv
import shutil

import pytest

from c5snn.sweeps.backend import Backend, End
from c5snn.sweeps.driver import run_sweep
from c5snn.sweeps.executor import Executor
from c5snn.sweeps.ledger import Ledger, write_failure
from c5snn.sweeps.plan import make_plan
from c5snn.sweeps.spec import Confirm, SweepSpec
from c5snn.sweeps.stop_files import StopFiles
from c5snn.sweeps.trial import run_trial


class Inline(Backend):
    """Runs one job after the other in this process; while the last of some runs, somebody asks the sweep to stop."""

    n_workers = 1

    def __init__(self, stop_during=None):
        self.ends, self.n_started, self.stop_during = [], 0, stop_during

    def start(self, job, folder, *, attempt):
        self.n_started += 1
        if self.n_started == self.stop_during:
            (folder.parents[1] / "STOP").touch()
        run_trial(job, folder, attempt=attempt)
        self.ends.append(End(job.key, None))

    def wait(self, timeout_s):  # noqa: ARG002
        ends, self.ends = self.ends, []
        return ends

    def kill(self, key):
        pass


@pytest.fixture(scope="module")
def plan():
    """Two sizes of a network, three epochs each, the better one confirmed with one more seed."""
    options = {"data.n_events": 260, "data.window": 5, "trainer.max_epochs": 3}
    spec = SweepSpec("gru.yaml", {"model.hidden_size": [4, 6]}, options, confirm=Confirm(1, [42, 7]))
    return make_plan(spec, [])


def sweep(plan, output, *, stop_during=None, **limits):
    ledger = Ledger(output)
    executor = Executor(ledger, Inline(stop_during), timeout_s=600.0, max_attempts=1)
    with ledger.lock():
        return run_sweep(plan, output, executor=executor, ledger=ledger, **limits)


@pytest.mark.slow
def test_another_backend_runs_a_whole_sweep_and_its_time_is_projected(plan, workdir, capsys):
    result = sweep(plan, workdir / "out")
    assert (result.n_run, result.n_left, result.failed) == (4, 0, [])
    assert [entry.label.split("=")[0] for entry in result.entries] == ["gru hidden_size"]
    assert (workdir / "out/top1.json").is_file()
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith(("[", "time left"))]
    assert [line.split(" → ")[0] for line in lines if line[0] == "["][:2] == [
        "[1/2] gru hidden_size=4", "[2/2] gru hidden_size=6",
    ]  # fmt: skip
    assert lines[1].startswith("time left at most 0:00:")
    assert "1 trial of at most" in lines[1]


@pytest.mark.slow
def test_what_failed_before_is_told_again_when_nothing_is_run(plan, workdir):
    ledger = Ledger(workdir / "out")
    job = plan.first_jobs()[0]
    scratch = ledger.scratch(job.key)
    write_failure(scratch, "diverged", "why", attempts=1)
    ledger.commit(job.key, scratch)
    result = sweep(plan, workdir / "out", max_trials=1)
    assert [(outcome.key, outcome.status) for outcome in result.failed] == [(job.key, "diverged")]
    with (workdir / "out/trials.csv").open(newline="") as file:
        assert [row["status"] for row in csv.DictReader(file)] == ["diverged", "finished"]


@pytest.mark.slow
def test_what_is_done_behind_a_gap_is_counted_in_the_heading_and_not_run_again(plan, workdir, capsys):
    whole = sweep(plan, workdir / "out")
    written = {path: path.stat().st_mtime_ns for path in (workdir / "out/trials").glob("*/result.json")}
    first = Ledger(workdir / "out").folder(plan.first_jobs()[0].key)
    shutil.rmtree(first)
    capsys.readouterr()
    again = sweep(plan, workdir / "out", max_trials=1)
    shown = [line for line in capsys.readouterr().out.splitlines() if line.startswith(("screen", "[", "confirm"))]
    assert shown[0] == "screen: 2 trials, 1 done already"
    assert shown[1].startswith("[2/2] gru hidden_size=4")
    assert shown[2].startswith("confirm: 2 trials, ")
    assert again.n_run == 1
    assert again.outcomes.keys() == whole.outcomes.keys()
    assert [path.parent for path in written if path.stat().st_mtime_ns != written[path]] == [first]


@pytest.mark.slow
def test_a_stop_during_the_last_screening_leaves_the_whole_confirmation(workdir):
    options = {"data.n_events": 260, "data.window": 5}
    spec = SweepSpec("frequency.yaml", {"model.decay": [0.0, 0.3, 0.6]}, options, confirm=Confirm(1, [42, 7]))
    output, decays, screened = workdir / "out", make_plan(spec, []), []
    stop = StopFiles(output)
    result = sweep(decays, output, stop_during=3, stop=stop, on_screened=screened.append)
    assert (result.n_run, result.n_left) == (3, 2)
    assert [len(outcomes) for outcomes in screened] == [3]
    stop.remove()
    assert sweep(decays, output, stop=StopFiles(output)).n_run == 2
