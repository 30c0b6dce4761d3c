"""An inspection as lines of at most 80 columns: rasters in shades, membranes and effects as bars."""

import textwrap
from collections.abc import Iterator, Sequence

from c5snn.records import Effect, Inspection, LayerTrace, UnitTrace
from c5snn.records.inspection import ACCUMULATE_PJ, MULTIPLY_ACCUMULATE_PJ
from c5snn.reports.figures.canvas import shorten
from c5snn.reports.inspected import NO_OCCLUSION, NO_SPIKES, energy_rows, energy_sentence, layer_sentence, lead_of
from c5snn.reports.words import count, number, percent

__all__ = ["inspection_lines"]

COLUMNS = 80
MOST_ROWS, MOST_STEPS = 8, 60
MOST_LAYERS = 4
MOST_EFFECTS = 10
N_BINS = 10
SHADES = " ░▒▓█"
HEIGHTS = "▁▂▃▄▅▆▇█"
NAME = 26  # columns of a row's name


def inspection_lines(inspection: Inspection) -> list[str]:
    """Return what an inspection has found."""
    return [
        *_wrapped(f"{inspection.model}: {lead_of(inspection)}"),
        *(line for layer in inspection.layers[:MOST_LAYERS] for line in _layer(layer)),
        *_more_layers(inspection),
        *([] if inspection.layers else [NO_SPIKES]),
        *_occlusion(inspection),
        *_energy(inspection),
    ]


def _layer(layer: LayerTrace) -> Iterator[str]:
    yield ""
    yield from _wrapped(layer_sentence(layer))
    yield f"  spikes, the busiest units first, the latest {layer.axis} on the right"
    for name, shares in _groups(layer):
        yield f"  {name:<{NAME}} |{''.join(_shade(share) for share in _binned(shares, MOST_STEPS))}|"
    for trace in layer.traces:
        yield _membrane(trace)
    yield from _rates(layer)


def _membrane(trace: UnitTrace) -> str:
    low, high = min(trace.membranes), max(trace.membranes)
    name = f"unit {trace.unit}, {trace.role} ({trace.firing_rate:.2f})"
    heights = "".join(
        HEIGHTS[_level(value, low, high, len(HEIGHTS))] for value in _binned(trace.membranes, MOST_STEPS // 2)
    )
    return f"  {name:<{NAME}}  {heights}  U from {number(low, 2)} to {number(high, 2)}"


def _rates(layer: LayerTrace) -> Iterator[str]:
    """Yield the histogram of firing rates, without its empty ends."""
    counts = [0] * N_BINS
    for rate in layer.firing_rates:
        counts[min(int(rate * N_BINS), N_BINS - 1)] += 1
    filled = [i for i, n in enumerate(counts) if n]
    for i in range(filled[0], filled[-1] + 1):
        name = f"firing rate {10 * i}-{10 * (i + 1)} %"
        yield f"  {name:<{NAME}}  {counts[i]:>4} {_bar(counts[i] / max(counts))}"


def _occlusion(inspection: Inspection) -> Iterator[str]:
    yield ""
    found = inspection.occlusion
    if found is None:
        yield NO_OCCLUSION
        return
    yield "What moves the outputs: their mean change where it is set to zero"
    yield f"  (over these items an output's standard deviation is {number(found.output_std)})"
    strongest = sorted(found.lags, key=lambda effect: -effect.change)[:MOST_EFFECTS]
    lags = [effect for effect in found.lags if effect in strongest]
    yield from _effects("lag", lags, len(found.lags))
    yield from _effects("feature", list(found.features[:MOST_EFFECTS]), len(found.features))
    if found.n_left_out:
        yield f"  ({count(found.n_left_out, 'rarer feature')}, not tried)"


def _effects(kind: str, effects: Sequence[Effect], n_all: int) -> Iterator[str]:
    largest = max((effect.change for effect in effects), default=0.0) or 1.0
    for effect in effects:
        name = shorten(f"{kind} {effect.label}", 7 * NAME)
        yield f"  {name:<{NAME}}  {number(effect.change)} {_bar(effect.change / largest)}"
    if n_all > len(effects):
        yield f"  ({count(n_all - len(effects), f'more {kind}')} with smaller effects)"


def _energy(inspection: Inspection) -> Iterator[str]:
    yield ""
    yield from _wrapped(f"Energy of the arithmetic: {energy_sentence(inspection)}")
    if not inspection.energy:
        return
    yield f"  {'':<44}{'adds':>9}{'products':>11}{'nJ':>11}"
    for label, adds, products, energy in energy_rows(inspection):
        yield f"  {shorten(label, 7 * 44):<44}{adds:>9}{products:>11}{energy:>11}"
    yield f"  ({ACCUMULATE_PJ} pJ an add, {MULTIPLY_ACCUMULATE_PJ} pJ a product added; Horowitz, ISSCC 2014; no memory)"


def _more_layers(inspection: Inspection) -> list[str]:
    rest = inspection.layers[MOST_LAYERS:]
    lines = [f"  {shorten(layer.layer, 7 * 50):<52} firing rate {percent(layer.firing_rate)}" for layer in rest]
    return ["", *lines] if lines else []


def _groups(layer: LayerTrace) -> Iterator[tuple[str, list[float]]]:
    """Yield the name of each group of units with similar firing rates, and their mean spikes at each step."""
    n_units = len(layer.units)
    order = sorted(range(n_units), key=lambda row: -layer.firing_rates[layer.units[row]])
    size = -(-n_units // MOST_ROWS)
    for first in range(0, n_units, size):
        group = order[first : first + size]
        rates = [layer.firing_rates[layer.units[row]] for row in group]
        name = f"unit {layer.units[group[0]]}" if size == 1 else f"{count(len(group), 'unit')}"
        steps = zip(*(layer.raster[row] for row in group), strict=True)
        yield f"{name} ({sum(rates) / len(rates):.2f})", [sum(step) / len(group) for step in steps]


def _binned(values: Sequence[float], most: int) -> list[float]:
    """Return means of neighbours, at most so many."""
    size = -(-len(values) // most)
    chunks = [values[first : first + size] for first in range(0, len(values), size)]
    return [sum(chunk) / len(chunk) for chunk in chunks]


def _shade(share: float) -> str:
    """Return a shade; only what never fires is blank."""
    return SHADES[-(-int(share * 1000) * (len(SHADES) - 1) // 1000)] if share else SHADES[0]


def _level(value: float, low: float, high: float, n_levels: int) -> int:
    return 0 if high == low else min(n_levels - 1, int((value - low) / (high - low) * n_levels))


def _bar(share: float) -> str:
    return "█" * round(share * 30) or "▏"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, COLUMNS, subsequent_indent="  ", break_on_hyphens=False)
