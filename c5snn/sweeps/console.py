"""What a sweep shows: a plain line per trial, and at a terminal a live line with the time left."""

import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from c5snn.printable import printable
from c5snn.sweeps.job import Outcome
from c5snn.sweeps.names import label
from c5snn.sweeps.points import Point
from c5snn.sweeps.spec import SweepSpec

__all__ = ["StageConsole", "stage_console"]


@contextmanager
def stage_console(stage: str, n_trials: int, n_done: int, monitor: str) -> "Iterator[StageConsole]":
    """Show a stage of a sweep while it runs.

    Args:
        stage: What the stage is called.
        n_trials: How many trials it has in all.
        n_done: How many of them are done already.
        monitor: The metric that chooses, as it is logged.
    """
    print(f"{stage}: {n_trials} trials, {n_done} done already")
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
            TimeRemainingColumn(), disable=not sys.stdout.isatty(), transient=True,
        )  # fmt: skip
        self.task = self.progress.add_task(stage, total=n_trials, completed=n_done)

    def finished(self, outcome: Outcome, point: Point, seed: int, spec: SweepSpec) -> None:
        """Say how a trial ended.

        Args:
            outcome: How it ended.
            point: What it was.
            seed: Its seed.
            spec: The sweep, which names the options that tell points apart and the metric to show.
        """
        self.n_done += 1
        self.progress.advance(self.task)
        result = outcome.result
        if result is None:
            end = f"{outcome.status}: {outcome.message}"
        elif result.test is None:
            value = result.val.get(self.monitor, math.nan)
            end = f"{self.monitor}={value:.4f} ({result.training_time_s:.1f} s)"
        else:
            end = f"seed {seed} test_{result.headline.name}={result.test.score.value:.4f}"
        self.say(f"[{self.n_done}/{self.n_trials}] {label(point, spec)} → {end}")

    def say(self, line: str) -> None:
        """Print a line above the live one."""
        self.progress.console.print(printable(line), markup=False, highlight=False, soft_wrap=True)
