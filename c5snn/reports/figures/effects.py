"""What each swept option does on validation: its values side by side, one panel for each option."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from c5snn.reports.effects import Effect
from c5snn.reports.figures.canvas import new_figure, shorten, style_axes, styled
from c5snn.reports.figures.palette import ACCENT, INK, RULE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.ticker import Locator

__all__ = ["draw_effects"]

PANEL, TITLE, BOTTOM, SIDE, LEFT = 100, 30, 32, 12, 58  # pixels
TICK_GAP = 6  # pixels between the names of two values
WIDE = 560  # from this width on two panels stand side by side


@styled
def draw_effects(effects: Sequence[Effect], width: int) -> "Figure":
    """Draw a panel for each option; all share their axis, so that small effects look small.

    Args:
        effects: The options.
        width: Width in pixels.
    """
    n_columns = 2 if width >= WIDE and len(effects) > 1 else 1
    n_rows = -(-len(effects) // n_columns)
    height = n_rows * (PANEL + TITLE + BOTTOM)
    figure = new_figure(width, height)
    column = width // n_columns
    for i, effect in enumerate(effects):
        top = (i // n_columns) * (PANEL + TITLE + BOTTOM) + TITLE
        left = (i % n_columns) * column + LEFT
        box = (left / width, 1 - (top + PANEL) / height, (column - LEFT - SIDE) / width, PANEL / height)
        _draw(figure.add_axes(box), effect, column)
    ends = [end for effect in effects for entry in effect.val for end in (entry.low, entry.high)]
    margin = 0.1 * (max(ends) - min(ends)) or 0.001
    for axes in figure.axes:
        axes.set_ylim(min(ends) - margin, max(ends) + margin)
    return figure


def _draw(axes: "Axes", effect: Effect, width: int) -> None:
    style_axes(axes, keep=("bottom", "left"))
    places = range(len(effect.val))
    for x, entry in zip(places, effect.val, strict=True):
        axes.plot((x, x), (entry.low, entry.high), color=RULE, lw=5, solid_capstyle="butt")
    axes.plot(places, [entry.mean for entry in effect.val], "o-", color=ACCENT, lw=1, ms=6)
    room = (width - LEFT - SIDE) // max(1, len(effect.val)) - TICK_GAP
    axes.set_xticks(list(places), [shorten(entry.value, room) for entry in effect.val])
    axes.set_xlim(-0.5, len(effect.val) - 0.5)
    axes.yaxis.set_major_locator(_three_ticks())
    title = f"{effect.model} {effect.option.rpartition('.')[2]}"
    axes.set_title(shorten(title, width - LEFT), loc="left", color=INK)


def _three_ticks() -> "Locator":
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(3)
