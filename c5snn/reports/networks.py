"""The state of every network: dead layers, saturated layers, outputs that do not depend on the input."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from c5snn.records import LayerActivity, RunRecord
from c5snn.reports.document import Drawing, Section, Table
from c5snn.reports.figures.canvas import ACCENT, MOST_ROWS, PAGE, WARNING, new_rows, styled, tell
from c5snn.reports.words import MISSING, count, nearly_all, of_all, percent, plural

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Layer", "Network", "draw_firing_rates", "networks_of", "networks_section"]

State = Literal["dead", "saturated", "alive"]

MARKS: dict[State, str] = {"alive": "o", "dead": "X", "saturated": "s"}
SPREAD = 0.28
ALIKE = 0.5  # from this share of items with one output on, a figure says how many they are


@dataclass(frozen=True)
class Layer:
    """What a spiking layer did on validation.

    Args:
        name: Its place in the model.
        firing_rate: Spikes per unit and step.
        silent_share: Share of its units that never fired.
        saturated_share: Share of its units that fired in every step.
        state: ``dead`` when no unit fired, ``saturated`` when all fired always.
    """

    name: str
    firing_rate: float
    silent_share: float
    saturated_share: float
    state: State


@dataclass(frozen=True)
class Network:
    """What the network of one run did on validation.

    Args:
        label: Its configuration.
        seed: Its seed.
        tested: Whether the run was tested.
        layers: Its spiking layers; none of a conventional model.
        synaptic_operations: Per item; None without spiking layers.
        n_distinct: Different outputs among the items.
        same_share: Share of the items that get the commonest of them.
        n_items: How many items it was measured on; None where that is unknown.
        ignores_input: Whether (nearly) all items get the same output, on test where the run was tested.
    """

    label: str
    seed: int
    tested: bool
    layers: list[Layer]
    synaptic_operations: float | None
    n_distinct: int
    same_share: float
    n_items: int | None
    ignores_input: bool

    @property
    def faults(self) -> str:
        """What is wrong with it, in words; empty when nothing is."""
        found = {f"{layer.state} layer" for layer in self.layers if layer.state != "alive"}
        return ", ".join([*sorted(found), *(["ignores its input"] if self.ignores_input else [])])

    @property
    def alike(self) -> str:
        """How many items get the commonest output: a count, since a share of few items looks finer than it is."""
        if self.n_items is None:
            return percent(self.same_share)
        return of_all(round(self.same_share * self.n_items), self.n_items)


def networks_of(label: str, runs: Sequence[RunRecord]) -> list[Network]:
    """Return the networks of a configuration's runs whose activity was measured; a baseline is none."""
    return [
        Network(
            label=label,
            seed=run.seed,
            tested=run.test is not None,
            layers=[_layer(layer) for layer in run.activity.layers],
            synaptic_operations=run.activity.synaptic_operations,
            n_distinct=run.activity.n_distinct,
            same_share=run.activity.same_share,
            n_items=None if "trainer.limit_val_batches" in run.chosen else run.data.n_items.get("val") or None,
            ignores_input=run.activity.ignores_input if run.test is None else run.test.ignores_input,
        )
        for run in runs
        if run.activity is not None and not run.is_baseline
    ]


def networks_section(networks: Sequence[Network], item: str) -> Section:
    """Return the firing rates and the states of the networks.

    Args:
        networks: At least one.
        item: What one item is called.
    """
    rows = [
        [f"{network.label}, seed {network.seed}", network.faults or "no fault",
         ", ".join(percent(layer.firing_rate) for layer in network.layers) or MISSING,
         f"{network.n_distinct:,}", network.alike,
         MISSING if network.synaptic_operations is None else f"{network.synaptic_operations:,.0f}"]
        for network in sorted(networks, key=lambda network: not network.faults)
    ]  # fmt: skip
    columns = ["network", "state", "firing rate of each layer", "distinct outputs",
               f"{plural(item)} with the commonest output", f"synaptic operations per {item}"]  # fmt: skip
    spiking = [network for network in networks if network.layers]
    most = max((network.n_items or 0 for network in networks), default=0)
    nearly = nearly_all(most, item) if most else f"nearly all {plural(item)}"
    n_faulty = count(sum(bool(network.faults) for network in spiking), "network")
    drawing = Drawing(
        f"Firing rate of each spiking layer; {n_faulty} marked as faulty.", partial(draw_firing_rates, spiking)
    )
    return Section(
        "Firing rates and use of the input",
        sentences=[_summary(networks)],
        drawing=drawing if spiking else None,
        tables=[_table(columns, rows)],
        note=(
            "On validation, with the checkpoint that was kept; baselines are not among the networks. A network ignores "
            f"its input (hollow) when {nearly} get the same output, on test where it was tested. A layer is dead "
            "(cross) when none of its units fired, saturated (square) when all of them fired in all steps."
        ),
    )


def _table(columns: list[str], rows: list[list[str]]) -> Table:
    """Return the table without columns that no network has a value in."""
    kept = [i for i in range(len(columns)) if any(row[i] != MISSING for row in rows)]
    return Table([columns[i] for i in kept], [[row[i] for i in kept] for row in rows], n_text=2)


@styled
def draw_firing_rates(networks: Sequence[Network], width: int) -> "Figure":
    """Draw a row for each configuration and a mark for each layer of each of its networks.

    Args:
        networks: Networks with spiking layers.
        width: Width in pixels.
    """
    labels = list(dict.fromkeys(network.label for network in networks))[:MOST_ROWS]
    of_label = {label: [network for network in networks if network.label == label] for label in labels}
    values = [_states(group) for group in of_label.values()]
    figure, axes = new_rows(labels, values, width, "spikes per unit and step")
    axes.set_xlim(-0.03, 1.03)
    for y, group in enumerate(of_label.values()):
        for i, network in enumerate(group):
            height = -y - 0.12 + SPREAD * (i - (len(group) - 1) / 2) / max(1, len(group) - 1)
            colour = WARNING if network.faults else ACCENT
            face = PAGE if network.ignores_input else colour
            for layer in network.layers:
                mark, at = MARKS[layer.state], [layer.firing_rate]
                dot = axes.plot(at, [height], mark, color=colour, ms=6, mfc=face, mew=1.3, clip_on=False)
                where = f"{network.label}, seed {network.seed}, {layer.name}"
                tell(dot, f"{where}: {percent(layer.firing_rate)} ({layer.state})")
    return figure


def _summary(networks: Sequence[Network]) -> str:
    n_ignoring = sum(network.ignores_input for network in networks)
    states = [{layer.state for layer in network.layers} for network in networks]
    n_dead, n_saturated = (sum(state in found for found in states) for state in ("dead", "saturated"))
    is_one = len(networks) == 1
    faults = [
        f"{'it' if is_one else f'{n:,}'} {verb if n == 1 else verbs}"
        for n, verb, verbs in (
            (n_ignoring, "ignores its input", "ignore their input"),
            (n_dead, "has a dead layer", "have a dead layer"),
            (n_saturated, "has a saturated layer", "have a saturated layer"),
        )
        if n
    ]
    found = "; ".join(faults) if faults else "no fault was found"
    return f"{count(len(networks), 'network')} measured: {found}."


def _layer(layer: LayerActivity) -> Layer:
    state: State = "dead" if layer.is_silent else "saturated" if layer.is_saturated else "alive"
    return Layer(layer.layer, layer.firing_rate, layer.silent_share, layer.saturated_share, state)


def _states(group: Sequence[Network]) -> str:
    counts = Counter(network.faults for network in group if network.faults)
    n = len(group)
    found = [f"{faults}{_of(n_faulty, n)}" for faults, n_faulty in counts.most_common()]
    if found:
        return "; ".join(found)
    most = max(group, key=lambda network: network.same_share)
    return f"no fault; {most.alike} alike" if most.same_share >= ALIKE else "no fault"


def _of(n: int, n_networks: int) -> str:
    """Return how many of a configuration's networks; empty where it has one or all of them have the fault."""
    return "" if n == n_networks else f" in {n} of {n_networks}"
