"""A heat map: cells of shares between 0 and 1, each with its number, for wide and for narrow pages."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from c5snn.reports.figures.canvas import (
    ACCENT,
    BAND,
    CHARACTER,
    INK,
    MUTED,
    new_figure,
    shorten,
    style_axes,
    styled,
    tell,
)
from c5snn.reports.words import MISSING, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["MOST_OPAQUE", "draw_heat_map"]

ROW, NAME, LINE, GAP, SIDE = 30.0, 22.0, 16.0, 1.5, 4.0  # pixels
TITLE = 24  # pixels
WIDE = 560  # from this width on a row's name stands at its left; below it stands above
LEFT = 200.0
# the accent at this opacity still leaves ink on it a contrast of 4.5, in light and in dark
MOST_OPAQUE = 0.45


@styled
def draw_heat_map(
    rows: Sequence[str], columns: Sequence[str], values: Sequence[Sequence[float | None]], title: str, width: int
) -> "Figure":
    """Draw the cells, their colour clipped to [0, 1], their number as it is.

    Args:
        rows: The names of the rows.
        columns: The names of the columns.
        values: The cells of each row; None for a dash.
        title: What the cells, rows and columns are; above them.
        width: Width in pixels.
    """
    is_wide = width >= WIDE
    left, row = (LEFT, ROW) if is_wide else (SIDE, ROW + NAME)
    cell = (width - left - SIDE) / len(columns)
    names = [_folded(name, cell) for name in columns]
    upright = any(CHARACTER * max(map(len, lines)) > cell for lines in names)
    top = CHARACTER * min(24, max(map(len, columns))) + 12 if upright else LINE * max(map(len, names)) + 8
    top += TITLE
    height = round(top + row * len(rows) + SIDE)
    figure = new_figure(width, height)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    style_axes(axes, keep=())
    axes.set(xlim=(0, width), ylim=(height, 0), xticks=[], yticks=[])
    axes.text(SIDE, SIDE, shorten(title, width - 2 * int(SIDE)), color=MUTED, va="top")
    for i, name in enumerate(columns):
        text = shorten(name, int(top) - TITLE) if upright else "\n".join(names[i])
        axes.text(left + (i + 0.5) * cell, top - 6, text, color=MUTED, ha="center", va="bottom", rotation=90 * upright)
    for j, (name, cells) in enumerate(zip(rows, values, strict=True)):
        below = top + row * j + (0 if is_wide else NAME)
        place = (SIDE, below + ROW / 2) if is_wide else (SIDE, below - NAME / 2 + 2)
        axes.text(*place, shorten(name, int(left - 2 * SIDE) if is_wide else width), color=INK, va="center")
        for i, value in enumerate(cells):
            _draw_cell(axes, value, (left + i * cell, below), cell, f"{name}, {columns[i]}")
    return figure


def _draw_cell(axes: "Axes", value: float | None, corner: tuple[float, float], width: float, name: str) -> None:
    from matplotlib.patches import Rectangle

    x, y = corner
    size = (width - 2 * GAP, ROW - 2 * GAP)
    text = MISSING if value is None else number(value, 2)
    tell(axes.add_patch(Rectangle((x + GAP, y + GAP), *size, facecolor=BAND, lw=0)), f"{name}: {text}")
    if value is not None:
        opacity = MOST_OPAQUE * min(1.0, max(0.0, value))
        cell = axes.add_patch(Rectangle((x + GAP, y + GAP), *size, facecolor=ACCENT, lw=0, alpha=opacity))
        tell(cell, f"{name}: {text}")
    axes.text(x + width / 2, y + ROW / 2, text, color=INK, ha="center", va="center")


def _folded(name: str, width: float) -> list[str]:
    """Return a name in lines that fit, broken after a slash or at a blank; one longer word stays whole."""
    lines = [""]
    for word in name.replace("/", "/ ").split(" "):
        glue = "" if lines[-1].endswith("/") or not lines[-1] else " "
        if lines[-1] and CHARACTER * len(lines[-1] + glue + word) > width:
            lines.append(word)
        else:
            lines[-1] += glue + word
    return lines
