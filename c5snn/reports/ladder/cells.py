"""The cells of the ladder: what validation's choice of each definition captures on each rung, over data seeds."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev

from c5snn.evidence import Interval
from c5snn.reports.comparison import Comparison
from c5snn.reports.contender import Contender
from c5snn.reports.ladder.definitions import Definition
from c5snn.reports.ladder.history import Rung, is_planted, read_source
from c5snn.training.result import RunResult

__all__ = ["Cell", "Choice", "cells_of", "t_interval", "t_p_value"]


@dataclass(frozen=True)
class Choice:
    """The configuration of a definition that validation chose on one history.

    Args:
        data_seed: The seed that the history was drawn with.
        label: The configuration.
        n_tried: How many configurations of the definition it was chosen from.
        captured: Share of the oracle's lift on test; None where the oracle stands too close to chance.
        lift: Recall@20 on test above chance.
        oracle_lift: The same of the planted signal itself; None where it was not kept.
        runs: Its tested runs.
    """

    data_seed: int
    label: str
    n_tried: int
    captured: float | None
    lift: float
    oracle_lift: float | None
    runs: list[RunResult]


@dataclass(frozen=True)
class Cell:
    """A definition on a rung.

    Args:
        definition: The definition's label.
        rung: The rung.
        choices: What validation chose on each history.
        captured: Share of the oracle's lift, mean over histories; None where it is undefined on one of them.
        interval: Its 95 % interval over histories; None for one history, too.
        lift: Recall@20 above chance, mean over histories.
        oracle_lift: The same of the planted signal itself; None where it was not kept.
    """

    definition: str
    rung: Rung
    choices: list[Choice]
    captured: float | None
    interval: Interval | None
    lift: float
    oracle_lift: float | None

    @property
    def by_seed(self) -> dict[int, float]:
        """The captured lift on each history where it is defined, by data seed."""
        return {choice.data_seed: choice.captured for choice in self.choices if choice.captured is not None}


def cells_of(comparisons: Sequence[Comparison], definitions: Mapping[str, Definition]) -> list[Cell]:
    """Return the cell of each definition and rung that was tested.

    Args:
        comparisons: The report's comparisons; those on other than planted histories count for nothing here.
        definitions: The definition of each configuration, by the configuration's label.
    """
    found: dict[tuple[str, Rung], list[Choice]] = {}
    for comparison in comparisons:
        if not is_planted(comparison.data.source):
            continue
        rung, data_seed = read_source(comparison.data.source)
        tried: dict[str, list[Contender]] = {}
        for entry in comparison.contenders:
            tried.setdefault(definitions[entry.label].label, []).append(entry)
        for definition, entries in tried.items():
            found.setdefault((definition, rung), []).append(_choice(data_seed, entries))
    return [_cell(definition, rung, choices) for (definition, rung), choices in found.items()]


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
    if error == 0:
        return 1.0 if values[0] == 0 else sys.float_info.min
    return max(2 * float(t.sf(abs(fmean(values)) / error, len(values) - 1)), sys.float_info.min)


def _choice(data_seed: int, entries: Sequence[Contender]) -> Choice:
    best = max(entries, key=lambda entry: entry.val.mean if entry.val.mean == entry.val.mean else float("-inf"))
    chance = best.value - best.lift
    return Choice(
        data_seed=data_seed,
        label=best.label,
        n_tried=len(entries),
        captured=best.captured,
        lift=best.lift,
        oracle_lift=None if best.oracle is None else best.oracle - chance,
        runs=best.runs,
    )


def _cell(definition: str, rung: Rung, choices: Sequence[Choice]) -> Cell:
    ordered = sorted(choices, key=lambda choice: choice.data_seed)
    captured = [choice.captured for choice in ordered if choice.captured is not None]
    oracle = [choice.oracle_lift for choice in ordered if choice.oracle_lift is not None]
    is_whole = len(captured) == len(ordered)
    return Cell(
        definition=definition,
        rung=rung,
        choices=ordered,
        captured=fmean(captured) if is_whole else None,
        interval=t_interval(captured) if is_whole else None,
        lift=fmean(choice.lift for choice in ordered),
        oracle_lift=fmean(oracle) if len(oracle) == len(ordered) else None,
    )
