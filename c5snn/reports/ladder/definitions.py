"""What the ladder compares: definitions of models, whose tuning options are chosen and not compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from c5snn.reports.configurations import Configuration, differing, label_of

__all__ = ["FLOORS", "Definition", "definitions_of"]

# what any network has to beat before its recurrence or its spikes can be said to add something
FLOORS = ("frequency", "lag_kernel")
TUNING = ("optimizer", "lr_scheduler")


@dataclass(frozen=True)
class Definition:
    """A model with all its options but those that tune its training.

    Args:
        label: Its name and the options that differ between definitions of this name.
        model: The model's short name.
        is_floor: Whether it is no network.
    """

    label: str
    model: str
    is_floor: bool


def definitions_of(configurations: Sequence[Configuration]) -> dict[str, Definition]:
    """Return the definition of each configuration, by the configuration's label."""
    of_name: dict[str, list[Mapping[str, Any]]] = {}
    for entry in configurations:
        of_name.setdefault(entry.name, []).append(_untuned(entry))
    differ = {name: differing(options) for name, options in of_name.items()}
    found = {}
    for entry in configurations:
        options = {name: entry.options.get(name, "default") for name in differ[entry.name]}
        found[entry.label] = Definition(label_of(entry.name, options), entry.model, entry.model in FLOORS)
    return found


def _untuned(entry: Configuration) -> dict[str, Any]:
    return {name: value for name, value in entry.options.items() if name.partition(".")[0] not in TUNING}
