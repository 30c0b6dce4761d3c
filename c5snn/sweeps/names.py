"""What the points of a sweep and their options are called wherever a reader meets them."""

from collections.abc import Collection, Mapping, Sequence

from c5snn.sweeps.points import Point
from c5snn.sweeps.spec import SweepSpec

__all__ = ["configuration_label", "label", "named_values", "short_names"]


def label(point: Point, spec: SweepSpec) -> str:
    """Return what tells a point apart: its model, in a line-up its base, and the options that are searched."""
    return _label(point, spec, spec.searched)


def configuration_label(point: Point, spec: SweepSpec) -> str:
    """Return what tells a configuration apart: the same but for the origin, over which its tests are pooled."""
    return _label(point, spec, [option for option in spec.searched if option != "data.origin"])


def _label(point: Point, spec: SweepSpec, options: Collection[str]) -> str:
    name = point.model if len(spec.bases) == 1 else point.base
    values = [f"{option}={value}" for option, value in named_values(point, options).items()]
    return " ".join([name, *values, *(["(other code)"] if point.kept else [])])


def named_values(point: Point, only: Collection[str] | None = None) -> Mapping[str, object]:
    """Return a point's options by their short names; only some of them where ``only`` names them."""
    names = zip(short_names(list(point.values)), point.values.items(), strict=True)
    return {name: _shown(value) for name, (option, value) in names if only is None or option in only}


def _shown(value: object) -> object:
    """Return a value as a reader knows it: a class with its arguments as Python would write it."""
    if not (isinstance(value, Mapping) and "class_path" in value):
        return value
    arguments = ", ".join(f"{name}={_shown(argument)}" for name, argument in value.get("init_args", {}).items())
    return f"{value['class_path'].rpartition('.')[2]}({arguments})"


def short_names(options: Sequence[str]) -> list[str]:
    """Return the last word of each option, or all of it where that is ambiguous.

    >>> short_names(["model.hidden_size", "data.window"])
    ['hidden_size', 'window']
    """
    last = [option.rpartition(".")[2] for option in options]
    return [name if last.count(name) == 1 else option for name, option in zip(last, options, strict=True)]
