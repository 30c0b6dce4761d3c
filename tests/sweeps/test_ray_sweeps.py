"""Whole sweeps on a Ray cluster: the same results as here, whatever happens to nodes and to the driver."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.sweeps.test_executor import wait_until
from tests.sweeps.test_kills import WHOLE_FILES, content, judged, numbers, rows, weights
from tests.sweeps.test_studies import left, study  # noqa: F401  # a fixture

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]

PHASE_B = ("phase_b.yaml", "--profile", "smoke")
LONG_S = 900  # for what takes seconds on a quiet machine
NODE = {"num_cpus": 1, "object_store_memory": 100_000_000}


@contextlib.contextmanager
def driving(output, *words):
    """Start a sweep, which does not outlive the test; what it prints goes to a file beside its output."""
    command = [sys.executable, "-m", "c5snn", "sweep", *words, "--output", str(output)]
    with Path(f"{output}.log").open("a") as log:
        driver = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        yield driver
    finally:
        driver.kill()
        driver.wait()


def finish(output, *words):
    with driving(output, *words) as driver:
        assert driver.wait() == 0, Path(f"{output}.log").read_text()


def places(workdir, *names):
    """Return folders of one name, which a sweep's results hold."""
    for name in names:
        (workdir / name).mkdir()
    return [workdir / name / "own" for name in names]


def n_ended(output):
    return sum(path.name[0] != "." for path in output.glob("trials/*"))


def on(cluster):
    return ("--executor", "ray", "--address", cluster.address)


def of_trials(output):
    """Return what every trial has left, times aside."""
    found = {}
    for folder in output.glob("trials/*"):
        whole = [content(folder / name) for name in WHOLE_FILES]
        checkpoint = folder / "best.ckpt"  # a study keeps those of its best
        kept = weights(checkpoint) if checkpoint.is_file() else {}
        computed = {name: tensor.tolist() for name, tensor in kept.items()}
        found[folder.name] = whole, rows(folder / "metrics.csv"), judged(folder / "test_metrics.json"), computed
    return found


def raylet_of(node):
    return node.all_processes["raylet"][0].process.pid


def worker_in_a_trial(node):
    """Return the process of a node's worker that runs a task now, as Ray renames it; None where none does."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            is_worker = stat.read_text().rpartition(")")[2].split()[1] == str(raylet_of(node))
            if is_worker and (stat.parent / "cmdline").read_text().startswith("ray::run_on_node"):
                return int(stat.parent.name)
    return None


def lose(node):
    """Kill a node in the middle of a trial, which must not end meanwhile."""
    for process in (worker_in_a_trial(node), raylet_of(node)):
        if process is not None:
            os.kill(process, signal.SIGKILL)


def disturbed(cluster, output, *words):
    """Run a sweep on a cluster with one more node, which is killed when some trials have ended and it runs another."""
    node = cluster.add_node(**NODE)
    with driving(output, *words, *on(cluster)) as driver:
        wait_until(lambda: n_ended(output) >= 3 and worker_in_a_trial(node), LONG_S)
        lose(node)
        cluster.remove_node(node, allow_graceful=False)
        assert driver.wait() == 0, Path(f"{output}.log").read_text()
    attempts = [json.loads(path.read_text())["attempts"] for path in output.glob("trials/*/trial.json")]
    assert max(attempts) == 2


def test_a_grid_is_the_same_here_and_on_a_cluster_that_loses_a_node(two_nodes, workdir):
    here, there = places(workdir, "here", "there")
    finish(here, *PHASE_B)
    disturbed(two_nodes, there, *PHASE_B)
    for name in ("screening.csv", "trials.csv"):
        assert rows(there / name) == rows(here / name)
    assert numbers(there / "top3.json") == numbers(here / "top3.json")
    assert of_trials(there) == of_trials(here)


def test_a_study_is_the_same_here_and_on_a_cluster_that_loses_a_node(study, two_nodes, workdir):  # noqa: F811
    study()
    here, there, hurt = places(workdir, "here", "there", "hurt")
    finish(here, "own.yaml")
    finish(there, "own.yaml", *on(two_nodes))
    disturbed(two_nodes, hurt, "own.yaml")
    assert left(there) == left(hurt) == left(here)
    assert of_trials(there) == of_trials(hurt) == of_trials(here)
    assert "no accident of the machine" in Path(f"{hurt}.log").read_text()


def test_a_client_outside_the_cluster_gets_the_same_trials(two_nodes, workdir):
    here, there = places(workdir, "here", "there")
    finish(here, *PHASE_B, "--max-trials", "2")
    wait_until(lambda: answers(two_nodes.client_address), LONG_S)
    finish(there, *PHASE_B, "--max-trials", "2", "--executor", "ray", "--address", two_nodes.client_address)
    assert n_ended(there) == 2
    assert of_trials(there) == of_trials(here)


def answers(address):
    """Whether somebody listens at an address."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
        return True
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_driver_that_ends_leaves_no_task_and_the_same_command_goes_on(two_nodes, workdir, number):
    import ray

    output, words = workdir / "out", [*PHASE_B, *on(two_nodes)]
    with driving(output, *words) as driver:
        wait_until(lambda: n_ended(output) >= 2, LONG_S)
        driver.send_signal(number)
        assert driver.wait() == (-number if number == signal.SIGKILL else 128 + number)
    wait_until(lambda: ray.available_resources().get("CPU") == 2, 30)
    n_before = n_ended(output)
    finish(output, *words, "--max-trials", "1")
    assert n_ended(output) == n_before + 1


def test_a_stop_file_is_honoured(two_nodes, workdir):
    output = workdir / "out"
    with driving(output, *PHASE_B, *on(two_nodes)) as driver:
        wait_until(lambda: n_ended(output) >= 1, LONG_S)
        (output / "STOP_NOW").touch()
        assert driver.wait() == 0
    assert not (output / "STOP_NOW").exists()
    assert [path for path in output.glob("trials/.*") if path.is_dir()] == []


def test_a_cluster_of_this_machine_is_started_stopped_and_silent(workdir, group_members):
    output = workdir / "out"
    with driving(output, *PHASE_B, "--executor", "ray", "--workers", "2", "--max-trials", "2") as driver:
        assert driver.wait() == 0
    said = Path(f"{output}.log").read_text()
    assert "ray" not in said.lower().replace(str(workdir).lower(), "")
    assert "2 trials run now" in said
    wait_until(lambda: not group_members(driver.pid), 10)
    assert list(Path(tempfile.gettempdir()).glob(f"c5snn-ray-*-{driver.pid}-*")) == []


def test_no_cluster_at_an_address_is_one_line(workdir):
    output = workdir / "out"
    for address in ("127.0.0.1:1", "ray://127.0.0.1:1", "nowhere"):
        with driving(output, *PHASE_B, "--executor", "ray", "--address", address) as driver:
            assert driver.wait() == 2
    said = Path(f"{output}.log").read_text().splitlines()
    assert sum("must answer at `--address" in line for line in said) == 3
    assert not any("Traceback" in line for line in said)
    assert n_ended(output) == 0
