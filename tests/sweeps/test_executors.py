"""Trials in processes of their own: what one of them does harms no other, and none outlives its driver."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from c5snn.errors import ConfigError
from c5snn.sweeps.executors import PRELOADED, LocalExecutor
from c5snn.sweeps.job import Job
from c5snn.sweeps.ledger import Ledger
from c5snn.sweeps.oom_kills import OomKills
from c5snn.training.checkpoints import read_checkpoint

FAULTS = '''
import os
import signal
import time

import torch
from lightning.pytorch import Callback


class Note(Callback):
    """Adds a line to a file at every start of training."""

    def __init__(self, file: str) -> None:
        self.file = file

    def on_train_start(self, trainer, pl_module) -> None:
        with open(self.file, "a") as file:
            file.write(f"{os.getpid()}\\n")
        self.act(len(open(self.file).readlines()))

    def act(self, attempt: int) -> None:
        pass


class KillOnce(Note):
    def act(self, attempt: int) -> None:
        if attempt == 1:
            os.kill(os.getpid(), signal.SIGKILL)


class Kill(Note):
    def act(self, attempt: int) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class Hang(Note):
    def act(self, attempt: int) -> None:
        time.sleep(10_000)


class Interrupt(Note):
    def act(self, attempt: int) -> None:
        os.kill(os.getpid(), signal.SIGINT)


class Exhaust(Note):
    def act(self, attempt: int) -> None:
        torch.zeros(2**50)


class Err(Note):
    def act(self, attempt: int) -> None:
        raise ZeroDivisionError("one by\\nzero")


class Diverge(Note):
    def on_train_start(self, trainer, pl_module) -> None:
        torch.nn.init.constant_(next(pl_module.parameters()), float("nan"))
        super().on_train_start(trainer, pl_module)
'''


@pytest.fixture
def ledger(workdir, monkeypatch):
    """An empty ledger; trials may name the callbacks of ``trial_faults``."""
    (workdir / "trial_faults.py").write_text(FAULTS)
    monkeypatch.syspath_prepend(str(workdir))
    monkeypatch.setenv("C5SNN_ALLOWED_IMPORTS", "trial_faults")
    return Ledger(workdir / "sweep")


def config(*, seed=42, fault=None, note="notes.txt", **trainer):
    callbacks = [{"class_path": f"trial_faults.{fault}", "init_args": {"file": note}}] if fault else []
    return {
        "seed_everything": seed,
        "model": {"class_path": "SpikeGRU", "init_args": {"hidden_size": 4}},
        "data": {"n_events": 260, "window": 5},
        "trainer": {"max_epochs": 1, "callbacks": callbacks, "enable_model_summary": False, **trainer},
    }


def run(ledger, *jobs, n_workers=1, timeout_s=120.0, max_attempts=2):
    executor = LocalExecutor(ledger, n_workers=n_workers, timeout_s=timeout_s, max_attempts=max_attempts)
    with ledger.lock():
        return {outcome.key: outcome for outcome in executor.run(jobs)}


def n_starts(note):
    return len(Path(note).read_text().split())


def is_running(pid):
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(condition, seconds):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert condition()


def numbers(ledger, key):
    rows = ledger.outcome(key, test=False).result.learning_curve
    return [{name: value for name, value in row.items() if not name.endswith("_time_s")} for row in rows]


def weights(ledger, key):
    return read_checkpoint(ledger.folder(key) / "best.ckpt")["state_dict"]


@pytest.mark.slow
def test_one_and_two_workers_get_the_same_numbers(ledger, workdir):
    jobs = [Job(f"seed_{seed}", config(seed=seed, max_epochs=2), test=seed == 2) for seed in (1, 2)]
    other = Ledger(workdir / "other")
    one, two = run(ledger, *jobs), run(other, *jobs, n_workers=2)
    assert list(one) == ["seed_1", "seed_2"]
    for job in jobs:
        assert one[job.key].status == two[job.key].status == "finished"
        assert one[job.key].result.val == two[job.key].result.val
        assert numbers(ledger, job.key) == numbers(other, job.key)
        torch.testing.assert_close(weights(ledger, job.key), weights(other, job.key), rtol=0, atol=0)
    assert one["seed_1"].result.test is two["seed_1"].result.test is None
    assert one["seed_2"].result.test["metrics"] == two["seed_2"].result.test["metrics"]
    rankings = [trials.folder("seed_2") / "rankings.npz" for trials in (ledger, other)]
    assert rankings[0].read_bytes() == rankings[1].read_bytes()
    assert numbers(ledger, "seed_1") != numbers(ledger, "seed_2")
    assert {path.name for path in workdir.iterdir()} == {"trial_faults.py", "sweep", "other"}


def test_a_trained_trial_is_tested_where_it_is(ledger):
    job = Job("a", config(fault="Note"), test=False)
    run(ledger, job)
    record = (ledger.folder("a") / "result.json").stat()
    outcome = run(ledger, Job("a", job.config, test=True))["a"]
    assert n_starts("notes.txt") == 1
    assert (ledger.folder("a") / "result.json").stat() == record
    assert outcome.result.test["n_windows"] == 39
    assert (ledger.folder("a") / "rankings.npz").is_file()
    assert list(ledger.folder("a").glob("events.out.tfevents.*"))
    assert not (ledger.folder("a") / "last.ckpt").exists()


def test_a_trial_whose_checkpoint_was_damaged_is_trained_again_for_its_test(ledger):
    job = Job("a", config(fault="Note"), test=False)
    run(ledger, job)
    (ledger.folder("a") / "best.ckpt").write_bytes(b"")
    assert run(ledger, Job("a", job.config, test=True))["a"].result.test["n_windows"] == 39
    assert n_starts("notes.txt") == 2


def test_a_killed_trial_is_retried_and_no_other_is_harmed(ledger):
    once = Job("once", config(fault="KillOnce", note="once.txt"), test=False)
    always = Job("always", config(fault="Kill", note="always.txt"), test=False)
    unharmed = Job("unharmed", config(), test=False)
    ends = run(ledger, once, always, unharmed, n_workers=2)
    assert (ends["once"].status, ends["once"].attempts) == ("finished", 2)
    assert (ends["always"].status, ends["always"].attempts) == ("killed", 2)
    assert ends["always"].message == "killed by SIGKILL"
    assert n_starts("always.txt") == 2
    assert numbers(ledger, "once") == numbers(ledger, "unharmed")
    assert not ledger.is_done(always)
    assert ledger.keys() == {path.name for path in ledger.trials.iterdir()} == {"once", "always", "unharmed"}


def test_a_trial_that_would_fail_again_is_not_retried(ledger):
    faults = {"Exhaust": "oom", "Diverge": "diverged", "Err": "failed"}
    jobs = [Job(status, config(fault=fault, note=f"{status}.txt"), test=False) for fault, status in faults.items()]
    ends = run(ledger, *jobs, n_workers=2)
    assert {key: (end.status, end.attempts, n_starts(f"{key}.txt")) for key, end in ends.items()} == {
        status: (status, 1, 1) for status in faults.values()
    }
    assert "can't allocate memory" in ends["oom"].message
    assert "epoch 0" in ends["diverged"].message
    assert ends["failed"].message == "ZeroDivisionError: one by"
    assert "in act" in (ledger.folder("failed") / "failure.json").read_text()


def test_a_hung_trial_is_killed_retried_and_recorded(ledger):
    outcome = run(ledger, Job("a", config(fault="Hang"), test=False), timeout_s=4.0)["a"]
    assert (outcome.status, outcome.message, outcome.attempts) == ("timeout", "stopped after 4 s", 2)
    assert not any(is_running(pid) for pid in Path("notes.txt").read_text().split())
    assert ledger.outcome("a", test=False) == outcome
    assert not ledger.is_done(Job("a", {}, test=False))


def test_ctrl_c_is_left_to_the_driver(ledger):
    outcome = run(ledger, Job("a", config(fault="Interrupt"), test=False))["a"]
    assert (outcome.status, outcome.attempts, outcome.result.n_epochs) == ("finished", 1, 1)


def test_closing_the_iterator_stops_what_runs_and_keeps_what_has_ended(ledger):
    jobs = [Job("ended", config(), test=False), Job("running", config(fault="Hang"), test=False)]
    outcomes = LocalExecutor(ledger, n_workers=2, timeout_s=600.0, max_attempts=2).run(jobs)
    assert next(outcomes).key == "ended"
    wait_until(Path("notes.txt").is_file, 60)
    outcomes.close()
    assert not any(is_running(pid) for pid in Path("notes.txt").read_text().split())
    assert ledger.is_done(jobs[0])
    assert [path.name for path in ledger.trials.iterdir()] == ["ended"]


DRIVER = """
import json, sys
from pathlib import Path
from c5snn.sweeps.executors import LocalExecutor
from c5snn.sweeps.job import Job
from c5snn.sweeps.ledger import Ledger

ledger = Ledger(Path("sweep"))
jobs = [Job(key, config, test=False) for key, config in json.loads(sys.argv[1]).items()]
with ledger.lock():
    list(LocalExecutor(ledger, n_workers=2, timeout_s=600.0, max_attempts=2).run(jobs))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_no_process_outlives_a_killed_driver_and_its_lock_is_free(ledger, group_members):
    jobs = {key: config(fault="Hang", note=f"{key}.txt") for key in ("a", "b")}
    environment = {**os.environ, "PYTHONPATH": str(ledger.root.parent)}
    driver = subprocess.Popen([sys.executable, "-c", DRIVER, json.dumps(jobs)], start_new_session=True, env=environment)
    try:
        wait_until(lambda: Path("a.txt").is_file() and Path("b.txt").is_file(), 120)
        assert len(group_members(driver.pid)) >= 4
        driver.kill()
        driver.wait()
        wait_until(lambda: not group_members(driver.pid), 5)
    finally:
        for pid in group_members(driver.pid):
            os.kill(pid, signal.SIGKILL)
    with ledger.lock():
        ledger.clear_scratch()
    assert list(ledger.trials.iterdir()) == []


LOADING = """
import os, signal, time
from multiprocessing import forkserver
forkserver.set_forkserver_preload(["c5snn.sweeps.fork_server", "loads_for_minutes"])
forkserver.ensure_running()
while not os.path.exists("loading.txt"):
    time.sleep(0.01)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux alone does this")
def test_a_fork_server_that_is_still_loading_ends_with_its_driver(workdir, group_members):
    assert PRELOADED[0] == "c5snn.sweeps.fork_server"
    (workdir / "loads_for_minutes.py").write_text("import time; open('loading.txt', 'w'); time.sleep(300)")
    driver = subprocess.Popen([sys.executable, "-c", LOADING], start_new_session=True)
    try:
        driver.wait(60)
        assert Path("loading.txt").is_file()
        wait_until(lambda: not group_members(driver.pid), 5)
    finally:
        for pid in group_members(driver.pid):
            os.kill(pid, signal.SIGKILL)


def test_the_kernels_kills_each_explain_one_trial(tmp_path):
    counter = tmp_path / "memory.events"
    counter.write_text("low 7\noom 4\noom_kill 3\noom_group_kill 9\n")
    kills = OomKills(counter)
    assert not kills.explain()
    counter.write_text("oom 5\noom_kill 4\n")
    assert kills.explain()
    assert not kills.explain()
    counter.write_text("oom 6\noom_kill 5\n")
    kills.forget()
    assert not kills.explain()


def test_a_kernel_that_counts_nothing_explains_nothing(tmp_path):
    assert not OomKills(None).explain()
    assert not OomKills(tmp_path / "absent").explain()


@pytest.mark.parametrize("name", ["n_workers", "timeout_s", "max_attempts"])
def test_an_argument_of_zero_is_refused(ledger, name):
    arguments = {"n_workers": 1, "timeout_s": 1.0, "max_attempts": 1}
    with pytest.raises(ConfigError, match=f"0 < {name}"):
        LocalExecutor(ledger, **{**arguments, name: type(arguments[name])(0)})
