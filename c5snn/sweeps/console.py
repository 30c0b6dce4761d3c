"""What a sweep prints: a line per trial, the projected time, and in a terminal a progress bar with the time left."""

import datetime as dt
import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import final

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from c5snn.printable import printable
from c5snn.sweeps.job import Outcome
from c5snn.sweeps.names import counted
from c5snn.training.callbacks.time_projection import LONG_RUN_S, time_bound_s

__all__ = ["Projection", "StageConsole", "stage_console"]

SAID_AGAIN_ABOVE = 1.5


@contextmanager
def stage_console(
    stage: str, n_trials: int, n_done: int, monitor: str, noun: str = "trial"
) -> "Iterator[StageConsole]":
    """Show a stage of a sweep while it runs.

    Args:
        stage: What the stage is called.
        n_trials: How many trials it has in all.
        n_done: How many of them are done already.
        monitor: The metric that chooses, as it is logged.
        noun: What is counted.
    """
    print(f"{stage}: {counted(n_trials, noun)}, {n_done} done already")
    console = StageConsole(stage, n_trials, n_done, monitor)
    with console.progress:
        yield console


class StageConsole:
    """The lines of one stage of a sweep. Final.

    Args:
        stage: What the stage is called.
        n_trials: How many trials it has in all.
        n_done: How many of them are done already.
        monitor: The metric that chooses, as it is logged.
    """

    def __init__(self, stage: str, n_trials: int, n_done: int, monitor: str) -> None:
        self.monitor = monitor
        self.stage, self.n_trials, self.n_done = stage, n_trials, n_done
        self.progress = Progress(
            TextColumn(stage), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("left:"),
            TimeRemainingColumn(), TextColumn("{task.fields[facts]}"), disable=not sys.stdout.isatty(), transient=True,
        )  # fmt: skip
        self.task = self.progress.add_task(stage, total=n_trials, completed=n_done, facts="")

    def finished(self, outcome: Outcome, name: str, seed: int, repeats: Sequence[str] = ()) -> None:
        """Print how a trial ended, and which configurations need no run after it.

        Args:
            outcome: How it ended.
            name: What distinguishes it from the others.
            seed: Its seed.
            repeats: The labels of configurations that compute the same.
        """
        self.n_done += 1
        self.progress.advance(self.task, 1 + len(repeats))
        result = outcome.result
        if result is None:
            end = f"{outcome.status}: {outcome.message}"
        elif result.test is None:
            value = result.val.get(self.monitor, math.nan)
            end = f"{self.monitor}={value:.4f} ({result.training_time_s:.1f} s)"
            if outcome.ended is not None and outcome.ended.value is not None:
                ended = outcome.ended
                pruned = f", pruned after {ended.pruned_at} epochs" if ended.pruned_at else ""
                end = f"{self.monitor}={ended.value:.4f}{pruned} ({result.training_time_s:.1f} s)"
        else:
            tested = f"test_{result.headline.name}={result.test.score.value:.4f}"
            end = f"seed {seed} {tested} ({result.training_time_s:.1f} s)"
        number = self.n_done
        self.say(f"[{number}/{self.n_trials}] {name} → {end}")
        for label in repeats:
            self.n_done += 1
            self.say(f"[{self.n_done}/{self.n_trials}] {label} = [{number}], the same computation")

    def expect(self, n_trials: int) -> None:
        """Correct how many trials the stage has in all."""
        self.n_trials = n_trials
        self.progress.update(self.task, total=n_trials)

    def show(self, facts: str) -> None:
        """Show facts beside the live line."""
        self.progress.update(self.task, facts=facts)

    def say(self, line: str) -> None:
        """Print a line above the progress bar."""
        console = self.progress.console
        console.print(printable(line), markup=False, highlight=False, soft_wrap=not console.is_terminal)


@final
class Projection:
    """Projects the time of the trials that are left, as if each were the slowest so far and none stopped early.

    The first trial of a grid is often its smallest. The projection is therefore printed again when a trial takes
    1.5 times as long as the slowest that it was made from.

    Args:
        n_trials: How many trials are to run.
        n_workers: Most trials at once.
    """

    def __init__(self, n_trials: int, n_workers: int) -> None:
        self.n_left, self.n_workers = n_trials, n_workers
        self.said_s = 0.0

    def after(self, outcome: Outcome, max_epochs: int) -> str | None:
        """Take in how a trial ended; return the projection in words where it is new.

        Args:
            outcome: How the trial ended.
            max_epochs: The most epochs that it may have.
        """
        self.n_left -= 1
        rows = outcome.result.learning_curve if outcome.result else []
        bound_s = time_bound_s(rows, max_epochs)
        if not self.n_left or bound_s is None or bound_s <= SAID_AGAIN_ABOVE * self.said_s:
            return None
        self.said_s = bound_s
        trial = dt.timedelta(seconds=math.ceil(bound_s))
        all_left = dt.timedelta(seconds=math.ceil(bound_s * math.ceil(self.n_left / self.n_workers)))
        return (
            f"{'warning: ' if bound_s > LONG_RUN_S else ''}time left at most {all_left} (h:mm:ss): "
            f"{counted(self.n_left, 'trial')} of at most {trial}, unless one is slower; early stopping may shorten them"
        )
