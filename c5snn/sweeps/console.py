"""What a sweep shows: a plain line per trial, and at a terminal a live line with the time left."""

import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from c5snn.sweeps.job import Outcome
from c5snn.sweeps.points import Point

__all__ = ["StageConsole", "named_values", "short_names", "stage_console"]


@contextmanager
def stage_console(stage: str, n_trials: int, n_done: int) -> "Iterator[StageConsole]":
    """Show a stage of a sweep while it runs.

    Args:
        stage: What the stage is called.
        n_trials: How many trials it has in all.
        n_done: How many of them are done already.
    """
    print(f"{stage}: {n_trials} trials, {n_done} done already")
    console = StageConsole(stage, n_trials, n_done)
    with console.progress:
        yield console


class StageConsole:
    """The lines of one stage of a sweep. Final.

    Args:
        stage: What the stage is called.
        n_trials: How many trials it has in all.
        n_done: How many of them are done already.
    """

    def __init__(self, stage: str, n_trials: int, n_done: int) -> None:
        self.stage, self.n_trials, self.n_done = stage, n_trials, n_done
        self.progress = Progress(
            TextColumn(stage), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("left:"),
            TimeRemainingColumn(), disable=not sys.stdout.isatty(), transient=True,
        )  # fmt: skip
        self.task = self.progress.add_task(stage, total=n_trials, completed=n_done)

    def finished(self, outcome: Outcome, point: Point, seed: int, *, searched: Collection[str], monitor: str) -> None:
        """Say how a trial ended.

        Args:
            outcome: How it ended.
            point: What it was.
            seed: Its seed.
            searched: The options that tell points apart.
            monitor: The validation metric to show.
        """
        self.n_done += 1
        self.progress.advance(self.task)
        options = " ".join(f"{name}={value}" for name, value in named_values(point, searched).items())
        result = outcome.result
        if result is None:
            end = f"{outcome.status}: {outcome.message}"
        elif result.test is None:
            end = f"{monitor}={result.val.get(monitor, float('nan')):.4f} ({result.training_time_s:.1f} s)"
        else:
            end = f"seed {seed} test_recall_at_20={result.test['metrics']['recall_at_20']['value']:.4f}"
        self.progress.console.print(
            f"[{self.n_done}/{self.n_trials}] {point.model} {options} → {end}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )


def named_values(point: Point, only: Collection[str] | None = None) -> Mapping[str, object]:
    """Return a point's options by their short names; only some of them where ``only`` names them."""
    names = zip(short_names(list(point.values)), point.values.items(), strict=True)
    return {name: value for name, (option, value) in names if only is None or option in only}


def short_names(options: Sequence[str]) -> list[str]:
    """Return the last word of each option, or all of it where that is ambiguous.

    >>> short_names(["model.hidden_size", "data.window"])
    ['hidden_size', 'window']
    """
    last = [option.rpartition(".")[2] for option in options]
    return [name if last.count(name) == 1 else option for name, option in zip(last, options, strict=True)]
