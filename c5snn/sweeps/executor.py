"""Runs jobs by one policy, wherever they run: how often a job is tried, how long it may take, what is committed.

A job whose memory runs out is run again from its beginning with half the micro-batch, under that run's own key.

The policy is the same for every backend. A backend only starts an attempt, waits for any to end, and kills one.
"""

import math
import shutil
import time
from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import final

from c5snn.errors import ConfigError
from c5snn.sweeps.backend import Accident, Backend, End
from c5snn.sweeps.job import Job, Outcome
from c5snn.sweeps.ledger import Ledger, write_failure
from c5snn.sweeps.machine_watch import Advice, MachineWatch

__all__ = ["Executor"]

POLL_S = 1.0  # how often stop files are looked for
PAUSE_POLL_S = 1.0
RETRIED: frozenset[Accident] = frozenset({"killed", "lost", "timeout"})  # as it is; out of memory would end so again


@final
class Executor:
    """Runs jobs on a backend.

    Args:
        ledger: Where the trials go; the caller holds its lock.
        backend: Where attempts run.
        timeout_s: Seconds that an attempt may take.
        max_attempts: How often a job is started that was killed, was lost with its machine or took too long.
        watch: Says when trials have to wait, rest or end, and keeps a log of the machine; None: nobody looks.

    Raises:
        ConfigError: A number is not positive.
    """

    def __init__(
        self,
        ledger: Ledger,
        backend: Backend,
        *,
        timeout_s: float,
        max_attempts: int,
        watch: MachineWatch | None = None,
    ) -> None:
        for name, value in (("timeout_s", timeout_s), ("max_attempts", max_attempts)):
            if value <= 0:
                raise ConfigError(f"`0 < {name}` must hold, but got {name}={value}.")
        self.ledger = ledger
        self.backend = backend
        self.timeout_s = timeout_s
        self.max_attempts = max_attempts
        self._counted_s = math.inf if backend.take_limit(timeout_s) else timeout_s
        self.watch = watch

    @property
    def n_workers(self) -> int:
        """Most jobs at once."""
        return self.backend.n_workers

    @property
    def is_too_hot(self) -> bool:
        """Whether the heat has ended a run; nothing may start then."""
        return self.watch is not None and self.watch.is_too_hot

    def run(
        self, ask: Callable[[], Job | None], *, must_stop: Callable[[], bool] | None = None
    ) -> Generator[Outcome, None, None]:
        """Run the jobs that ``ask`` returns, and yield how each ended, in the order of their ends.

        A job is asked for when a worker is free, and again after every end. Every outcome is in the ledger before it
        is yielded. A job that fails harms no other. Closing the iterator stops the jobs that run, and leaves those that
        have ended as they are.

        Args:
            ask: Returns a job that is to run, each key once; None where nothing may start before another end. The
                iterator ends when nothing runs and nothing may start.
            must_stop: Says whether the jobs that run are to be stopped now; it is asked every second. None: never.

        Raises:
            OutputError: The ledger cannot be written.
        """
        running: dict[str, _Attempt] = {}
        must_end = must_stop or _never
        first = None if must_end() else ask()
        if first is None:  # nobody looks at the machine, nor writes what it does, where there is nothing to run
            return
        retries = deque([(first, 1)])
        try:
            while not must_end():
                advice = self._advice(running, must_end)
                if advice in {"pause", "stop"}:
                    return
                n_most = self.n_workers if advice == "go" else min(self.n_workers, 1)
                outcomes = self._fill(running, retries, ask, n_most)
                if not running and not outcomes:
                    return
                looks = must_stop is not None or self.watch is not None
                yield from outcomes or self._ended(running, retries, POLL_S if looks else math.inf)
        finally:
            self._stop(list(running.values()))

    def _fill(
        self,
        running: dict[str, "_Attempt"],
        retries: deque[tuple[Job, int]],
        ask: Callable[[], Job | None],
        n_most: int,
    ) -> list[Outcome]:
        """Start attempts until so many run or nothing may start, those that are tried again first.

        With a smaller micro-batch a job may be the same run as another one: it waits while that one runs, and what the
        ledger holds of it by then is returned.
        """
        known = []
        while len(running) < n_most:
            job, number = self._next_retry(running, retries) or (ask(), 1)
            if job is None:
                break
            outcome = self.ledger.outcome_of(job)
            if outcome is not None and outcome.is_final:
                known.append(outcome)
            elif self.ledger.due(job).key in running:
                retries.append((job, number))
            else:
                self._start(job, number, running)
        return known

    def _next_retry(self, running: Mapping[str, "_Attempt"], retries: deque[tuple[Job, int]]) -> tuple[Job, int] | None:
        """Take the first job that is tried again and is not running as another one; None where there is none."""
        for entry in retries:
            if self.ledger.due(entry[0]).key not in running:
                retries.remove(entry)
                return entry
        return None

    def _ended(
        self, running: dict[str, "_Attempt"], retries: deque[tuple[Job, int]], timeout_s: float
    ) -> list[Outcome]:
        """Return how jobs ended that need no other attempt, once an attempt has ended or the time is over."""
        outcomes = []
        for end in self._wait(running, timeout_s):
            attempt, outcome = running[end.key], self._outcome(running[end.key], end)
            del running[end.key]
            if isinstance(outcome, Outcome):
                outcomes.append(outcome)
            else:
                retries.append((attempt.job, outcome))
        return outcomes

    def _advice(self, running: dict[str, "_Attempt"], must_end: Callable[[], bool]) -> Advice:
        """Return what the machine allows, once what runs has rested where it has to; its time stands still meanwhile.

        It is to rest at the end only where ``must_end`` has ended the rest.
        """
        if self.watch is None:
            return "go"
        advice, began = self.watch.look(), time.monotonic()
        readings = [self.watch.temperature]
        if advice == "pause":
            self.backend.pause()
            while advice == "pause" and not must_end():
                time.sleep(PAUSE_POLL_S)
                advice = self.watch.look()
                readings.append(self.watch.temperature)
            self.backend.resume()
        rested = time.monotonic() - began
        for key, attempt in running.items():
            known = [reading for reading in (attempt.max_temperature, *readings) if reading is not None]
            hottest = max(known, default=None)
            running[key] = replace(attempt, deadline=attempt.deadline + rested, max_temperature=hottest)
        return advice

    def _start(self, job: Job, number: int, running: dict[str, "_Attempt"]) -> None:
        due = self.ledger.due(job)
        is_trained = job.test and self.ledger.is_trained(due.key)
        folder = self.ledger.folder(due.key) if is_trained else self.ledger.scratch(due.key)
        deadline, heat = time.monotonic() + self._counted_s, self.watch.temperature if self.watch is not None else None
        running[due.key] = _Attempt(job, due.key, number, folder, not is_trained, deadline, heat)
        self.backend.start(due, folder, attempt=number)

    def _wait(self, running: Mapping[str, "_Attempt"], timeout_s: float) -> list[End]:
        """Return the ends since the last time, once there are any or the time is over; what has to end is killed."""
        first_deadline = min(attempt.deadline for attempt in running.values())
        ends = self.backend.wait(min(max(first_deadline - time.monotonic(), 0.0), timeout_s))
        now, ended = time.monotonic(), {end.key for end in ends}
        for key in [key for key, attempt in running.items() if key not in ended and attempt.deadline <= now]:
            self.backend.kill(key)
            ends.append(End.timed_out(key, self.timeout_s))
        return ends

    def _outcome(self, attempt: "_Attempt", end: End) -> Outcome | int:
        """Record how an attempt ended; where the job deserves another one, return that one's number."""
        if end.accident is not None:
            if end.accident in RETRIED and attempt.number < self.max_attempts:
                attempt.discard()
                return attempt.number + 1
            write_failure(attempt.folder, end.accident, end.message, attempts=attempt.number)
        if attempt.is_scratch:
            self.ledger.commit(
                end.key,
                attempt.folder,
                attempts=attempt.number,
                max_temperature=attempt.max_temperature,
                name=attempt.job.name,
            )
        outcome = self.ledger.outcome(end.key, test=attempt.job.test)
        if outcome is not None and outcome.status == "oom" and end.key != attempt.job.keys[-1]:
            return 1
        key = attempt.job.key
        outcome = self.ledger.outcome_of(attempt.job)
        return outcome or Outcome(key, "failed", "its files are incomplete", attempt.number, None)

    def _stop(self, attempts: Sequence["_Attempt"]) -> None:
        self.backend.kill_all([attempt.key for attempt in attempts])
        for attempt in attempts:
            attempt.discard()


@dataclass(frozen=True)
class _Attempt:
    """A try at a job that runs now.

    Args:
        job: The job.
        key: Its key, or that of the smaller micro-batch with which it runs.
        number: Which attempt this is, from 1.
        folder: Where it works.
        is_scratch: Whether the folder still has to be committed.
        deadline: When it has to be ready, on the monotonic clock.
        max_temperature: The highest that the machine had meanwhile, in °C; None where it is unknown.
    """

    job: Job
    key: str
    number: int
    folder: Path
    is_scratch: bool
    deadline: float
    max_temperature: float | None = None

    def discard(self) -> None:
        """Remove what it has written, but for a trial's own folder."""
        if self.is_scratch:
            shutil.rmtree(self.folder, ignore_errors=True)


def _never() -> bool:
    return False
