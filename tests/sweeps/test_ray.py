"""Trials on a Ray cluster: what travels there and back, what a lost node costs, what is refused beforehand."""

import os
import shutil
import subprocess
import sys
import time
from argparse import Namespace
from pathlib import Path

import pytest

from c5snn.cli import main
from c5snn.commands.executors import check_executor_options
from c5snn.data import Repeat, synthesize, write_events
from c5snn.errors import ConfigError
from c5snn.records import load_run
from c5snn.sweeps.backend import End
from c5snn.sweeps.executor import Executor
from c5snn.sweeps.job import Job
from c5snn.sweeps.ray import RayBackend
from c5snn.sweeps.ray_cluster import Resources
from tests.sweeps.test_executor import config, in_turn, is_running, ledger, wait_until  # noqa: F401  # a fixture

cluster = pytest.mark.cluster


@pytest.mark.parametrize("flag", ["address", "resources"])
def test_an_option_of_ray_needs_its_executor(flag, capsys):
    assert main(["sweep", "phase_b.yaml", f"--{flag}", "{}"]) == 2
    assert f"`--{flag}` needs `--executor ray`" in capsys.readouterr().err


def test_without_ray_one_line_names_the_extra(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ray", None)
    assert main(["sweep", "phase_b.yaml", "--executor", "ray"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert "pip install 'c5snn[ray]'" in said[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("GPU", "must be a JSON object"),
        ("[1]", "must be a JSON object"),
        ('{"GPU": 0}', "got GPU=0"),
        ('{"GPU": 1.5}', "got GPU=1.5"),
        ('{"GPU": "1"}', "got GPU='1'"),
        ('{"CPU": true}', "got CPU=True"),
        ('{"CPU": NaN}', "got CPU=nan"),
    ],
)
def test_resources_that_nobody_can_give_are_refused(text, message):
    pytest.importorskip("ray", reason="needs the extra `ray`")
    with pytest.raises(ConfigError, match="^.*" + message.replace("[", r"\[")):
        check_executor_options(Namespace(executor="ray", address=None, resources=text))


def test_a_trial_takes_one_cpu_unless_it_says_otherwise_and_as_many_threads():
    assert Resources.parse(None).options() == {"num_cpus": 1.0, "num_gpus": 0, "resources": {}}
    given = Resources.parse('{"CPU": 4, "GPU": 0.25, "memory": 1e9, "fast": 1}')
    assert given.options() == {"num_cpus": 4, "num_gpus": 0.25, "memory": 1e9, "resources": {"fast": 1}}
    assert (given.n_threads, Resources.parse('{"CPU": 0.5}').n_threads) == (4, 1)


def test_what_runs_on_a_node_loads_torch_in_no_process_but_the_fork_server_and_its_trials():
    script = "import sys, c5snn.sweeps.ray_node; sys.exit('torch' in sys.modules or 'lightning' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    assert subprocess.run([sys.executable, "-c", script], check=False, env=environment).returncode == 0


OTHER_MACHINE = """
import os, sys
from importlib.machinery import PathFinder


class OtherMachine:
    @staticmethod
    def find_spec(name, path=None, target=None):
        return PathFinder.find_spec(name, [os.path.dirname(__file__)]) if name == "c5snn" else None


sys.meta_path.insert(0, OtherMachine)
"""


def run(ledger, *jobs, backend=None, timeout_s=120.0):  # noqa: F811
    with ledger.lock():
        executor = Executor(ledger, backend or RayBackend(), timeout_s=timeout_s, max_attempts=2)
        return {outcome.key: outcome for outcome in executor.run(in_turn(jobs))}


@cluster
@pytest.mark.usefixtures("two_nodes")
def test_more_than_any_node_has_is_refused_by_name():
    with pytest.raises(ConfigError, match=r"none of 2 has GPU=1 \(the most of a node: 0\)\. Take less\."):
        RayBackend(resources=Resources.parse('{"GPU": 1}'))
    with pytest.raises(ConfigError, match=r"has CPU=2 \(the most of a node: 1\)"):
        RayBackend(resources=Resources.parse('{"CPU": 2}'))


@cluster
@pytest.mark.usefixtures("two_nodes")
def test_there_are_as_many_workers_as_places():
    assert RayBackend().n_workers == 2
    assert RayBackend(1).n_workers == 1
    assert RayBackend(100).n_workers == 2
    assert RayBackend(resources=Resources.parse('{"CPU": 0.25}')).n_workers == 8
    with pytest.raises(ConfigError, match="0 < n_workers"):
        RayBackend(0)


@cluster
def test_another_version_on_a_node_is_refused_with_both_named(two_nodes, tmp_path):
    import c5snn

    shutil.copytree(Path(c5snn.__file__).parent, tmp_path / "c5snn", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "c5snn/cli.py").open("a") as file:
        file.write("# other code\n")
    (tmp_path / "sitecustomize.py").write_text(OTHER_MACHINE)  # for workers, which search the driver's path first
    node = two_nodes.add_node(num_cpus=1, object_store_memory=100_000_000, env_vars={"PYTHONPATH": str(tmp_path)})
    try:
        with pytest.raises(ConfigError, match=r"node .* has c5snn .* \(code .*\) and this has .* \(code .*\)\."):
            RayBackend()
    finally:
        two_nodes.remove_node(node)


@cluster
@pytest.mark.usefixtures("two_nodes")
def test_data_and_modules_travel_and_records_name_the_driver_s_files(ledger, workdir):  # noqa: F811
    history = workdir / "history.csv"
    write_events(synthesize(Repeat(), strength=1.0, n_events=260, data_seed=8).history, history)
    job = Job("a", {**config(fault="Note"), "data": {"path": str(history), "window": 5}}, test=True)
    backend, folder = RayBackend(1), ledger.scratch("a")
    backend.start(job, folder, attempt=1)
    for file in (history, workdir / "trial_faults.py"):  # no other machine has them either
        file.unlink()
    assert backend.wait(120.0) == [End("a", None)]
    result = load_run(folder)
    assert (result.status, result.data.source, result.test.n_items) == ("finished", str(history), 39)
    assert "c5snn-trial" not in (folder / "config.yaml").read_text()


@cluster
def test_a_lost_node_costs_an_attempt_and_harms_no_other(two_nodes, ledger):  # noqa: F811
    node = two_nodes.add_node(num_cpus=1, object_store_memory=100_000_000, resources={"third": 1})
    backend = RayBackend()
    lost = RayBackend(1, Resources.parse('{"third": 1}'))
    lost.start(Job("lost", config(fault="Hang"), test=False), ledger.scratch("lost"), attempt=1)
    wait_until(Path("notes.txt").is_file, 60)
    backend.start(Job("unharmed", config(), test=False), ledger.scratch("unharmed"), attempt=1)
    two_nodes.remove_node(node, allow_graceful=False)
    (end,) = lost.wait(60.0)
    assert (end.key, end.accident) == ("lost", "lost")
    assert "node" in end.message
    wait_until(lambda: not is_running(Path("notes.txt").read_text().strip()), 10)
    assert backend.wait(120.0) == [End("unharmed", None)]


@cluster
@pytest.mark.usefixtures("two_nodes")
def test_waiting_for_a_place_takes_no_time_from_a_trial(ledger):  # noqa: F811
    import ray

    sleep = ray.remote(num_cpus=1, max_retries=0)(lambda: time.sleep(8))
    others = [sleep.remote() for _ in range(2)]
    outcome = run(ledger, Job("a", config(), test=False), timeout_s=6.0)["a"]
    ray.get(others)
    assert (outcome.status, outcome.attempts) == ("finished", 1)


@cluster
@pytest.mark.usefixtures("two_nodes")
def test_a_stop_ends_all_that_runs_at_once(ledger):  # noqa: F811
    backend = RayBackend()
    for key in "ab":
        backend.start(Job(key, config(fault="Hang", note=f"{key}.txt"), test=False), ledger.scratch(key), attempt=1)
    wait_until(lambda: Path("a.txt").is_file() and Path("b.txt").is_file(), 60)
    backend.kill_all(["a", "b", "c"])
    assert not any(is_running(Path(f"{key}.txt").read_text().strip()) for key in "ab")
    assert backend.wait(0.0) == []
