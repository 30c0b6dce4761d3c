"""The processes of this machine: each attempt at a job is a fresh one, forked where torch is loaded already."""

import multiprocessing
import os
import signal
import sys
import tempfile
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from multiprocessing.util import get_temp_dir
from pathlib import Path
from typing import Any, final

from c5snn.errors import ConfigError
from c5snn.sweeps.backend import Backend, End
from c5snn.sweeps.job import Job

__all__ = ["LocalBackend", "OomKills"]

# the fork server loads them once, in this order; every trial starts with them in memory
PRELOADED = ["c5snn.sweeps.fork_server", "c5snn.sweeps.trial", "c5snn.models", "c5snn.sweeps.compiled_scans"]


LONGEST_TEMPDIR = 60  # a socket's whole path has at most 104 bytes on every system


@final
class LocalBackend(Backend):
    """Runs each attempt in a fresh process of this machine.

    Args:
        n_workers: Most processes at once.
        n_threads: Threads of torch in each; sums depend on their number.

    Raises:
        ConfigError: A number is not positive.
    """

    def __init__(self, n_workers: int, n_threads: int = 1) -> None:
        for name, value in (("n_workers", n_workers), ("n_threads", n_threads)):
            if value <= 0:
                raise ConfigError(f"`0 < {name}` must hold, but got {name}={value}.")
        self.n_workers, self.n_threads = n_workers, n_threads
        self._processes: dict[str, BaseProcess] = {}
        self._oom_kills = OomKills(_oom_counter())

    def start(self, job: Job, folder: Path, *, attempt: int) -> None:
        """Start the process of an attempt."""
        self._oom_kills.forget()
        _make_short_tempdir()
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(PRELOADED if job.study is None else [*PRELOADED, "optuna"])
        process = context.Process(
            target=_run_process,
            args=(job, folder),
            kwargs={"attempt": attempt, "environment": dict(os.environ), "n_threads": self.n_threads},
            daemon=True,  # should this process end by an error, it does not wait for its trials
        )
        process.start()
        self._processes[job.key] = process

    def wait(self, timeout_s: float) -> list[End]:
        """Return how processes ended, once one has; of several, the one that was started first comes first."""
        ready = wait([process.sentinel for process in self._processes.values()], timeout_s)
        ended = [key for key, process in self._processes.items() if process.sentinel in ready]
        return [self._end(key, self._processes.pop(key)) for key in ended]

    def kill(self, key: str) -> None:
        """End the process of a job's attempt."""
        process = self._processes.get(key)
        if process is not None:
            process.kill()
            process.join()
            del self._processes[key]

    def pause(self) -> None:
        """Stop every process where it is."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let every process go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        for process in self._processes.values():
            if process.pid is not None and process.is_alive():
                os.kill(process.pid, number)

    def _end(self, key: str, process: BaseProcess) -> End:
        process.join()
        exit_code = int(process.exitcode or 0)
        if exit_code == 0:
            return End(key, None)
        if exit_code == -signal.SIGKILL and self._oom_kills.explain():
            return End(key, "oom", "killed by the kernel, whose memory had run out")
        if exit_code < 0:
            return End(key, "killed", f"killed by {signal.Signals(-exit_code).name}")
        return End(key, "killed", f"ended with exit code {exit_code} and no result")


def _run_process(job: Job, folder: Path, **options: Any) -> None:  # noqa: ANN401  # as `run_process` takes them
    """Run a trial in a process of its own; this one has no need of torch."""
    from c5snn.sweeps.trial import run_process

    run_process(job, folder, **options)


def _make_short_tempdir() -> None:
    """Let multiprocessing keep its sockets where their paths are short enough, whatever ``TMPDIR`` says."""
    chosen = tempfile.tempdir
    if sys.platform != "win32" and len(os.fsencode(tempfile.gettempdir())) > LONGEST_TEMPDIR:
        tempfile.tempdir = "/tmp"  # noqa: S108  # the folder made in it is this process's own
        try:
            get_temp_dir()  # made once a process, and kept
        finally:
            tempfile.tempdir = chosen


@final
class OomKills:
    """Attributes killed trials to the kernel; each of its kills explains one.

    Args:
        counter: A file with a line ``oom_kill <n>``; None where there is no such counter.
    """

    def __init__(self, counter: Path | None) -> None:
        self.counter = counter
        self.explained = self._count()

    def forget(self) -> None:
        """Ignore the kills so far: no trial that starts from now on is among them."""
        self.explained = self._count()

    def explain(self) -> bool:
        """Return whether the kernel killed a trial that was just found killed; each kill explains one trial."""
        is_oom = self._count() > self.explained
        self.explained += is_oom
        return is_oom

    def _count(self) -> int:
        return _read_count(self.counter) or 0 if self.counter else 0


def _oom_counter() -> Path | None:
    """Return the kernel's nearest counter: of this process's control group, else of the machine, else None."""
    try:
        groups = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        groups = []
    own = [Path(f"/sys/fs/cgroup{line.removeprefix('0::')}") / "memory.events" for line in groups if line[:3] == "0::"]
    return next((file for file in (*own, Path("/proc/vmstat")) if _read_count(file) is not None), None)


def _read_count(counter: Path) -> int | None:
    try:
        lines = counter.read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), None)
