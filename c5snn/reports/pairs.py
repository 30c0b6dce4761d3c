"""The first configuration of a comparison against each other one, paired on the same items.

A configuration is not one training: with two seeds or more of both, their spread is part of p and interval.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np
from jaxtyping import Float

from c5snn.evidence import ANY_VALUE, BETTER_BELOW, Interval, compare_configurations, holm_adjusted
from c5snn.reports.document import Drawing, Section, Table
from c5snn.reports.figures.canvas import ACCENT, MOST_ROWS, draw_line, new_rows, styled, tell
from c5snn.reports.words import count, difference, interval, listed, p_text, plural

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Order", "Pair", "draw_pairs", "pairs_section", "pairs_with_first"]


Order = Literal["best", "partly", "tied", "given"]

CLAUSES: dict[Order, str] = {
    "best": "which validation ranks first",
    "partly": "which validation ranks first of those that have a value there",
    "tied": "which shares the best mean on validation",
    "given": "the first given",
}
NOTES: dict[Order, str] = {
    "best": "has the best mean on validation",
    "partly": "has the best mean on validation of those that have one",
    "tied": "shares the best mean on validation with others and was given before them",
    "given": "was given first, because nothing was validated",
}


@dataclass(frozen=True)
class Pair:
    """The configuration that validation ranks first against another one.

    Args:
        first: The label of the first.
        other: The label of the other.
        difference: How much better the first is in the headline, mean over items and seeds.
        interval: Its 95 % interval; None for too few items.
        kind: What differs: the configurations, or with one seed of either, these trainings.
        p_two_sided: Two-sided p; with one seed of either, by sign flips over the items.
        p_corrected: The same after Holm's correction for all pairs of the comparison.
        order: Whether the first alone has the best mean on validation, of all or of those that have one, shares it, or
            was given first, where nothing was validated.
        n_seeds: Of the first and of the other.
    """

    first: str
    other: str
    difference: float
    interval: Interval | None
    kind: Literal["configurations", "trainings"]
    p_two_sided: float
    p_corrected: float
    order: Order = "best"
    n_seeds: tuple[int, int] = (1, 1)


def pairs_with_first(
    labels: Sequence[str],
    scores: Mapping[str, Float[np.ndarray, "_seeds _items"]],
    *,
    order: Order = "best",
    possible: Interval = ANY_VALUE,
) -> list[Pair]:
    """Pair the first configuration with each other one; none where it is the only one.

    The first is chosen by validation, never by test: the best on test would have an advantage over the rest.

    Args:
        labels: The configurations, the best mean on validation first.
        scores: The headline of each with each seed on each item, oriented so that greater is better.
        order: As in ``Pair``.
        possible: What a difference can be at all.
    """
    first, *others = labels
    found = [compare_configurations(scores[first], scores[other], possible=possible) for other in others]
    corrected = holm_adjusted([entry.p for entry in found])
    return [
        Pair(first, other, entry.mean, entry.interval, entry.kind, entry.p, p, order,
             n_seeds=(len(scores[first]), len(scores[other])))
        for other, entry, p in zip(others, found, corrected, strict=True)
    ]  # fmt: skip


def pairs_section(pairs: Sequence[Pair], metric: str, item: str) -> Section:
    """Return the section about the pairs of a comparison.

    Args:
        pairs: At least one pair.
        metric: The headline as it is printed.
        item: What one item is called.
    """
    first = pairs[0].first
    rows = [
        [pair.other, pair.kind, difference(pair.difference), interval(pair.interval, signed=True),
         p_text(pair.p_two_sided), p_text(pair.p_corrected)]
        for pair in pairs
    ]  # fmt: skip
    return Section(
        "Against each other",
        sentences=[pairs_sentence(pairs)],
        drawing=Drawing(
            f"How much better {first} is in {metric} than each other configuration, with the 95 % interval.",
            partial(draw_pairs, pairs, metric),
        ),
        tables=[
            Table(
                [f"{first} against", "compares", f"gain in {metric}", "95 % interval", "p, two-sided", "p, corrected"],
                rows,
                n_text=2,
            )
        ],
        note=(
            f"Paired on the same {plural(item)}; p is corrected by Holm for {count(len(rows), 'pair')}. "
            f"Configurations: the spread over seeds is part of interval and p, which hold for other seeds. Trainings: "
            f"one seed of either, so p is from sign flips over the {plural(item)} and says nothing of other seeds. "
            f"{_first_is(pairs[0])}; test has no part in that order."
        ),
    )


def pairs_sentence(pairs: Sequence[Pair]) -> str:
    """Return whom the first configuration beats, whom it loses to, and how many pairs are undecided."""
    decided = [pair for pair in pairs if pair.p_corrected < BETTER_BELOW]
    of_configurations = [pair for pair in decided if pair.kind == "configurations"]
    ahead, behind = ([pair for pair in of_configurations if sign * pair.difference > 0] for sign in (1, -1))
    clauses = [
        f"is {word} {count(len(found), 'other')} ({listed([_by(pair) for pair in found])})"
        for word, found in (("ahead of", ahead), ("behind", behind))
        if found
    ]
    n_undecided = len(pairs) - len(decided)
    if n_undecided:
        clauses.append(f"cannot be distinguished from {count(n_undecided, 'other')}")
    rule = f"two-sided p < {BETTER_BELOW} needed, after Holm's correction for {count(len(pairs), 'pair')}"
    first = f"{pairs[0].first}, {CLAUSES[pairs[0].order]},"
    found = [f"{first} {' and '.join(clauses)} ({rule})."] if clauses else []
    return " ".join([*found, *_of_trainings([pair for pair in decided if pair.kind == "trainings"], rule)])


def _first_is(pair: Pair) -> str:
    return f"The first {NOTES[pair.order]}"


def _of_trainings(pairs: Sequence[Pair], rule: str) -> list[str]:
    """Return the pairs of trainings that differ, which is nothing about configurations."""
    if not pairs:
        return []
    differ = "these two trainings differ" if len(pairs) == 1 else f"these {len(pairs)} pairs of trainings differ"
    if any(max(pair.n_seeds) > 1 for pair in pairs):
        differ = "these trainings differ, a mean over seeds among them"
    first, others = pairs[0].first, listed([_by(pair) for pair in pairs])
    return [f"With one seed of either, {differ}: {first} from {others} ({rule}); other seeds may order them otherwise."]


@styled
def draw_pairs(pairs: Sequence[Pair], metric: str, width: int) -> "Figure":
    """Draw a row for each pair.

    Args:
        pairs: The first configuration against each other one.
        metric: The headline as it is printed.
        width: Width in pixels.
    """
    shown = pairs[:MOST_ROWS]
    values = [f"{difference(pair.difference)}, p {p_text(pair.p_corrected)}" for pair in shown]
    axis = f"gain in {metric}; right of 0 the first is ahead"
    figure, axes = new_rows([f"against {pair.other}" for pair in shown], values, width, axis)
    draw_line(axes, [0.0] * len(shown), "no difference")
    for y, pair in enumerate(shown):
        if pair.interval is not None:
            bar = axes.plot(pair.interval, (-y, -y), color=ACCENT, lw=2, solid_capstyle="butt")
            tell(bar, f"against {pair.other}: 95 % interval {interval(pair.interval, signed=True)}")
        dot = axes.plot([pair.difference], [-y], "o", color=ACCENT, ms=7)
        tell(dot, f"{pair.first} against {pair.other}: {difference(pair.difference)}")
    return figure


def _by(pair: Pair) -> str:
    return f"{pair.other} by {difference(pair.difference)}, {interval(pair.interval, signed=True)}"
