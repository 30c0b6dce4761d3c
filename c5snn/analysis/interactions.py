"""How two options act together: the metric in cells of both, and one option's effect where the other is low or high."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev
from typing import Any

from c5snn.analysis.statistics import Statistic, false_discovery, spearman
from c5snn.errors import ConfigError
from c5snn.records.searched import SearchedOption, SearchRecord
from c5snn.sweeps.space import canonical

__all__ = ["Cell", "Interaction", "interactions_of", "pairs_of", "parse_pairs"]

N_BINS = 4
FIELLER = 1.06  # variance of atanh of a rank correlation, times n − 3
FEWEST = 5


@dataclass(frozen=True)
class Cell:
    """The metric where two options lie within a cell.

    Args:
        first: The first option's value, or its bounds.
        second: The second's.
        n: Complete trials there.
        mean: Their mean.
        sd: Their standard deviation; None for one.
        best: The best of them.
    """

    first: str
    second: str
    n: int
    mean: float
    sd: float | None
    best: float


@dataclass(frozen=True)
class Interaction:
    """Two options together.

    Args:
        first: An option.
        second: The other one.
        n: Complete trials that sampled both.
        cells: The metric by cells of both.
        low: ρ of the first option where the second is low, or has its first value.
        high: ρ of the first option where the second is high, or has another value.
        p: Two-sided p that both ρ are one, by Fisher's z with Fieller's variance; None where one is missing.
        p_corrected: The same after Benjamini and Hochberg over the pairs.
    """

    first: SearchedOption
    second: SearchedOption
    n: int
    cells: tuple[Cell, ...]
    low: Statistic
    high: Statistic
    p: float | None
    p_corrected: float | None


def parse_pairs(words: Sequence[str], search: SearchRecord) -> list[tuple[str, str]]:
    """Return the pairs that ``A,B`` name.

    Raises:
        ConfigError: One is no pair of two options that were searched.
    """
    names = [option.name for option in search.options]
    found = []
    for word in words:
        first, comma, second = word.partition(",")
        if not comma or first == second or first not in names or second not in names:
            raise ConfigError(f"A pair must be two options `A,B` of {', '.join(names)}, but is {word!r}.")
        found.append((first, second))
    return found


def pairs_of(names: Sequence[str]) -> list[tuple[str, str]]:
    """Return the pairs of three names.

    >>> pairs_of(["a", "b", "c"])
    [('a', 'b'), ('a', 'c'), ('b', 'c')]
    """
    return [(first, second) for i, first in enumerate(names) for second in names[i + 1 :]]


def interactions_of(search: SearchRecord, pairs: Sequence[tuple[str, str]]) -> list[Interaction]:
    """Return how the options of each pair act together."""
    by_name = {option.name: option for option in search.options}
    found = [_interaction(search, by_name[first], by_name[second]) for first, second in pairs]
    corrected = false_discovery([entry.p for entry in found])
    return [replace(entry, p_corrected=p) for entry, p in zip(found, corrected, strict=True)]


def _interaction(search: SearchRecord, first: SearchedOption, second: SearchedOption) -> Interaction:
    both = [
        (trial.params[first.name], trial.params[second.name], float(trial.value or 0.0))
        for trial in search.complete
        if first.name in trial.params and second.name in trial.params
    ]
    low, high = _halves(first, second, both)
    return Interaction(
        first, second, len(both), _cells(first, second, both, search.sign), low, high, _p(low, high), None
    )


def _cells(
    first: SearchedOption, second: SearchedOption, both: Sequence[tuple[Any, Any, float]], sign: int
) -> tuple[Cell, ...]:
    one = _binned(first, [a for a, _, _ in both])
    other = _binned(second, [b for _, b, _ in both])
    values: dict[tuple[str, str], list[float]] = {}
    for (_, _, metric), a, b in zip(both, one, other, strict=True):
        values.setdefault((a, b), []).append(metric)
    order = {name: i for i, name in enumerate([*dict.fromkeys(one), *dict.fromkeys(other)])}
    return tuple(
        Cell(a, b, len(of), fmean(of), stdev(of) if len(of) > 1 else None, max(of, key=lambda value: sign * value))
        for (a, b), of in sorted(values.items(), key=lambda item: (order[item[0][0]], order[item[0][1]]))
    )


def _binned(option: SearchedOption, values: Sequence[Any]) -> list[str]:
    """Return the cell of each value: the value itself, or the quarter of the range on its scale."""
    if not option.is_range or len(set(values)) <= N_BINS:
        return [canonical(value) if not isinstance(value, str) else value for value in values]
    low, high = float(option.low or 0.0), float(option.high or 0.0)
    ends = [
        low * (high / low) ** (i / N_BINS) if option.is_log else low + (high - low) * i / N_BINS
        for i in range(N_BINS + 1)
    ]
    index = [min(max(sum(value >= end for end in ends[1:]), 0), N_BINS - 1) for value in values]
    return [f"{ends[i]:.3g} to {ends[i + 1]:.3g}" for i in index]


def _halves(
    first: SearchedOption, second: SearchedOption, both: Sequence[tuple[Any, Any, float]]
) -> tuple[Statistic, Statistic]:
    if first.kind != "number" or not both:
        return Statistic(None, None, 0), Statistic(None, None, 0)
    if second.kind == "number":
        middle = sorted(b for _, b, _ in both)[len(both) // 2]
        is_low = [b < middle for _, b, _ in both]
    else:
        is_low = [canonical(b) == canonical(second.choices[0]) for _, b, _ in both]
    low, high = ([entry for entry, flag in zip(both, is_low, strict=True) if flag == side] for side in (True, False))
    return tuple(spearman([a for a, _, _ in half], [m for _, _, m in half]) for half in (low, high))  # type: ignore[return-value]


def _p(low: Statistic, high: Statistic) -> float | None:
    if low.value is None or high.value is None or min(low.n, high.n) < FEWEST:
        return None
    if 1 in {abs(low.value), abs(high.value)}:
        return None
    scale = math.sqrt(FIELLER / (low.n - 3) + FIELLER / (high.n - 3))
    return math.erfc(abs(math.atanh(low.value) - math.atanh(high.value)) / scale / math.sqrt(2))
