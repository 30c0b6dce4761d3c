"""Architectures in a study: the designs of its budget as the values of one option, each standing for several."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from c5snn.errors import ConfigError
from c5snn.sweeps.architectures import ARCHITECTURE, FFN_SIZE, RATIO, ArchitectureSpace, read_architecture
from c5snn.sweeps.designs import Design, Shape, Size, extremes, feasible, shallow
from c5snn.sweeps.faults import Faults
from c5snn.sweeps.names import counted
from c5snn.sweeps.option_paths import flagged_options, without_init_args
from c5snn.sweeps.point_builder import PointBuilder
from c5snn.sweeps.points import Point
from c5snn.sweeps.search_settings import SearchSettings
from c5snn.sweeps.space import Choice, Option, Space, canonical
from c5snn.sweeps.spec import SweepSpec
from c5snn.sweeps.study_checks import build_point
from c5snn.sweeps.study_values import StudyBase, type_values

__all__ = ["PlannedArchitectures", "plan_architectures", "without_architecture"]

WHERE = f"space.{ARCHITECTURE}"


@dataclass(frozen=True)
class PlannedArchitectures:
    """What fits a study's budget.

    Args:
        space: The budget and its axes.
        designs: Those that fit, smallest first.
        extremes: Those at the ends of the axes, by name; empty where they are not tried first.
        shallow: One that is quickly built; what else is searched is checked on it.
    """

    space: ArchitectureSpace
    designs: Sequence[Design]
    extremes: Mapping[str, Design]
    shallow: Design | None = None

    @property
    def option(self) -> Option:
        """The searched option whose values are the designs."""
        return Option(ARCHITECTURE, Choice(tuple(design.name for design in self.designs)), {})

    @property
    def shapes(self) -> dict[str, Shape]:
        """The model's options of each design, and of the one that is quickly built."""
        known = [*self.designs, *([self.shallow] if self.shallow else [])]
        return {design.name: design.shape for design in known}

    @property
    def largest(self) -> int:
        """The most parameters of those that fit."""
        return max(design.n_parameters for design in self.designs)

    def checked_on(self, space: Space) -> Space:
        """Return a space with one architecture, for what has to be built with every other option."""
        name = (self.shallow or self.designs[0]).name
        options = [
            replace(option, domain=Choice((name,))) if option.name == ARCHITECTURE else option
            for option in space.options
        ]
        return replace(space, options=tuple(options))

    def enqueued(self, settings: SearchSettings) -> SearchSettings:
        """Return the settings with the designs at the ends tried first, each once."""
        names = dict.fromkeys(design.name for design in self.extremes.values())
        first = tuple({ARCHITECTURE: name} for name in names)
        return replace(settings, enqueue=(*first[: settings.n_trials], *settings.enqueue))

    def described(self) -> list[str]:
        """Return what fits and what is tried first, in lines."""
        budget, share = f"{self.space.budget:,}", f"{self.space.tolerance:.0%}"
        fewest, most = self.designs[0].n_parameters, self.designs[-1].n_parameters
        n_designs = counted(len(self.designs), "architecture")
        lines = [f"{n_designs} of {budget} parameters ± {share}, {fewest:,} to {most:,}"]
        ends: dict[str, list[str]] = {}
        for name, design in self.extremes.items():
            ends.setdefault(design.name, []).append(name)
        every = len(self.extremes)
        for name, names in ends.items():
            lines.append(f"tried first: {name} ({'every extreme' if len(names) == every else ' and '.join(names)})")
        return lines

    def coverage(self, tried: Collection[str]) -> list[str]:
        """Return how much of what fits was tried, in all and of each axis, in lines.

        Args:
            tried: The names of the designs that were tried.
        """
        known = [design for design in self.designs if design.name in tried]
        lines = [f"{len(known)} of {counted(len(self.designs), 'architecture')} that fit were tried"]
        for axis in self.space.axes:
            there = {canonical(design.values[axis]) for design in self.designs}
            found = {canonical(design.values[axis]) for design in known}
            lines.append(f"{axis.rpartition('.')[2]}: {len(found)} of {counted(len(there), 'value')}")
        return lines

    def is_near(self, params: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]]) -> bool:
        """Say whether a configuration lies too close to the last one of the same architecture.

        Args:
            params: The configuration.
            earlier: Those before it.
        """
        name = params.get(ARCHITECTURE)
        last = next((known for known in reversed(earlier) if known.get(ARCHITECTURE) == name), None)
        if last is None or not self.space.diversity:
            return False
        pairs = [(params.get(option), last.get(option), limit) for option, limit in self.space.diversity.items()]
        return all(_distance(first, second) <= limit for first, second, limit in pairs)


def without_architecture(space: Mapping[str, Any]) -> dict[str, Any]:
    """Return a space as it is written, without its architectures."""
    return {name: entry for name, entry in space.items() if name != ARCHITECTURE}


def plan_architectures(
    spec: SweepSpec, flags: Sequence[str], bases: Sequence[StudyBase], builder: PointBuilder, faults: Faults
) -> PlannedArchitectures | None:
    """Find the designs of ``space.architecture`` and teach the base what each stands for.

    Args:
        spec: The sweep.
        flags: Flags of ``fit`` that apply to every trial.
        bases: The bases; a budget needs one.
        builder: Builds models, to count them.
        faults: Takes what is wrong.

    Returns:
        The designs; None where the space has no architectures, or something is wrong with them.
    """
    if ARCHITECTURE not in spec.space or not bases:
        return None
    if not faults.check(WHERE, "a budget has one base", holds=len(bases) == 1, bases=[base.name for base in bases]):
        return None
    (base,) = bases
    try:
        space = read_architecture(spec.space[ARCHITECTURE], WHERE)
        _check_axes(space, spec, flags, base, faults)
        if faults.found:
            return None
        size_of = partial(_size, space, base, builder=builder)
        designs = feasible(space, size_of, _counter(base, builder))
        probe = shallow(space, size_of)
    except ConfigError as error:
        faults.add(WHERE, str(error))
        return None
    planned = PlannedArchitectures(space, designs, extremes(space, designs) if space.extremes else {}, probe)
    base.shapes |= planned.shapes
    return planned


def _check_axes(
    space: ArchitectureSpace, spec: SweepSpec, flags: Sequence[str], base: StudyBase, faults: Faults
) -> None:
    """Note axes that the model does not have, or that something beside the architecture sets, too."""
    smallest = {axis: values[0] for axis, values in space.axes.items() if axis != RATIO}
    type_values(base, {axis: [value] for axis, value in smallest.items()}, faults, f"{WHERE}.axes.")
    beside = {
        "space.": set(spec.space),
        "options.": set(spec.options),
        "--": flagged_options(flags),
        "variants: ": {name for start in spec.starts for name in start.changes},
        "confirm.options.": set(spec.confirm.options) if spec.confirm else set(),
    }
    decided = {*smallest, *([FFN_SIZE] if RATIO in space.axes else [])}
    for place, names in beside.items():
        for name in sorted(decided & set(map(without_init_args, names))):
            faults.check(f"{place}{name}", "an option is an axis of the architecture or set beside it", holds=False)


def _size(space: ArchitectureSpace, base: StudyBase, shape: Shape, *, builder: PointBuilder) -> Size | None:
    """Return what one and two layers of a shape count; None where no model takes it."""
    depths: list[Shape] = [{**shape, space.depth: n_layers} for n_layers in (1, 2)] if space.depth else [shape]
    points = [build_point(builder, base, depth) for depth in depths]
    counts = [point.n_parameters for point in points if isinstance(point, Point)]
    if len(counts) < len(depths):
        return None
    return Size(counts[0], counts[1] - counts[0]) if space.depth else Size(counts[0])


def _counter(base: StudyBase, builder: PointBuilder) -> Any:  # noqa: ANN401  # a function of a shape
    def count(shape: Shape) -> int:
        built = build_point(builder, base, shape)
        if not isinstance(built, Point):
            raise ConfigError(f"no model takes {canonical(dict(shape))}: {built}")
        return built.n_parameters

    return count


def _distance(first: object, second: object) -> float:
    if isinstance(first, int | float) and isinstance(second, int | float):
        return abs(first - second)
    return 0.0 if canonical(first) == canonical(second) else float("inf")
