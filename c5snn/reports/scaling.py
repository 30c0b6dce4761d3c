"""Loss against size, in parameters and in operations: one curve a model, and a power law where sizes are enough."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np

from c5snn.evidence import Interval
from c5snn.evidence.intervals import mean_interval
from c5snn.evidence.power_law import MIN_SIZES, PowerLaw, fit_power_law
from c5snn.records import RunRecord, pool_origins
from c5snn.records.pooled import test_of
from c5snn.reports.configurations import Configuration
from c5snn.reports.document import Drawing, Section, Table
from c5snn.reports.figures.canvas import ACCENT, INK, MUTED, name_axes, new_figure, shorten, style_axes, styled, tell
from c5snn.reports.words import number, p_equals

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["ScalingCurve", "ScalingPoint", "draw_scaling", "scaling_curve", "scaling_section"]

FEWEST_SIZES = 3
LEAST_RANGE = 2.0  # of the largest to the smallest size
PANEL, TITLE, BOTTOM, LEFT, SIDE = 130, 28, 44, 76, 8  # pixels
PARAMETERS, OPERATIONS = "parameters", "multiply-accumulates"
SYMBOLS = {PARAMETERS: "N", OPERATIONS: "C"}


LAW = (
    " The law is L = E + A / N^α in parameters and L = E + A / C^α in multiply-accumulates, fitted to all runs; the "
    "interval of α is that of a bootstrap of the residuals, p that of a permutation test of the fit. With 0 in the "
    "interval, or p of .05 or more, no curve is drawn."
)


@dataclass(frozen=True)
class ScalingPoint:
    """The models of one size.

    Args:
        n_parameters: Trainable parameters.
        label: The configuration, of several of this size the best on validation.
        mean: The headline on test, mean over its runs.
        interval: Its 95 % interval over seeds; None for fewer than three.
        values: The headline of each seed, over its origins.
        n_multiply_accumulates: Of a forward pass of one item; None where runs do not record it.
    """

    n_parameters: int
    label: str
    mean: float
    interval: Interval | None
    values: tuple[float, ...]
    n_multiply_accumulates: int | None = None


@dataclass(frozen=True)
class ScalingCurve:
    """The sizes of one model on the same test items.

    Args:
        title: What distinguishes it: the horizon where there is one, and the model.
        metric: The headline as it is printed.
        points: By size, the smallest first.
        reference: What the models are held against, by its name.
        no_skill: Its headline.
        law: The power law in parameters; None for fewer than five sizes, or a headline that is no loss.
        law_of_operations: The same in multiply-accumulates.
        is_loss: Whether the headline is a loss, of which a law is known.
    """

    title: str
    metric: str
    points: list[ScalingPoint]
    reference: str
    no_skill: float | None
    law: PowerLaw | None
    law_of_operations: PowerLaw | None = None
    is_loss: bool = True

    @property
    def says(self) -> str:
        """What the laws say; nothing of what is no loss."""
        if not self.is_loss:
            return ""
        if len(self.points) < MIN_SIZES:
            return f"no curve is fitted to fewer than {MIN_SIZES} sizes"
        laws = {PARAMETERS: self.law, OPERATIONS: self.law_of_operations}
        return "; ".join(
            f"against {size}: {_law_says(law, SYMBOLS[size])}" for size, law in laws.items() if law is not None
        )

    @property
    def operations(self) -> list[int]:
        """The multiply-accumulates of each point; empty where some do not record them."""
        known = [point.n_multiply_accumulates for point in self.points]
        return [n for n in known if n] if all(known) else []


def scaling_curve(configurations: Sequence[Configuration]) -> list[ScalingCurve]:
    """Return a curve for each model of a comparison that was tested in several sizes.

    Args:
        configurations: What was run on the same data and test items.
    """
    of_model: dict[str, list[Configuration]] = {}
    for entry in configurations:
        if entry.tested and entry.runs[0].n_parameters > 0 and not entry.runs[0].is_baseline:
            of_model.setdefault(entry.runs[0].class_path, []).append(entry)
    curves = []
    for entries in of_model.values():
        points = _points(entries)
        sizes = [point.n_parameters for point in points]
        if len(points) >= FEWEST_SIZES and sizes[-1] >= LEAST_RANGE * sizes[0]:
            curves.append(_curve(entries[0], points))
    return curves


def scaling_section(curves: Sequence[ScalingCurve]) -> Section:
    """Return the section on sizes.

    Args:
        curves: At least one.
    """
    metric, reference = curves[0].metric, curves[0].reference
    rows = [
        [
            curve.title,
            point.label,
            f"{point.n_parameters:,}",
            _operations(point),
            number(point.mean),
            _spread(point),
        ]
        for curve in curves
        for point in curve.points
    ]
    sentences = [f"{curve.title}: {curve.says}." for curve in curves if curve.says]
    dashed = f" Dashed: the {reference}." if reference else ""
    return Section(
        f"{'Loss' if curves[0].is_loss else metric} against size",
        sentences=sentences,
        drawing=Drawing(f"{metric} on test against parameters and operations.", partial(draw_scaling, curves)),
        tables=[
            Table(["curve", "configuration", PARAMETERS, OPERATIONS, f"{metric} on test", "95 % over seeds"], rows, 2)
        ],
        note=(
            f"{metric} on test of the best configuration of each size by validation, mean over seeds.{dashed} "
            "Multiply-accumulates are those of a forward pass of one item, counted on the operations that run; a step "
            f"of training costs about three times as many for each item.{LAW if curves[0].is_loss else ''}"
        ),
    )


@styled
def draw_scaling(curves: Sequence[ScalingCurve], width: int) -> "Figure":
    """Draw a panel for each curve."""
    row = TITLE + PANEL + BOTTOM
    height = row * len(curves)
    figure = new_figure(width, height)
    for i, curve in enumerate(curves):
        bottom = 1 - (i * row + TITLE + PANEL) / height
        panels = [(PARAMETERS, [point.n_parameters for point in curve.points], curve.law)]
        if curve.operations:
            panels.append((OPERATIONS, curve.operations, curve.law_of_operations))
        step = width / len(panels)
        for column, (name, sizes, law) in enumerate(panels):
            place = (column * step + LEFT) / width
            axes = figure.add_axes((place, bottom, (step - LEFT - SIDE) / width, PANEL / height))
            _draw(axes, curve, name, sizes, law)
            if column == 0:
                axes.set_title(shorten(curve.title, width - LEFT), loc="left", color=INK)
    return figure


def _draw(axes: "Axes", curve: ScalingCurve, name: str, sizes: Sequence[int], law: PowerLaw | None) -> None:
    style_axes(axes, keep=("bottom", "left"))
    axes.set_xscale("log")
    for point, size in zip(curve.points, sizes, strict=True):
        if point.interval is not None:
            bar = axes.plot([size] * 2, point.interval, color=ACCENT, lw=1)
            tell(bar, f"{point.label}: 95 % interval {_spread(point)}")
        dot = axes.plot([size], [point.mean], "o", color=ACCENT, ms=4.5)
        tell(dot, f"{point.label}, {size:,} {name}: {number(point.mean)}")
    if law is not None and not law.is_flat:
        drawn = np.geomspace(min(sizes), max(sizes), 60)
        tell(axes.plot(drawn, law.at(drawn), color=ACCENT, lw=1.2), _law_says(law, SYMBOLS[name]))
    if curve.no_skill is not None:
        line = axes.axhline(curve.no_skill, color=MUTED, lw=1, ls="--")
        tell(line, f"{curve.reference}: {number(curve.no_skill)}")
    name_axes(axes, name, f"{curve.metric} on test", PANEL)


def _points(entries: Sequence[Configuration]) -> list[ScalingPoint]:
    of_size: dict[int, list[Configuration]] = {}
    for entry in entries:
        of_size.setdefault(entry.runs[0].n_parameters, []).append(entry)
    points = []
    for n_parameters, group in sorted(of_size.items()):
        best = max(group, key=_validation)
        values = tuple(pool_origins(best.tested).per_seed(lambda run: test_of(run).score.value))
        interval = mean_interval(np.array(values))
        operations = best.tested[0].n_multiply_accumulates
        points.append(ScalingPoint(n_parameters, best.label, fmean(values), interval, values, operations))
    return points


def _validation(entry: Configuration) -> float:
    headline = entry.runs[0].headline
    values = [run.val.get(headline.monitor, float("nan")) for run in entry.tested]
    mean = headline.sign * fmean(values)
    return mean if np.isfinite(mean) else float("-inf")


def _curve(entry: Configuration, points: list[ScalingPoint]) -> ScalingCurve:
    first: RunRecord = entry.tested[0]
    test, horizon = first.test, first.data.facts.get("horizon")
    reference = test.references[0] if test is not None and test.references else None
    curve = ScalingCurve(
        title=entry.model if horizon is None else f"{entry.model}, horizon {horizon}",
        metric=first.headline.label,
        points=points,
        reference=reference.label if reference else "",
        no_skill=reference.value if reference else None,
        law=None,
        is_loss=first.headline.sign < 0,
    )
    if not curve.is_loss:
        return curve
    law = _law(points, [point.n_parameters for point in points])
    return replace(curve, law=law, law_of_operations=_law(points, curve.operations))


def _law(points: Sequence[ScalingPoint], sizes: Sequence[int]) -> PowerLaw | None:
    """Return the law in these sizes of the points; None for too few different ones."""
    if len(set(sizes)) < MIN_SIZES:
        return None
    each = [float(size) for size, point in zip(sizes, points, strict=True) for _ in point.values]
    return fit_power_law(np.array(each), np.array([value for point in points for value in point.values]))


def _law_says(law: PowerLaw, symbol: str) -> str:
    found = f"α = {law.exponent:.2f} [{law.interval.low:.2f}, {law.interval.high:.2f}], {p_equals(law.p)}"
    if law.is_flat:
        return f"flat: the data do not identify a curve ({found})"
    return f"L = {law.floor:.4g} + {law.factor:.3g} / {symbol}^α with {found}"


def _operations(point: ScalingPoint) -> str:
    return "–" if point.n_multiply_accumulates is None else f"{point.n_multiply_accumulates:,}"


def _spread(point: ScalingPoint) -> str:
    return "–" if point.interval is None else f"{number(point.interval.low)} to {number(point.interval.high)}"
