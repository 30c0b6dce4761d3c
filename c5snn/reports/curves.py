"""Learning curves: the headline on validation and the losses after each epoch."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from c5snn.records import RunRecord
from c5snn.reports.document import Drawing, Section
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
from c5snn.reports.screened import VALIDATION_NOTE
from c5snn.reports.words import listed, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Curve", "curves_section", "draw_curves", "learning_curves"]

PANEL, TITLE, BOTTOM, LEFT, SIDE = 100, 32, 48, 76, 8  # pixels
WIDE = 560  # from this width on the losses stand beside the headline; below it they stand under it


@dataclass(frozen=True)
class Curve:
    """The learning curve of one run.

    Args:
        label: Its configuration.
        seed: Its seed.
        origin: Its origin.
        epochs: The epochs.
        val: The headline on validation after each; None where it was not measured, as below.
        train_loss: The mean loss on train.
        val_loss: The loss on validation.
        best_epoch: The epoch whose checkpoint was kept.
    """

    label: str
    seed: int
    origin: int
    epochs: list[int]
    val: list[float | None]
    train_loss: list[float | None]
    val_loss: list[float | None]
    best_epoch: int | None


def learning_curves(label: str, runs: Sequence[RunRecord]) -> list[Curve]:
    """Read the learning curves of a configuration's runs; a run of a single epoch has none."""
    return [curve for run in runs if len((curve := _curve(label, run)).epochs) > 1]


def curves_section(curves: Sequence[Curve], metric: str, chance: float | None) -> Section:
    """Return the figure of the learning curves.

    Args:
        curves: At least one.
        metric: The headline as it is printed.
        chance: Its chance level; None where there is none.
    """
    labels = list(dict.fromkeys(curve.label for curve in curves))
    dotted = "" if chance is None else " Dotted: chance."
    return Section(
        "Learning curves",
        drawing=Drawing(
            f"{metric} on validation and the losses after each epoch, of {listed(labels)}.",
            partial(draw_curves, curves, metric, chance),
        ),
        note=(
            f"First: {metric} on validation, one line per run, with a dot at the epoch whose checkpoint was kept."
            f"{dotted} Second: the loss on validation; dashed: on train. {VALIDATION_NOTE}"
        ),
    )


@styled
def draw_curves(curves: Sequence[Curve], metric: str, chance: float | None, width: int) -> "Figure":
    """Draw two panels for each configuration, validation and losses; those of validation share their axis.

    Args:
        curves: The curve of each run.
        metric: The headline as it is printed.
        chance: The chance level of the headline; None for no line.
        width: Width in pixels.
    """
    labels = list(dict.fromkeys(curve.label for curve in curves))
    n_columns = 2 if width >= WIDE else 1
    row, column = PANEL + TITLE + BOTTOM, width // n_columns
    height = row * 2 * len(labels) // n_columns
    figure = new_figure(width, height)
    values = [value for curve in curves for value in curve.val if value is not None]
    limits = _limits([*values, *([] if chance is None else [chance])])
    for i, label in enumerate(labels):
        first, second = (
            figure.add_axes(_box(2 * i + k, n_columns, column, (width, height)))  # panel by panel
            for k in range(2)
        )
        group = [curve for curve in curves if curve.label == label]
        _draw_validation(first, group, chance)
        first.set_ylim(*limits)
        _draw_losses(second, group)
        first.set_title(shorten(label, width - LEFT), loc="left", color=INK)
        name_axes(first, "epoch", metric, PANEL)
        name_axes(second, "epoch", "loss", PANEL)
    return figure


def _box(i: int, n_columns: int, column: int, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """Return where the i-th panel stands, as shares of the figure."""
    width, height = size
    left = (i % n_columns) * column + LEFT
    top = (i // n_columns) * (PANEL + TITLE + BOTTOM) + TITLE
    return left / width, 1 - (top + PANEL) / height, (column - LEFT - SIDE) / width, PANEL / height


def _curve(label: str, run: RunRecord) -> Curve:
    try:
        rows = run.learning_curve
    except ValueError:  # a damaged table counts as none
        rows = []

    def column(name: str) -> list[float | None]:
        return [float(row[name]) if name in row else None for row in rows]

    return Curve(
        label=label,
        seed=run.seed,
        origin=run.data.origin,
        epochs=[int(row["epoch"]) for row in rows],
        val=column(run.headline.monitor),
        train_loss=column("train_loss"),
        val_loss=column("val_loss"),
        best_epoch=run.best_epoch,
    )


def _draw_validation(axes: "Axes", group: Sequence[Curve], chance: float | None) -> None:
    _style(axes)
    if chance is not None:
        tell(axes.axhline(chance, color=MUTED, lw=1, ls=":"), f"chance: {number(chance)}")
    for curve in group:
        line = axes.plot(_from_one(curve.epochs), _plotted(curve.val), color=ACCENT, lw=1.2)
        tell(line, f"{_name(curve)}: {_ends(curve.epochs, curve.val)}")
        if curve.best_epoch is not None and curve.best_epoch in curve.epochs:
            best = curve.epochs.index(curve.best_epoch)
            dot = axes.plot([curve.best_epoch + 1], _plotted(curve.val[best : best + 1]), "o", color=ACCENT, ms=4.5)
            tell(dot, f"{_name(curve)}: {number(curve.val[best])} at epoch {curve.best_epoch + 1}, the best")


def _draw_losses(axes: "Axes", group: Sequence[Curve]) -> None:
    _style(axes)
    for curve in group:
        val = axes.plot(_from_one(curve.epochs), _plotted(curve.val_loss), color=ACCENT, lw=1.2)
        tell(val, f"{_name(curve)}, loss on validation: {_ends(curve.epochs, curve.val_loss)}")
        train = axes.plot(_from_one(curve.epochs), _plotted(curve.train_loss), color=WARNING, lw=1.2, ls="--")
        tell(train, f"{_name(curve)}, loss on train: {_ends(curve.epochs, curve.train_loss)}")


def _from_one(epochs: Sequence[int]) -> list[int]:
    """Return epochs as readers count them; files count from 0, as Lightning does."""
    return [epoch + 1 for epoch in epochs]


def _name(curve: Curve) -> str:
    return f"{curve.label}, seed {curve.seed}"


def _ends(epochs: Sequence[int], values: Sequence[float | None]) -> str:
    """Return the first and the last value that were measured."""
    known = [(epoch, value) for epoch, value in zip(_from_one(epochs), values, strict=True) if value is not None]
    if not known:
        return "not measured"
    (first, start), (last, end) = known[0], known[-1]
    return f"{number(start)} at epoch {first}, {number(end)} at epoch {last}"


def _style(axes: "Axes") -> None:
    from matplotlib.ticker import MaxNLocator

    style_axes(axes, keep=("bottom", "left"))
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(3))


def _plotted(values: Sequence[float | None]) -> list[float]:
    return [float("nan") if value is None else value for value in values]


def _limits(values: Sequence[float]) -> tuple[float, float]:
    """Return limits with a margin; the headline may never have been measured."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    margin = 0.08 * (high - low) or 0.001
    return low - margin, high + margin
