"""The cells of the ladder: on each row, a planted signal, the skill of each model over data seeds.

A model is a configuration without the options that tune its training: on each history validation chooses among these.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev
from typing import Any, cast

from c5snn.evidence import Interval
from c5snn.records import DataRecord, RunRecord, ScoredConfiguration
from c5snn.reports.comparison import Comparison
from c5snn.reports.configurations import Configuration, differing, label_of, readable
from c5snn.reports.ladder.rungs import Rung, rungs_of

__all__ = [
    "Cell",
    "Choice",
    "LadderModel",
    "cells_of",
    "models_of",
    "t_interval",
    "t_p_value",
]

# Values that are equal on paper differ by less, in units of the greatest.
ROUNDING = 1e-12
TUNING = ("optimizer", "lr_scheduler")


@dataclass(frozen=True)
class LadderModel:
    """A model with all its options except those that tune its training.

    Args:
        label: Its name and the options that differ between models of this name.
        class_path: The model's class path.
        is_baseline: Whether it is a baseline, which stands beside every network.
        is_spiking: Whether it has spiking layers.
    """

    label: str
    class_path: str
    is_baseline: bool
    is_spiking: bool


@dataclass(frozen=True)
class Choice:
    """The configuration of a model that validation chose on one history.

    Args:
        data_seed: The seed that the history was drawn with.
        label: The configuration.
        n_tried: Number of the model's configurations that it was chosen from.
        skill: (model − chance) / (oracle − chance) on test, in expectation over what might have come; None where the
            oracle stands too close to chance.
        realized_skill: The same with what came.
        lift: How much better than chance its headline is on test.
        oracle_lift: The same of the planted signal itself; None where it is unknown.
        runs: Its tested runs.
    """

    data_seed: int
    label: str
    n_tried: int
    skill: float | None
    realized_skill: float | None
    lift: float
    oracle_lift: float | None
    runs: list[RunRecord]


@dataclass(frozen=True)
class Cell:
    """A model on a row.

    Args:
        model: The model's label.
        rung: The row.
        choices: What validation chose on each history.
        skill: Mean over histories; None where it is undefined on one of them.
        interval: Its 95 % interval over histories; None also for one history.
        realized_skill: Mean over histories of the skill with what came; None likewise.
        lift: How much better than chance the headline is, mean over histories.
        oracle_lift: The same of the planted signal itself; None where it is unknown.
    """

    model: str
    rung: Rung
    choices: list[Choice]
    skill: float | None
    interval: Interval | None
    realized_skill: float | None
    lift: float
    oracle_lift: float | None

    @property
    def by_seed(self) -> dict[int, float]:
        """The skill on each history where it is defined, by data seed."""
        return {choice.data_seed: choice.skill for choice in self.choices if choice.skill is not None}


def models_of(configurations: Sequence[Configuration]) -> dict[str, LadderModel]:
    """Return the model of each configuration, by the configuration's label."""
    of_name: dict[str, list[Mapping[str, Any]]] = {}
    for entry in configurations:
        of_name.setdefault(entry.name, []).append(_untuned(entry))
    differ = {name: differing(options) for name, options in of_name.items()}
    found = {}
    for entry in configurations:
        options = {name: entry.options.get(name, "default") for name in differ[entry.name]}
        is_spiking = any(run.activity is not None and run.activity.layers for run in entry.runs)
        label, first = label_of(entry.name, readable(options, of_name[entry.name])), entry.runs[0]
        found[entry.label] = LadderModel(label, first.class_path, first.is_baseline, is_spiking)
    return found


def cells_of(
    comparisons: Sequence[Comparison], models: Mapping[str, LadderModel], configurations: Sequence[Configuration]
) -> list[Cell]:
    """Return the cell of each model and row that was tested.

    Args:
        comparisons: The comparisons on planted histories.
        models: The model of each tested configuration, by the configuration's label.
        configurations: The report's configurations, tested or not: validation chose from all of a model.
    """
    alike = {entry.label: json.dumps([entry.name, _untuned(entry)], default=str) for entry in configurations}
    found: dict[tuple[str, Rung], list[Choice]] = {}
    for comparison, rung in zip(comparisons, rungs_of([entry.data for entry in comparisons]), strict=True):
        tested: dict[str, ScoredConfiguration] = {}
        for entry in comparison.configurations:  # in the order of validation
            tested.setdefault(models[entry.label].label, entry)
        trained = [alike[entry.label] for entry in comparison.trained]
        for model, best in tested.items():
            choice = _choice(comparison.data, best, trained.count(alike[best.label]))
            found.setdefault((model, rung), []).append(choice)
    return [_cell(model, rung, choices) for (model, rung), choices in found.items()]


def t_interval(values: Sequence[float]) -> Interval | None:
    """Return ``mean ± t · sd / √n`` with Student's t of n − 1, or None for one value.

    Three histories are too few for a normal quantile.

    >>> interval = t_interval([0.1, 0.2, 0.3])
    >>> round(interval.low, 4), round(interval.high, 4)
    (-0.0484, 0.4484)
    """
    if len(values) < 2:  # noqa: PLR2004
        return None
    from scipy.stats import t

    half_width = float(t.ppf(0.975, len(values) - 1)) * stdev(values) / sqrt(len(values))
    return Interval(fmean(values) - half_width, fmean(values) + half_width)


def t_p_value(values: Sequence[float]) -> float | None:
    """Return the two-sided p of a mean of 0, by Student's t of n − 1, or None for one value.

    >>> round(t_p_value([0.1, 0.2, 0.3]), 4)
    0.0742
    """
    if len(values) < 2:  # noqa: PLR2004
        return None
    from scipy.stats import t

    error = stdev(values) / sqrt(len(values))
    if error <= ROUNDING * max(map(abs, values)):  # no spread to hold it against: only the signs are left
        return 1.0 if values[0] == 0 else min(1.0, 2 * 0.5 ** len(values))
    return max(2 * float(t.sf(abs(fmean(values)) / error, len(values) - 1)), sys.float_info.min)


def _untuned(entry: Configuration) -> dict[str, Any]:
    return {name: value for name, value in entry.options.items() if name.partition(".")[0] not in TUNING}


def _choice(data: DataRecord, best: ScoredConfiguration, n_tried: int) -> Choice:
    chance, sign = best.chance[best.headline.name], best.headline.sign
    return Choice(
        data_seed=int(cast("int", data.facts["data_seed"])),
        label=best.label,
        n_tried=n_tried,
        skill=best.skill,
        realized_skill=best.realized_skill,
        lift=best.gain,
        oracle_lift=None if best.oracle is None or chance is None else sign * (best.oracle - chance),
        runs=best.runs,
    )


def _cell(model: str, rung: Rung, choices: Sequence[Choice]) -> Cell:
    ordered = sorted(choices, key=lambda choice: choice.data_seed)
    skills = [choice.skill for choice in ordered if choice.skill is not None]
    oracle = [choice.oracle_lift for choice in ordered if choice.oracle_lift is not None]
    realized = [choice.realized_skill for choice in ordered if choice.realized_skill is not None]
    is_whole = len(skills) == len(ordered)
    return Cell(
        model=model,
        rung=rung,
        choices=ordered,
        skill=fmean(skills) if is_whole else None,
        interval=t_interval(skills) if is_whole else None,
        realized_skill=fmean(realized) if len(realized) == len(ordered) else None,
        lift=fmean(choice.lift for choice in ordered),
        oracle_lift=fmean(oracle) if len(oracle) == len(ordered) else None,
    )
