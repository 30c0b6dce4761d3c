"""The loop between a search, an executor and the ledger: ask, run what has not run yet, commit, tell."""

from collections.abc import Generator, Iterator
from contextlib import closing
from typing import final

from c5snn.sweeps.executor import Executor
from c5snn.sweeps.job import Job, Outcome
from c5snn.sweeps.ledger import Ledger
from c5snn.sweeps.search import Search
from c5snn.sweeps.stop_files import StopFiles

__all__ = ["SearchLoop", "StageLoop"]


@final
class SearchLoop:
    """Runs what is left of a search. The caller holds the ledger's lock.

    Args:
        search: Proposes the jobs; a fresh one.
        executor: Runs them.
        ledger: Knows those that are done.
        max_trials: How many jobs to run at most now; None: all that are left.
        stop: The files that ask the search to end; None: it looks for none.

    Attributes:
        outcomes: How each job ended, by key, now or before.
        n_run: How many jobs were run now.
        n_left: How many are left to run in the stage where ``max_trials`` or a stop file ended the search.
    """

    def __init__(
        self,
        search: Search,
        executor: Executor,
        ledger: Ledger,
        *,
        max_trials: int | None = None,
        stop: StopFiles | None = None,
    ) -> None:
        self.search, self.executor, self.ledger, self.max_trials = search, executor, ledger, max_trials
        self.stop = stop
        self.outcomes: dict[str, Outcome] = {}
        self.n_run = self.n_left = 0

    def stages(self) -> Iterator["StageLoop"]:
        """Yield one stage after the other; the caller runs each to its end.

        Raises:
            RuntimeError: The search neither proposes a job nor is done.
        """
        while True:
            stage = StageLoop(self)
            yield stage
            self.n_left = stage.n_left
            if self.n_left or self.search.stage.name == stage.name:
                break
        if not self.n_left and not self.search.is_done and not stage.is_stopped:
            raise RuntimeError(
                f"A search must propose a job or be done while none is under way, but {type(self.search).__name__} "
                f"does neither in its stage `{stage.name}`."
            )


@final
class StageLoop:
    """Runs what is left of one stage.

    Args:
        loop: What the stages of the search share.

    Attributes:
        name: What the stage is called.
        n_trials: How many jobs it has in all, as far as that is known when it begins.
        done: The keys of those that need not run, as far as that is known when it begins.
        n_done: How many of them have ended; when it begins, those that need not run.
        n_now: How many are to run now, likewise.
        is_stopped: Whether ``max_trials``, a stop file or the heat has stopped it.
    """

    def __init__(self, loop: SearchLoop) -> None:
        stage = loop.search.stage
        self.loop, self.name, self.n_trials = loop, stage.name, stage.n_trials
        known = {job.key: loop.ledger.outcome_of(job) for job in stage.foreseen}
        loop.outcomes |= {key: outcome for key, outcome in known.items() if outcome is not None}
        self.done = frozenset(key for key, outcome in known.items() if self._is_done(outcome))
        self.n_done = len(self.done)
        left = self.n_trials - self.n_done
        self.n_now = left if loop.max_trials is None else min(left, loop.max_trials - loop.n_run)
        self._known = known
        self._asked: set[str] = set()
        self._n_started = loop.n_run
        self.is_stopped = False

    @property
    def n_left(self) -> int:
        """How many jobs are left, where the stage was stopped; none where its last one has begun the next stage."""
        stage = self.loop.search.stage
        return stage.n_trials - self.n_done if self.is_stopped and stage.name == self.name else 0

    def run(self) -> Generator[Outcome, None, None]:
        """Run the jobs that need to, and yield how each ended, after the search was told.

        Raises:
            OutputError: The ledger cannot be written.
            RuntimeError: The search asks for a job twice.
        """
        must_stop = self.loop.stop.ask_to_stop_now if self.loop.stop else None
        with closing(self.loop.executor.run(self._next, must_stop=must_stop)) as outcomes:
            for outcome in outcomes:
                self.loop.n_run += 1
                self.n_done += 1
                self._tell(outcome)
                yield outcome
        self.is_stopped |= self.loop.stop is not None and self.loop.stop.were_honoured
        self.is_stopped |= self.loop.executor.is_too_hot

    def _next(self) -> Job | None:
        """Return the next job that has to run; those that are done already are told on the way."""
        self.is_stopped |= self.loop.stop is not None and self.loop.stop.ask_to_stop()
        while not self.is_stopped and self.loop.search.stage.name == self.name:
            job = self.loop.search.ask()
            if job is None:
                return None
            if job.key in self._asked:
                raise RuntimeError(f"A search must ask for each job once a stage, but asked for `{job.key}` again.")
            self._asked.add(job.key)
            known = self._outcome(job)
            if known is not None and self._is_done(known):
                self._tell(known)
            elif self._n_started == self.loop.max_trials:
                self.is_stopped = True
            else:
                self._n_started += 1
                return job
        return None

    def _outcome(self, job: Job) -> Outcome | None:
        """Return how a job has ended before; None where it has not."""
        if job.key in self._known:
            return self._known[job.key]
        outcome = self.loop.ledger.outcome_of(job)
        self.n_done += self._is_done(outcome)
        return outcome

    def _is_done(self, outcome: Outcome | None) -> bool:
        return outcome is not None and (outcome.is_final or not self.loop.search.reruns_accidents)

    def _tell(self, outcome: Outcome) -> None:
        self.loop.outcomes[outcome.key] = outcome
        self.loop.search.tell(outcome)
