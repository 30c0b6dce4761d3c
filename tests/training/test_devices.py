"""Two devices: one folder, one record, the numbers of one device with the same global batch; or one line."""

import os
import pickle
import signal
import subprocess
import sys
import time

import pytest
import torch
import yaml

from c5snn.cli import main
from c5snn.models import GRU, SpikeGRU, SpikingMLP, SpikingTransformer
from c5snn.records import load_run
from c5snn.training.callbacks import SpikeMonitor
from c5snn.training.checkpoints import read_checkpoint
from c5snn.training.evaluation import test_run as score_run
from c5snn.training.launched import OF_LIGHTNING
from c5snn.training.run import train

# 193 windows of train: three global batches of 64 and one window, of which the second device gets nothing
NETWORK = [
    *("--model", "SpikeGRU", "--model.hidden_size", "8", "--data.n_events", "281", "--data.window", "5"),
    *("--optimizer.lr", "0.01", "--trainer.enable_model_summary", "false", "--trainer.max_epochs"),
]
TWO = ["--trainer.devices", "2", "--trainer.accelerator", "cpu", "--data.batch_size", "32"]


def fit(folder, *words):
    """Run ``c5snn fit`` as a user does: Lightning starts the same command again for the second device."""
    command = [sys.executable, "-m", "c5snn", "fit", *NETWORK, *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)


def values(run):
    return [{name: value for name, value in row.items() if name != "epoch_time_s"} for row in run.learning_curve]


@pytest.mark.slow
@pytest.mark.usefixtures("workdir")
def test_a_distributed_strategy_on_one_device_leaves_no_trace_for_the_next_run():
    train([*NETWORK, "1", "--trainer.strategy", "ddp", "--trainer.accelerator", "cpu"])
    assert not os.environ.keys() & set(OF_LIGHTNING)


@pytest.mark.slow
def test_two_devices_train_as_one_with_the_same_global_batch_and_go_on(workdir):
    ended = fit(workdir, "2", *TWO)
    assert ended.returncode == 0, ended.stderr
    ended = fit(workdir, "3", *TWO, "--ckpt_path", "last")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count("c5snn test") == 1
    assert "sync_dist" not in ended.stderr
    assert [folder.name for folder in (workdir / "lightning_logs/spike_gru").iterdir()] == ["version_0"]
    two, one = load_run("lightning_logs/spike_gru"), train([*NETWORK, "3", "--data.batch_size", "64"])
    assert [row["epoch"] for row in two.learning_curve] == [0, 1, 2]
    assert two.n_steps == one.n_steps == 3 * 4
    for ours, theirs in zip(values(two), values(one), strict=True):
        assert ours == pytest.approx(theirs, abs=1e-5)
    assert (two.best_epoch, two.val) == (one.best_epoch, pytest.approx(one.val, abs=1e-5))
    weights = [read_checkpoint(run.folder / "best.ckpt")["state_dict"] for run in (two, one)]
    assert all(torch.allclose(weights[0][name], weights[1][name], atol=1e-5) for name in weights[1])
    tested = [score_run([str(run.folder)]).test for run in (two, one)]
    assert tested[0].n_items == tested[1].n_items == 42
    assert tested[0].score.value == pytest.approx(tested[1].score.value, abs=0.02)


CLUSTERS = {
    "a job": {"SLURM_JOB_ID": "1", "SLURM_JOB_NAME": "x"},
    "a job of two tasks": {"SLURM_JOB_ID": "1", "SLURM_JOB_NAME": "x", "SLURM_NTASKS": "2"},
    "a job's second task": {"SLURM_JOB_ID": "1", "SLURM_NTASKS": "2", "SLURM_PROCID": "1", "SLURM_LOCALID": "1"},
    "numbers that are none": {"SLURM_JOB_ID": "x", "SLURM_NTASKS": "", "SLURM_NODEID": "y"},
    "a job of LSF": {"LSB_JOBID": "1", "LSB_DJOB_RANKFILE": "/nowhere", "JSM_NAMESPACE_SIZE": "2",
                     "JSM_NAMESPACE_RANK": "1", "JSM_NAMESPACE_LOCAL_RANK": "1"},
    "a pod": {"KUBERNETES_PORT": "x", "MASTER_ADDR": "x", "MASTER_PORT": "1", "WORLD_SIZE": "2"},
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("case", CLUSTERS)
def test_a_run_in_the_allocation_of_a_cluster_is_a_run_like_any_other(case, small, monkeypatch, capsys):
    for name, value in CLUSTERS[case].items():
        monkeypatch.setenv(name, value)
    assert main(["fit", *small]) == 0
    run = load_run("lightning_logs/spike_gru")
    assert (run.status, run.n_epochs) == ("finished", 2)
    assert list(run.folder.glob("events.*"))
    assert main(["test", str(run.folder)]) == 0
    assert "SLURM" not in capsys.readouterr().err


@pytest.mark.parametrize("strategy", ["ddp_spawn", "ddp_fork", "fsdp", "deepspeed"])
def test_another_strategy_is_refused_before_anything_starts(strategy, workdir, capsys):
    assert main(["fit", *NETWORK, "1", *TWO, "--trainer.strategy", strategy]) == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("c5snn fit")]
    assert len(lines) == 1
    assert list(workdir.iterdir()) == []


def test_several_machines_are_refused(workdir, capsys):
    assert main(["fit", *NETWORK, "1", *TWO, "--trainer.num_nodes", "2"]) == 2
    assert "num_nodes" in capsys.readouterr().err
    assert list(workdir.iterdir()) == []


def test_a_process_that_another_launcher_started_is_refused(workdir, monkeypatch, capsys):
    monkeypatch.setenv("LOCAL_RANK", "0")
    assert main(["fit", *NETWORK, "1", *TWO]) == 2
    assert "Start one process" in capsys.readouterr().err
    assert list(workdir.iterdir()) == []


def test_a_sweep_runs_each_trial_on_one_device(workdir, capsys):
    space = {"model.hidden_size": [4, 8], "data.n_events": 260, "data.window": 5, "trainer.devices": 2}
    (workdir / "own.yaml").write_text(yaml.safe_dump({"base": "gru.yaml", "space": space}))
    assert main(["sweep", "own.yaml", "--output", "swept"]) == 2
    assert "A trial runs on one device" in capsys.readouterr().err


@pytest.mark.parametrize("model", [GRU, SpikeGRU, SpikingMLP, SpikingTransformer])
def test_models_and_monitors_can_be_sent_to_another_process(model):
    windows = torch.zeros(2, 21, 39)
    network = model().eval()
    again = pickle.loads(pickle.dumps(network))  # noqa: S301  # written a line above
    assert torch.equal(again(windows), network(windows))
    assert pickle.loads(pickle.dumps(SpikeMonitor())).warned == set()  # noqa: S301


def test_one_device_is_used_unless_more_are_asked_for(small_run):
    assert yaml.safe_load((small_run.folder / "config.yaml").read_text())["trainer"]["devices"] == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "reaches"),
    [
        (signal.SIGINT, "both processes"),
        pytest.param(signal.SIGINT, "the first process", marks=pytest.mark.long),
        pytest.param(signal.SIGTERM, "the first process", marks=pytest.mark.long),
    ],
)  # as in a terminal, and as `kill` does
def test_a_signal_ends_both_processes_and_the_run_goes_on(number, reaches, workdir):
    command = [sys.executable, "-m", "c5snn", "fit", *NETWORK, "500", *TWO, "--early_stopping.patience", "500"]
    with subprocess.Popen(
        command, cwd=workdir, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        table = workdir / "lightning_logs/spike_gru/version_0/metrics.csv"
        while process.poll() is None and not (table.is_file() and len(table.read_text().splitlines()) > 2):
            time.sleep(0.05)
        (os.kill if reaches == "the first process" else os.killpg)(process.pid, number)
        said = process.communicate(timeout=120)
    assert process.returncode == 128 + number, said
    with pytest.raises(ProcessLookupError):  # nobody is left of its session
        os.killpg(process.pid, 0)
    assert "Traceback" not in said[1]
    run = load_run("lightning_logs/spike_gru")
    assert run.status == "stopped"
    ended = fit(workdir, str(run.n_epochs + 1), *TWO, "--early_stopping.patience", "500", "--ckpt_path", "last")
    assert ended.returncode == 0, ended.stderr
    assert load_run("lightning_logs/spike_gru").status == "finished"
