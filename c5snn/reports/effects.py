"""The effect of each swept option: means on validation; on test paired differences with interval and p."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any, Literal

import numpy as np
from jaxtyping import Float

from c5snn.evidence import ANY_VALUE, Interval, compare_options, holm_adjusted
from c5snn.reports.configurations import Configuration, differing

__all__ = ["Effect", "TestEffect", "ValueMean", "effects_of"]

# the headline of each configuration with each seed on each item, oriented so that greater is better
Scores = Mapping[str, Float[np.ndarray, "_seeds _items"]]


@dataclass(frozen=True)
class ValueMean:
    """Validation at one value of an option. It chose among the configurations, so it has no interval.

    Args:
        value: The value.
        n: How many configurations have it.
        mean: Mean of the headline on validation over them.
        low: The lowest of them.
        high: The highest of them.
    """

    value: str
    n: int
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class TestEffect:
    """Test at one value of an option against another, over configurations that differ in nothing else.

    Args:
        value: The value.
        reference: The value it is compared with.
        n_pairs: How many pairs of tested configurations there are.
        difference: How much better the headline is at the value, mean over pairs, seeds and items.
        interval: Its 95 % interval; None for too few items.
        kind: What differs: the configurations, or with one seed of any of them, these trainings.
        p: Two-sided p.
        p_corrected: The same after Holm's correction for all differences of the comparison.
    """

    __test__ = False  # its name is no test's

    value: str
    reference: str
    n_pairs: int
    difference: float
    interval: Interval | None
    kind: Literal["configurations", "trainings"]
    p: float
    p_corrected: float


@dataclass(frozen=True)
class Effect:
    """The effect of an option.

    Args:
        model: The model's name.
        option: The option.
        seeds: The seeds that all configurations share, which the validation means are taken over.
        val: Its values on validation.
        test: Each later value against the first one before it that was tested with all else equal.
    """

    model: str
    option: str
    seeds: list[int]
    val: list[ValueMean]
    test: list[TestEffect]


def effects_of(
    configurations: Sequence[Configuration], scores: Scores, *, possible: Interval = ANY_VALUE
) -> list[Effect]:
    """Return the effect of each option that differs between configurations of the same model.

    An option of which every configuration has a value of its own has no effect: its table would be the leaderboard.

    Args:
        configurations: The configurations of one comparison.
        scores: The headline on each test item of those that were tested.
        possible: What a difference can be at all.
    """
    models = dict.fromkeys(entry.model for entry in configurations)
    found = []
    for model in models:
        peers = [entry for entry in configurations if entry.model == model]
        options = differing([entry.options for entry in peers])
        found += [_effect(model, option, peers, scores) for option in options if _is_shared(option, peers)]
    corrected = iter(holm_adjusted([test.p for effect in found for test in effect.test]))
    return [
        replace(effect, test=[_finished(test, next(corrected), possible) for test in effect.test]) for effect in found
    ]


def _finished(test: TestEffect, p_corrected: float, possible: Interval) -> TestEffect:
    ends = None if test.interval is None else test.interval.clipped(possible)
    return replace(test, p_corrected=p_corrected, interval=ends)


def _is_shared(option: str, peers: Sequence[Configuration]) -> bool:
    """Return whether two configurations have the same value of an option."""
    values = {_text(entry.options.get(option)) for entry in peers}
    return len(values) < len(peers)


def _effect(model: str, option: str, peers: Sequence[Configuration], scores: Scores) -> Effect:
    groups: dict[str, list[Configuration]] = {}
    for entry in sorted(peers, key=lambda entry: _order(entry.options.get(option))):
        groups.setdefault(_text(entry.options.get(option)), []).append(entry)
    seeds = sorted(set.intersection(*({run.seed for run in entry.runs} for entry in peers)))
    values = {value: _val(entries, seeds) for value, entries in groups.items()}
    tests = [_first_test_effect(option, value, groups, scores) for value in groups]
    return Effect(
        model=model,
        option=option,
        seeds=seeds,
        val=[ValueMean(value, len(val), fmean(val), min(val), max(val)) for value, val in values.items() if val],
        test=[test for test in tests if test is not None],
    )


def _val(entries: Sequence[Configuration], seeds: Sequence[int]) -> list[float]:
    """Return one number for each configuration: its mean over the seeds that all share, else over its own."""
    found = []
    for entry in entries:
        values = [run.monitored for run in entry.runs if run.monitored is not None and (not seeds or run.seed in seeds)]
        if values:
            found.append(fmean(values))
    return found


def _first_test_effect(
    option: str, value: str, groups: Mapping[str, Sequence[Configuration]], scores: Scores
) -> TestEffect | None:
    """Return the value's effect against the first value before it that was tested with all else equal."""
    earlier = list(groups)[: list(groups).index(value)]
    found = (_test_effect(option, value, reference, groups, scores) for reference in earlier)
    return next((effect for effect in found if effect is not None), None)


def _test_effect(
    option: str, value: str, reference: str, groups: Mapping[str, Sequence[Configuration]], scores: Scores
) -> TestEffect | None:
    partners = {_others(entry, option): entry.label for entry in groups[reference] if entry.label in scores}
    pairs = [
        (scores[entry.label], scores[partners[_others(entry, option)]])
        for entry in groups[value]
        if entry.label in scores and _others(entry, option) in partners
    ]
    if not pairs:
        return None
    found = compare_options(*map(list, zip(*pairs, strict=True)))
    return TestEffect(value, reference, len(pairs), found.mean, found.interval, found.kind, found.p, found.p)


def _others(entry: Configuration, option: str) -> str:
    return json.dumps({name: value for name, value in entry.options.items() if name != option}, sort_keys=True)


def _text(value: object) -> str:
    return "none" if value is None else str(value)


def _order(value: Any) -> tuple[int, float, str]:  # noqa: ANN401  # an option's value may be anything
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return (0, float(value), "") if is_number else (1, 0.0, _text(value))
