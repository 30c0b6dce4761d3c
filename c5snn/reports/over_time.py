"""The test over time: which items a configuration scored well on, by their date; where a task records dates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from c5snn.records import Headline, PooledTest
from c5snn.reports.document import Drawing, Section, Table
from c5snn.reports.figures.canvas import (
    ACCENT,
    INK,
    MUTED,
    WARNING,
    name_axes,
    new_figure,
    shorten,
    style_axes,
    styled,
    tell,
)
from c5snn.reports.words import count, number, of_all, plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["OverTime", "draw_over_time", "over_time", "over_time_section"]

MOST_PANELS = 4
MOST_LISTED = 60  # items up to which the table holds each of them
N_BEST = 30  # of more items, as many of the best
BAR = 5  # least pixels of a bar
PANEL, TITLE, BOTTOM, LEFT, SIDE = 90, 28, 44, 76, 8  # pixels
ALONE = 1e-9  # a score nearer to its level than this is at it


@dataclass(frozen=True)
class OverTime:
    """The test of a configuration over time.

    Args:
        label: The configuration.
        dates: When each item was, in the order of time.
        scores: The headline of each, mean over seeds.
        levels: What each is held against: chance, or the score of the first reference.
        level: What that is called.
    """

    label: str
    dates: list[str]
    scores: list[float]
    levels: list[float]
    level: str


def over_time(tests: Mapping[str, PooledTest]) -> list[OverTime]:
    """Return the tests over time; none where the task records no dates, or nothing to hold the items against.

    Args:
        tests: The tests by the configurations' labels, in order.
    """
    found = []
    for label, test in tests.items():
        kept = [run.items.details.get("item_dates") for run in test.runs[0]]
        dates = [str(date) for of_run in kept if of_run is not None for date in of_run]
        held = _levels(test)
        if held is not None and len(dates) == test.scores.shape[1] > 1:
            name, levels = held
            found.append(OverTime(label, dates, test.scores.mean(axis=0).tolist(), levels.tolist(), name))
    return found


def over_time_section(entries: Sequence[OverTime], headline: Headline, item: str) -> Section:
    """Return the timelines and the table of the items.

    Args:
        entries: At least one, all of the same items.
        headline: The metric.
        item: What one item is called.
    """
    first, shown = entries[0], entries[:MOST_PANELS]
    n, items = len(first.dates), plural(item)
    better = "above" if headline.sign > 0 else "below"
    order = sorted(range(n), key=lambda i: -headline.sign * first.scores[i])
    listed = range(n) if n <= MOST_LISTED else order[:N_BEST]
    rows = [[first.dates[i], *(number(entry.scores[i]) for entry in entries), number(first.levels[i])] for i in listed]
    which = f"all {count(n, item)}" if n <= MOST_LISTED else f"the {N_BEST} {items} that {first.label} scored best on"
    return Section(
        f"{item.capitalize()} by {item}",
        sentences=[_sentence(entry, headline.sign, better, item) for entry in shown],
        drawing=Drawing(
            f"{headline.label} of the test {items} over time, beside {first.level}.",
            partial(draw_over_time, shown, headline, item),
        ),
        tables=[Table([f"{item}, by date", *(entry.label for entry in entries), first.level], rows)],
        note=(
            f"A bar reaches from {first.level} to the {headline.label} of one {item}, mean over seeds; of many {items} "
            f"to the mean of a stretch of them. Blue is better than {first.level}, orange worse. The table holds "
            f"{which}; single {items} are hit by luck, too."
        ),
    )


@styled
def draw_over_time(entries: Sequence[OverTime], headline: Headline, item: str, width: int) -> "Figure":
    """Draw a panel for each configuration; all share their axes.

    Args:
        entries: The configurations, of the same items.
        headline: The metric.
        item: What one item is called.
        width: Width in pixels.
    """
    row = TITLE + PANEL + BOTTOM
    height = row * len(entries)
    figure = new_figure(width, height)
    stretches = _stretches(len(entries[0].dates), (width - LEFT - SIDE) // BAR)
    for i, entry in enumerate(entries):
        bottom = 1 - (i * row + TITLE + PANEL) / height
        axes = figure.add_axes((LEFT / width, bottom, (width - LEFT - SIDE) / width, PANEL / height))
        _draw(axes, entry, stretches, headline, item)
        _name_dates(axes, entry, width)
        axes.set_title(shorten(entry.label, width - LEFT), loc="left", color=INK)
        name_axes(axes, f"test {item}, by date", headline.label, PANEL)
    limits = [axes.get_ylim() for axes in figure.axes]
    for axes in figure.axes:
        axes.set_ylim(min(low for low, _ in limits), max(high for _, high in limits))
    return figure


def _levels(test: PooledTest) -> tuple[str, Float[np.ndarray, " items"]] | None:
    """Return what the items are held against: chance where it is one number, else the first reference."""
    record = test.runs[0][0].test
    if record is None:
        return None
    if record.score.chance is not None:
        return "chance", np.full(test.scores.shape[1], record.score.chance)
    references = [entry for entry in record.references if entry.name in test.references]
    return (f"the {references[0].label}", test.references[references[0].name]) if references else None


def _sentence(entry: OverTime, sign: int, better: str, item: str) -> str:
    gains = sign * (np.array(entry.scores) - np.array(entry.levels))
    n_better, n = int((gains > ALONE).sum()), len(gains)
    best = int(np.argmax(sign * np.array(entry.scores)))
    on = f"all {count(n, item)}" if n_better == n > 1 else of_all(n_better, n, item)
    return (
        f"{entry.label} is {better} {entry.level} on {on}, from {entry.dates[0]} to "
        f"{entry.dates[-1]}; the best is that of {entry.dates[best]} ({number(entry.scores[best])})."
    )


def _stretches(n_items: int, most: int) -> list[range]:
    """Return stretches of neighbouring items, equally long but for the last, so many that each can be seen."""
    step = -(-n_items // max(1, most))
    return [range(start, min(start + step, n_items)) for start in range(0, n_items, step)]


def _draw(axes: "Axes", entry: OverTime, stretches: Sequence[range], headline: Headline, item: str) -> None:
    style_axes(axes, keep=("bottom", "left"))
    for stretch in stretches:
        score, level = (float(np.mean([values[i] for i in stretch])) for values in (entry.scores, entry.levels))
        colour = ACCENT if headline.sign * (score - level) >= 0 else WARNING
        bar = axes.bar(stretch.start, score - level, len(stretch), bottom=level, align="edge", color=colour, lw=0)
        first, last = entry.dates[stretch.start], entry.dates[stretch[-1]]
        when = first if len(stretch) == 1 else f"{first} to {last}, mean of {count(len(stretch), item)}"
        tell(bar.patches, f"{when}: {headline.label} {number(score)}, {entry.level} {number(level)}")
    if len(set(entry.levels)) == 1:
        tell(axes.axhline(entry.levels[0], color=MUTED, lw=0.8), f"{entry.level}: {number(entry.levels[0])}")
    axes.set_xlim(0, len(entry.dates))


def _name_dates(axes: "Axes", entry: OverTime, width: int) -> None:
    from matplotlib.ticker import MaxNLocator

    last = len(entry.dates) - 1
    places = sorted({0, last // 2, last} if width > 500 else {0, last})  # noqa: PLR2004  # pixels for three dates
    axes.set_xticks([at + 0.5 for at in places], [entry.dates[at] for at in places])
    labels = axes.get_xticklabels()
    labels[0].set_horizontalalignment("left")
    labels[-1].set_horizontalalignment("right")
    axes.yaxis.set_major_locator(MaxNLocator(3))
