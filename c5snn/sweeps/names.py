"""Labels of a sweep's configurations and short names of their options, for tables and printed lines."""

import re
from collections.abc import Collection, Mapping, Sequence

from c5snn.sweeps.points import Point
from c5snn.sweeps.spec import SweepSpec
from c5snn.training.configuration import class_of

__all__ = ["configuration_label", "counted", "label", "named_values", "origin_option", "short_names", "trial_name"]


MOST_LETTERS = 90  # of a folder's name, so that it stays readable and any file system takes it


def label(point: Point, spec: SweepSpec) -> str:
    """Return a configuration's label: its model (in a line-up its base or variant) and the searched options."""
    return _label(point, spec, spec.searched)


def configuration_label(point: Point, spec: SweepSpec) -> str:
    """Return the label without the origin, over which a configuration's tests are pooled."""
    return _label(point, spec, [option for option in spec.searched if option != origin_option(point)])


def origin_option(point: Point) -> str:
    """Return the option that says at which origin, or in which fold, a configuration is trained and tested."""
    return f"data.{class_of(point.config['data']).origin_arguments[1]}"


def _label(point: Point, spec: SweepSpec, options: Collection[str]) -> str:
    name = point.model if len(spec.starts) == 1 else point.base
    values = [f"{option}={value}" for option, value in named_values(point.values, options).items()]
    return " ".join([name, *values, *(["(other code)"] if point.kept else [])])


def named_values(values: Mapping[str, object], only: Collection[str] | None = None) -> dict[str, object]:
    """Return the values of options by their short names; with ``only``, these options alone."""
    names = zip(short_names(list(values)), values.items(), strict=True)
    return {name: _shown(value) for name, (option, value) in names if only is None or option in only}


def trial_name(number: int, values: Mapping[str, object], seed: int, *, base: str = "") -> str:
    """Return what a trial's folder is called: its configuration's number, what differs, its seed.

    An option is the first letters of its last word, as many as distinguish it; a word as a value needs none.

    >>> trial_name(17, {"model.hidden_size": 64, "model.num_layers": 1, "model.encoding": "direct"}, 42)
    '017-h64-l1-direct-s42'

    Args:
        number: The number of its configuration.
        values: The searched options.
        seed: Its seed.
        base: The base or variant that it starts from, where there are several.
    """
    letters = _letters(short_names(list(values)))
    parts = [base, *(_short_value(*entry) for entry in zip(letters, values, values.values(), strict=True))]
    first = f"{number:03d}"
    for part in (re.sub(r"[^A-Za-z0-9.+]+", "_", part).strip("._") for part in parts):
        if part and len(first) + len(part) < MOST_LETTERS:
            first = f"{first}-{part}"
    return f"{first}-s{seed}"


def _letters(words: Sequence[str]) -> list[str]:
    """Return the first letters of each word that no other begins with; two at least for ``s``, which is the seed."""
    stems = [re.sub(r"^(num|n)_|[_.]", "", word) for word in words]
    found = []
    for i, stem in enumerate(stems):
        others = [other for j, other in enumerate(stems) if j != i]
        n = next((n for n in range(1, len(stem)) if not any(other.startswith(stem[:n]) for other in others)), len(stem))
        found.append(stem[: max(n, 2)] if stem.startswith("s") else stem[:n])
    return found


def _short_value(letters: str, option: str, value: object) -> str:
    if isinstance(value, bool):
        word = option.rpartition(".")[2]
        return word if value else f"no_{word}"
    if isinstance(value, str) and value[:1].isalpha():
        return value.removesuffix(".yaml")
    numbers = value if isinstance(value, list | tuple) else [value]
    if all(isinstance(entry, int | float) for entry in numbers):
        return letters + "_".join(f"{entry:.6g}" for entry in numbers)
    return str(_shown(value)) if isinstance(value, Mapping) else f"{letters}_{value}"


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
