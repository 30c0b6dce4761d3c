"""The designs of a parameter budget: which values of the axes give a model of about so many parameters.

A design is one value of each axis. Its count is that of the built model, never a formula's. Designs are named by their
values, such as ``d64-L32-h2-f256``, so a name means the same whatever else is in the space.
"""

import itertools
import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, NamedTuple

from c5snn.errors import ConfigError
from c5snn.sweeps.architectures import FFN_SIZE, RATIO, ArchitectureSpace, is_number
from c5snn.sweeps.space import Number

__all__ = ["Design", "Shape", "Size", "extremes", "feasible", "shallow"]

LETTERS: Final = {"d_model": "d", "num_layers": "L", "num_heads": "h", "ffn_size": "f", "hidden_size": "H"}
MAX_DESIGNS: Final = 20_000
MAX_SOLVED_LAYERS: Final = 1024
SHALLOW: Final = 2  # an option between layers needs two

Shape = Mapping[str, Any]  # the model's options


class Size(NamedTuple):
    """What a model's parameters number with one and with two layers; the rest follows, because layers are alike.

    Args:
        first: With one layer, or in all where there is no axis of depth.
        layer: What each further layer adds.
    """

    first: int
    layer: int = 0

    def at(self, n_layers: int) -> int:
        """Return the count with so many layers."""
        return self.first + (n_layers - 1) * self.layer


@dataclass(frozen=True)
class Design:
    """One architecture that fits.

    Args:
        name: Its values, such as ``d64-L32-h2-f256``.
        shape: The model's options that make it.
        values: Its value on each axis.
        n_parameters: Trainable parameters of the built model.
    """

    name: str
    shape: Shape
    values: Mapping[str, Any]
    n_parameters: int


def feasible(
    space: ArchitectureSpace, size_of: Callable[[Shape], Size | None], count: Callable[[Shape], int]
) -> list[Design]:
    """Return the designs within a budget, smallest first.

    Args:
        space: The budget and its axes.
        size_of: Says what a shape's parameters number, its depth left open; None where no model takes it.
        count: Counts the parameters of the built model of a shape.

    Raises:
        ConfigError: No design is within the budget.
    """
    depth, sizes = space.depth, dict[str, Size | None]()
    found, nearest = list[Design](), math.inf
    for values in _combinations(space):
        flat = {axis: value for axis, value in values.items() if axis != depth}
        key = repr(flat)
        if key not in sizes:
            sizes[key] = size_of(_shape(flat))
        size = sizes[key]
        if size is None:
            continue
        chosen = _solved(space, size, values) if space.solve else values
        if chosen is None:
            continue
        n_parameters = size.at(int(chosen[depth])) if depth else size.first
        nearest = min(nearest, n_parameters, key=lambda n: abs(n - space.budget))
        if space.has(n_parameters) and not _is_excluded(space, chosen, n_parameters):
            found.append(Design(_name(chosen), _shape(chosen), chosen, n_parameters))
    if not found:
        best = "no model takes any of them" if math.isinf(nearest) else f"the nearest has {nearest:,}"
        raise ConfigError(
            f"No architecture has {space.budget:,} parameters ± {space.tolerance:.0%}: {best}; change the budget, "
            "the tolerance or the axes."
        )
    return sorted(_counted(space, found, count), key=lambda design: design.n_parameters)


def shallow(space: ArchitectureSpace, size_of: Callable[[Shape], Size | None]) -> Design | None:
    """Return the first architecture of the axes that a model takes, two layers deep; its size is that of no budget.

    What else is searched is tried on it: layers are alike, and a deep model takes long to build.

    Args:
        space: The axes.
        size_of: As in :func:`feasible`.
    """
    for values in _combinations(space):
        size = size_of(_shape({axis: value for axis, value in values.items() if axis != space.depth}))
        if size is not None:
            chosen = {axis: SHALLOW if axis == space.depth else values[axis] for axis in values}
            chosen |= {space.depth: SHALLOW} if space.depth else {}
            return Design(_name(chosen), _shape(chosen), chosen, size.at(SHALLOW) if space.depth else size.first)
    return None


def extremes(space: ArchitectureSpace, designs: Sequence[Design]) -> dict[str, Design]:
    """Return, for each axis but the ratio, the designs that have its least and its greatest value among all that fit.

    Of several, the one is taken whose other values are nearest to their medians over all designs, on a log scale.

    Args:
        space: The axes.
        designs: The designs that fit.
    """
    axes = [axis for axis in space.axes if axis != RATIO and all(is_number(d.values[axis]) for d in designs)]
    numeric = [*axes, *([RATIO] if RATIO in space.axes else [])]
    medians = {axis: statistics.median(_log(design.values[axis]) for design in designs) for axis in numeric}

    def distance(axis: str, design: Design) -> float:
        return sum(abs(_log(design.values[other]) - medians[other]) for other in numeric if other != axis)

    found = {}
    for axis in axes:
        for word, end in (("min", min), ("max", max)):
            value = end(design.values[axis] for design in designs)
            tied = [design for design in designs if design.values[axis] == value]
            found[f"{word}_{axis.rpartition('.')[2]}"] = min(tied, key=partial(distance, axis))
    return found


def _combinations(space: ArchitectureSpace) -> list[dict[str, Any]]:
    axes = {axis: values for axis, values in space.axes.items() if not (space.solve and axis == space.depth)}
    n_designs = math.prod(len(values) for values in axes.values())
    if n_designs > MAX_DESIGNS:
        raise ConfigError(f"An architecture's axes must have at most {MAX_DESIGNS:,} designs, but have {n_designs:,}.")
    return [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]


def _solved(space: ArchitectureSpace, size: Size, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a design with the depth whose count is nearest to the budget, its axes in their order."""
    if size.layer <= 0 or space.depth is None:
        return None
    n_layers = max(1, round((space.budget - size.first) / size.layer) + 1)
    if n_layers > MAX_SOLVED_LAYERS:
        return None
    return {axis: n_layers if axis == space.depth else values[axis] for axis in space.axes}


def _counted(space: ArchitectureSpace, designs: Sequence[Design], count: Callable[[Shape], int]) -> list[Design]:
    """Return the designs with the counts of their built models; shapes of one count are built once."""
    heads = {axis for axis in space.axes if axis.rpartition(".")[2] == "num_heads"}
    counts = dict[str, int]()
    for design in designs:
        key = repr({name: value for name, value in design.shape.items() if name not in heads})
        if key not in counts:
            counts[key] = count(design.shape)
        if counts[key] != design.n_parameters:
            raise ConfigError(
                f"The parameters of {design.name} must grow by the same number with each layer, but the built model "
                f"has {counts[key]:,} and not {design.n_parameters:,}; search num_layers by itself."
            )
    return list(designs)


def _shape(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the model's options of a design."""
    shape = {axis: value for axis, value in values.items() if axis != RATIO}
    if RATIO in values:
        shape[FFN_SIZE] = round(values[RATIO] * values["model.d_model"])
    return shape


def _name(values: Mapping[str, Any]) -> str:
    parts = []
    for option, value in _shape(values).items():
        short = option.rpartition(".")[2]
        parts.append(f"{LETTERS.get(short, short)}{value}")
    return "-".join(parts)


def _is_excluded(space: ArchitectureSpace, values: Mapping[str, Any], n_parameters: int) -> bool:
    known = {axis.rpartition(".")[2]: value for axis, value in values.items()} | {"n_parameters": n_parameters}
    return any(rule.holds(known) for rule in space.exclude)


def _log(value: Number) -> float:
    return math.log(value) if value > 0 else -1.0  # a zero lies one step below one
