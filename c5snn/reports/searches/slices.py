"""Slices of a search: the metric against each option, one panel each."""

from collections.abc import Sequence
from functools import partial
from statistics import fmean
from typing import TYPE_CHECKING

from c5snn.records.searched import SearchedOption, SearchRecord
from c5snn.reports.document import Drawing, Section
from c5snn.reports.figures.canvas import (
    ACCENT,
    INK,
    WARNING,
    name_axes,
    new_figure,
    shorten,
    style_axes,
    styled,
    tell,
)
from c5snn.reports.searches.axis import place, sampled, scattered, set_ticks, short_option, text_of, value_limits
from c5snn.reports.words import count, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_slices", "slices_section"]

MOST_PANELS = 12
PANEL, TITLE, BOTTOM, LEFT, SIDE = 110, 30, 48, 76, 12  # pixels
WIDE = 560  # from this width on two panels stand side by side
FEWEST = 2


def slices_section(search: SearchRecord, names: Sequence[str]) -> Section | None:
    """Return the slices; None where no option was sampled by two complete trials.

    Args:
        search: The search.
        names: The options, the most important first.
    """
    found = [option for name in names if (option := search.option(name)) and len(sampled(search, option)) >= FEWEST]
    shown = found[:MOST_PANELS]
    if not shown:
        return None
    more = f" The {MOST_PANELS} most important of {len(found)} options are shown." if len(found) > MOST_PANELS else ""
    return Section(
        "Slices",
        drawing=Drawing(
            f"{search.metric} of each complete trial against each option.", partial(draw_slices, search, shown)
        ),
        note=(
            f"Each dot is a complete trial that sampled the option; short lines are means of a choice.{more} Other "
            "options vary, too."
        ),
    )


@styled
def draw_slices(search: SearchRecord, options: Sequence[SearchedOption], width: int) -> "Figure":
    """Draw a panel for each option; all share the axis of the metric.

    Args:
        search: The search.
        options: The options.
        width: Width in pixels.
    """
    n_columns = 2 if width >= WIDE and len(options) > 1 else 1
    row = TITLE + PANEL + BOTTOM
    height = row * -(-len(options) // n_columns)
    figure, column = new_figure(width, height), width // n_columns
    limits = value_limits(search, [float(trial.value or 0.0) for trial in search.complete])
    for i, option in enumerate(options):
        top, left = (i // n_columns) * row + TITLE, (i % n_columns) * column + LEFT
        box = (left / width, 1 - (top + PANEL) / height, (column - LEFT - SIDE) / width, PANEL / height)
        axes = figure.add_axes(box)
        _draw(axes, search, option, column - LEFT - SIDE)
        axes.set_ylim(limits.low, limits.high)
        axes.set_title(shorten(option.name, column - LEFT), loc="left", color=INK)
    return figure


def _draw(axes: "Axes", search: SearchRecord, option: SearchedOption, width: int) -> None:
    from matplotlib.ticker import MaxNLocator

    style_axes(axes, keep=("bottom", "left"))
    trials = sampled(search, option)
    for trial in trials:
        value = float(trial.value or 0.0)
        dot = axes.plot([scattered(option, trial)], [value], "o", color=ACCENT, ms=4, alpha=0.6, mew=0)
        tell(dot, f"#{trial.number}, {text_of(trial.params[option.name])}: {number(value)}")
    for choice in option.choices:
        of = [trial for trial in trials if text_of(trial.params[option.name]) == text_of(choice)]
        values = [float(trial.value or 0.0) for trial in of]
        if values:
            at, half = place(option, choice), 0.3 / len(option.choices)
            line = axes.plot((at - half, at + half), [fmean(values)] * 2, color=WARNING, lw=2)
            tell(line, f"{text_of(choice)}: mean {number(fmean(values))} of {count(len(values), 'trial')}")
    set_ticks(axes, option, width)
    scale = ", logarithmic" if option.is_log else ""
    name_axes(axes, shorten(f"{short_option(option.name)}{scale}", width), search.metric, PANEL)
    axes.yaxis.set_major_locator(MaxNLocator(3))
