"""What the next search should do with each option, and why: keep, fix, prune, expand or narrow.

A value is fixed or pruned and a range is narrowed only with enough trials and a p that is corrected for all options. A
range is expanded by the share of the elites near a bound alone, whose corrected p says how sure that is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any, Literal

from c5snn.analysis.bounds import Limits, expanded, narrowed
from c5snn.analysis.cautions import Confounding, IdleOption
from c5snn.analysis.directions import Direction
from c5snn.analysis.elites import BoundaryHits, EliteChoice, EliteRange
from c5snn.analysis.metric_check import MetricCheck, batch_size_option
from c5snn.records.searched import SearchedOption, SearchRecord
from c5snn.sweeps.space import BASE, canonical

__all__ = ["HIT_SHARE", "Decision", "DecisionFacts", "decide", "domain_of"]

Kind = Literal["keep", "fix", "prune", "expand", "narrow"]
BELOW = 0.10
MIN_EFFECT = 0.05
MIN_CHOICE, MIN_BRANCH = 10, 20
MIN_HITS, HIT_SHARE = 2, 0.4
HALF = 0.5
SURE, LIKELY, MANY = 0.01, 0.05, 30
ENOUGH = 10  # trials that sampled both options, for a confounding to be named beside a decision


@dataclass(frozen=True)
class Decision:
    """What the next search does with an option.

    Args:
        option: Its name.
        decision: What is done.
        n: Complete trials that sampled it.
        evidence: Why, in sentences, each with its numbers.
        old: Its values so far, as a space writes them.
        new: Its values in the next search, as a space writes them.
        p_corrected: The p behind it, corrected; None where none decides.
        confidence: How sure it is.
        is_dropped: Whether the next search leaves it out; ``new`` is None then, as where its one value is null.
    """

    option: str
    decision: Kind
    n: int
    evidence: tuple[str, ...]
    old: Any
    new: Any
    p_corrected: float | None
    confidence: Literal["none", "low", "medium", "high"]
    is_dropped: bool = False


@dataclass(frozen=True)
class DecisionFacts:
    """What decisions rest on.

    Args:
        search: The search.
        directions: Of every option.
        ranges: Where the elites lie in numbers.
        choices: How many elites have each value.
        hits: How many elites lie near a bound.
        confounded: Options that hang together.
        idle: Options that are constant or inert.
        check: Whether the metric can be trusted.
        limits: Bounds that no range may leave, by option.
    """

    search: SearchRecord
    directions: Sequence[Direction]
    ranges: Sequence[EliteRange]
    choices: Sequence[EliteChoice]
    hits: Sequence[BoundaryHits]
    confounded: Sequence[Confounding]
    idle: Sequence[IdleOption]
    check: MetricCheck
    limits: Mapping[str, Limits] = field(default_factory=dict)


@dataclass(frozen=True)
class _Draft:
    decision: Kind
    evidence: list[str]
    new: Any
    p: float | None = None
    is_dropped: bool = False


def decide(facts: DecisionFacts) -> list[Decision]:
    """Return the decision for every option, in the order of the search."""
    return [_decision(facts, direction) for direction in facts.directions]


def domain_of(option: SearchedOption) -> Any:  # noqa: ANN401  # a list or a mapping, as a space writes it
    """Return the values of an option as a space writes them."""
    if option.shares:
        return {"weights": dict(zip(option.choices, option.shares, strict=True))}
    if not option.is_range:
        return list(option.choices)
    found: dict[str, Any] = {"low": option.low, "high": option.high}
    found |= {"log": True} if option.is_log else {}
    return found | ({"step": option.step} if option.step is not None else {})


def _decision(facts: DecisionFacts, direction: Direction) -> Decision:
    option = direction.option
    old = domain_of(option)
    idle = next((entry for entry in facts.idle if entry.option == option.name), None)
    if idle is not None and idle.kind == "inert":
        draft = _Draft("prune", [f"inert, dropped: {idle.evidence}."], None, is_dropped=True)
    elif option.is_range:
        draft = _of_range(facts, direction, old)
    else:
        draft = _of_choice(facts, direction, old)
    evidence = [*draft.evidence, *_cautions(facts, option.name)]
    if idle is not None and idle.kind == "constant":
        evidence.append(f"Effectively constant: {idle.evidence}, so nothing is learned of it.")
    return Decision(
        option.name,
        draft.decision,
        direction.n,
        tuple(evidence),
        old,
        draft.new,
        draft.p,
        _confidence(facts, draft, direction.n),
        draft.is_dropped,
    )


def _of_range(facts: DecisionFacts, direction: Direction, old: Any) -> _Draft:  # noqa: ANN401
    option = direction.option
    hits = [entry for entry in facts.hits if entry.option.name == option.name]
    many = [entry for entry in hits if entry.n_elite >= max(MIN_HITS, HIT_SHARE * entry.n_all_elite)]
    near = [entry for entry in many if entry.n_elite * entry.n_all > entry.n * entry.n_all_elite]
    if near:
        found = expanded(option, [entry.side for entry in near], facts.limits.get(option.name))
        counts = [_near_says(entry) for entry in near]
        if found is not None:
            return _Draft("expand", counts, {**old, **found}, min(entry.p_corrected for entry in near))
        return _Draft("keep", [*counts, "The bound is a limit already."], old)
    inside = next((entry for entry in facts.ranges if entry.option.name == option.name), None)
    if inside is not None and inside.span < HALF and _is_below(direction.p_corrected):
        says = (
            f"{inside.n_elite} elites lie within {inside.low:.4g} to {inside.high:.4g} (5 to 95 %), {inside.span:.0%} "
            f"of the range; {_effect_says(direction)}."
        )
        return _Draft("narrow", [says], {**old, **narrowed(option, inside.low, inside.high)}, direction.p_corrected)
    if many:
        return _Draft("keep", [*map(_near_says, many), "No larger share than of all trials."], old)
    span = f"elites span {inside.span:.0%} of the range; " if inside is not None else ""
    return _Draft("keep", [f"{span}{_effect_says(direction)}."], old)


def _near_says(entry: BoundaryHits) -> str:
    return (
        f"{entry.n_elite} of {entry.n_all_elite} elites lie within 5 % of the {entry.side} bound {entry.bound:.4g}, of "
        f"all trials {entry.n} of {entry.n_all} (p = {entry.p:.2g}, corrected p = {entry.p_corrected:.2g}, "
        "hypergeometric)."
    )


def _of_choice(facts: DecisionFacts, direction: Direction, old: Any) -> _Draft:  # noqa: ANN401
    option = direction.option
    choices = [entry for entry in facts.choices if entry.option.name == option.name]
    counts = {canonical(entry.value): entry.n for entry in choices}
    few = [value for value in option.choices if counts.get(canonical(value), 0) < _least(option)]
    shares = ", ".join(f"{_text(entry.value)} {entry.n_elite} of {entry.n}" for entry in choices)
    effect = f"{_effect_says(direction)}; elites by value: {shares}"
    if few and _is_branch(option):
        named = ", ".join(f"{_text(value)} {counts.get(canonical(value), 0)}" for value in few)
        says = f"Below the {MIN_BRANCH} complete trials that a branch needs: {named}; its quota is raised, not removed."
        return _Draft("keep", [says, f"{effect}."], {"weights": _raised(option, few, counts)})
    agreed = [entry for entry in choices if entry.n_elite == entry.n_all_elite]
    if agreed and not few and _is_below(direction.p_corrected) and _is_large(facts, option, agreed[0]):
        says = f"All {agreed[0].n_all_elite} elites have {_text(agreed[0].value)}; {_effect_says(direction)}."
        return _Draft("fix", [says], _alone(agreed[0].value), direction.p_corrected)
    gone = [entry for entry in choices if entry.n >= MIN_CHOICE and _is_below(entry.p_fewer_corrected)]
    kept = [value for value in option.choices if canonical(value) not in {canonical(entry.value) for entry in gone}]
    if gone and kept and not _is_branch(option):
        says = "; ".join(
            f"{_text(entry.value)}: {entry.n_elite} of {entry.n_all_elite} elites, of all trials {entry.n} of "
            f"{entry.n_all} (corrected p = {entry.p_fewer_corrected:.2g}, hypergeometric)"
            for entry in gone
        )
        p = max(entry.p_fewer_corrected for entry in gone)
        return _Draft("prune", [f"{says}."], _alone(kept[0]) if len(kept) == 1 else kept, p)
    short = f"; fewer than {_least(option)} trials: {', '.join(map(_text, few))}" if few else ""
    return _Draft("keep", [f"{effect}{short}."], old)


def _alone(value: Any) -> Any:  # noqa: ANN401  # whatever an option takes
    """Return one value as a space writes it: a list or a mapping would be read as a choice or a range."""
    return {"values": [value]} if isinstance(value, list | dict) else value


def _raised(option: SearchedOption, few: Sequence[Any], counts: Mapping[str, int]) -> dict[Any, float]:
    """Return shares in which each branch with too few trials gets an equal one at least, the others what is left."""
    n, total = len(option.choices), max(1, sum(counts.values()))
    realised = [counts.get(canonical(value), 0) / total for value in option.choices]
    shares = list(option.shares) or [max(share, 0.01) for share in realised]
    is_few = [any(canonical(value) == canonical(other) for other in few) for value in option.choices]
    raised = [max(share, 1 / n) if flag else share for share, flag in zip(shares, is_few, strict=True)]
    left = 1 - sum(share for share, flag in zip(raised, is_few, strict=True) if flag)
    others = sum(share for share, flag in zip(raised, is_few, strict=True) if not flag)
    if left <= 0 or others <= 0:
        scaled = [share / sum(raised) for share in raised]
    else:
        scaled = [s if flag else s * left / others for s, flag in zip(raised, is_few, strict=True)]
    rounded = [round(share, 4) for share in scaled[:-1]]
    return dict(zip(option.choices, [*rounded, round(1 - sum(rounded), 4)], strict=True))


def _is_large(facts: DecisionFacts, option: SearchedOption, chosen: EliteChoice) -> bool:
    """Say whether the trials with a value are better than the others by more than 5 % of the metric."""
    sampled = [
        (trial.params[option.name], facts.search.signed(trial))
        for trial in facts.search.complete
        if option.name in trial.params
    ]
    with_it = [metric for value, metric in sampled if canonical(value) == canonical(chosen.value)]
    without = [metric for value, metric in sampled if canonical(value) != canonical(chosen.value)]
    if not with_it or not without:
        return False
    return fmean(with_it) - fmean(without) > MIN_EFFECT * abs(fmean(metric for _, metric in sampled))


def _effect_says(direction: Direction) -> str:
    if direction.effect is None or direction.p is None:
        return f"no effect can be computed (n {direction.n})"
    name = "ρ" if direction.option.kind == "number" else "difference"
    ends = direction.interval
    between = f" ({ends.low:+.3f} to {ends.high:+.3f})" if ends else ""
    corrected = "" if direction.p_corrected is None else f", corrected p = {direction.p_corrected:.2g}"
    return f"{name} = {direction.effect:+.3f}{between}, p = {direction.p:.2g}{corrected}, n {direction.n_tested}"


def _cautions(facts: DecisionFacts, name: str) -> list[str]:
    """Return what else may stand behind an option's effect."""
    batch, status = batch_size_option(facts.search), facts.check.status
    found = []
    if status == "unchecked":
        found.append("The metric could not be checked.")
    beside = [entry for entry in facts.confounded if name in {entry.first, entry.second} and entry.n >= ENOUGH]
    others = [entry.second if entry.first == name else entry.first for entry in beside]
    if name == batch and status == "fails":
        found.append("The metric depends on the batch size: this effect may be of the metric, not of the model.")
    elif name == batch and status == "unchecked":
        found.append("A mean over batches depends on the batch size, and this metric may be one.")
    elif batch in others and status == "fails":
        found.append("The metric depends on the batch size, with which this option is confounded.")
    if beside:
        named = ", ".join(
            f"{other} ({entry.statistic} {entry.strength:.2f}, n {entry.n})"
            for other, entry in zip(others, beside, strict=True)
        )
        found.append(f"Confounded with {named}.")
    return found


def _confidence(facts: DecisionFacts, draft: _Draft, n: int) -> Literal["none", "low", "medium", "high"]:
    if draft.p is None:
        return "none" if draft.decision == "keep" else "low"
    if facts.check.status != "holds" or draft.p >= LIKELY:
        return "low"
    return "high" if draft.p < SURE and n >= MANY else "medium"


def _least(option: SearchedOption) -> int:
    return MIN_BRANCH if _is_branch(option) else MIN_CHOICE


def _is_branch(option: SearchedOption) -> bool:
    return bool(option.shares) or option.name == BASE


def _is_below(p: float | None) -> bool:
    return p is not None and p < BELOW


def _text(value: object) -> str:
    return value if isinstance(value, str) else canonical(value)
