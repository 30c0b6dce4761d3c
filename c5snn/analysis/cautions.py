"""What limits the evidence of a search: confounded options, options that hardly vary, options without effect."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from c5snn.analysis.statistics import cramers_v, false_discovery, rank_effect, spearman
from c5snn.records.searched import SearchedOption, SearchRecord
from c5snn.sweeps.space import canonical

__all__ = ["Confounding", "IdleOption", "confounded", "idle_options"]

CONFOUNDED = 0.5
CONSTANT = 0.95
MIN_PAIRS = 2
FEWEST = 5  # fewer trials hang together perfectly by luck, and Student's t gives that a p of 0


@dataclass(frozen=True)
class Confounding:
    """Two options that were not varied independently, so that the effect of one may be that of the other.

    Args:
        first: An option.
        second: The other one.
        statistic: What was computed.
        strength: Its absolute value, 0 to 1.
        p: Its p.
        p_corrected: The same after Benjamini and Hochberg over all pairs.
        n: Complete trials that sampled both.
    """

    first: str
    second: str
    statistic: Literal["|ρ|", "Cramér's V"]
    strength: float
    p: float
    p_corrected: float
    n: int


@dataclass(frozen=True)
class IdleOption:
    """An option from which nothing can be learned, or that does nothing.

    Args:
        option: Its name.
        kind: ``constant`` where nearly all trials have one value, ``inert`` where its values change nothing.
        evidence: What shows it, with n.
    """

    option: str
    kind: Literal["constant", "inert"]
    evidence: str


def confounded(search: SearchRecord, *, min_samples: int = 3) -> list[Confounding]:
    """Return the pairs of options whose |ρ| or Cramér's V is above .5, the surest first."""
    found = []
    for first, second in itertools.combinations(search.options, 2):
        both = [
            (trial.params[first.name], trial.params[second.name])
            for trial in search.complete
            if first.name in trial.params and second.name in trial.params
        ]
        if len(both) < max(min_samples, FEWEST):
            continue
        entry = _confounding(first, second, both)
        if entry is not None:
            found.append(entry)
    corrected = false_discovery([entry.p for entry in found])
    full = [replace(entry, p_corrected=p) for entry, p in zip(found, corrected, strict=True) if p is not None]
    return sorted(
        (entry for entry in full if entry.strength > CONFOUNDED), key=lambda entry: (entry.p, -entry.strength)
    )


def idle_options(search: SearchRecord) -> list[IdleOption]:
    """Return the options that are effectively constant, and those that are inert."""
    found = []
    for option in search.options:
        values = [canonical(trial.params[option.name]) for trial in search.complete if option.name in trial.params]
        if option.name in search.inert:
            found.append(IdleOption(option.name, "inert", "the model computes the same at every value that was given"))
        elif values and (commonest := Counter(values).most_common(1)[0])[1] >= CONSTANT * len(values):
            found.append(
                IdleOption(option.name, "constant", f"{commonest[1]} of {len(values)} trials have {commonest[0]}")
            )
        elif (n := _n_equal_pairs(search, option)) >= MIN_PAIRS:
            found.append(
                IdleOption(option.name, "inert", f"all {n} groups of trials that differ in it alone have equal values")
            )
    return found


def _confounding(first: SearchedOption, second: SearchedOption, both: Sequence[tuple[Any, Any]]) -> Confounding | None:
    one, other = zip(*both, strict=True)
    if "choice" not in {first.kind, second.kind}:
        found = spearman(one, other)
        if found.value is None or found.p is None:
            return None
        return Confounding(first.name, second.name, "|ρ|", abs(found.value), found.p, found.p, found.n)
    if "number" in {first.kind, second.kind}:
        numbers, choices = (one, other) if first.kind == "number" else (other, one)
        return _of_groups(first.name, second.name, numbers, choices)
    found = cramers_v(one, other)
    if found.value is None or found.p is None:
        return None
    return Confounding(first.name, second.name, "Cramér's V", found.value, found.p, found.p, found.n)


def _of_groups(first: str, second: str, numbers: Sequence[Any], choices: Sequence[Any]) -> Confounding | None:
    """Return how a number hangs together with a choice: the like of |ρ| for groups, by Kruskal and Wallis."""
    from scipy.stats import chi2

    groups: dict[str, list[float]] = defaultdict(list)
    for number, choice in zip(numbers, choices, strict=True):
        groups[canonical(choice)].append(float(number))
    strength = rank_effect(list(groups.values()))
    if strength is None:
        return None
    p = float(chi2.sf(strength**2 * (len(numbers) - 1), len(groups) - 1))
    return Confounding(first, second, "|ρ|", strength, p, p, len(numbers))


def _n_equal_pairs(search: SearchRecord, option: SearchedOption) -> int:
    """Return how many groups of trials differ in an option alone and have equal values.

    0 where one group has not, or where the metric is the same in all trials with the option, which shows nothing of it.
    """
    groups: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for trial in search.complete:
        if option.name in trial.params:
            rest = {name: value for name, value in trial.params.items() if name != option.name}
            groups[canonical(rest)].append((canonical(trial.params[option.name]), float(trial.value or 0.0)))
    varied = [group for group in groups.values() if len({value for value, _ in group}) > 1]
    are_equal = all(len({metric for _, metric in group}) == 1 for group in varied)
    is_varied = len({metric for group in groups.values() for _, metric in group}) > 1
    return len(varied) if are_equal and is_varied else 0
