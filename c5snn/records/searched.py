"""A search as its trials tell it: what each tried and what it came to, whoever ran it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

__all__ = ["SearchRecord", "SearchedOption", "SearchedTrial", "TrialState", "is_multiple"]

ROUNDING = 1e-8

TrialState = Literal["complete", "pruned", "failed", "running"]
Kind = Literal["number", "boolean", "choice"]


@dataclass(frozen=True)
class SearchedTrial:
    """A trial of a search.

    Args:
        number: Its number.
        params: Its values by option; an option that was not sampled is missing.
        state: How it ended.
        value: The metric that the search improves; of a pruned trial the best up to then.
        metrics: Every other number that was recorded of it.
        sampled_by: ``random``, ``sampler``, ``enqueued`` or ``observed``; empty where it is not known.
        is_duplicate: Whether it repeats an earlier trial, whose result it has.
        began_s: When it began, in seconds since 1970; None where it is not known.
        ended_s: When it ended.
        folder: Where its files lie; None where there are none.
    """

    number: int
    params: Mapping[str, Any]
    state: TrialState
    value: float | None
    metrics: Mapping[str, float] = field(default_factory=dict)
    sampled_by: str = ""
    is_duplicate: bool = False
    began_s: float | None = None
    ended_s: float | None = None
    folder: Path | None = None


@dataclass(frozen=True)
class SearchedOption:
    """An option that was searched.

    Args:
        name: Its name.
        kind: What its values are.
        choices: Its values where they are a list, in their order; empty for a range.
        low: The lowest value; None where the values are no numbers.
        high: The highest value.
        is_log: Whether the logarithm of a range is uniform.
        is_int: Whether a range has whole numbers alone.
        step: The distance of two neighbours of a range; None for none.
        is_written: Whether the bounds are those of the search's definition; otherwise they are what was tried.
        shares: The share of the trials of each value, where the option splits the search.
    """

    name: str
    kind: Kind
    choices: tuple[Any, ...] = ()
    low: int | float | None = None
    high: int | float | None = None
    is_log: bool = False
    is_int: bool = False
    step: int | float | None = None
    is_written: bool = False
    shares: tuple[float, ...] = ()

    @property
    def is_range(self) -> bool:
        """Whether the values lie between two bounds and are no list."""
        return self.kind == "number" and not self.choices

    def has(self, value: object) -> bool:
        """Say whether a value lies within the bounds and on the steps, or is one of the choices."""
        if self.is_range:
            if not isinstance(value, int | float) or isinstance(value, bool):
                return False
            low, step = self.low or 0, self.step or (1 if self.is_int else None)
            is_on_step = step is None or is_multiple(value - low, step)
            return low <= value <= (self.high or 0) and is_on_step
        return any(type(value) is type(choice) and value == choice for choice in self.choices)


@dataclass(frozen=True)
class SearchRecord:
    """A search.

    Args:
        name: What it is called.
        source: The folder or the file that it was read from.
        metric: What its values are.
        mode: Which direction of them is better.
        options: What was searched.
        trials: Its trials by number.
        n_planned: The number of trials that were planned; None where it is not known.
        targets: Values that are hoped for, by name.
        weighted_metrics: Metrics to which every item contributes once, whatever the batch size; their task says so.
        inert: Options that change nothing of what a trial computes; their task says so.
        baselines: The metric of each baseline that was trained on the same data, by name.
        notes: What a reader has to know of how it was read.
        is_on_one_test: Whether all values are of the same items, so that they can be compared.
    """

    name: str
    source: Path
    metric: str
    mode: Literal["max", "min"]
    options: tuple[SearchedOption, ...]
    trials: tuple[SearchedTrial, ...]
    n_planned: int | None = None
    targets: Mapping[str, float] = field(default_factory=dict)
    weighted_metrics: frozenset[str] = frozenset()
    inert: tuple[str, ...] = ()
    baselines: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    is_on_one_test: bool = True

    @property
    def sign(self) -> int:
        """1 where higher is better, -1 where lower is."""
        return 1 if self.mode == "max" else -1

    @cached_property
    def complete(self) -> tuple[SearchedTrial, ...]:
        """The complete trials with a value; one that repeats another is no second sample."""
        return tuple(
            trial
            for trial in self.trials
            if trial.state == "complete" and trial.value is not None and not trial.is_duplicate
        )

    @cached_property
    def pruned(self) -> tuple[SearchedTrial, ...]:
        """The pruned trials whose last value is known."""
        return tuple(
            trial
            for trial in self.trials
            if trial.state == "pruned" and trial.value is not None and not trial.is_duplicate
        )

    @property
    def is_constant(self) -> bool:
        """Whether all complete trials have the same value, from which nothing is learned of any option."""
        return len({trial.value for trial in self.complete}) == 1

    @property
    def best(self) -> SearchedTrial | None:
        """The complete trial with the best value; of equal ones the first."""
        return max(self.complete, key=self.signed, default=None)

    def signed(self, trial: SearchedTrial) -> float:
        """Return a trial's value, higher for better."""
        return float("-inf") if trial.value is None else self.sign * trial.value

    def option(self, name: str) -> SearchedOption | None:
        """Return an option; None where it was not searched."""
        return next((option for option in self.options if option.name == name), None)

    def with_values(
        self, metric: str, values: Mapping[int, float | None], mode: Literal["max", "min"]
    ) -> "SearchRecord":
        """Return the search with another metric.

        Args:
            metric: Its name.
            values: The value of each trial by its number; a complete trial without one is left out of every statistic.
            mode: Which direction is better.
        """
        trials = tuple(replace(trial, value=values.get(trial.number)) for trial in self.trials)
        return replace(self, metric=metric, mode=mode, trials=trials)


def is_multiple(distance: int | float, step: int | float) -> bool:  # noqa: PYI041  # beartype takes `float` at its word
    """Return whether a distance is a whole number of steps, up to rounding."""
    return abs(distance / step - round(distance / step)) < ROUNDING
