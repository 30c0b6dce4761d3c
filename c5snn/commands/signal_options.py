"""The options that choose a planted signal; they are those of the signals' own signatures."""

import argparse
from dataclasses import Field, fields
from operator import attrgetter

from c5snn.data.events.signals import Signal
from c5snn.errors import ConfigError

__all__ = ["add_signal_options", "signal_from"]


def add_signal_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--signal`` and one option for each argument of each signal."""
    signals = sorted(Signal.__subclasses__(), key=attrgetter("__name__"))
    names = [signal.__name__ for signal in signals]
    parser.add_argument("--signal", choices=names, default="Repeat", help="the signal in the history (%(default)s)")
    types: dict[str, type] = {}
    uses: dict[str, list[str]] = {}
    for signal in signals:
        for field in _arguments(signal):
            types[field.name] = field.type  # type: ignore[assignment]  # a class: these annotations are not text
            uses.setdefault(field.name, []).append(f"{signal.__name__} ({field.default})")
    for name, signals_that_use_it in uses.items():
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, type=types[name], help=f"of {', '.join(signals_that_use_it)}")


def signal_from(arguments: argparse.Namespace) -> Signal:
    """Return the signal that the options describe.

    Raises:
        ConfigError: An option belongs to another signal, or its value is out of range.
    """
    signals = {signal.__name__: signal for signal in Signal.__subclasses__()}
    owned = {name: {argument.name for argument in _arguments(signal)} for name, signal in signals.items()}
    given = {name for name in set().union(*owned.values()) if getattr(arguments, name) is not None}
    chosen = arguments.signal
    if foreign := sorted(given - owned[chosen]):
        takes = ", ".join(sorted(owned[chosen])) or "no options"
        raise ConfigError(f"`{chosen}` takes {takes}, but got {', '.join(foreign)}. Leave it out or change --signal.")
    return signals[chosen](**{name: getattr(arguments, name) for name in given})


def _arguments(signal: type[Signal]) -> tuple[Field[object], ...]:
    return fields(signal)  # type: ignore[arg-type]  # by the contract of Signal, its subclasses are dataclasses
