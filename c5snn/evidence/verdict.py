"""What a test result says, in words that are computed: one level, one sentence, and what it could have seen.

It speaks of the headline alone, the metric named before anything was measured. Beating chance is not yet learning from
the input, because a reference that knows no input may beat chance too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, sqrt
from typing import Literal, NamedTuple

from c5snn.errors import require
from c5snn.evidence.power import detectable_lift

__all__ = [
    "BETTER_BELOW",
    "CONSTANT_SHARE",
    "POWER",
    "WEAK_BELOW",
    "ReferenceP",
    "Verdict",
    "Words",
    "skill",
    "verdict",
]

# One-sided p of the headline below which a result is weak evidence, and below which it is better than chance. The
# second also judges the paired difference to a reference.
WEAK_BELOW = 0.05
BETTER_BELOW = 0.01

# The power at which the smallest detectable lift is stated, for a test at WEAK_BELOW.
POWER = 0.8

# From this share of items with one and the same output on, a model ignores its input. Not all of them: a network of
# spikes that has become a constant still lets a rare item flip one unit.
CONSTANT_SHARE = 0.99

# An oracle that stands closer to chance than this many standard errors has no lift worth dividing by.
ORACLE_STANDARD_ERRORS = 5

Level = Literal["not distinguishable from chance", "weak", "better than chance"]


class Words(NamedTuple):
    """The nouns of a task.

    Attributes:
        headline: The headline metric, such as ``Recall@20``.
        item: One item, such as ``window``.
        output: What a model gives for an item, such as ``ranking``.
        luck: One draw of pure luck, such as ``fair history``.
    """

    headline: str
    item: str
    output: str
    luck: str


class ReferenceP(NamedTuple):
    """How a model stands to a reference that knows no input, or less of it.

    Attributes:
        label: The reference.
        beaten: What a model does that beats it, such as ``learns from the history``.
        p: One-sided p of the paired difference.
    """

    label: str
    beaten: str
    p: float


@dataclass(frozen=True)
class Verdict:
    """What a test result is worth.

    Attributes:
        level: how it stands to chance.
        learns: whether it is better than chance, better than every reference, and does not ignore its input.
        sentence: all of it in words.
    """

    level: Level
    learns: bool
    sentence: str


def verdict(
    p_value: float,
    words: Words,
    references: Sequence[ReferenceP],
    *,
    same_share: float,
    n_items: int,
    variance: float,
    skill: float | None = None,
) -> Verdict:
    """Return the verdict on one model's headline on test.

    Args:
        p_value: One-sided p against chance.
        words: The nouns of the task.
        references: The references, the weakest first.
        same_share: Share of the items that get the commonest output.
        n_items: Number of items.
        variance: Variance of one item's headline under chance.
        skill: Share of the oracle's lift (:func:`skill`), said of a lift that is there; None when not known.

    Raises:
        ConfigError: A p is not in (0, 1], or ``0 < same_share <= 1`` and ``1 <= n_items`` do not hold.

    >>> words = Words("Recall@20", "window", "ranking", "fair history")
    >>> print(verdict(0.03, words, [], same_share=0.1, n_items=1752, variance=0.0447).sentence.split("; ")[0])
    Weak evidence against chance: one fair history in 33 scores this high in Recall@20 (p = 0.03)
    """
    for p in (p_value, *(reference.p for reference in references)):
        require("0 < p <= 1", holds=0 < p <= 1, p=p)
    require("0 < same_share <= 1 <= n_items", holds=0 < same_share <= 1 <= n_items, same_share=same_share, n=n_items)
    level = _level(p_value)
    # one item has one output, which says nothing about the input
    ignores_input = same_share >= CONSTANT_SHARE and n_items > 1
    clauses = [_against_chance(level, p_value, words)]
    if ignores_input:
        clauses.append(
            f"the model ignores its input: {_how_many(same_share, n_items, words)} get the same {words.output}"
        )
    elif level == "better than chance":
        clauses += _against_references(references)
    if skill is not None and level == "better than chance":
        clauses.append(f"its skill is {skill:.2f} (0: chance, 1: the oracle)")
    if variance > 0:  # a model with one answer for all items has nothing that luck could vary
        lift = detectable_lift(n_items, variance, alpha=WEAK_BELOW, power=POWER)
        clauses.append(
            f"the smallest lift that {n_items:,} {words.item}s could have detected at {POWER:.0%} power is {lift:.4f} "
            f"(one-sided {WEAK_BELOW:.0%} test)"
        )
    beats_all = bool(references) and all(reference.p < BETTER_BELOW for reference in references)
    return Verdict(level, level == "better than chance" and beats_all and not ignores_input, "; ".join(clauses) + ".")


def skill(model: float, oracle: float, chance: float, n_items: int, variance: float) -> float | None:
    """Return ``(model - chance) / (oracle - chance)``, or None when the oracle's lift is below 5 standard errors.

    Args:
        model: The model's mean.
        oracle: The oracle's mean on the same items.
        chance: The chance level.
        n_items: Number of items.
        variance: Variance of one item's value under chance.

    Raises:
        ConfigError: There is no item.

    >>> skill(model=0.75, oracle=1.0, chance=0.5, n_items=1752, variance=0.0447)
    0.5
    """
    require("1 <= n_items", holds=n_items >= 1, n_items=n_items, fix="Give the split more events.")
    if oracle - chance < ORACLE_STANDARD_ERRORS * sqrt(variance / n_items):
        return None
    return (model - chance) / (oracle - chance)


def _level(p_value: float) -> Level:
    if p_value >= WEAK_BELOW:
        return "not distinguishable from chance"
    return "weak" if p_value >= BETTER_BELOW else "better than chance"


def _against_chance(level: Level, p_value: float, words: Words) -> str:
    if level == "weak":
        often = f"one {words.luck} in {floor(1 / p_value)} scores this high in {words.headline}"
        return f"Weak evidence against chance: {often} (p = {p_value:.3g})"
    return f"{words.headline} is {level} (p = {p_value:.3g})"


def _against_references(references: Sequence[ReferenceP]) -> list[str]:
    """Say what the strongest reference that is beaten shows, and which one is not."""
    clauses = []
    beaten = next((r for r in reversed(references) if r.p < BETTER_BELOW), None)
    if beaten is not None:
        clauses.append(f"the model {beaten.beaten}: it also beats the {beaten.label} (p = {beaten.p:.3g})")
    for reference in references:
        if reference.p >= BETTER_BELOW:
            clauses.append(
                f"the model does not beat the {reference.label} (p = {reference.p:.3g}, not below {BETTER_BELOW}): "
                f"nothing shows that it {reference.beaten}"
            )
            break
    return clauses


def _how_many(same_share: float, n_items: int, words: Words) -> str:
    n_same = round(same_share * n_items)
    return f"all {n_items:,} {words.item}s" if n_same == n_items else f"{n_same:,} of {n_items:,} {words.item}s"
