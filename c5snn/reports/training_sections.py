"""The sections about training: what was screened, what the swept options do, how it went, what fires."""

from functools import partial

from c5snn.reports.comparison import Comparison
from c5snn.reports.document import Drawing, Section, Table
from c5snn.reports.effects import Effect
from c5snn.reports.figures.curves import draw_curves
from c5snn.reports.figures.effects import draw_effects
from c5snn.reports.figures.firing import draw_firing
from c5snn.reports.networks import Network
from c5snn.reports.sentences import METRIC
from c5snn.reports.words import MISSING, count, difference, interval, listed, number, percent, seconds, spread

__all__ = ["training_sections"]

BARE = "Validation has chosen epochs and configurations, so its values carry neither p nor interval."
LISTED = 20
MOST_VALUES = 24


def training_sections(comparison: Comparison) -> list[Section]:
    """Return the sections about how a comparison's networks were trained."""
    return [
        *([_screened(comparison)] if comparison.screened else []),
        *([_curves(comparison)] if comparison.curves else []),
        *([_effects(comparison.effects)] if comparison.effects else []),
        *([_networks(comparison.networks)] if comparison.networks else []),
    ]


def _screened(comparison: Comparison) -> Section:
    rows = [
        [entry.label, ", ".join(map(str, entry.seeds)), spread(entry.val), f"{entry.n_parameters:,}",
         seconds(entry.training_time_s)]
        for entry in comparison.screened[:LISTED]
    ]  # fmt: skip
    n = len(comparison.screened)
    more = f", the first {LISTED} of them below" if n > LISTED else ""
    return Section(
        "Screened only",
        sentences=[f"{count(n, 'configuration')} trained and not tested{more}."],
        tables=[Table(["configuration", "seeds", f"{METRIC} on validation", "parameters", "training"], rows)],
        note=BARE,
        is_short=not comparison.contenders,
    )


def _curves(comparison: Comparison) -> Section:
    labels = list(dict.fromkeys(curve.label for curve in comparison.curves))
    return Section(
        "Learning curves",
        drawing=Drawing(
            f"{METRIC} on validation and the losses after each epoch, of {listed(labels)}.",
            partial(draw_curves, comparison.curves, comparison.chance),
        ),
        note=(
            f"Left: {METRIC} on validation, a line for each seed, a dot at the epoch that was kept, chance dotted. "
            f"Right: loss on validation, and dashed on train. {BARE}"
        ),
    )


def _effects(effects: list[Effect]) -> Section:
    shown = [effect for effect in effects if len(effect.val) <= MOST_VALUES]
    named = [(f"{effect.model} {effect.option.rpartition('.')[2]}", effect) for effect in shown]
    rows = [
        [f"{name}={entry.value}", str(entry.n), number(entry.mean),
         f"{number(entry.low)} to {number(entry.high)}" if entry.n > 1 else MISSING]
        for name, effect in named
        for entry in effect.val
    ]  # fmt: skip
    tested = [
        [f"{name}={entry.value}", f"={entry.reference}", str(entry.n_pairs), difference(entry.difference),
         interval(entry.interval, signed=True)]
        for name, effect in named
        for entry in effect.test
    ]  # fmt: skip
    says = (
        "On test, configurations that differ in this option alone are paired on the same windows."
        if tested
        else "No two tested configurations differ in one option alone, so no effect can be given with an interval."
    )
    left_out = [effect.option for effect in effects if effect not in shown]
    if left_out:
        says = f"{says} More than {MOST_VALUES} values, in the JSON only: {listed(left_out)}."
    validated = [effect for effect in shown if effect.val]
    columns = ["option", "configurations", f"mean {METRIC} on validation", "lowest to highest"]
    pairs = ["option on test", "against", "pairs", f"difference in {METRIC}", "95 % interval"]
    return Section(
        "Effect of each option",
        sentences=[says],
        drawing=Drawing(
            f"Mean {METRIC} on validation at each value of each option, over all other options.",
            partial(draw_effects, validated),
        )
        if validated
        else None,
        tables=[table for table in (Table(columns, rows), Table(pairs, tested, n_text=2)) if table.rows],
        note=f"On validation, the mean over all configurations with the value, and the range of them. {BARE}",
    )


def _networks(networks: list[Network]) -> Section:
    n = count(len(networks), "network")
    faulty = [network for network in networks if network.state]
    blind = sum(network.ignores_input for network in networks)
    states = [{layer.state for layer in network.layers} for network in networks]
    dead, saturated = (sum(state in found for found in states) for state in ("dead", "saturated"))
    rows = [
        [f"{network.label}, seed {network.seed}", network.state or "alive",
         ", ".join(percent(layer.firing_rate) for layer in network.layers) or MISSING,
         f"{network.distinct_rankings:,}", percent(network.same_ranking_share),
         MISSING if network.synaptic_operations is None else f"{network.synaptic_operations:,.0f}"]
        for network in sorted(networks, key=lambda network: not network.state)[:LISTED]
    ]  # fmt: skip
    columns = ["network", "state", "firing rate of each layer", "distinct rankings", "commonest", "operations"]
    spiking = [network for network in networks if network.layers]
    return Section(
        "What fires, and what heeds its input",
        sentences=[
            f"Of {n}, {blind} ignore their input, {dead} have a dead layer and {saturated} a saturated one"
            + (f"; the table shows {LISTED} of them, the faulty ones first." if len(networks) > LISTED else ".")
        ],
        drawing=Drawing(
            f"Firing rate of each spiking layer; {count(len(faulty), 'network')} marked as faulty.",
            partial(draw_firing, spiking),
        )
        if spiking
        else None,
        tables=[Table(columns, rows, n_text=2)],
        note=(
            "On validation, with the checkpoint that was kept. A network ignores its input (hollow) when 99 of 100 "
            "windows get the same ranking; a layer is dead (cross) when no unit ever fires, saturated (square) when "
            "every unit fires in every step."
        ),
    )
