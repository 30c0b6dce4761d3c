"""Parallel coordinates: each trial as a line over the axes of the most important options, the best in colour."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from c5snn.records.searched import SearchedOption, SearchedTrial, SearchRecord
from c5snn.reports.document import Drawing, Section
from c5snn.reports.figures.canvas import (
    ACCENT,
    INK,
    MUTED,
    RULE,
    decorate,
    new_figure,
    shorten,
    style_axes,
    styled,
    tell,
)
from c5snn.reports.searches.axis import place, sampled, short_option, text_of, value_limits
from c5snn.reports.words import count, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_parallel", "parallel_section"]

MOST_AXES = 8
PANEL, TOP, BOTTOM, SIDE = 260, 26, 116, 34  # pixels
FEWEST = 2


def parallel_section(search: SearchRecord, names: Sequence[str], best: Sequence[SearchedTrial]) -> Section | None:
    """Return the parallel coordinates; None where fewer than two options were sampled.

    Args:
        search: The search.
        names: The options, the most important first.
        best: The trials that are drawn in colour.
    """
    options = [option for name in names if (option := search.option(name)) and len(sampled(search, option)) >= FEWEST]
    shown = options[:MOST_AXES]
    if len(shown) < FEWEST:
        return None
    more = f"; the first {MOST_AXES} of {len(options)} options" if len(options) > MOST_AXES else ""
    return Section(
        "Parallel coordinates",
        drawing=Drawing(
            f"Each complete trial as a line over its options and {search.metric}; the best in colour.",
            partial(draw_parallel, search, shown, best),
        ),
        note=f"Colour: the best {count(len(best), 'trial')}. A line breaks where an option was not sampled{more}.",
    )


@styled
def draw_parallel(
    search: SearchRecord, options: Sequence[SearchedOption], best: Sequence[SearchedTrial], width: int
) -> "Figure":
    """Draw the lines.

    Args:
        search: The search.
        options: The options, from left to right; the metric is the last axis.
        best: The trials in colour.
        width: Width in pixels.
    """
    height = TOP + PANEL + BOTTOM
    figure = new_figure(width, height)
    axes = figure.add_axes((SIDE / width, BOTTOM / height, 1 - 2 * SIDE / width, PANEL / height))
    style_axes(axes, keep=())
    limits = value_limits(search, [float(trial.value or 0.0) for trial in search.complete])
    numbers = {trial.number for trial in best}
    for trial in sorted(search.complete, key=lambda trial: trial.number in numbers):
        is_best = trial.number in numbers
        heights = [
            place(option, trial.params[option.name]) if option.name in trial.params else None for option in options
        ]
        heights.append((float(trial.value or 0.0) - limits.low) / (limits.high - limits.low))
        y = [float("nan") if at is None else at for at in heights]
        colour, thick = (ACCENT, 1.3) if is_best else (RULE, 0.8)
        line = axes.plot(range(len(y)), y, color=colour, lw=thick, marker="o", ms=2)
        tell(line, _says(search, options, trial))
    _name_axes(axes, search, options, (limits.low, limits.high))
    return figure


def _says(search: SearchRecord, options: Sequence[SearchedOption], trial: SearchedTrial) -> str:
    values = [f"{short_option(o.name)} {text_of(trial.params[o.name])}" for o in options if o.name in trial.params]
    return f"#{trial.number}: {', '.join(values)}; {search.metric} {number(trial.value)}"


def _name_axes(
    axes: "Axes", search: SearchRecord, options: Sequence[SearchedOption], limits: tuple[float, float]
) -> None:
    for x in range(len(options) + 1):
        decorate(axes.axvline(x, color=MUTED, lw=0.8, zorder=0))
    ends = [_ends(option) for option in options] + [(f"{limits[0]:.3g}", f"{limits[1]:.3g}")]
    for x, (low, high) in enumerate(ends):
        axes.text(x, -0.03, shorten(low, 60), color=MUTED, ha="center", va="top", size=10)
        axes.text(x, 1.03, shorten(high, 60), color=MUTED, ha="center", va="bottom", size=10)
    names = [*(short_option(option.name) for option in options), search.metric]
    for x, name in enumerate(names):
        axes.text(x, -0.1, shorten(name, BOTTOM - 40), color=INK, ha="center", va="top", rotation=90)
    axes.set(xlim=(-0.1, len(options) + 0.1), ylim=(-0.02, 1.02), xticks=[], yticks=[])


def _ends(option: SearchedOption) -> tuple[str, str]:
    if not option.is_range:
        return text_of(option.choices[0]), text_of(option.choices[-1])
    return f"{option.low:.3g}", f"{option.high:.3g}"
