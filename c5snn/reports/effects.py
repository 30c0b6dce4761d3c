"""What each swept option does: on validation as bare means, on test as paired differences with their interval."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import numpy as np
from jaxtyping import Float

from c5snn.evidence import Interval, mean_interval
from c5snn.reports.configurations import Configuration, differing
from c5snn.reports.leaderboard import MONITOR

__all__ = ["Effect", "TestEffect", "ValueMean", "effects_of"]

Recall = Mapping[str, Float[np.ndarray, " windows"]]


@dataclass(frozen=True)
class ValueMean:
    """Validation at one value of an option. It has chosen among the configurations, so no interval belongs to it.

    Args:
        value: The value.
        n: How many configurations have it.
        mean: Mean of Recall@20 on validation over them.
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
        difference: Recall@20 at the value minus at the reference, mean over pairs, seeds and windows.
        interval: Its 95 % interval; None for one window.
    """

    __test__ = False  # its name is no test's

    value: str
    reference: str
    n_pairs: int
    difference: float
    interval: Interval | None


@dataclass(frozen=True)
class Effect:
    """What an option does.

    Args:
        model: The model's short name.
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


def effects_of(configurations: Sequence[Configuration], recall: Recall) -> list[Effect]:
    """Return what each option does that differs between configurations of the same model.

    Args:
        configurations: The configurations of one comparison.
        recall: Recall@20 on test in each window, mean over seeds, of those that were tested.
    """
    models = dict.fromkeys(entry.model for entry in configurations)
    found = []
    for model in models:
        peers = [entry for entry in configurations if entry.model == model]
        found += [_effect(model, option, peers, recall) for option in differing([entry.options for entry in peers])]
    return found


def _effect(model: str, option: str, peers: Sequence[Configuration], recall: Recall) -> Effect:
    groups: dict[str, list[Configuration]] = {}
    for entry in sorted(peers, key=lambda entry: _order(entry.options.get(option))):
        groups.setdefault(_text(entry.options.get(option)), []).append(entry)
    seeds = sorted(set.intersection(*({run.seed for run in entry.runs} for entry in peers)))
    values = {value: _val(entries, seeds) for value, entries in groups.items()}
    tests = [_first_test_effect(option, value, groups, recall) for value in groups]
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
        runs = [run.val[MONITOR] for run in entry.runs if MONITOR in run.val and (not seeds or run.seed in seeds)]
        if runs:
            found.append(fmean(runs))
    return found


def _first_test_effect(
    option: str, value: str, groups: Mapping[str, Sequence[Configuration]], recall: Recall
) -> TestEffect | None:
    """Return the value's effect against the first value before it that was tested with all else equal."""
    earlier = list(groups)[: list(groups).index(value)]
    found = (_test_effect(option, value, reference, groups, recall) for reference in earlier)
    return next((effect for effect in found if effect is not None), None)


def _test_effect(
    option: str, value: str, reference: str, groups: Mapping[str, Sequence[Configuration]], recall: Recall
) -> TestEffect | None:
    partners = {_others(entry, option): entry.label for entry in groups[reference] if entry.label in recall}
    differences = [
        recall[entry.label] - recall[partners[_others(entry, option)]]
        for entry in groups[value]
        if entry.label in recall and _others(entry, option) in partners
    ]
    if not differences:
        return None
    mean = np.mean(differences, axis=0)
    return TestEffect(value, reference, len(differences), float(mean.mean()), mean_interval(mean))


def _others(entry: Configuration, option: str) -> str:
    return json.dumps({name: value for name, value in entry.options.items() if name != option}, sort_keys=True)


def _text(value: object) -> str:
    return "default" if value is None else str(value)


def _order(value: Any) -> tuple[int, float, str]:  # noqa: ANN401  # an option's value may be anything
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return (0, float(value), "") if is_number else (1, 0.0, _text(value))
