"""Forecasts of several steps: their error at each step, and a few of them drawn beside what came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from c5snn.records import RunRecord
from c5snn.reports.document import Drawing, Section, Table
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
from c5snn.reports.words import listed, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

__all__ = ["DrawnForecast", "StepErrors", "drawn_forecasts", "forecast_sections", "step_errors"]

PANEL, TITLE, BOTTOM, LEFT, SIDE, KEY = 130, 28, 44, 70, 8, 20  # pixels
MOST_LINES = 6
SHOWN_STEPS = 6
ORACLE = "oracle"


@dataclass(frozen=True)
class StepErrors:
    """The error of forecasts at each step.

    Args:
        label: A configuration, a reference or the oracle.
        is_reference: Whether it is none of the configurations.
        errors: The mean over test items and runs, from the first step on.
    """

    label: str
    is_reference: bool
    errors: list[float]


@dataclass(frozen=True)
class DrawnForecast:
    """One forecast of one channel.

    Args:
        label: The configuration.
        channel: The channel.
        time: The first step that is forecast.
        rows: What came: before the forecast and over its steps.
        forecast: The forecast.
    """

    label: str
    channel: str
    time: str
    rows: list[float]
    forecast: list[float]


def step_errors(tested: Mapping[str, Sequence[RunRecord]]) -> list[StepErrors]:
    """Return the errors at each step of the first configurations, then of what they are held against.

    Args:
        tested: The tested runs of each configuration; those that kept no errors of steps are left out.
    """
    found: list[StepErrors] = []
    beside: list[StepErrors] = []
    for label, runs in list(tested.items())[:MOST_LINES]:
        kept = [run.items.details["error_by_step"] for run in runs if "error_by_step" in run.items.details]
        if kept:
            mean = np.mean(kept, axis=0)
            found.append(StepErrors(label, is_reference=False, errors=mean[0].tolist()))
            beside = beside or _beside(runs[0], mean[1:].tolist())
    return [*found, *beside]


def drawn_forecasts(tested: Mapping[str, Sequence[RunRecord]]) -> list[DrawnForecast]:
    """Return the forecasts that the first run of the first configuration kept; none where it kept none."""
    for label, runs in tested.items():
        details = runs[0].items.details
        if "drawn_rows" not in details:
            return []
        kept = (details[name] for name in ("drawn_times", "drawn_rows", "drawn_forecasts"))
        channel = str(details["drawn_channel"])
        return [
            DrawnForecast(label, channel, str(time), rows.tolist(), forecast.tolist())
            for time, rows, forecast in zip(*kept, strict=True)
        ]
    return []


def forecast_sections(errors: Sequence[StepErrors], drawn: Sequence[DrawnForecast], metric: str) -> list[Section]:
    """Return the sections on forecasts, each where it has something to show.

    Args:
        errors: The error at each step.
        drawn: Forecasts beside what came.
        metric: The headline as it is printed.
    """
    sections = []
    if errors and len(errors[0].errors) > 1:
        sections.append(_errors_section(errors, metric))
    if drawn:
        first = drawn[0]
        says = f"Forecasts of {first.channel} by {first.label} beside what came, at {len(drawn)} points of test."
        note = "Grey: what came before, and over the steps of the forecast. Blue: the forecast. In the model's scale."
        sections.append(Section("Forecasts", drawing=Drawing(says, partial(draw_forecasts, drawn)), note=note))
    return sections


def _errors_section(errors: Sequence[StepErrors], metric: str) -> Section:
    n_steps = len(errors[0].errors)
    steps = np.unique(np.linspace(1, n_steps, SHOWN_STEPS).round().astype(int)).tolist()
    rows = [[entry.label, *(number(entry.errors[step - 1]) for step in steps)] for entry in errors]
    says = f"{metric} at each of {n_steps} steps, of {listed([entry.label for entry in errors])}."
    return Section(
        "Error by step",
        drawing=Drawing(says, partial(draw_errors, errors, metric)),
        tables=[Table([f"{metric} at step", *map(str, steps)], rows)],
        note=f"{metric} at each step ahead, mean over test windows and seeds. Grey: what the models are held against.",
    )


@styled
def draw_errors(errors: Sequence[StepErrors], metric: str, width: int) -> "Figure":
    """Draw the error at each step, one line a configuration or reference."""
    height = TITLE + PANEL + BOTTOM + KEY * len(errors)
    figure = new_figure(width, height)
    box = (LEFT / width, (BOTTOM + KEY * len(errors)) / height, (width - LEFT - SIDE) / width, PANEL / height)
    axes = figure.add_axes(box)
    style_axes(axes, keep=("bottom", "left"))
    colours = [ACCENT, WARNING, INK]
    for i, entry in enumerate(errors):
        colour = MUTED if entry.is_reference else colours[i % len(colours)]
        style = (("--", ":", "-.")[i % 3]) if entry.is_reference else ("-", "-.")[i // 3 % 2]
        line = axes.plot(range(1, len(entry.errors) + 1), entry.errors, style, color=colour, lw=1.3)
        first, last = entry.errors[0], entry.errors[-1]
        tell(line, f"{entry.label}: {number(first)} at step 1, {number(last)} at step {len(entry.errors)}")
        y = (KEY * (len(errors) - i - 0.5)) / height
        figure.add_artist(_key_line(LEFT / width, (LEFT + 30) / width, y, style, colour))
        figure.text((LEFT + 38) / width, y, shorten(entry.label, width - LEFT - 46), color=INK, va="center")
    name_axes(axes, "steps ahead", metric, PANEL)
    return figure


@styled
def draw_forecasts(drawn: Sequence[DrawnForecast], width: int) -> "Figure":
    """Draw a panel for each forecast."""
    row = TITLE + PANEL + BOTTOM
    height = row * len(drawn)
    figure = new_figure(width, height)
    for i, entry in enumerate(drawn):
        bottom = 1 - (i * row + TITLE + PANEL) / height
        axes = figure.add_axes((LEFT / width, bottom, (width - LEFT - SIDE) / width, PANEL / height))
        _draw_forecast(axes, entry)
        axes.set_title(shorten(f"{entry.channel} from {entry.time}", width - LEFT), loc="left", color=INK)
    return figure


def _draw_forecast(axes: "Axes", entry: DrawnForecast) -> None:
    style_axes(axes, keep=("bottom", "left"))
    n_before = len(entry.rows) - len(entry.forecast)
    came = axes.plot(range(1 - n_before, len(entry.forecast) + 1), entry.rows, color=MUTED, lw=1)
    forecast = axes.plot(range(1, len(entry.forecast) + 1), entry.forecast, color=ACCENT, lw=1.4)
    came_first, came_last = entry.rows[n_before], entry.rows[-1]
    n = len(entry.forecast)
    tell(came, f"{entry.channel}, what came: {number(came_first)} at step 1, {number(came_last)} at step {n}")
    ends = f"{number(entry.forecast[0])} at step 1, {number(entry.forecast[-1])} at step {n}"
    tell(forecast, f"{entry.label}, forecast of {entry.channel}: {ends}")
    tell(axes.axvline(0.5, color=MUTED, lw=0.8, ls=":"), f"the forecast starts at {entry.time}")
    name_axes(axes, "steps ahead", f"{entry.channel}, scaled", PANEL)


def _key_line(left: float, right: float, y: float, style: str, colour: str) -> "Line2D":
    from matplotlib.lines import Line2D

    line = Line2D([left, right], [y, y], color=colour, lw=1.3)
    line.set_linestyle(style)  # type: ignore[arg-type]  # one of those that are drawn
    return line


def _beside(run: RunRecord, errors: Sequence[list[float]]) -> list[StepErrors]:
    names = [entry.label for entry in run.test.references] if run.test else []
    labels = [*names, ORACLE][: len(errors)]
    return [StepErrors(label, is_reference=True, errors=row) for label, row in zip(labels, errors, strict=True)]
