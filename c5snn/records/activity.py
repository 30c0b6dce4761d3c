"""How alive a network is, as plain values: what its spiking layers do, and whether its output depends on its input.

Firing rates are a symptom. That different windows get different rankings is the test.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from c5snn.evidence import CONSTANT_SHARE

__all__ = ["LayerActivity", "NetworkActivity"]


@dataclass(frozen=True)
class LayerActivity:
    """What a spiking layer did on validation.

    Args:
        layer: The module's path in the model, such as ``recurrent.layers.0``.
        firing_rate: Spikes per unit and step.
        silent_share: Share of the units that never fired.
        saturated_share: Share of the units that fired in every step.
    """

    layer: str
    firing_rate: float
    silent_share: float
    saturated_share: float

    @property
    def is_silent(self) -> bool:
        """Whether no unit ever fired: the layer is dead."""
        return self.silent_share == 1

    @property
    def is_saturated(self) -> bool:
        """Whether every unit fired in every step: the layer says nothing either."""
        return self.saturated_share == 1


@dataclass(frozen=True)
class NetworkActivity:
    """What a network did on validation.

    Args:
        layers: Its spiking layers, in the order of the model's definition; none of a conventional model.
        synaptic_operations: Per window, as :mod:`c5snn.training.synaptic_operations` counts them; None without
            spiking layers.
        n_distinct: Different answers among the items, such as rankings.
        same_share: Share of the items that get the commonest of them.
        output_std: Standard deviation of an output over the items, averaged over the outputs.
    """

    layers: tuple[LayerActivity, ...]
    synaptic_operations: float | None
    n_distinct: int
    same_share: float
    output_std: float

    @property
    def ignores_input(self) -> bool:
        """Whether all but one window in a hundred get the same ranking.

        A network of spikes that has become a constant still lets a rare window flip one unit.
        """
        return self.same_share >= CONSTANT_SHARE

    def logged(self) -> dict[str, float]:
        """Return the values by the names under which they are logged."""
        values = {_name(entry.layer, value): getattr(entry, value) for entry in self.layers for value in _LAYER_VALUES}
        if self.synaptic_operations is not None:
            values["synaptic_operations"] = self.synaptic_operations
        return values | {
            "distinct_outputs": float(self.n_distinct),
            "same_output_share": self.same_share,
            "output_std": self.output_std,
        }

    @classmethod
    def from_logged(cls, values: Mapping[str, int | float], layers: Iterable[str]) -> "NetworkActivity | None":
        """Return the activity from logged values; None where it was not logged.

        Args:
            values: What :meth:`logged` returned, among others.
            layers: Paths of the model's spiking layers, in order.
        """
        if "distinct_outputs" not in values:
            return None
        return cls(
            layers=tuple(
                LayerActivity(layer, *(values[_name(layer, value)] for value in _LAYER_VALUES))
                for layer in layers
                if _name(layer, "firing_rate") in values
            ),
            synaptic_operations=values.get("synaptic_operations"),
            n_distinct=int(values["distinct_outputs"]),
            same_share=values["same_output_share"],
            output_std=values["output_std"],
        )

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> "NetworkActivity":
        """Return the activity from the mapping that :func:`dataclasses.asdict` made of it."""
        return cls(**{**fields, "layers": tuple(LayerActivity(**layer) for layer in fields["layers"])})


_LAYER_VALUES = ("firing_rate", "silent_share", "saturated_share")


def _name(layer: str, value: str) -> str:
    return f"spikes/{layer}/{value}"
