"""Labels of a sweep's configurations and short names of their options, for tables and printed lines."""

from collections.abc import Collection, Mapping, Sequence

from c5snn.sweeps.points import Point
from c5snn.sweeps.spec import SweepSpec
from c5snn.training.configuration import class_of

__all__ = ["configuration_label", "counted", "label", "named_values", "short_names"]


def label(point: Point, spec: SweepSpec) -> str:
    """Return a configuration's label: its model (in a line-up its base or variant) and the searched options."""
    return _label(point, spec, spec.searched)


def configuration_label(point: Point, spec: SweepSpec) -> str:
    """Return the label without the origin, over which a configuration's tests are pooled."""
    origin = f"data.{class_of(point.config['data']).origin_arguments[1]}"
    return _label(point, spec, [option for option in spec.searched if option != origin])


def _label(point: Point, spec: SweepSpec, options: Collection[str]) -> str:
    name = point.model if len(spec.starts) == 1 else point.base
    values = [f"{option}={value}" for option, value in named_values(point.values, options).items()]
    return " ".join([name, *values, *(["(other code)"] if point.kept else [])])


def named_values(values: Mapping[str, object], only: Collection[str] | None = None) -> dict[str, object]:
    """Return the values of options by their short names; with ``only``, these options alone."""
    names = zip(short_names(list(values)), values.items(), strict=True)
    return {name: _shown(value) for name, (option, value) in names if only is None or option in only}


def _shown(value: object) -> object:
    """Return a value for a reader: a class with its arguments as Python would write it."""
    if not (isinstance(value, Mapping) and "class_path" in value):
        return value
    arguments = ", ".join(f"{name}={_shown(argument)}" for name, argument in value.get("init_args", {}).items())
    return f"{value['class_path'].rpartition('.')[2]}({arguments})"


def counted(n: int, noun: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "trial"), counted(0, "trial"), counted(1200, "trial")
    ('1 trial', '0 trials', '1,200 trials')
    """
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def short_names(options: Sequence[str]) -> list[str]:
    """Return the last word of each option, or all of it where that is ambiguous.

    >>> short_names(["model.hidden_size", "data.window"])
    ['hidden_size', 'window']
    """
    last = [option.rpartition(".")[2] for option in options]
    return [name if last.count(name) == 1 else option for name, option in zip(last, options, strict=True)]
