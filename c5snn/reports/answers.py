"""What is predicted most, beside how often it occurs; where a task records what its answers are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from c5snn.records import PooledTest
from c5snn.reports.document import Drawing, Section, Table
from c5snn.reports.figures.canvas import ACCENT, INK, PAGE, new_rows, styled, tell
from c5snn.reports.words import count, of_all, plural

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["AnswerUse", "answer_uses", "answers_section", "draw_answers"]

MOST_DRAWN = 12
NEVER = 0.5  # what a seed predicts on fewer items than this, by shares of ties, it never predicts


@dataclass(frozen=True)
class AnswerUse:
    """How often a configuration predicts each of what can occur, mean over seeds.

    Args:
        label: The configuration.
        noun: What one of them is called.
        names: Their names.
        predicted: Test items on which each was predicted; ties count by their share.
        occurred: Test items on which each occurred.
        hits: Test items on which it was predicted and occurred.
        n_items: Test items.
        n_used: How many of them at least one seed predicts.
    """

    label: str
    noun: str
    names: list[str]
    predicted: list[float]
    occurred: list[float]
    hits: list[float]
    n_items: int
    n_used: int

    @property
    def order(self) -> list[int]:
        """The most predicted first; equal ones in their own order."""
        return sorted(range(len(self.names)), key=lambda i: -self.predicted[i])


def answer_uses(tests: Mapping[str, PooledTest]) -> list[AnswerUse]:
    """Return how often each configuration predicts what; none where the task records no answers.

    Args:
        tests: The tests by the configurations' labels, in order.
    """
    found = []
    for label, test in tests.items():
        details = [run.items.details for of_seed in test.runs for run in of_seed]
        if not all("answer_names" in entry for entry in details):
            continue
        names = {tuple(map(str, entry["answer_names"])) for entry in details}
        if len(names) == 1:
            of_seeds = {name: _by_seed(test, name) for name in ("predicted", "occurred", "hits")}
            predicted, occurred, hits = (counts.mean(axis=0).tolist() for counts in of_seeds.values())
            noun, n_items = str(details[0]["answer_noun"]), test.scores.shape[1]
            n_used = int((of_seeds["predicted"].max(axis=0) >= NEVER).sum())
            found.append(AnswerUse(label, noun, list(names.pop()), predicted, occurred, hits, n_items, n_used))
    return found


def answers_section(uses: Sequence[AnswerUse], item: str) -> Section:
    """Return the table of what is predicted, and a figure of what the first configuration predicts most.

    Args:
        uses: At least one, all of the same items.
        item: What one item is called.
    """
    first = uses[0]
    rows = [
        [first.names[i], _of(first.occurred[i], first), *(_of(use.predicted[i], use) for use in uses),
         _of(first.hits[i], first)]
        for i in first.order
    ]  # fmt: skip
    columns = [first.noun, "occurs in", *(f"{use.label} predicts in" for use in uses), f"{first.label} hits in"]
    drawn = count(min(MOST_DRAWN, len(first.names)), first.noun)
    return Section(
        f"{plural(first.noun).capitalize()} that are predicted most",
        sentences=[_sentence(use) for use in uses],
        drawing=Drawing(
            f"How often {first.label} predicts the {drawn} that it predicts most, beside how often they occur.",
            partial(draw_answers, first, item),
        ),
        tables=[Table(columns, rows)],
        note=(
            f"Bar: test {plural(item)} on which {first.label} predicts the {first.noun}. Diamond: those on which it "
            f"occurs. Counts of test {plural(item)}, mean over seeds; a tie counts by its share."
        ),
    )


@styled
def draw_answers(use: AnswerUse, item: str, width: int) -> "Figure":
    """Draw a row for each of what is predicted most.

    Args:
        use: What the configuration predicts.
        item: What one item is called.
        width: Width in pixels.
    """
    shown = use.order[:MOST_DRAWN]
    values = [f"{_of(use.predicted[i], use)}, occurs in {_round(use.occurred[i])}" for i in shown]
    names = [f"{use.noun} {use.names[i]}" for i in shown]
    figure, axes = new_rows(names, values, width, f"share of the test {plural(item)}")
    for y, i in enumerate(shown):
        predicted, occurred = use.predicted[i] / use.n_items, use.occurred[i] / use.n_items
        bar = axes.plot((0, predicted), (-y, -y), color=ACCENT, lw=6, solid_capstyle="butt")
        tell(bar, f"{names[y]}: predicted in {_of(use.predicted[i], use)}")
        diamond = axes.plot([occurred], [-y], "D", color=INK, ms=5, mfc=PAGE, mew=1.1)
        tell(diamond, f"{names[y]}: occurs in {_of(use.occurred[i], use)}")
    axes.set_xlim(0, 1.02)
    return figure


def _by_seed(test: PooledTest, name: str) -> Float[np.ndarray, "seeds answers"]:
    """Return a count of each seed, summed over its origins."""
    counts = [[run.items.details[f"answer_{name}"] for run in of_seed] for of_seed in test.runs]
    return np.asarray(np.sum(counts, axis=1), dtype=np.float64)


def _sentence(use: AnswerUse) -> str:
    most = use.order[0]
    return (
        f"{use.label} predicts {of_all(use.n_used, len(use.names), use.noun)} at least once; {use.noun} "
        f"{use.names[most]} most, in {_of(use.predicted[most], use)}, where it "
        f"occurs in {_of(use.occurred[most], use)}."
    )


def _of(value: float, use: AnswerUse) -> str:
    return f"{_round(value)} of {use.n_items:,}"


def _round(value: float) -> str:
    return f"{value:,.0f}" if abs(value - round(value)) < 0.05 else f"{value:,.1f}"  # noqa: PLR2004  # one digit
