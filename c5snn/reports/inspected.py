"""What a network does on chosen items, in the report of its run: facts, sections and sentences of an inspection."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from c5snn.records import EnergyEstimate, Inspection, LayerTrace, RunRecord, load_inspection
from c5snn.records.inspection import ACCUMULATE_PJ, MULTIPLY_ACCUMULATE_PJ
from c5snn.reports.document import Drawing, Section, Table
from c5snn.reports.figures.inspection import draw_inspection
from c5snn.reports.words import count, number, percent, plural

__all__ = [
    "NO_OCCLUSION",
    "NO_SPIKES",
    "InspectedRun",
    "energy_rows",
    "energy_sentence",
    "inspected_runs",
    "inspection_sections",
    "layer_sentence",
    "lead_of",
]

MOST_FEATURES = 10
NO_SPIKES = "It has no spiking layer: there are no spikes and no membranes to show."
NO_OCCLUSION = "Its inputs are no rows over time, so no lag and no feature can be taken away."


@dataclass(frozen=True)
class InspectedRun:
    """A run whose network was inspected.

    Args:
        label: Its configuration.
        seed: Its seed.
        inspection: What was found.
    """

    label: str
    seed: int
    inspection: Inspection


def inspected_runs(label: str, runs: Sequence[RunRecord]) -> list[InspectedRun]:
    """Return the runs of a configuration that were inspected."""
    found = [(run.seed, load_inspection(run.folder)) for run in runs]
    return [InspectedRun(label, seed, inspection) for seed, inspection in found if inspection is not None]


def inspection_sections(runs: Sequence[InspectedRun]) -> list[Section]:
    """Return a section for each inspected run."""
    return [
        Section(
            f"Inside {run.label}, seed {run.seed}",
            sentences=_sentences(run.inspection),
            drawing=Drawing(
                f"Spikes, membranes, firing rates and occlusion of {run.label}.",
                partial(draw_inspection, run.inspection),
            ),
            tables=_tables(run.inspection),
            note=_note(run.inspection),
        )
        for run in runs
    ]


def lead_of(inspection: Inspection) -> str:
    """Return what was inspected, in a line."""
    items = count(inspection.n_items, inspection.item)
    if not inspection.layers:
        return f"{items}, the last is {inspection.drawn}."
    return f"{items}, of which rasters and membranes show the last: {inspection.drawn}."


def layer_sentence(layer: LayerTrace) -> str:
    """Return a layer's size and its firing rate, in a line."""
    steps = count(len(layer.raster[0]), layer.axis)
    return (
        f"{layer.layer}: {count(len(layer.firing_rates), 'unit')}, {steps}; firing rate "
        f"{percent(layer.firing_rate)}, {layer.n_silent} silent, {layer.n_saturated} saturated"
    )


def energy_rows(inspection: Inspection) -> list[list[str]]:
    """Return a row for each network: its operations and its energy."""
    return [
        [entry.label, f"{entry.accumulates:,.0f}", f"{entry.multiply_accumulates:,.0f}", number(entry.nanojoules, 1)]
        for entry in inspection.energy
    ]


def energy_sentence(inspection: Inspection) -> str:
    """Return how the network's energy compares with that of a GRU; without spikes, that there is nothing to compare."""
    if not inspection.energy:
        return "The model meets no weight, so there is no operation to count."
    own, *others = inspection.energy
    if not inspection.layers:
        return f"Without spikes every weight is met in every step: {number(own.nanojoules, 1)} nJ a {inspection.item}."
    compared = [_ratio(own, other) for other in others if other.label.startswith("a GRU")]
    return f"{number(own.nanojoules, 1)} nJ a {inspection.item}: {' and '.join(compared)}."


def _ratio(own: EnergyEstimate, other: EnergyEstimate) -> str:
    if own.nanojoules == 0:
        return f"nothing, because no value meets a weight, against {other.label}"
    ratio = other.nanojoules / own.nanojoules
    return (
        f"{ratio:.1f} times less than {other.label}" if ratio >= 1 else f"{1 / ratio:.1f} times more than {other.label}"
    )


def _sentences(inspection: Inspection) -> list[str]:
    layers = [f"{layer_sentence(layer)}." for layer in inspection.layers]
    missing = [] if inspection.occlusion else [NO_OCCLUSION]
    return [lead_of(inspection), *(layers or [NO_SPIKES]), *missing, energy_sentence(inspection)]


def _tables(inspection: Inspection) -> list[Table]:
    columns = ["network", "accumulates", "multiply-accumulates", f"nJ a {inspection.item}"]
    tables = [Table(columns, energy_rows(inspection))] if inspection.energy else []
    if inspection.occlusion is not None:
        shown = inspection.occlusion.features[:MOST_FEATURES]
        rows = [[effect.label, number(effect.change)] for effect in shown]
        tables.append(Table(["without", "mean change of an output"], rows))
    return tables


def _note(inspection: Inspection) -> str:
    items = plural(inspection.item)
    energy = (
        f"Energy: {ACCUMULATE_PJ} pJ an accumulate, {MULTIPLY_ACCUMULATE_PJ} pJ a multiply-accumulate (32-bit "
        "floating point at 45 nm; Horowitz, ISSCC 2014). A GRU meets every weight in every step. Memory, membrane "
        "updates and products of spikes with spikes in attention are not counted: this is an estimate, no measurement."
    )
    if inspection.occlusion is None:
        return energy
    scale = number(inspection.occlusion.output_std)
    left_out = f" {inspection.occlusion.n_left_out:,} rarer features were not tried." * bool(
        inspection.occlusion.n_left_out
    )
    return (
        f"A lag or a feature is set to zero and the outputs are computed again; lag 1 is the latest. Over these "
        f"{items} an output's standard deviation is {scale}.{left_out} {energy}"
    )
