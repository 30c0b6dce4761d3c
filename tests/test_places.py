"""Odd places: terminals that know ASCII only, closed and full outputs, long folders, few files, no locks."""

import errno
import fcntl
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import c5snn
from c5snn.cli import main

CHECKOUT = Path(c5snn.__file__).parent.parent
SWEEP = """
base: frequency.yaml
space: {data.window: [4, 5]}
options: {data.n_events: 260}
seeds: [42]
"""


@pytest.fixture
def tested(workdir, capsys):
    """A tested run below the current folder."""
    assert main(["test", "--config", "frequency.yaml", "--data.n_events", "260", "--data.window", "5"]) == 0
    capsys.readouterr()
    return workdir / "lightning_logs"


def run(words, *, line="COMMAND", **environment):
    """Run the command in a process of its own, in this line of a shell."""
    variables = {**os.environ, "PYTHONPATH": str(CHECKOUT), **environment}
    line = line.replace("COMMAND", f"{sys.executable} -m c5snn {words}")
    return subprocess.run(["bash", "-c", line], check=False, capture_output=True, env=variables, timeout=250)


@pytest.mark.slow
@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({"PYTHONIOENCODING": "ascii"}, marks=pytest.mark.long, id="ASCII"),
        pytest.param({"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}, id="LANG=C"),
    ],
)
def test_a_terminal_that_knows_ascii_only_shows_tables_and_verdict(tested, environment):
    for words in (f"report {tested}", "test --config frequency.yaml --data.n_events 260"):
        ended = run(words, **environment)
        assert (ended.returncode, ended.stderr.count(b"Traceback")) == (0, 0)
        assert ended.stdout.isascii()
        assert b"chance" in ended.stdout


@pytest.mark.slow
def test_a_closed_output_changes_nothing(tested):
    ended = run(f"report {tested} --output all", line="COMMAND >&- <&-")
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert sorted(path.name for path in Path("all").iterdir()) == ["report.html", "report.json", "report.md"]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_output_is_one_line(tested):
    ended = run(f"report {tested}", line="COMMAND >/dev/full")
    assert ended.returncode == 1
    assert re.fullmatch(
        rb"c5snn report: standard output could not be written: No space left on device\.\n", ended.stderr
    )


@pytest.mark.slow
def test_a_long_temporary_folder_and_few_open_files_are_enough_for_a_sweep(workdir):
    (workdir / "own.yaml").write_text(SWEEP)
    temporary = workdir / ("t" * 150)
    temporary.mkdir()
    ended = run("sweep own.yaml --workers 2", line="ulimit -n 64; COMMAND", TMPDIR=str(temporary))
    assert ended.returncode == 0, ended.stderr.decode()
    assert len(list(Path("sweeps/own/trials").glob("*/test_metrics.json"))) == 2


@pytest.mark.slow
@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP], ids=errno.errorcode.get)
def test_a_file_system_without_locks_is_named(workdir, monkeypatch, capsys, number):
    def without_locks(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", without_locks)
    (workdir / "own.yaml").write_text(SWEEP)
    assert main(["sweep", "own.yaml"]) == 1
    error = capsys.readouterr().err
    (mounted,) = re.findall(r"but (\S+), mounted at `([^`]+)`, has none", error)
    assert mounted in {tuple(line.split()[2:0:-1]) for line in Path("/proc/self/mounts").read_text().splitlines()}
    assert not (workdir / "sweeps/own/trials").exists()


@pytest.mark.skipif(torch.version.cuda is not None, reason="the libraries of CUDA alone take more than 600 MB")
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the peak of memory is counted in other units")
@pytest.mark.slow
def test_a_training_takes_less_than_600_megabytes(workdir):
    # of this process's own program: what the system counts for a child includes its parent's size before it starts
    peak = "next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM'))"
    code = f"import sys; from c5snn.cli import main; ended = main(sys.argv[1:]); print('peak', {peak}); sys.exit(ended)"
    words = ["fit", "--config", "spike_gru.yaml", "--data.n_events", "260", "--trainer.max_epochs", "1"]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=workdir, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.rpartition("peak ")[2]) < 600_000
