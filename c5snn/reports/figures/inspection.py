"""The figure of an inspection: rasters, membranes, firing rates and occlusion, one panel below the other."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from c5snn.records import Effect, EnergyEstimate, Inspection, LayerTrace, UnitTrace
from c5snn.records.inspection import ACCUMULATE_PJ
from c5snn.reports.figures.canvas import (
    ACCENT,
    BAND,
    INK,
    MUTED,
    TEXT,
    WARNING,
    new_figure,
    shorten,
    style_axes,
    styled,
)
from c5snn.reports.words import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_inspection"]

TITLE, AXIS, LEFT, RIGHT, BOTTOM = 30, 44, 54, 14, 4  # pixels
RASTER, MEMBRANES, BARS, ENERGY = 150, 130, 110, 38  # the last for each network
MOST_LAYERS = 4
MOST_FEATURES = 30
N_BINS = 20
FEWEST_COLUMNS = 8  # a raster of fewer steps is not stretched over the whole width


class Panel(NamedTuple):
    """A panel: its title, its height in pixels, the name of its x-axis, and what draws it."""

    title: str
    height: int
    axis: str
    draw: "Callable[[Axes], None]"


@styled
def draw_inspection(inspection: Inspection, width: int) -> "Figure":
    """Draw all that an inspection has found.

    Args:
        inspection: What was found.
        width: Width in pixels.
    """
    panels = _panels(inspection, width)
    height = sum(TITLE + panel.height + AXIS for panel in panels) + BOTTOM
    figure = new_figure(width, height)
    top = 0
    for panel in panels:
        top += TITLE + panel.height
        box = (LEFT / width, 1 - top / height, 1 - (LEFT + RIGHT) / width, panel.height / height)
        axes = figure.add_axes(box)
        style_axes(axes, keep=("bottom", "left"))
        axes.set_title(shorten(panel.title, width - LEFT - RIGHT), loc="left", color=INK)
        panel.draw(axes)
        axes.set_xlabel(panel.axis)
        axes.yaxis.label.set_color(MUTED)
        axes.yaxis.label.set_fontsize(TEXT - 1)
        top += AXIS
    return figure


def _panels(inspection: Inspection, width: int) -> list[Panel]:
    panels = []
    for layer in inspection.layers[:MOST_LAYERS]:
        axis = f"{layer.axis}, the latest on the right"
        raster, membranes = partial(_draw_raster, layer), partial(_draw_membranes, layer)
        panels.append(Panel(f"Spikes of {layer.layer}", RASTER, axis, raster))
        panels.append(Panel(f"Membranes of {layer.layer}", MEMBRANES, axis, membranes))
    if inspection.layers:
        shown = inspection.layers[:MOST_LAYERS]
        panels.append(Panel("Firing rates", BARS, "spikes per step", partial(_draw_rates, shown)))
    if inspection.occlusion is not None:
        lags, features = inspection.occlusion.lags, inspection.occlusion.features[:MOST_FEATURES]
        panels.append(
            Panel("Change of an output without a lag", BARS, "lag, 1 is the latest", partial(_bars, lags, width))
        )
        if features:
            panels.append(
                Panel("Change of an output without a feature", BARS, "feature", partial(_bars, features, width))
            )
    if inspection.energy:
        energy = partial(_draw_energy, inspection.energy)
        height = ENERGY * len(inspection.energy)
        panels.append(Panel("Energy of the arithmetic", height, f"nJ a {inspection.item}", energy))
    return panels


def _draw_raster(layer: LayerTrace, axes: "Axes") -> None:
    """Draw a mark for each spike, fainter where a step has several encoding steps and not all of them have one."""
    n_units, n_steps = len(layer.units), len(layer.raster[0])
    height = 0.8 if n_units <= RASTER / 3 else 1.0
    for row, spikes in enumerate(layer.raster):
        for share in {share for share in spikes if share > 0}:  # nearly always 1: an artist a row, not one a spike
            marks = [(step + 0.55, 0.9) for step, value in enumerate(spikes) if value == share]
            axes.broken_barh(marks, (row - height / 2, height), color=ACCENT, alpha=share, lw=0)
    axes.set_ylim(n_units - 0.5, -0.5)
    axes.set_ylabel("unit" if n_units == len(layer.firing_rates) else f"busiest {n_units} units")
    _style_steps(axes, n_steps)
    ticks = sorted({0, n_units // 2, n_units - 1})
    axes.set_yticks(ticks, [str(layer.units[tick]) for tick in ticks])
    if not any(any(row) for row in layer.raster):
        axes.text(0.5, 0.5, "no spike", transform=axes.transAxes, color=WARNING, ha="center", va="center")


def _draw_membranes(layer: LayerTrace, axes: "Axes") -> None:
    steps = range(1, len(layer.raster[0]) + 1)
    axes.axhline(layer.threshold, color=MUTED, lw=1, ls=":")
    for i, trace in enumerate(layer.traces):
        colour = ACCENT if trace.role == "busiest" else WARNING
        line = "-" if i % 2 == 0 else "--"
        axes.plot(steps, trace.membranes, line, color=colour, lw=1.3, marker="o", ms=2.5, label=_name(trace))
        fired = [(step, value) for step, value, n in zip(steps, trace.membranes, trace.spikes, strict=True) if n]
        axes.plot([step for step, _ in fired], [value for _, value in fired], "o", color=colour, ms=6)
    axes.set_ylabel("membrane")
    axes.margins(y=0.25)
    _style_steps(axes, len(steps))
    legend = axes.legend(
        ncols=2, frameon=False, fontsize=TEXT - 3, labelcolor=MUTED, loc="upper left", borderpad=0, handlelength=1.4
    )
    legend.set_zorder(5)
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.35 * (high - low))


def _name(trace: UnitTrace) -> str:
    return f"unit {trace.unit}, {trace.role} ({trace.firing_rate:.2f})"


def _style_steps(axes: "Axes", n_steps: int) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_xlim(0.4, max(n_steps, FEWEST_COLUMNS) + 0.6)
    axes.xaxis.set_major_locator(MaxNLocator(10, integer=True))


def _draw_rates(layers: Sequence[LayerTrace], axes: "Axes") -> None:
    from matplotlib.ticker import MaxNLocator

    edges = [i / N_BINS for i in range(N_BINS + 1)]
    colours = [ACCENT, WARNING, INK, MUTED][: len(layers)]
    rates = [layer.firing_rates for layer in layers]
    axes.hist(rates, bins=edges, color=colours, label=[layer.layer for layer in layers], rwidth=0.9)
    axes.set_xlim(0, 1)
    axes.set_ylabel("units")
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    if len(layers) > 1:
        axes.legend(frameon=False, fontsize=TEXT - 3, labelcolor=MUTED, loc="upper right")


def _draw_energy(estimates: Sequence[EnergyEstimate], axes: "Axes") -> None:
    """Draw a bar for each network under its name, what accumulates cost in the other colour."""
    for y, estimate in enumerate(estimates):
        additions = estimate.accumulates * ACCUMULATE_PJ / 1000
        axes.barh([y], [additions], color=WARNING, height=0.3)
        axes.barh([y], [estimate.nanojoules - additions], left=[additions], color=ACCENT, height=0.3)
        text = f"{estimate.label}: {number(estimate.nanojoules, 1)} nJ"
        axes.text(0, y - 0.28, text, color=INK, va="bottom", fontsize=TEXT - 1.5)
    axes.set_ylim(len(estimates) - 0.7, -0.9)
    axes.set_yticks([])


def _bars(effects: Sequence[Effect], width: int, axes: "Axes") -> None:
    from matplotlib.ticker import MaxNLocator

    places = range(len(effects))
    axes.bar(places, [effect.change for effect in effects], color=ACCENT, width=0.8)
    room = (width - LEFT - RIGHT) / max(1, len(effects))
    every = max(1, round(34 / room))
    axes.set_xticks(places[::every], [shorten(effect.label, int(room * every)) for effect in effects[::every]])
    axes.set_xlim(-0.6, max(len(effects), FEWEST_COLUMNS) - 0.4)
    axes.set_ylabel("change")
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.set_axisbelow(True)
    axes.grid(axis="y", color=BAND, lw=0.8)
