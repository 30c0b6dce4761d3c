"""The forest plot: every configuration's score and interval against the band of chance."""

from typing import TYPE_CHECKING

from c5snn.reports.comparison import Comparison
from c5snn.reports.contender import Contender
from c5snn.reports.figures.canvas import styled
from c5snn.reports.figures.palette import ACCENT, BAND, INK, MUTED, PAGE
from c5snn.reports.figures.rows import MOST_ROWS, draw_line, new_rows
from c5snn.reports.words import number, p_text
from c5snn.training.scoring import HEADLINE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_forest"]


@styled
def draw_forest(comparison: Comparison, width: int) -> "Figure":
    """Draw the contenders of a comparison, the first on top.

    Args:
        comparison: The comparison.
        width: Width in pixels.
    """
    entries = comparison.contenders[:MOST_ROWS]
    values = [f"{number(entry.value)}, family p {p_text(entry.p_family)}" for entry in entries]
    figure, axes = new_rows([entry.label for entry in entries], values, width, "Recall@20 on test")
    axes.axvspan(*comparison.chance_band, color=BAND, lw=0, zorder=0)
    draw_line(axes, comparison.chance, len(entries))
    for y, entry in enumerate(entries):
        _draw(axes, -y, entry)
    return figure


def _draw(axes: "Axes", y: int, entry: Contender) -> None:
    if entry.interval is not None:
        axes.plot(entry.interval, (y, y), color=ACCENT, lw=2, solid_capstyle="butt")
    seeds = [run.test["metrics"][HEADLINE]["value"] for run in entry.runs if run.test]
    axes.plot(seeds, [y - 0.2] * len(seeds), "|", color=MUTED, ms=6, mew=1.2)
    axes.plot([entry.fixed_list], [y], "D", color=INK, ms=4, mfc=PAGE, mew=1.1)
    face = PAGE if entry.ignores_input else ACCENT
    axes.plot([entry.value], [y], "o", color=ACCENT, ms=7, mfc=face, mew=1.6)
