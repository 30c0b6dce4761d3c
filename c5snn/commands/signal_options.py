"""The options that choose a planted signal and a law of sizes; they are those of these classes' own signatures."""

import argparse
from dataclasses import Field, fields
from operator import attrgetter
from typing import Any, TypeVar

from c5snn.data.events.signals import Signal
from c5snn.data.events.sizes import SizeLaw
from c5snn.errors import ConfigError

__all__ = ["add_signal_options", "signal_from", "sizes_from"]

Family = TypeVar("Family", Signal, SizeLaw)


def add_signal_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--signal`` and ``--sizes``, and one option for each argument of each of their classes."""
    signals, laws = _known(Signal.__subclasses__()), _known(SizeLaw.__subclasses__())
    parser.add_argument("--signal", choices=signals, help="the signal in the history (Repeat)")
    parser.add_argument(
        "--sizes", choices=laws, help="the law of the sizes of events (none: all have --n-active parts)"
    )
    types: dict[str, type] = {}
    uses: dict[str, list[str]] = {}
    for name, chosen in (signals | laws).items():
        for field in _arguments(chosen):
            types[field.name] = field.type  # type: ignore[assignment]  # a class: these annotations are not text
            uses.setdefault(field.name, []).append(f"{name} ({field.default})")
    for name, classes_that_use_it in uses.items():
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, type=types[name], help=f"of {', '.join(classes_that_use_it)}")


def signal_from(arguments: argparse.Namespace) -> Signal:
    """Return the signal that the options describe.

    Raises:
        ConfigError: An option belongs to another signal, or its value is out of range.
    """
    return _built(arguments, Signal.__subclasses__(), arguments.signal or "Repeat", "--signal")


def sizes_from(arguments: argparse.Namespace) -> SizeLaw | None:
    """Return the law of sizes that the options describe; None where they name none.

    Raises:
        ConfigError: An option belongs to another law, or its value is out of range.
    """
    if arguments.sizes is not None:
        return _built(arguments, SizeLaw.__subclasses__(), arguments.sizes, "--sizes")
    if given := sorted(name for name in _owned(SizeLaw.__subclasses__()) if getattr(arguments, name) is not None):
        raise ConfigError(f"`--{given[0]}` is of a law of sizes, but there is none. Say --sizes, or leave it out.")
    return None


def _built(arguments: argparse.Namespace, family: list[type[Family]], chosen: str, option: str) -> Family:
    classes = _known(family)
    given = {name for name in _owned(family) if getattr(arguments, name) is not None}
    owned = {field.name for field in _arguments(classes[chosen])}
    if foreign := sorted(given - owned):
        takes = ", ".join(sorted(owned)) or "no options"
        raise ConfigError(f"`{chosen}` takes {takes}, but got {', '.join(foreign)}. Leave it out or change {option}.")
    return classes[chosen](**{name: getattr(arguments, name) for name in given})


def _known(family: list[type[Family]]) -> dict[str, type[Family]]:
    return {chosen.__name__: chosen for chosen in sorted(family, key=attrgetter("__name__"))}


def _owned(family: list[type[Family]]) -> set[str]:
    return {field.name for chosen in _known(family).values() for field in _arguments(chosen)}


def _arguments(chosen: type[Signal] | type[SizeLaw]) -> tuple[Field[Any], ...]:
    return fields(chosen)  # type: ignore[arg-type]  # by the contract of its family, a dataclass
