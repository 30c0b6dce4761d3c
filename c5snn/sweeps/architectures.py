"""The space of architectures as it is written: a parameter budget, and the axes that are searched under it."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from c5snn.errors import ConfigError
from c5snn.sweeps.exclusions import Exclusion, parse_exclusion

__all__ = ["ARCHITECTURE", "FFN_SIZE", "RATIO", "ArchitectureSpace", "is_number", "read_architecture", "read_budget"]

ARCHITECTURE: Final = "architecture"  # the option that names a design
RATIO: Final = "ff_ratio"  # the axis that sets the feed-forward units as a multiple of d_model
FFN_SIZE: Final = "model.ffn_size"
DEPTH: Final = "num_layers"
DEFAULT_AXES: Final[dict[str, tuple[Any, ...]]] = {
    "model.d_model": (64, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048),
    "model.num_layers": (2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 160, 180, 192, 256),
    "model.num_heads": (2, 4, 8, 16, 32),
    RATIO: (2, 4),
}
KEYS: Final = {"budget", "tolerance", "axes", "exclude", "extremes", "solve", "diversity"}
SUFFIXES: Final = {"": 1, "k": 1e3, "m": 1e6, "b": 1e9}
MAX_BUDGET: Final = 1e13
SOLVED_TOLERANCE: Final = 0.05


@dataclass(frozen=True)
class ArchitectureSpace:
    """A budget and the axes that are searched under it.

    Args:
        budget: Parameters.
        tolerance: How far a design may miss it, as a share.
        axes: The values of each axis; an option of the model, or ``ff_ratio``.
        exclude: Comparisons of axes and ``n_parameters``; a design for which one holds is left out.
        extremes: Whether the designs at the ends of each axis are tried first.
        solve: ``depth``: the number of layers follows from the other axes and the budget.
        diversity: By option how near a trial may lie to the last one of the same architecture.
    """

    budget: int
    tolerance: float
    axes: Mapping[str, tuple[Any, ...]]
    exclude: tuple[Exclusion, ...] = ()
    extremes: bool = True
    solve: str | None = None
    diversity: Mapping[str, float] | None = None

    @property
    def depth(self) -> str | None:
        """The axis of depth, if there is one."""
        return next((axis for axis in self.axes if axis.rpartition(".")[2] == DEPTH), None)

    def has(self, n_parameters: int) -> bool:
        """Say whether a model of so many parameters is within the budget."""
        return abs(n_parameters - self.budget) <= self.tolerance * self.budget


def read_architecture(entry: object, where: str) -> ArchitectureSpace:
    """Read ``space.architecture`` as it is written.

    Args:
        entry: As it is written; its budget is one.
        where: What it is called in an error.

    Raises:
        ConfigError: Something is wrong with it.
    """
    if not isinstance(entry, Mapping):
        raise ConfigError(f"{where} must map {', '.join(sorted(KEYS))} to values, but is {entry!r}.")
    unknown = sorted(entry.keys() - KEYS)
    if unknown:
        raise ConfigError(f"{where} has no key `{unknown[0]}`; it has: {', '.join(sorted(KEYS))}.")
    if "budget" not in entry:
        raise ConfigError(f"{where} must have a `budget`, such as 2M.")
    solve, given = entry.get("solve"), entry.get("axes") or DEFAULT_AXES
    if solve not in {None, "depth"}:
        raise ConfigError(f"{where}.solve must be depth or left out, but is {solve!r}.")
    tolerance = entry.get("tolerance", SOLVED_TOLERANCE if solve else 0.25)
    if isinstance(tolerance, bool) or not isinstance(tolerance, int | float) or not 0 < tolerance < 1:
        raise ConfigError(f"{where}.tolerance: `0 < tolerance < 1` must hold, but got tolerance={tolerance!r}.")
    axes = _axes(given, where)
    space = ArchitectureSpace(
        budget=read_budget(entry["budget"], where),
        tolerance=float(tolerance),
        axes=axes,
        exclude=_exclusions(entry.get("exclude"), axes, where),
        extremes=_flag(entry.get("extremes", True), f"{where}.extremes"),
        solve=solve,
        diversity=_diversity(entry.get("diversity"), where),
    )
    if solve and space.depth is None:
        raise ConfigError(f"{where}.solve needs an axis model.num_layers, which it solves for; its values are ignored.")
    return space


def read_budget(value: object, where: str) -> int:
    """Return a number of parameters, written as a number or as ``50k``, ``2M``, ``1.5B``.

    >>> read_budget("1.5B", "budget"), read_budget(2_000_000, "budget")
    (1500000000, 2000000)
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d*)?)\s*([kKmMbB]?)\s*", str(value)) if not isinstance(value, bool) else None
    number = float(found[1]) * SUFFIXES[found[2].lower()] if found else 0.0
    if not 1 <= number <= MAX_BUDGET:
        raise ConfigError(f"{where}.budget must be a number of parameters such as 50k, 2M or 1.5B, but is {value!r}.")
    return round(number)


def _axes(given: object, where: str) -> dict[str, tuple[Any, ...]]:
    if not isinstance(given, Mapping) or not given:
        raise ConfigError(f"{where}.axes must map options of the model to lists of values, but is {given!r}.")
    axes = {}
    for axis, values in given.items():
        listed = list(values) if isinstance(values, list | tuple) else []
        if not listed or len({repr(value) for value in listed}) < len(listed):
            raise ConfigError(f"{where}.axes.{axis} must be a list of different values, but is {values!r}.")
        if axis != RATIO and not str(axis).startswith("model."):
            raise ConfigError(f"{where}.axes: an axis is an option of the model or {RATIO}, but is {axis!r}.")
        whole = str(axis).rpartition(".")[2] in {"d_model", "num_layers", "num_heads", "ffn_size", "hidden_size"}
        if (whole or axis == RATIO) and not all(is_number(value) and value > 0 for value in listed):
            raise ConfigError(f"{where}.axes.{axis} must be numbers above 0, but is {values!r}.")
        axes[str(axis)] = tuple(listed)
    if RATIO in axes and "model.d_model" not in axes:
        raise ConfigError(f"{where}.axes: {RATIO} is a multiple of model.d_model, which must be an axis, too.")
    return axes


def _exclusions(given: object, axes: Mapping[str, object], where: str) -> tuple[Exclusion, ...]:
    rules = [] if given is None else given
    if not isinstance(rules, list) or not all(isinstance(rule, str) for rule in rules):
        raise ConfigError(f"{where}.exclude must be a list of comparisons, but is {given!r}.")
    names = {axis.rpartition(".")[2] for axis in axes} | {"n_parameters"}
    parsed = tuple(map(parse_exclusion, rules))
    for rule in parsed:
        if unknown := sorted(rule.names - names):
            raise ConfigError(
                f"{where}.exclude: `{rule.text}` names {unknown[0]}; there are: {', '.join(sorted(names))}."
            )
    return parsed


def _flag(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise ConfigError(f"{where} must be true or false, but is {value!r}.")
    return value


def _diversity(given: object, where: str) -> dict[str, float] | None:
    if given is None:
        return None
    holds = isinstance(given, Mapping) and bool(given) and all(is_number(v) and v > 0 for v in given.values())
    if not isinstance(given, Mapping) or not holds:
        raise ConfigError(f"{where}.diversity must map options to distances above 0, but is {given!r}.")
    return {str(name): float(value) for name, value in given.items()}


def is_number(value: object) -> bool:
    """Say whether a value is a finite number; ``true`` is none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
