"""Paired differences of one configuration to each other one, with their intervals."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from c5snn.reports.figures.canvas import styled
from c5snn.reports.figures.palette import ACCENT
from c5snn.reports.figures.rows import MOST_ROWS, draw_line, new_rows
from c5snn.reports.pairs import Pair
from c5snn.reports.words import difference, p_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw_differences"]


@styled
def draw_differences(pairs: Sequence[Pair], width: int) -> "Figure":
    """Draw a row for each pair.

    Args:
        pairs: The first contender against each other one.
        width: Width in pixels.
    """
    shown = pairs[:MOST_ROWS]
    values = [f"{difference(pair.difference)}, p {p_text(pair.p_corrected)}" for pair in shown]
    axis = "difference in Recall@20; right of 0 the first is ahead"
    figure, axes = new_rows([f"to {pair.other}" for pair in shown], values, width, axis)
    draw_line(axes, 0.0, len(shown))
    for y, pair in enumerate(shown):
        if pair.interval is not None:
            axes.plot(pair.interval, (-y, -y), color=ACCENT, lw=2, solid_capstyle="butt")
        axes.plot([pair.difference], [-y], "o", color=ACCENT, ms=7)
    return figure
