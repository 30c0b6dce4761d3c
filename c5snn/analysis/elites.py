"""The best trials: where they lie within each option, compared with where all trials lie."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev
from typing import Any

import numpy as np

from c5snn.analysis.directions import grouped
from c5snn.analysis.statistics import false_discovery, tail_share
from c5snn.records.searched import SearchedOption, SearchedTrial, SearchRecord
from c5snn.sweeps.space import Number, canonical

__all__ = ["BoundaryHits", "EliteChoice", "EliteRange", "EmpiricalRange", "boundary_hits", "elite_choices",
           "elite_ranges", "elites_of", "empirical_ranges", "placed"]  # fmt: skip

FEWEST_ELITES = 5
NEAR = 0.05  # of the range from a bound
CENTRAL = (5, 95)  # per cent


@dataclass(frozen=True)
class EmpiricalRange:
    """What was tried of an option, or what its complete trials have.

    Args:
        option: The option.
        n: The trials.
        low: Their lowest number; None where the values are no numbers.
        high: Their highest.
        median: Their median.
        counts: How often each value was tried, unless the values are a range.
    """

    option: SearchedOption
    n: int
    low: int | float | None
    high: int | float | None
    median: float | None
    counts: tuple[tuple[Any, int], ...]


@dataclass(frozen=True)
class EliteRange:
    """Where the elites lie within a range.

    Args:
        option: The option.
        n: Complete trials that sampled it.
        n_elite: Elites among them.
        low: 5 % quantile of the elites.
        high: 95 % quantile.
        mean: Their mean.
        sd: Their standard deviation; None for one.
        span: Width between the quantiles as a share of the range, on its scale.
    """

    option: SearchedOption
    n: int
    n_elite: int
    low: float
    high: float
    mean: float
    sd: float | None
    span: float


@dataclass(frozen=True)
class EliteChoice:
    """How many elites have a value.

    Args:
        option: The option.
        value: The value.
        n: Complete trials with it, of ``n_all`` that sampled the option.
        n_all: The latter.
        n_elite: Elites with it, of ``n_all_elite``.
        n_all_elite: The latter.
        p_more: Probability of so many elites or more, if elites were drawn from all trials (hypergeometric).
        p_fewer: Probability of so few.
        p_fewer_corrected: The latter after Benjamini and Hochberg over all choices of all options.
    """

    option: SearchedOption
    value: Any
    n: int
    n_all: int
    n_elite: int
    n_all_elite: int
    p_more: float
    p_fewer: float
    p_fewer_corrected: float


@dataclass(frozen=True)
class BoundaryHits:
    """How many elites lie near a bound of a range.

    Args:
        option: The option.
        side: Which bound.
        bound: Its value.
        n: Complete trials within 5 % of the range of it, of ``n_all``.
        n_all: Complete trials that sampled the option.
        n_elite: Elites there, of ``n_all_elite``.
        n_all_elite: Elites that sampled the option.
        p: Probability of so many elites or more there, if elites were drawn from all trials (hypergeometric).
        p_corrected: The same after Benjamini and Hochberg over all bounds of all options.
    """

    option: SearchedOption
    side: str
    bound: float
    n: int
    n_all: int
    n_elite: int
    n_all_elite: int
    p: float
    p_corrected: float


def elites_of(search: SearchRecord, fraction: float = 0.25) -> tuple[SearchedTrial, ...]:
    """Return the best max(5, fraction · n) complete trials, those that tie with the last one included, best first."""
    ordered = sorted(search.complete, key=lambda trial: (-search.signed(trial), trial.number))
    n = max(FEWEST_ELITES, math.ceil(fraction * len(ordered)))
    if len(ordered) <= n:
        return tuple(ordered)
    return tuple(trial for trial in ordered if search.signed(trial) >= search.signed(ordered[n - 1]))


def empirical_ranges(search: SearchRecord, trials: Sequence[SearchedTrial]) -> list[EmpiricalRange]:
    """Return what some trials have of each option that one of them sampled."""
    found = []
    for option in search.options:
        values = _values(option, trials)
        if not values:
            continue
        counts = [(choice, values.count(choice)) for choice in option.choices]
        numbers = values if option.kind == "number" else []
        found.append(
            EmpiricalRange(
                option,
                len(values),
                min(numbers, default=None),
                max(numbers, default=None),
                float(np.median(numbers)) if numbers else None,
                tuple(counts),
            )
        )
    return found


def elite_ranges(search: SearchRecord, elites: Sequence[SearchedTrial]) -> list[EliteRange]:
    """Return where the elites lie in each option of numbers."""
    found = []
    for option in search.options:
        values = _values(option, elites) if option.kind == "number" else []
        if not values or option.low == option.high:
            continue
        low, high = (float(end) for end in np.percentile(values, CENTRAL))
        sd = stdev(values) if len(values) > 1 else None
        span = placed(option, high) - placed(option, low)
        found.append(
            EliteRange(option, len(_values(option, search.complete)), len(values), low, high, fmean(values), sd, span)
        )
    return found


def elite_choices(search: SearchRecord, elites: Sequence[SearchedTrial]) -> list[EliteChoice]:
    """Return how many elites have each value of each option that is no range."""
    found = []
    for option in search.options:
        every, best = _values(option, search.complete), _values(option, elites)
        if option.is_range or not every:
            continue
        pairs = [(value, 0.0) for value in every]
        for text, of_value in grouped(option, pairs).items():
            n, n_elite = len(of_value), sum(canonical(value) == text for value in best)
            value = next(value for value in every if canonical(value) == text)
            counts = (n_elite, len(best), n, len(every))
            fewer = tail_share(*counts, is_upper=False)
            found.append(
                EliteChoice(option, value, n, len(every), n_elite, len(best), tail_share(*counts), fewer, fewer)
            )
    corrected = false_discovery([entry.p_fewer for entry in found])
    return [
        EliteChoice(**{**vars(entry), "p_fewer_corrected": p}) for entry, p in zip(found, corrected, strict=True) if p
    ]


def boundary_hits(search: SearchRecord, elites: Sequence[SearchedTrial]) -> list[BoundaryHits]:
    """Return how many elites lie near each bound of each range."""
    found = []
    for option in search.options:
        every, best = _values(option, search.complete), _values(option, elites)
        if not option.is_range or not best or option.low is None or option.high is None or option.low == option.high:
            continue
        for side, bound in (("low", option.low), ("high", option.high)):
            n, n_elite = (sum(_is_near(option, value, side) for value in values) for values in (every, best))
            p = tail_share(n_elite, len(best), n, len(every))
            found.append(BoundaryHits(option, side, float(bound), n, len(every), n_elite, len(best), p, p))
    corrected = false_discovery([entry.p for entry in found])
    return [replace(entry, p_corrected=p) for entry, p in zip(found, corrected, strict=True) if p is not None]


def placed(option: SearchedOption, value: Number) -> float:
    """Return where a number lies in its option's range, from 0 at the low bound to 1 at the high one, on its scale."""
    low, high = float(option.low or 0.0), float(option.high or 0.0)
    if option.is_log:
        return math.log(value / low) / math.log(high / low) if value > 0 else 0.0
    return (value - low) / (high - low)


def _is_near(option: SearchedOption, value: Number, side: str) -> bool:
    place = placed(option, value)
    return place <= NEAR if side == "low" else place >= 1 - NEAR


def _values(option: SearchedOption, trials: Sequence[SearchedTrial]) -> list[Any]:
    return [trial.params[option.name] for trial in trials if option.name in trial.params]
