"""Who runs jobs: an interface of one method, and the processes of this machine behind it."""

import multiprocessing
import os
import shutil
import signal
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import NamedTuple, final

from c5snn.errors import ConfigError
from c5snn.sweeps.job import Job, JobStatus, Outcome
from c5snn.sweeps.ledger import Ledger, write_failure
from c5snn.sweeps.oom_kills import OomKills, oom_counter
from c5snn.sweeps.trial import run_process

__all__ = ["Executor", "LocalExecutor"]

# the fork server loads them once, in this order; every trial starts with them in memory
PRELOADED = ["c5snn.sweeps.fork_server", "c5snn.sweeps.trial", "c5snn.models", "c5snn.sweeps.compiled_scans"]


class Executor(ABC):
    """Runs jobs; a machine, a cluster or a cloud is one subclass, with its own ``__init__``."""

    n_workers: int  # most jobs at once, which decides how long those left may take

    @abstractmethod
    def run(self, jobs: Sequence[Job]) -> Generator[Outcome, None, None]:
        """Run jobs that are not done yet, and yield how each ended, in the order of their ends.

        Every outcome is in the ledger before it is yielded. A job that fails harms no other. Closing the iterator
        stops the jobs that run, and leaves those that have ended as they are.

        Args:
            jobs: Each key once.

        Raises:
            OutputError: The ledger cannot be written.
        """


@final
class LocalExecutor(Executor):
    """Runs each job in a fresh process of this machine.

    Args:
        ledger: Where the trials go; the caller holds its lock.
        n_workers: Most processes at once.
        timeout_s: Seconds that an attempt may take.
        max_attempts: How often a job is started that was killed or took too long.

    Raises:
        ConfigError: An argument is not positive.
    """

    def __init__(self, ledger: Ledger, *, n_workers: int, timeout_s: float, max_attempts: int) -> None:
        for name, value in (("n_workers", n_workers), ("timeout_s", timeout_s), ("max_attempts", max_attempts)):
            if value <= 0:
                raise ConfigError(f"`0 < {name}` must hold, but got {name}={value}.")
        self.ledger = ledger
        self.n_workers = n_workers
        self.timeout_s = timeout_s
        self.max_attempts = max_attempts

    def run(self, jobs: Sequence[Job]) -> Generator[Outcome, None, None]:
        """Run the jobs, at most ``n_workers`` at once."""
        waiting = deque((job, 1) for job in jobs)
        running: list[_Attempt] = []
        oom_kills = OomKills(oom_counter())
        try:
            while waiting or running:
                while waiting and len(running) < self.n_workers:
                    oom_kills.forget()
                    running.append(self._start(*waiting.popleft()))
                outcomes = []
                for attempt in _wait(running):
                    outcome = self._outcome(attempt, self._end(attempt, oom_kills))
                    running.remove(attempt)
                    if outcome is None:
                        waiting.appendleft((attempt.job, attempt.number + 1))
                    else:
                        outcomes.append(outcome)
                yield from outcomes
        finally:
            for attempt in running:
                attempt.stop()
                attempt.discard()

    def _start(self, job: Job, number: int) -> "_Attempt":
        is_trained = job.test and self.ledger.is_trained(job.key)
        folder = self.ledger.folder(job.key) if is_trained else self.ledger.scratch(job.key)
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(PRELOADED)
        process = context.Process(
            target=run_process,
            args=(job, folder),
            kwargs={"attempt": number, "environment": dict(os.environ)},
            daemon=True,  # should this process end by an error, it does not wait for its trials
        )
        process.start()
        return _Attempt(job, number, folder, not is_trained, process, time.monotonic() + self.timeout_s)

    def _end(self, attempt: "_Attempt", oom_kills: OomKills) -> "_End | None":
        """Return how an attempt ended; None where its files say so."""
        is_late = attempt.process.is_alive()
        exit_code = attempt.stop()
        if exit_code == 0:
            return None
        if is_late:
            return _End("timeout", f"stopped after {self.timeout_s:g} s")
        if exit_code == -signal.SIGKILL and oom_kills.explain():
            return _End("oom", "killed by the kernel, whose memory had run out")
        if exit_code < 0:
            return _End("killed", f"killed by {signal.Signals(-exit_code).name}")
        return _End("killed", f"ended with exit code {exit_code} and no result")

    def _outcome(self, attempt: "_Attempt", end: "_End | None") -> Outcome | None:
        """Record how an attempt ended; None where the job deserves another one."""
        if end is not None:
            if end.status != "oom" and attempt.number < self.max_attempts:
                attempt.discard()
                return None
            write_failure(attempt.folder, end.status, end.message, attempts=attempt.number)
        if attempt.is_scratch:
            self.ledger.commit(attempt.job.key, attempt.folder, attempts=attempt.number)
        outcome = self.ledger.outcome(attempt.job.key, test=attempt.job.test)
        return outcome or Outcome(attempt.job.key, "failed", "its files are not whole", attempt.number, None)


@dataclass(frozen=True)
class _Attempt:
    """A process at work on a job.

    Args:
        job: The job.
        number: Which attempt this is, from 1.
        folder: Where it works.
        is_scratch: Whether the folder still has to be committed.
        process: The process.
        deadline: When it has to be ready, on the monotonic clock.
    """

    job: Job
    number: int
    folder: Path
    is_scratch: bool
    process: BaseProcess
    deadline: float

    def stop(self) -> int:
        """End the process, if it has not ended, and return its exit code."""
        if self.process.is_alive():
            self.process.kill()
        self.process.join()
        return int(self.process.exitcode or 0)

    def discard(self) -> None:
        """Remove what it has written, but for a trial's own folder."""
        if self.is_scratch:
            shutil.rmtree(self.folder, ignore_errors=True)


class _End(NamedTuple):
    """An end that the process could not record itself."""

    status: JobStatus
    message: str


def _wait(running: Sequence[_Attempt]) -> list[_Attempt]:
    """Return the attempts that have ended or have to, once there are any."""
    patience = min(attempt.deadline for attempt in running) - time.monotonic()
    ready = wait([attempt.process.sentinel for attempt in running], max(patience, 0))
    now = time.monotonic()
    return [attempt for attempt in running if attempt.process.sentinel in ready or attempt.deadline <= now]
