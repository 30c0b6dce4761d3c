"""Which way each option moves the metric: ranks, means, intervals, corrected p; on random and on pruned trials, too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev
from typing import Any

from c5snn.analysis.statistics import (
    Statistic,
    bounded_scores,
    difference,
    false_discovery,
    interval_of_difference,
    interval_of_rho,
    rank_effect,
    spearman,
)
from c5snn.evidence import Interval
from c5snn.records.searched import SearchedOption, SearchRecord
from c5snn.sweeps.space import canonical

__all__ = ["DECIDED", "ChoiceMean", "Direction", "directions_of", "grouped"]


@dataclass(frozen=True)
class ChoiceMean:
    """The metric at one value of an option.

    Args:
        value: The value.
        n: Complete trials with it.
        mean: Their mean.
        sd: Their standard deviation; None for one trial.
        interval: The 95 % interval of the mean less that of all others; None for too few.
        is_tested: Whether it has enough trials to enter the difference and its p.
    """

    value: Any
    n: int
    mean: float
    sd: float | None
    interval: Interval | None
    is_tested: bool


@dataclass(frozen=True)
class Direction:
    """Which way an option moves the metric, over the complete trials that sampled it.

    Args:
        option: The option.
        n: Complete trials that sampled it.
        effect: Of numbers Spearman's ρ with the metric; of booleans the mean of true less that of false; of other
            choices the best mean less the worst. None where it does not exist.
        interval: Its 95 % interval, by the bootstrap over trials; None for more than two choices or too few trials.
        strength: |ρ|, or its like for groups.
        p: Its two-sided p.
        p_corrected: The same after Benjamini and Hochberg over all options.
        random: The same statistic on the trials that were drawn at random alone.
        bounded: The same on complete and pruned trials, each pruned one counting by its bound.
        n_pruned: Pruned trials among the latter.
        choices: The values, unless they are numbers; the best mean first.
    """

    option: SearchedOption
    n: int
    effect: float | None
    interval: Interval | None
    strength: float | None
    p: float | None
    p_corrected: float | None
    random: Statistic
    bounded: Statistic
    n_pruned: int
    choices: tuple[ChoiceMean, ...] = ()

    @property
    def is_decided(self) -> bool:
        """Whether the corrected p is below .05."""
        return self.p_corrected is not None and self.p_corrected < DECIDED

    @property
    def n_tested(self) -> int:
        """Complete trials behind the effect and its p: of choices, those of values with enough of them."""
        return sum(entry.n for entry in self.choices if entry.is_tested) if self.choices else self.n

    @property
    def extremes(self) -> tuple[ChoiceMean, ChoiceMean] | None:
        """The best and the worst of the choices that were tested; None for fewer than two."""
        tested = [entry for entry in self.choices if entry.is_tested]
        return (tested[0], tested[-1]) if len(tested) > 1 else None


DECIDED = 0.05


def directions_of(search: SearchRecord, *, min_samples: int = 3) -> list[Direction]:
    """Return the direction of every option, in the order of the search.

    Args:
        search: The search.
        min_samples: Complete trials that an option, and each of its choices, needs for a statistic.
    """
    scores = bounded_scores(search)
    found = [_direction(search, option, scores, min_samples) for option in search.options]
    corrected = false_discovery([entry.p for entry in found])
    return [replace(entry, p_corrected=p) for entry, p in zip(found, corrected, strict=True)]


def grouped(option: SearchedOption, pairs: Sequence[tuple[Any, float]]) -> dict[str, list[float]]:
    """Return the values of the metric by the text of the option's value, in the order of its choices."""
    groups: dict[str, list[float]] = {canonical(value): [] for value in option.choices}
    for value, metric in pairs:
        groups.setdefault(canonical(value), []).append(metric)
    return {name: values for name, values in groups.items() if values}


def _direction(
    search: SearchRecord, option: SearchedOption, scores: Mapping[int, float], min_samples: int
) -> Direction:
    sampled = [trial for trial in search.complete if option.name in trial.params]
    pruned = [trial for trial in search.pruned if option.name in trial.params]
    pairs = [(trial.params[option.name], float(trial.value or 0.0)) for trial in sampled]
    random = [pair for trial, pair in zip(sampled, pairs, strict=True) if trial.sampled_by == "random"]
    bounded = [(trial.params[option.name], scores[trial.number]) for trial in (*sampled, *pruned)]
    found = _statistic(option, pairs, min_samples)
    return Direction(
        option=option,
        n=len(sampled),
        effect=found.value,
        interval=_interval(option, pairs, min_samples) if found.value is not None else None,
        strength=_strength(option, pairs, min_samples),
        p=found.p,
        p_corrected=None,
        random=_statistic(option, random, min_samples),
        bounded=_signed(_statistic(option, bounded, min_samples), search.sign),
        n_pruned=len(pruned),
        choices=() if option.kind == "number" else _choices(option, pairs, search.sign, min_samples),
    )


def _statistic(option: SearchedOption, pairs: Sequence[tuple[Any, float]], min_samples: int) -> Statistic:
    if len(pairs) < min_samples:
        return Statistic(None, None, len(pairs))
    if option.kind == "number":
        return spearman(*zip(*pairs, strict=True))
    return difference(_full(option, pairs, min_samples))


def _signed(found: Statistic, sign: int) -> Statistic:
    """Return a statistic of scores, which are higher for better, as one of the metric."""
    return Statistic(None if found.value is None else sign * found.value, found.p, found.n)


def _full(option: SearchedOption, pairs: Sequence[tuple[Any, float]], min_samples: int) -> list[list[float]]:
    """Return the groups with enough trials; of booleans true comes first, so that the difference is that of true."""
    groups = grouped(option, pairs)
    names = sorted(groups, reverse=True) if option.kind == "boolean" else list(groups)
    return [groups[name] for name in names if len(groups[name]) >= min_samples]


def _interval(option: SearchedOption, pairs: Sequence[tuple[Any, float]], min_samples: int) -> Interval | None:
    if option.kind == "number":
        return interval_of_rho(*zip(*pairs, strict=True))
    groups = _full(option, pairs, min_samples)
    return interval_of_difference(*groups) if len(groups) == 2 else None  # noqa: PLR2004


def _strength(option: SearchedOption, pairs: Sequence[tuple[Any, float]], min_samples: int) -> float | None:
    if len(pairs) < min_samples:
        return None
    if option.kind == "number":
        rho = spearman(*zip(*pairs, strict=True)).value
        return None if rho is None else abs(rho)
    return rank_effect(_full(option, pairs, min_samples))


def _choices(
    option: SearchedOption, pairs: Sequence[tuple[Any, float]], sign: int, min_samples: int
) -> tuple[ChoiceMean, ...]:
    values = {canonical(value): value for value, _ in pairs}
    groups = grouped(option, pairs)
    found = [
        ChoiceMean(
            values[name],
            len(metrics),
            fmean(metrics),
            stdev(metrics) if len(metrics) > 1 else None,
            interval_of_difference(metrics, [m for other, of in groups.items() if other != name for m in of]),
            len(metrics) >= min_samples,
        )
        for name, metrics in groups.items()
    ]
    return tuple(sorted(found, key=lambda entry: -sign * entry.mean))
