"""What many tests share: an empty folder to work in, and a run that takes a second."""

import os
import signal
import sys
from pathlib import Path

import pytest

# before torch is imported: its sums depend on the number of threads, and two of them stall on small machines
os.environ["OMP_NUM_THREADS"] = "1"
# where compiled code is not kept, every process that a test starts compiles the package anew: 7 s each
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# what is started in the background of a script ignores Ctrl-C, and its processes inherit that
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

SMALL_DATA = ["--data.n_events", "260", "--data.window", "5"]


@pytest.fixture
def workdir(tmp_path, monkeypatch):
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def small(workdir):  # noqa: ARG001  # it writes into the current folder
    """Words after ``c5snn fit`` for a spiking network that trains in a second."""
    network = ["--model", "SpikeGRU", "--model.hidden_size", "8", "--model.readout", "membrane"]
    network += ["--model.beta", "0.5", "--model.init", "fluctuation"]
    return [*network, *SMALL_DATA, "--trainer.max_epochs", "2", "--pictures", "off"]


@pytest.fixture
def small_run(small):
    """A finished run of that network."""
    from c5snn.training.run import train

    return train(small)


@pytest.fixture(scope="session")
def real_history():
    """The real CA5 history, which is not ours to ship."""
    path = Path(__file__).parents[2] / "shared" / "data" / "CA5_date.csv"
    if not path.is_file():
        pytest.skip("the real CA5 history is not beside this checkout")
    return path
