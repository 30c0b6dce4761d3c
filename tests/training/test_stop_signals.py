"""Ctrl-C and SIGTERM: a whole epoch is kept, the exit code tells, and a resumed run ends as an undisturbed one."""

import json
import signal
import subprocess
import sys
import time

import pytest

from c5snn.errors import TrainingDivergedError
from c5snn.records import load_run
from c5snn.training.run import train

WORDS = [
    *("--config", "spike_gru.yaml", "--model.hidden_size", "16", "--model.num_layers", "2", "--model.dropout", "0.2"),
    *("--data.n_events", "1000", "--trainer.max_epochs", "10", "--early_stopping.patience", "10"),
    *("--trainer.enable_model_summary", "false"),
]


def curve(run):
    return [{name: value for name, value in row.items() if name != "epoch_time_s"} for row in run.learning_curve]


def start_and_wait_for_an_epoch(folder):
    process = subprocess.Popen(
        [sys.executable, "-m", "c5snn", "fit", *WORDS], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    table = folder / "lightning_logs/spike_gru/version_0/metrics.csv"
    deadline = time.monotonic() + 120
    while not table.is_file() and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.02)
    assert process.poll() is None, process.stdout.read().decode()
    return process


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.long)])
def test_a_stopped_run_goes_on_to_the_same_end(number, workdir):
    process = start_and_wait_for_an_epoch(workdir)
    process.send_signal(number)
    output = process.communicate(timeout=60)[0].decode()
    assert process.returncode == 128 + number
    assert "--ckpt_path last" in output
    assert "Traceback" not in output
    stopped = load_run("lightning_logs/spike_gru")
    assert stopped.status == "stopped"
    assert 1 <= stopped.n_epochs < 10
    resumed = train([*WORDS, "--ckpt_path", "last"])
    assert resumed.folder == stopped.folder
    whole = train(WORDS)
    assert curve(resumed) == curve(whole)
    assert resumed.val == whole.val


def test_a_run_that_fails_leaves_no_handler_behind(small):
    earlier = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with pytest.raises(TrainingDivergedError):
        train([*small, "--optimizer", "SGD", "--optimizer.lr", "1e38"])
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == earlier


@pytest.mark.slow
def test_a_second_ctrl_c_ends_at_once_and_loses_no_whole_epoch(workdir):
    process = start_and_wait_for_an_epoch(workdir)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    run = workdir / "lightning_logs/spike_gru/version_0"
    assert not list(run.glob(".*.tmp"))
    assert json.loads((run / "provenance.json").read_text())["c5snn"]
    assert train([*WORDS, "--ckpt_path", "last"]).n_epochs == 10
