"""Rows of labelled values above one shared axis: the frame of the forest plots and of the firing rates."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from c5snn.reports.figures.canvas import CHARACTER, new_figure, shorten, style_axes
from c5snn.reports.figures.palette import INK, MUTED, RULE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["MOST_ROWS", "draw_line", "new_rows"]

MOST_ROWS = 40
ROW, LINE, TOP, BOTTOM, SIDE = 46, 17, 4, 50, 10  # pixels
ABOVE = 16  # pixels from a row's values up to the last line of its text


def new_rows(labels: Sequence[str], values: Sequence[str], width: int, axis: str) -> "tuple[Figure, Axes]":
    """Return axes with a labelled row for each label, the first on top, at y = 0, −1, −2, ….

    A row's name stands above its values, so that it fits a narrow page; what does not fit beside it stands below it.

    Args:
        labels: The rows' names.
        values: What stands at the right of each name.
        width: Width in pixels.
        axis: What the axis shows.
    """
    room = width - 2 * SIDE
    longest = max(len(label) + len(value) for label, value in zip(labels, values, strict=True))
    folds = CHARACTER * (longest + 2) > room
    row = ROW + LINE if folds else ROW
    height = TOP + BOTTOM + row * len(labels)
    figure = new_figure(width, height)
    box = (SIDE / width, BOTTOM / height, 1 - 2 * SIDE / width, 1 - (TOP + BOTTOM) / height)
    axes = figure.add_axes(box)
    style_axes(axes)
    below = (ROW - ABOVE - LINE / 2) / row
    axes.set_ylim(1 - len(labels) - below, 1 - below)
    axes.set_yticks([])
    axes.set_xlabel(axis)
    across, last = axes.get_yaxis_transform(), ABOVE / row
    for y, (label, value) in enumerate(zip(labels, values, strict=True)):
        first = last + LINE / row if folds else last
        axes.text(0, first - y, shorten(label, room), transform=across, color=INK, va="center")
        place, side = (0, "left") if folds else (1, "right")
        axes.text(place, last - y, value, transform=across, color=MUTED, va="center", ha=side)
        axes.axhline(-y - below, color=RULE, lw=0.6, zorder=0)
    return figure, axes


def draw_line(axes: "Axes", x: float, n_rows: int) -> None:
    """Draw an upright line at a value of reference, below the rows' labels."""
    rows = range(n_rows)
    axes.vlines([x] * n_rows, [-y - 0.3 for y in rows], [0.15 - y for y in rows], color=MUTED, lw=1, zorder=1)
