"""Learning curves: a row for each configuration, Recall@20 on validation at the left, the losses at the right."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from c5snn.reports.curves import Curve
from c5snn.reports.figures.canvas import new_figure, shorten, style_axes, styled
from c5snn.reports.figures.palette import ACCENT, INK, MUTED, WARNING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_curves"]

PANEL, TITLE, BOTTOM, LEFT, SIDE = 88, 32, 26, 54, 8  # pixels


@styled
def draw_curves(curves: Sequence[Curve], chance: float, width: int) -> "Figure":
    """Draw two panels for each configuration; the left ones share their axis.

    Args:
        curves: The curve of each run.
        chance: Exact chance of Recall@20.
        width: Width in pixels.
    """
    labels = list(dict.fromkeys(curve.label for curve in curves))
    row = PANEL + TITLE + BOTTOM
    height = row * len(labels)
    figure = new_figure(width, height)
    column = width // 2
    values = [value for curve in curves for value in curve.val if value is not None]
    for i, label in enumerate(labels):
        bottom = 1 - (i * row + TITLE + PANEL) / height
        left, right = (
            figure.add_axes((x / width, bottom, (column - LEFT - SIDE) / width, PANEL / height))
            for x in (LEFT, column + LEFT)
        )
        group = [curve for curve in curves if curve.label == label]
        _draw_validation(left, group, chance)
        left.set_ylim(*_limits([chance, *values]))
        _draw_losses(right, group)
        left.set_title(shorten(label, width - LEFT), loc="left", color=INK)
    return figure


def _draw_validation(axes: "Axes", group: Sequence[Curve], chance: float) -> None:
    _style(axes)
    axes.axhline(chance, color=MUTED, lw=1, ls=":")
    for curve in group:
        axes.plot(curve.epochs, _plotted(curve.val), color=ACCENT, lw=1.2)
        if curve.best_epoch in curve.epochs:
            best = curve.epochs.index(curve.best_epoch)
            axes.plot([curve.best_epoch], _plotted(curve.val[best : best + 1]), "o", color=ACCENT, ms=4.5)


def _draw_losses(axes: "Axes", group: Sequence[Curve]) -> None:
    _style(axes)
    for curve in group:
        axes.plot(curve.epochs, _plotted(curve.val_loss), color=ACCENT, lw=1.2)
        axes.plot(curve.epochs, _plotted(curve.train_loss), color=WARNING, lw=1.2, ls="--")


def _style(axes: "Axes") -> None:
    from matplotlib.ticker import MaxNLocator

    style_axes(axes, keep=("bottom", "left"))
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(3))


def _plotted(values: Sequence[float | None]) -> list[float]:
    return [float("nan") if value is None else value for value in values]


def _limits(values: Sequence[float]) -> tuple[float, float]:
    margin = 0.08 * (max(values) - min(values)) or 0.001
    return min(values) - margin, max(values) + margin
