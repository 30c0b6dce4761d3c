"""What a test result says, in words that are computed: one level, one sentence, and what it could have seen.

It speaks of the headline alone, the metric named before anything was measured. Beating chance is not yet learning from
the input, because a reference that knows no input may beat chance too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from math import floor, sqrt
from typing import Literal, NamedTuple

from c5snn.errors import require
from c5snn.evidence.power import Sensitivity
from c5snn.evidence.simulation import N_DRAWS, PValue

__all__ = [
    "BETTER_BELOW",
    "CHANCE",
    "CONFIDENCE",
    "CONSTANT_SHARE",
    "POWER",
    "WEAK_BELOW",
    "ReferenceP",
    "Verdict",
    "Words",
    "is_worse_than_chance",
    "judge_headline",
    "skill",
]

# One-sided p of the headline below which a result is weak evidence, and below which it is better than chance. The
# second also judges the paired difference to a reference, and the p of doing as badly or worse: below it a result is
# worse than chance.
WEAK_BELOW = 0.05
BETTER_BELOW = 0.01

# The power at which the smallest detectable lift is stated, for a test at BETTER_BELOW, and the confidence of the
# upper limit of the lift.
POWER = 0.8
CONFIDENCE = 0.95

# From this share of items with one and the same output on, a model ignores its input. Not all of them: a network of
# spikes that has become a constant still lets a rare item flip one unit.
CONSTANT_SHARE = 0.99

# An oracle that stands closer to chance than this many standard errors has no lift worth dividing by.
ORACLE_STANDARD_ERRORS = 5

CHANCE = "chance"

Level = Literal["not distinguishable from chance", "weak", "better than chance", "worse than chance", "undecided"]


class Words(NamedTuple):
    """The nouns of a task.

    Attributes:
        headline: The headline metric, such as ``Recall@20``.
        item: One item, such as ``window``.
        output: What a model gives for an item, such as ``ranking``.
        luck: One draw of pure luck, such as ``fair history``.
        rival: What p is against: chance, or the reference whose difference to the model is tested.
    """

    headline: str
    item: str
    output: str
    luck: str
    rival: str = CHANCE


class ReferenceP(NamedTuple):
    """How a model stands to a reference that knows no input, or less of it.

    Attributes:
        label: The reference.
        beaten: What a model does that beats it, such as ``uses the past beyond counts``.
        p: One-sided p of the paired difference.
        is_exact: Whether this p is exact; a simulated one is not printed below what its draws resolve.
    """

    label: str
    beaten: str
    p: float
    is_exact: bool = True

    @property
    def equation(self) -> str:
        """Its p as a sentence prints it."""
        return PValue(self.p, self.is_exact).equation


@dataclass(frozen=True)
class Verdict:
    """What a test result is worth.

    Attributes:
        level: How it stands to chance.
        learns: Whether it is better than chance, better than every reference, and does not ignore its input.
        sentence: All of it in words.
        claim: What the strongest reference that is beaten, with all weaker ones, shows; empty when none is.
        ignores_input: Whether nearly all items get one and the same output.
        smallest_lift: The smallest lift that "better than chance" finds with 80 % power; None where even a perfect
            model has a p of 0.01 or more, where luck changes nothing, as for one and the same class under permuted
            labels, and without a p.
        largest_lift: The upper 95 % limit of the lift; None where luck changes nothing, and without a p.
    """

    level: Level
    learns: bool
    sentence: str
    claim: str = ""
    ignores_input: bool = False
    smallest_lift: float | None = None
    largest_lift: float | None = None


def judge_headline(
    p_value: float | None,
    words: Words,
    references: Sequence[ReferenceP],
    *,
    lift: float,
    same_share: float,
    sensitivity: Sensitivity,
    p_worse: float | None = None,
    skill: float | None = None,
    is_exact: bool = True,
) -> Verdict:
    """Return the verdict on one model's headline on test.

    A claim needs p < 0.01 against chance, against the reference and against every weaker one, and that less than 99 %
    of the items get one output.

    Args:
        p_value: One-sided p against chance; None where there are too few independent items for one.
        words: The nouns of the task.
        references: The references, the weakest first.
        lift: The headline minus chance, oriented so that greater is better.
        same_share: Share of the items that get the commonest output.
        sensitivity: What so many items can show.
        p_worse: One-sided p of doing as badly, or worse; None where it is not known.
        skill: Share of the oracle's lift, said of a lift that is there; None when not known.
        is_exact: Whether the p against chance is exact; a simulated one is not printed below what its draws resolve.

    Raises:
        ConfigError: A p is not in (0, 1], or ``0 < same_share <= 1`` and ``1 <= n_items`` do not hold.

    >>> words = Words("Recall@20", "window", "ranking", "fair history")
    >>> windows = Sensitivity(n_items=1752, variance=0.0447)
    >>> result = judge_headline(0.03, words, [], lift=0.01, same_share=0.1, sensitivity=windows)
    >>> print(result.sentence.split("; ")[0])
    Weak evidence against chance: one fair history in 33 scores this high in Recall@20 (p = 0.03)
    """
    for p in (p_value, p_worse, *(reference.p for reference in references)):
        require("0 < p <= 1", holds=p is None or bool(0 < p <= 1), p=p)
    n_items = sensitivity.n_items
    require(
        "0 < same_share <= 1 <= n_items", holds=bool(0 < same_share <= 1 <= n_items), same_share=same_share, n=n_items
    )
    level = _level(p_value, p_worse)
    # one item has one output, which says nothing about the input
    ignores_input = same_share >= CONSTANT_SHARE and n_items > 1
    beaten = list(takewhile(lambda reference: reference.p < BETTER_BELOW, references))
    may_claim = level == "better than chance" and not ignores_input
    p_said = p_worse if level == "worse than chance" else p_value
    clauses = [_against_chance(level, p_said, words, is_exact=is_exact)]
    if ignores_input:
        clauses.append(_ignoring(same_share, n_items, words))
    elif may_claim:
        clauses += _against_references(beaten, references, words)
    if skill is not None and level == "better than chance":
        clauses.append(f"its skill is {skill:.2f} (0: {words.rival}, 1: the oracle)")
    smallest = largest = None
    # where luck moves nothing, nothing can be found and nothing excluded
    if sensitivity.variance > 0 and p_value is not None:
        smallest = sensitivity.smallest_lift(alpha=BETTER_BELOW, power=POWER)
        largest = sensitivity.largest_lift(lift, level=CONFIDENCE)
        clauses += _limits(smallest, largest, words.item if n_items == 1 else f"{words.item}s", n_items)
    if not is_exact:
        clauses.append(
            f"this p is a Monte Carlo estimate from {N_DRAWS:,} seeded draws, because the exact law is too large"
        )
    return Verdict(
        level=level,
        learns=may_claim and bool(references) and len(beaten) == len(references),
        sentence="; ".join(clauses) + ".",
        claim=beaten[-1].beaten if may_claim and beaten else "",
        ignores_input=ignores_input,
        smallest_lift=smallest,
        largest_lift=largest,
    )


def is_worse_than_chance(p_worse: float | None) -> bool:
    """Return whether a result is worse than chance.

    Args:
        p_worse: One-sided p of doing as badly, or worse: the lowest possible result of a few items has a p of 1 against
            chance, but luck may reach it often. Of one of several results it is the family-wise p.
    """
    return p_worse is not None and p_worse < BETTER_BELOW


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


def _level(p_value: float | None, p_worse: float | None) -> Level:
    if p_value is None:
        return "undecided"
    if is_worse_than_chance(p_worse):
        return "worse than chance"
    if p_value >= WEAK_BELOW:
        return "not distinguishable from chance"
    return "weak" if p_value >= BETTER_BELOW else "better than chance"


def _against_chance(level: Level, p_value: float | None, words: Words, *, is_exact: bool) -> str:
    if p_value is None:
        return f"{words.headline} has no p-value: the {words.item}s are too few independent stretches"
    p = PValue(p_value, is_exact).equation
    if level == "weak":
        often = f"one {words.luck} in {floor(1 / p_value)}"
        if words.rival == CHANCE:
            return f"Weak evidence against chance: {often} scores this high in {words.headline} ({p})"
        return f"Weak evidence that {words.headline} is better than {words.rival}: {often} does as well ({p})"
    sentence = f"{words.headline} is {level.replace(CHANCE, words.rival)}"
    if level == "worse than chance":
        sentence = f"{sentence} ({p} of doing as badly)"
        wrong = f": a sign may be wrong, or the opposite {words.output} would win"
        return f"{sentence}{wrong}" if words.rival == CHANCE else sentence
    return f"{sentence} ({p})"


def _against_references(beaten: Sequence[ReferenceP], references: Sequence[ReferenceP], words: Words) -> list[str]:
    """Say what the strongest reference that is beaten shows, and which one is not beaten."""
    clauses = []
    if beaten:
        last = beaten[-1]
        # the reference that p is against has been named with its p
        also = "" if f"the {last.label}" == words.rival else f": it also beats the {last.label} ({last.equation})"
        clauses.append(f"the model {last.beaten}{also}")
    if len(beaten) < len(references):
        first = references[len(beaten)]
        clauses.append(
            f"it does not beat the {first.label} ({first.equation}, not below {BETTER_BELOW}): nothing shows that it "
            f"{first.beaten}"
        )
    return clauses


def _limits(smallest: float | None, largest: float, items: str, n_items: int) -> list[str]:
    """Say what this many items would have shown, and what they do not exclude."""
    found = f"not even the greatest possible lift would be found (p < {BETTER_BELOW})"
    if smallest is not None:
        found = f"a lift of {smallest:.4f} is found with {POWER:.0%} power (p < {BETTER_BELOW})"
    return [
        f"on {n_items:,} {items} {found}",
        f"the lift is at most {largest:.4f} (upper {CONFIDENCE:.0%} limit)",
    ]


def _ignoring(same_share: float, n_items: int, words: Words) -> str:
    n_same = round(same_share * n_items)
    how_many = f"all {n_items:,} {words.item}s" if n_same == n_items else f"{n_same:,} of {n_items:,} {words.item}s"
    return f"the model ignores its input: {how_many} get the same {words.output}"
