"""Trials in processes of their own: what one of them does harms no other, and none outlives its driver.

Another backend is held to all of it by one more subclass of :class:`ExecutorContract` below.
"""

import importlib
import json
import os
import pkgutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest
import torch

import c5snn.sweeps
from c5snn.errors import ConfigError
from c5snn.sweeps.backend import Backend, End
from c5snn.sweeps.executor import Executor
from c5snn.sweeps.job import Fallback, Job, set_micro_batch
from c5snn.sweeps.ledger import Ledger
from c5snn.sweeps.local import PRELOADED, LocalBackend
from c5snn.sweeps.ray import RayBackend
from c5snn.sweeps.trial import run_trial
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


def in_turn(jobs):
    """Return what an executor asks for jobs that wait for nothing."""
    waiting = iter(jobs)
    return lambda: next(waiting, None)


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


DRIVER = """
import importlib, json, sys
from contextlib import nullcontext
from pathlib import Path
from c5snn.sweeps.executor import Executor
from c5snn.sweeps.job import Job
from c5snn.sweeps.ledger import Ledger

ledger = Ledger(Path("sweep"))
jobs = iter([Job(key, config, test=False) for key, config in json.loads(sys.argv[3]).items()])
with ledger.lock(), CONNECTION:
    backend = getattr(importlib.import_module(sys.argv[1]), sys.argv[2])(n_workers=2)
    list(Executor(ledger, backend, timeout_s=600.0, max_attempts=2).run(lambda: next(jobs, None)))
"""


class ExecutorContract:
    """What every backend has to do below an executor; a subclass names it."""

    backend_class: ClassVar[type[Backend]] = Backend
    connection: ClassVar[str] = "nullcontext()"  # what a driver of its own has to enter first
    ends_within_s: ClassVar[float] = 5  # all processes of a killed driver but the trials, which end within 5 s

    def executor(self, ledger, *, n_workers=1, timeout_s=120.0, max_attempts=2):
        backend = self.backend_class(n_workers=n_workers)
        return Executor(ledger, backend, timeout_s=timeout_s, max_attempts=max_attempts)

    def run(self, ledger, *jobs, **limits):
        with ledger.lock():
            return {outcome.key: outcome for outcome in self.executor(ledger, **limits).run(in_turn(jobs))}

    def test_each_end_is_reported_once_and_that_of_a_killed_attempt_never(self, ledger):
        backend = self.backend_class(n_workers=2)
        folders = {key: ledger.scratch(key) for key in ("ended", "killed")}
        backend.start(Job("killed", config(fault="Hang"), test=False), folders["killed"], attempt=1)
        backend.start(Job("ended", config(), test=False), folders["ended"], attempt=1)
        assert backend.wait(120.0) == [End("ended", None)]
        assert (folders["ended"] / "result.json").is_file()
        wait_until(Path("notes.txt").is_file, 60)
        assert backend.wait(0.0) == []
        for key in ("killed", "killed", "ended"):
            backend.kill(key)
        assert not is_running(Path("notes.txt").read_text().strip())
        assert backend.wait(0.0) == []

    def test_a_job_is_asked_for_only_when_a_worker_is_free(self, ledger):
        jobs, n_ended, seen = in_turn([Job(key, config(), test=False) for key in "abc"]), 0, []

        def ask():
            seen.append(n_ended)
            return jobs()

        with ledger.lock():
            for _ in self.executor(ledger).run(ask):
                n_ended += 1
        assert seen == [0, 1, 2, 3]

    def test_a_job_that_waits_for_another_is_asked_for_again_after_its_end(self, ledger):
        waiting, ended = [Job(key, config(), test=False) for key in "ab"], []

        def ask():
            return waiting.pop(0) if waiting and len(ended) == 2 - len(waiting) else None

        with ledger.lock():
            for outcome in self.executor(ledger, n_workers=2).run(ask):
                ended += [outcome.key]
        assert ended == ["a", "b"]

    @pytest.mark.slow
    def test_one_and_two_workers_get_the_same_numbers(self, ledger, workdir):
        jobs = [Job(f"seed_{seed}", config(seed=seed, max_epochs=2), test=seed == 2) for seed in (1, 2)]
        other, before = Ledger(workdir / "other"), {path.name for path in workdir.iterdir()}
        one, two = self.run(ledger, *jobs), self.run(other, *jobs, n_workers=2)
        assert list(one) == ["seed_1", "seed_2"]
        for job in jobs:
            assert one[job.key].status == two[job.key].status == "finished"
            assert one[job.key].result.val == two[job.key].result.val
            assert numbers(ledger, job.key) == numbers(other, job.key)
            torch.testing.assert_close(weights(ledger, job.key), weights(other, job.key), rtol=0, atol=0)
        assert one["seed_1"].result.test is two["seed_1"].result.test is None
        # a checkpoint holds the name of its folder, and with it another hash in another one
        tests = [replace(ends["seed_2"].result.test, checkpoint=None) for ends in (one, two)]
        assert tests[0] == tests[1]
        items = [trials.folder("seed_2") / "test_items.npz" for trials in (ledger, other)]
        assert items[0].read_bytes() == items[1].read_bytes()
        assert numbers(ledger, "seed_1") != numbers(ledger, "seed_2")
        assert {path.name for path in workdir.iterdir()} == before | {"sweep", "other"}

    def test_a_trained_trial_is_tested_where_it_is(self, ledger):
        job = Job("a", config(fault="Note"), test=False)
        self.run(ledger, job)
        record = (ledger.folder("a") / "result.json").stat()
        outcome = self.run(ledger, Job("a", job.config, test=True))["a"]
        assert n_starts("notes.txt") == 1
        assert (ledger.folder("a") / "result.json").stat() == record
        assert outcome.result.test.n_items == 39
        assert (ledger.folder("a") / "test_items.npz").is_file()
        assert list(ledger.folder("a").glob("events.out.tfevents.*"))
        assert not (ledger.folder("a") / "last.ckpt").exists()

    def test_a_trial_whose_checkpoint_was_damaged_is_trained_again_for_its_test(self, ledger):
        job = Job("a", config(fault="Note"), test=False)
        self.run(ledger, job)
        (ledger.folder("a") / "best.ckpt").write_bytes(b"")
        assert self.run(ledger, Job("a", job.config, test=True))["a"].result.test.n_items == 39
        assert n_starts("notes.txt") == 2

    def test_a_killed_trial_is_retried_and_no_other_is_harmed(self, ledger):
        once = Job("once", config(fault="KillOnce", note="once.txt"), test=False)
        always = Job("always", config(fault="Kill", note="always.txt"), test=False)
        unharmed = Job("unharmed", config(), test=False)
        ends = self.run(ledger, once, always, unharmed, n_workers=2)
        assert (ends["once"].status, ends["once"].attempts) == ("finished", 2)
        assert (ends["always"].status, ends["always"].attempts) == ("killed", 2)
        assert n_starts("always.txt") == 2
        assert numbers(ledger, "once") == numbers(ledger, "unharmed")
        assert not ledger.is_done(always)
        assert ledger.keys() == {path.name for path in ledger.trials.iterdir()} == {"once", "always", "unharmed"}

    def test_a_trial_that_would_fail_again_is_not_retried(self, ledger):
        faults = {"Exhaust": "oom", "Diverge": "diverged", "Err": "failed"}
        jobs = [Job(status, config(fault=fault, note=f"{status}.txt"), test=False) for fault, status in faults.items()]
        ends = self.run(ledger, *jobs, n_workers=2)
        assert {key: (end.status, end.attempts, n_starts(f"{key}.txt")) for key, end in ends.items()} == {
            status: (status, 1, 1) for status in faults.values()
        }
        assert "Memory ran out" in ends["oom"].message
        assert "epoch 1" in ends["diverged"].message
        assert ends["failed"].message == "ZeroDivisionError: one by"
        assert "in act" in (ledger.folder("failed") / "failure.json").read_text()

    @pytest.mark.slow
    def test_a_hung_trial_is_killed_retried_and_recorded(self, ledger):
        outcome = self.run(ledger, Job("a", config(fault="Hang"), test=False), timeout_s=4.0)["a"]
        assert (outcome.status, outcome.message, outcome.attempts) == ("timeout", "stopped after 4 s", 2)
        assert not any(is_running(pid) for pid in Path("notes.txt").read_text().split())
        assert ledger.outcome("a", test=False) == outcome
        assert not ledger.is_done(Job("a", {}, test=False))

    def test_ctrl_c_is_left_to_the_driver(self, ledger):
        outcome = self.run(ledger, Job("a", config(fault="Interrupt"), test=False))["a"]
        assert (outcome.status, outcome.attempts, outcome.result.n_epochs) == ("finished", 1, 1)

    def test_closing_the_iterator_stops_what_runs_and_keeps_what_has_ended(self, ledger):
        jobs = [Job("ended", config(), test=False), Job("running", config(fault="Hang"), test=False)]
        outcomes = self.executor(ledger, n_workers=2, timeout_s=600.0).run(in_turn(jobs))
        assert next(outcomes).key == "ended"
        wait_until(Path("notes.txt").is_file, 60)
        outcomes.close()
        assert not any(is_running(pid) for pid in Path("notes.txt").read_text().split())
        assert ledger.is_done(jobs[0])
        assert [path.name for path in ledger.trials.iterdir()] == ["ended"]

    @pytest.mark.slow
    @pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
    def test_no_process_outlives_a_killed_driver_and_its_lock_is_free(self, ledger, group_members):
        jobs = {key: config(fault="Hang", note=f"{key}.txt") for key in ("a", "b")}
        path = os.pathsep.join([str(ledger.root.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
        environment = {**os.environ, "PYTHONPATH": path}
        script = DRIVER.replace("CONNECTION", self.connection)
        words = [self.backend_class.__module__, self.backend_class.__name__, json.dumps(jobs)]
        driver = subprocess.Popen([sys.executable, "-c", script, *words], start_new_session=True, env=environment)
        try:
            wait_until(lambda: Path("a.txt").is_file() and Path("b.txt").is_file(), 120)
            assert len(group_members(driver.pid)) >= 4
            trials = [Path(name).read_text().strip() for name in ("a.txt", "b.txt")]
            driver.kill()
            driver.wait()
            wait_until(lambda: not any(map(is_running, trials)), 5)
            wait_until(lambda: not group_members(driver.pid), self.ends_within_s)
        finally:
            for pid in group_members(driver.pid):
                os.kill(pid, signal.SIGKILL)
        with ledger.lock():
            ledger.clear_scratch()
        assert list(ledger.trials.iterdir()) == []


class TestLocalBackend(ExecutorContract):
    backend_class = LocalBackend


@pytest.mark.cluster
@pytest.mark.usefixtures("two_nodes")
class TestRayBackend(ExecutorContract):
    backend_class = RayBackend
    connection = "__import__('c5snn.sweeps.ray_cluster', fromlist=['ray_cluster']).ray_cluster(None, n_cpus=2)"
    ends_within_s = 90  # Ray's own agents look for their node for a while


def test_every_backend_is_held_to_the_contract():
    for module in pkgutil.iter_modules(c5snn.sweeps.__path__, "c5snn.sweeps."):
        importlib.import_module(module.name)
    ours = {backend for backend in Backend.__subclasses__() if backend.__module__.startswith("c5snn.")}
    assert ours <= {contract.backend_class for contract in ExecutorContract.__subclasses__()}


class Lossy(Backend):
    """Runs attempts in this process; the machine of the first ones is lost."""

    n_workers = 1

    def __init__(self, n_lost):
        self.n_lost, self.ends = n_lost, []

    def start(self, job, folder, *, attempt):
        if attempt <= self.n_lost:
            self.ends.append(End(job.key, "lost", "its node is gone"))
        else:
            run_trial(job, folder, attempt=attempt)
            self.ends.append(End(job.key, None))

    def wait(self, timeout_s):  # noqa: ARG002
        ends, self.ends = self.ends, []
        return ends

    def kill(self, key):
        pass


@pytest.mark.parametrize(("n_lost", "status", "message"), [(1, "finished", ""), (2, "lost", "its node is gone")])
def test_a_trial_that_is_lost_with_its_machine_is_retried(ledger, n_lost, status, message):
    job = Job("a", config(), test=False)
    (outcome,) = Executor(ledger, Lossy(n_lost), timeout_s=60.0, max_attempts=2).run(in_turn([job]))
    assert (outcome.status, outcome.message, outcome.attempts) == (status, message, 2)
    assert ledger.outcome("a", test=False) == outcome
    assert ledger.is_done(job) == (status == "finished")
    assert [path.name for path in ledger.trials.iterdir()] == ["a"]


class Scarce(Backend):
    """Runs attempts in this process; memory runs out for whole batches, and does so before anything else ends."""

    def __init__(self, n_workers):
        self.n_workers, self.started, self.waiting = n_workers, [], {}

    def start(self, job, folder, *, attempt):
        self.started.append(job.key)
        self.waiting[job.key] = (job, folder, attempt)

    def wait(self, timeout_s):  # noqa: ARG002
        key = "whole" if "whole" in self.waiting else next(iter(self.waiting))
        job, folder, attempt = self.waiting.pop(key)
        if key == "whole":
            return [End(key, "oom", "too large")]
        run_trial(job, folder, attempt=attempt)
        return [End(key, None)]

    def kill(self, key):
        self.waiting.pop(key, None)


@pytest.mark.parametrize("n_workers", [1, 2])
def test_a_smaller_micro_batch_that_is_a_job_itself_runs_once(ledger, n_workers):
    data = {"class_path": "EventDataModule", "init_args": {"n_events": 260, "window": 5}}
    whole = Job("whole", {**config(), "data": data}, test=False, fallbacks=[Fallback("eight", 8)])
    eight = Job("eight", set_micro_batch(whole.config, 8), test=False)
    backend = Scarce(n_workers)
    outcomes = list(Executor(ledger, backend, timeout_s=60.0, max_attempts=2).run(in_turn([whole, eight])))
    assert backend.started == ["whole", "eight"]
    assert {(end.key, end.status, end.ran_key) for end in outcomes} == {
        ("whole", "finished", "eight"),
        ("eight", "finished", "eight"),
    }


@pytest.mark.parametrize("limits", [{"timeout_s": 0.0, "max_attempts": 1}, {"timeout_s": 1.0, "max_attempts": 0}])
def test_a_limit_of_zero_is_refused(ledger, limits):
    with pytest.raises(ConfigError, match=r"0 < .* but got .*=0"):
        Executor(ledger, LocalBackend(1), **limits)


def test_an_attempt_that_the_kernel_did_not_kill_is_named_by_its_signal(ledger):
    backend = LocalBackend(n_workers=1)
    backend.start(Job("a", config(fault="Kill"), test=False), ledger.scratch("a"), attempt=1)
    assert backend.wait(120.0) == [End("a", "killed", "killed by SIGKILL")]


def test_no_worker_at_all_is_refused():
    with pytest.raises(ConfigError, match="0 < n_workers"):
        LocalBackend(0)


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
    assert_nothing_outlives(driver, group_members, Path("loading.txt"))


def assert_nothing_outlives(driver, group_members, witness):
    """Wait for a driver that kills itself once a file is there, and see that its processes end with it."""
    try:
        driver.wait(120)
        assert witness.is_file()
        wait_until(lambda: not group_members(driver.pid), 5)
    finally:
        for pid in group_members(driver.pid):
            os.kill(pid, signal.SIGKILL)


PAUSING = """
import json, os, signal, sys, time
from pathlib import Path
from c5snn.sweeps.job import Job
from c5snn.sweeps.local import LocalBackend

backend, folder = LocalBackend(1), Path("trial")
folder.mkdir()
backend.start(Job("a", json.loads(sys.argv[1]), test=False), folder, attempt=1)
while not os.path.exists("notes.txt"):
    time.sleep(0.01)
backend.pause()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux alone does this")
def test_a_paused_trial_ends_with_its_driver(ledger, group_members):
    path = os.pathsep.join([str(ledger.root.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    words = [sys.executable, "-c", PAUSING, json.dumps(config(fault="Hang"))]
    driver = subprocess.Popen(words, start_new_session=True, env={**os.environ, "PYTHONPATH": path})
    assert_nothing_outlives(driver, group_members, Path("notes.txt"))
