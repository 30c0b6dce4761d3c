"""Hot machines rest and too hot ones stop; nothing is written on a full disk; what nobody knows changes nothing."""

import csv
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from c5snn.cli import main
from c5snn.errors import ConfigError
from c5snn.sweeps import executor as executor_module
from c5snn.sweeps.backend import Backend, End
from c5snn.sweeps.executor import Executor
from c5snn.sweeps.job import Job
from c5snn.sweeps.ledger import Ledger, write_failure
from c5snn.sweeps.local import LocalBackend
from c5snn.sweeps.machine_watch import RESOURCES, MachineWatch
from c5snn.sweeps.sensors import read_temperature, resident_tree_bytes


class Clock:
    """Seconds that pass when somebody asks."""

    def __init__(self, step=20.0):
        self.now, self.step = 0.0, step

    def __call__(self):
        self.now += self.step
        return self.now


def told(readings, last=None):
    """Return what tells one reading after the other, and ``last`` at the end."""
    left = iter(readings)
    return lambda *_: next(left, last)


def watching(folder, readings=(), limit=95.0, step=20.0, disk=(), memory=()):
    return MachineWatch(
        folder,
        max_temperature=limit,
        read=told([None if reading is None else float(reading) for reading in readings]),
        free_disk=told(map(int, disk), last=10**12),
        free_memory=told([None if free is None else int(free) for free in memory]),
        clock=Clock(step),
    )


def test_trials_pause_ten_degrees_below_the_limit_and_go_on_twenty_below_it(tmp_path):
    watch = watching(tmp_path, [84, 85, 80, 75, 74.9, 84.9, 85])
    assert [watch.look() for _ in range(7)] == ["go", "pause", "pause", "pause", "go", "go", "pause"]
    assert not watch.is_too_hot


def test_at_the_limit_the_sweep_stops_for_good(tmp_path):
    watch = watching(tmp_path, [80, 95, 20])
    assert [watch.look() for _ in range(3)] == ["go", "stop", "stop"]


def test_an_unknown_temperature_changes_nothing(tmp_path):
    watch = watching(tmp_path, [None, 86, None, None, 70])
    assert [watch.look() for _ in range(5)] == ["go", "pause", "pause", "pause", "go"]


def test_without_a_limit_nothing_waits(tmp_path):
    assert watching(tmp_path, [140], limit=None).look() == "go"


def test_trials_rest_while_the_disk_is_nearly_full_until_it_has_twice_as_much(tmp_path, caplog):
    watch = watching(tmp_path, disk=[6e8, 5e8, 1e9, 1.1e9, 6e8])
    assert [watch.look() for _ in range(5)] == ["go", "pause", "pause", "go", "go"]
    assert [record.message.partition(": ")[2] for record in caplog.records] == [
        "the trials rest until 1.1 GB are, as a result that cannot be written is lost",
        "the trials go on",
    ]


def test_trials_wait_while_memory_is_short_and_unknown_memory_changes_nothing(tmp_path, caplog):
    watch = watching(tmp_path, memory=[6e8, 4e8, None, 9e8, 1.1e9])
    assert [watch.look() for _ in range(5)] == ["go", "wait", "wait", "wait", "go"]
    assert "0.4 GB of memory are free: no trial starts beside those that run until 1.0 GB are" in caplog.text


def test_a_hot_machine_with_little_memory_rests(tmp_path):
    watch = watching(tmp_path, [90, 60], memory=[1e8, 1e8])
    assert [watch.look() for _ in range(2)] == ["pause", "wait"]


def test_the_temperature_is_read_at_most_every_fifteen_seconds(tmp_path):
    watch = watching(tmp_path, [50, 60, 70], step=5.0)
    seen = []
    for _ in range(7):
        watch.look()
        seen.append(watch.temperature)
    assert seen == [50, 50, 50, 60, 60, 60, 70]


def test_a_limit_that_every_machine_exceeds_is_refused(tmp_path, capsys):
    with pytest.raises(ConfigError, match="40 < max_temperature"):
        MachineWatch(tmp_path, max_temperature=40.0)
    assert main(["sweep", "phase_b.yaml", "--max-temperature", "hot"]) == 2
    assert "whole number of °C" in capsys.readouterr().err


def test_the_log_has_a_row_every_five_minutes(tmp_path):
    watch = watching(tmp_path, [50] * 100, step=100.0)
    for _ in range(7):
        watch.look()
    rows = list(csv.DictReader((tmp_path / RESOURCES).read_text().splitlines()))
    assert len(rows) == 3
    for row in rows:
        assert float(row["temperature"]) == 50
        assert float(row["load"]) >= 0
        assert int(row["free_disk_mb"]) > 0
        assert 10 < int(row["rss_mb"]) < 10**6


def test_a_log_that_goes_on_keeps_its_rows_and_one_header(tmp_path):
    for _ in range(2):
        watching(tmp_path, [None]).look()
    lines = (tmp_path / RESOURCES).read_text().splitlines()
    assert [line.startswith("time,") for line in lines] == [True, False, False]
    assert lines[1].split(",")[-2] == "", "unknown is empty, not 0"


def test_the_hottest_plausible_sensor_counts(tmp_path):
    assert read_temperature(tmp_path) is None
    for name, text in (
        ("thermal/thermal_zone0/temp", "45000\n"),
        ("hwmon/hwmon1/temp1_input", "61500\n"),
        ("hwmon/hwmon1/temp2_input", "-273150\n"),
        ("hwmon/hwmon2/temp1_input", "255000\n"),
        ("hwmon/hwmon2/temp2_input", "asleep\n"),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert read_temperature(tmp_path) == 61.5


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_memory_of_what_a_process_starts_counts():
    alone = resident_tree_bytes()
    waiting = [sys.executable, "-c", "print(flush=True); input()"]
    child = subprocess.Popen(waiting, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        child.stdout.readline()  # while it starts it grows between two looks
        both, its_own = resident_tree_bytes(), resident_tree_bytes(child.pid)
    finally:
        child.communicate(b"\n")
    assert its_own > 10**6
    assert both >= alone + its_own / 2


class Resting(Backend):
    """Its jobs end when they have been waited for, unless they rest."""

    def __init__(self, n_workers=1):
        self.n_workers = n_workers
        self.running, self.events, self.rests = {}, [], False

    def start(self, job, folder, *, attempt):
        write_failure(folder, "diverged", "why", attempts=attempt)
        self.events.append(f"start {job.key}")
        self.running[job.key] = 2

    def wait(self, timeout_s):
        assert timeout_s < 10
        assert not self.rests
        self.running = {key: left - 1 for key, left in self.running.items()}
        ended = [key for key, left in self.running.items() if left == 0]
        for key in ended:
            del self.running[key]
            self.events.append(f"end {key}")
        return [End(key, None) for key in ended]

    def kill(self, key):
        self.events.append(f"kill {key}")

    def pause(self):
        self.rests = True
        self.events.append("pause")

    def resume(self):
        self.rests = False
        self.events.append("resume")


def ran(folder, readings, monkeypatch, timeout_s=600.0, n_workers=1, memory=()):
    monkeypatch.setattr(executor_module, "PAUSE_POLL_S", 0.0)
    ledger, backend = Ledger(folder), Resting(n_workers)
    folder.mkdir()
    watch = watching(folder, readings, memory=memory)
    executor = Executor(ledger, backend, timeout_s=timeout_s, max_attempts=1, watch=watch)
    jobs = iter([Job("a", {}, test=False), Job("b", {}, test=False)])
    outcomes = list(executor.run(lambda: next(jobs, None)))
    return executor, ledger, backend.events, [outcome.key for outcome in outcomes]


def test_running_trials_rest_and_none_starts_while_it_is_hot(workdir, monkeypatch):
    _, ledger, events, ended = ran(workdir / "out", [60, 90, 80, 76, 70, 72, 71, 70], monkeypatch)
    assert events == ["start a", "pause", "resume", "end a", "start b", "end b"]
    assert ended == ["a", "b"]
    assert [ledger.max_temperature(key) for key in ended] == [90, 72]


def test_where_it_is_too_hot_what_runs_is_stopped_and_runs_again_later(workdir, monkeypatch):
    executor, ledger, events, ended = ran(workdir / "out", [60, 96], monkeypatch)
    assert (events, ended, executor.is_too_hot) == (["start a", "kill a"], [], True)
    assert ledger.keys() == set()


def test_with_little_memory_trials_run_one_by_one(workdir, monkeypatch):
    events = [ran(workdir / name, [], monkeypatch, n_workers=2, memory=free)[2] for name, free in (
        ("short", [1e8] * 10), ("enough", [2e9] * 10), ("short at first", [1e8, 2e9])
    )]  # fmt: skip
    assert events == [
        ["start a", "end a", "start b", "end b"],
        ["start a", "start b", "end a", "end b"],
        ["start a", "start b", "end a", "end b"],
    ]


def test_where_there_is_nothing_to_run_nobody_looks(tmp_path):
    watch = watching(tmp_path, [96])
    executor = Executor(Ledger(tmp_path), Resting(), timeout_s=1.0, max_attempts=1, watch=watch)
    assert list(executor.run(lambda: None)) == []
    assert not executor.is_too_hot
    assert not (tmp_path / RESOURCES).exists()


def test_a_trial_that_ran_at_an_unknown_temperature_has_none(workdir, monkeypatch):
    _, ledger, _, ended = ran(workdir / "out", [], monkeypatch)
    assert [ledger.max_temperature(key) for key in ended] == [None, None]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_processes_of_this_machine_stop_where_they_are_and_go_on():
    backend, child = LocalBackend(1), subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    backend._processes["key"] = Process(child)
    try:
        states = []
        for act in (backend.pause, backend.resume):
            act()
            os.waitid(os.P_PID, child.pid, os.WSTOPPED | os.WCONTINUED | os.WNOWAIT)
            states.append(Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[0])
    finally:
        child.send_signal(signal.SIGCONT)
        child.communicate(b"\n")
    assert states[0] == "T"
    assert states[1] != "T"


class Process:
    """A process as multiprocessing shows it."""

    def __init__(self, child):
        self.pid = child.pid
        self.is_alive = lambda: child.poll() is None


@pytest.mark.slow
def test_a_sweep_writes_its_log_and_says_that_the_temperature_is_unknown(workdir, monkeypatch, capsys):
    monkeypatch.setattr("c5snn.sweeps.sensors.read_temperature", lambda: None)
    (workdir / "own.yaml").write_text(
        "base: gru.yaml\nspace: {model.hidden_size: [2]}\n"
        "options: {data.n_events: 260, data.window: 5, trainer.max_epochs: 1}\n"
    )
    assert main(["sweep", "own.yaml", "--workers", "1", "--max-temperature", "95"]) == 0
    assert capsys.readouterr().out.count("temperature of this machine is unknown") == 1
    assert len((workdir / "sweeps/own" / RESOURCES).read_text().splitlines()) == 2
    (row,) = csv.DictReader((workdir / "sweeps/own/experiments.csv").read_text().splitlines())
    assert row["thermal_max_temp"] == ""
