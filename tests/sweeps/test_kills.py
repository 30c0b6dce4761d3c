"""Twenty ``kill -9`` at random moments: the sweep leaves what it leaves when nobody disturbs it."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from c5snn.training.checkpoints import read_checkpoint

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

N_KILLS = 20
COMMAND = [
    *(sys.executable, "-m", "c5snn", "sweep", "phase_b.yaml", "--profile", "smoke", "--workers", "2"),
    *("--trainer.max_epochs", "40", "--early_stopping.patience", "40", "--output"),
]
WHOLE_FILES = ("config.yaml", "test_items.npz", "test_per_window.csv")
MEASURED = {"peak_memory_bytes", "peak_memory_mb"}
TIMES = {"training_time_s", "epoch_time_s", "generated_at", *MEASURED}


def start(output):
    with Path(f"{output.parent}.log").open("a") as log:
        return subprocess.Popen([*COMMAND, str(output)], stdout=log, stderr=log, start_new_session=True)


def seconds_until(condition, driver):
    """Return how long a condition takes, or the driver."""
    began = time.monotonic()
    while not condition() and driver.poll() is None:
        time.sleep(0.05)
    return time.monotonic() - began


def rows(path):
    with path.open(newline="") as file:
        return [{name: value for name, value in row.items() if name not in TIMES} for row in csv.DictReader(file)]


def without_times(content):
    if isinstance(content, dict):
        return {name: without_times(value) for name, value in content.items() if name not in TIMES}
    return [without_times(value) for value in content] if isinstance(content, list) else content


def numbers(path):
    return without_times(json.loads(path.read_text()))


def judged(path):
    """Return a test's numbers; the checkpoint's hash covers the times of its epochs."""
    return {name: value for name, value in numbers(path).items() if name != "checkpoint"} if path.exists() else None


def weights(path):
    return read_checkpoint(path)["state_dict"]


def content(path):
    return path.read_bytes() if path.exists() else None


class Killer:
    """Starts a sweep, kills it or one of its trials at a random moment, and starts it again."""

    def __init__(self, output, group_members, *, start_s, work_s):
        self.output, self.group_members = output, group_members
        self.start_s, self.pause_s = start_s, work_s / N_KILLS
        self.random = np.random.default_rng(7)
        self.n_kills = {"start": 0, "work": 0, "trial": 0}

    @property
    def is_ready(self):
        return sum(self.n_kills.values()) == N_KILLS

    def run(self):
        while not self.is_ready:
            driver = start(self.output)
            try:
                self.disturb(driver)
            finally:
                driver.kill()
                driver.wait()
            deadline = time.monotonic() + 5
            while self.group_members(driver.pid) and time.monotonic() < deadline:
                time.sleep(0.05)
            assert not self.group_members(driver.pid), "5 s after the kill there are orphans"

    def disturb(self, driver):
        """Kill trials until it is the driver's turn, then leave it to the caller."""
        while not self.is_ready:
            kind = str(self.random.choice(list(self.n_kills)))
            if kind == "start":
                time.sleep(self.random.uniform(0, self.start_s))
            else:
                seconds_until(lambda: trials_of(driver, self.group_members), driver)
                time.sleep(self.random.uniform(0, self.pause_s))
            if driver.poll() is not None:
                if driver.returncode == 0:  # nothing is left that could be killed, so a trial gets lost
                    shutil.rmtree(next(self.output.glob("trials/*")))
                else:
                    assert driver.returncode == 4, "a trial was killed as often as it may be started"
                return
            if kind != "trial":
                self.n_kills[kind] += 1
                return
            for pid in trials_of(driver, self.group_members)[:1]:
                os.kill(pid, signal.SIGKILL)
                self.n_kills[kind] += 1


def trials_of(driver, group_members):
    """Return the processes that the fork server has made: neither the driver nor its children are among them."""
    return [pid for pid, parent in group_members(driver.pid).items() if parent not in {driver.pid, os.getpid()}]


def test_a_sweep_that_is_killed_again_and_again_leaves_what_an_undisturbed_one_leaves(workdir, group_members):
    calm, hurt = workdir / "calm/out", workdir / "hurt/out"
    driver = start(calm)
    start_s = seconds_until(lambda: trials_of(driver, group_members), driver)
    work_s = seconds_until(lambda: False, driver)
    assert driver.returncode == 0

    killer = Killer(hurt, group_members, start_s=start_s, work_s=work_s)
    killer.run()
    assert all(killer.n_kills.values())
    exit_codes = [start(hurt).wait() for _ in range(2)]
    assert exit_codes[-1] == 0

    for name in ("screening.csv", "trials.csv"):
        assert rows(hurt / name) == rows(calm / name)
    assert numbers(hurt / "top3.json") == numbers(calm / "top3.json")
    keys = sorted(path.name for path in (calm / "trials").iterdir())
    assert sorted(path.name for path in (hurt / "trials").iterdir()) == keys
    for key in [f"trials/{key}" for key in keys]:
        assert rows(hurt / key / "metrics.csv") == rows(calm / key / "metrics.csv")
        assert judged(hurt / key / "test_metrics.json") == judged(calm / key / "test_metrics.json")
        for name in WHOLE_FILES:
            assert content(hurt / key / name) == content(calm / key / name), f"{key}/{name}"
    for key in [*(f"trials/{key}" for key in keys), "best"]:
        torch.testing.assert_close(weights(hurt / key / "best.ckpt"), weights(calm / key / "best.ckpt"), rtol=0, atol=0)
