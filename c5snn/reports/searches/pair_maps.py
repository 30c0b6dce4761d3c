"""Maps of pairs of options: where the trials lie, how good each is, and contours where there are enough."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from c5snn.records.searched import SearchedOption, SearchedTrial, SearchRecord
from c5snn.reports.document import Drawing, Section
from c5snn.reports.figures.canvas import ACCENT, INK, MUTED, name_axes, new_figure, shorten, style_axes, styled, tell
from c5snn.reports.searches.axis import scattered, set_ticks, short_option, text_of, ticks_of
from c5snn.reports.words import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_pair_maps", "pair_maps_section"]

Pair = tuple[SearchedOption, SearchedOption]

PANEL, TITLE, BOTTOM, LEFT, SIDE = 200, 44, 48, 96, 12  # pixels
WIDE = 560
FEWEST, FEWEST_PLACES = 12, 4  # trials, and places on each axis, for contours
N_LEVELS = 5


def pair_maps_section(search: SearchRecord, pairs: Sequence[tuple[str, str]]) -> Section | None:
    """Return the maps; None where no two options were sampled together.

    Args:
        search: The search.
        pairs: The names of the options of each map, that of the horizontal axis first.
    """
    found: list[Pair] = []
    for one, other in pairs:
        first, second = search.option(one), search.option(other)
        if first and second and len(_both(search, (first, second))) > 1:
            found.append((first, second))
    if not found:
        return None
    return Section(
        "Pairs of options",
        drawing=Drawing(
            f"{search.metric} over pairs of options, a dot for each complete trial.",
            partial(draw_pair_maps, search, found),
        ),
        note=(
            "Each dot is a complete trial; the stronger its colour, the better its rank. Lines are contours of the "
            f"metric between the trials, drawn for two ranges and {FEWEST} trials or more; where there are no dots "
            "they are a guess."
        ),
    )


@styled
def draw_pair_maps(search: SearchRecord, pairs: Sequence[Pair], width: int) -> "Figure":
    """Draw a map for each pair.

    Args:
        search: The search.
        pairs: The options of each.
        width: Width in pixels.
    """
    n_columns = 2 if width >= WIDE and len(pairs) > 1 else 1
    row = TITLE + PANEL + BOTTOM
    height = row * -(-len(pairs) // n_columns)
    figure, column = new_figure(width, height), width // n_columns
    for i, pair in enumerate(pairs):
        top, left = (i // n_columns) * row + TITLE, (i % n_columns) * column + LEFT
        box = (left / width, 1 - (top + PANEL) / height, (column - LEFT - SIDE) / width, PANEL / height)
        axes = figure.add_axes(box)
        _draw(axes, search, pair, column - LEFT - SIDE)
        names = f"{shorten(pair[1].name, column - LEFT)}\nagainst {shorten(pair[0].name, column - LEFT - 60)}"
        axes.set_title(names, loc="left", color=INK)
    return figure


def _both(search: SearchRecord, pair: Pair) -> list[SearchedTrial]:
    return [trial for trial in search.complete if pair[0].name in trial.params and pair[1].name in trial.params]


def _draw(axes: "Axes", search: SearchRecord, pair: Pair, width: int) -> None:
    from matplotlib.colors import to_rgba

    style_axes(axes, keep=("bottom", "left"))
    trials = sorted(_both(search, pair), key=search.signed)
    x = np.array([scattered(pair[0], trial) for trial in trials])
    y = np.array([scattered(pair[1], trial) for trial in trials])
    if pair[0].is_range and pair[1].is_range and _have_area(x, y):
        values = np.array([float(trial.value or 0.0) for trial in trials])
        if len(set(values.tolist())) > 1:
            tell(axes.tricontour(x, y, values, levels=N_LEVELS, colors=MUTED, linewidths=0.7), search.metric)
    ranks = np.arange(1, len(trials) + 1) / len(trials)
    for trial, at, height, rank in zip(trials, x.tolist(), y.tolist(), ranks.tolist(), strict=True):
        dot = axes.plot([at], [height], "o", ms=5, color=to_rgba(ACCENT, 0.15 + 0.85 * rank**2), mew=0)
        values_of = ", ".join(f"{short_option(of.name)} {text_of(trial.params[of.name])}" for of in pair)
        tell(dot, f"#{trial.number}, {values_of}: {number(trial.value)}")
    set_ticks(axes, pair[0], width)
    ticks = ticks_of(pair[1])
    axes.set_yticks([at for at, _ in ticks], [shorten(name, LEFT - 34) for _, name in ticks])
    name_axes(axes, shorten(short_option(pair[0].name), width), short_option(pair[1].name), PANEL)
    axes.set_ylim(-0.04, 1.04)


def _have_area(x: np.ndarray, y: np.ndarray) -> bool:
    """Say whether the places of trials span an area that can be cut into triangles."""
    are_enough = len(x) >= FEWEST and min(len(np.unique(x)), len(np.unique(y))) >= FEWEST_PLACES
    return are_enough and bool(np.linalg.matrix_rank(np.stack([x - x.mean(), y - y.mean()]), tol=1e-6) > 1)
