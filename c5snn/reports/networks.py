"""The state of every network: dead, saturated, or blind to its input."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from c5snn.records.activity import LayerActivity
from c5snn.training.result import RunResult

__all__ = ["Layer", "Network", "networks_of"]

State = Literal["dead", "saturated", "alive"]


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
        synaptic_operations: Per window; None without spiking layers.
        distinct_rankings: Different rankings among the windows.
        same_ranking_share: Share of the windows that get the commonest of them.
        ignores_input: Whether that is all but one window in a hundred.
    """

    label: str
    seed: int
    tested: bool
    layers: list[Layer]
    synaptic_operations: float | None
    distinct_rankings: int
    same_ranking_share: float
    ignores_input: bool

    @property
    def state(self) -> str:
        """What is wrong with it, in words; empty when nothing is."""
        faults = {f"{layer.state} layer" for layer in self.layers if layer.state != "alive"}
        return ", ".join([*sorted(faults), *(["ignores its input"] if self.ignores_input else [])])


def networks_of(label: str, runs: Sequence[RunResult]) -> list[Network]:
    """Return the networks of a configuration's runs that were measured."""
    return [
        Network(
            label=label,
            seed=run.seed,
            tested=run.test is not None,
            layers=[_layer(layer) for layer in run.activity.layers],
            synaptic_operations=run.activity.synaptic_operations,
            distinct_rankings=run.activity.distinct_rankings,
            same_ranking_share=run.activity.same_ranking_share,
            ignores_input=run.activity.ignores_input,
        )
        for run in runs
        if run.activity is not None
    ]


def _layer(layer: LayerActivity) -> Layer:
    state: State = "dead" if layer.is_silent else "saturated" if layer.is_saturated else "alive"
    return Layer(layer.layer, layer.firing_rate, layer.silent_share, layer.saturated_share, state)
