"""Errors that a user can fix, each with the exit code of the command. Any other exception is a bug."""

import difflib
from collections.abc import Iterable
from typing import ClassVar

__all__ = [
    "C5Error",
    "CheckpointError",
    "ConfigError",
    "DataError",
    "OutOfMemoryError",
    "OutputError",
    "OutputInUseError",
    "TrainingDivergedError",
    "require",
    "require_known",
    "require_positive",
]


class C5Error(Exception):
    """An error that the user can fix; the message states the rule, the values and the way out."""

    exit_code: ClassVar[int] = 2


class ConfigError(C5Error):
    """An argument, a configuration file or a combination of both is wrong."""


class DataError(C5Error):
    """A history is invalid; the message names file, row and column."""


class CheckpointError(C5Error):
    """A checkpoint is damaged, unsafe or belongs to something else."""


class OutputError(C5Error):
    """A result could not be written; what stood there before is unchanged."""

    exit_code: ClassVar[int] = 1


class OutputInUseError(C5Error):
    """Another process is writing there; nothing was changed."""

    exit_code: ClassVar[int] = 3


class TrainingDivergedError(C5Error):
    """The loss or a weight became NaN or infinite."""

    exit_code: ClassVar[int] = 1


class OutOfMemoryError(C5Error):
    """The machine's memory has run out."""

    exit_code: ClassVar[int] = 1


def require(rule: str, *, holds: bool, fix: str = "", error: type[C5Error] = ConfigError, **values: object) -> None:
    """Raise an error that states a rule, the values that break it, and the way out.

    Args:
        rule: The rule as code.
        holds: Whether it does.
        fix: What to do instead, as a sentence.
        error: The kind of error.
        values: The values in the rule.

    Raises:
        C5Error: The rule does not hold; the error is of the given kind.

    >>> require("1 <= window < n_events", holds=False, window=900, n_events=600, fix="Give more events.")
    Traceback (most recent call last):
    c5snn.errors.ConfigError: `1 <= window < n_events` must hold, but got window=900, n_events=600. Give more events.
    """
    if not holds:
        got = ", ".join(f"{name}={value!r}" for name, value in values.items())
        raise error(f"`{rule}` must hold, but got {got}.{' ' if fix else ''}{fix}")


def require_known(what: str, name: str, known: Iterable[str]) -> None:
    """Raise unless a name is among those that are known; the error suggests the nearest one.

    Raises:
        ConfigError: It is not.

    >>> require_known("kind", "modls", ["models", "runs"])
    Traceback (most recent call last):
    c5snn.errors.ConfigError: There is no kind `modls`. Did you mean `models`?
    """
    names = list(known)
    if name not in names:
        close = difflib.get_close_matches(name, names, n=1)
        hint = f"Did you mean `{close[0]}`?" if close else f"There are: {', '.join(names)}."
        raise ConfigError(f"There is no {what} `{name}`. {hint}")


def require_positive(**counts: int) -> None:
    """Raise unless every count is at least 1.

    Raises:
        ConfigError: One is not.
    """
    for name, count in counts.items():
        if count < 1:
            raise ConfigError(f"`{name} >= 1` must hold, but got {name}={count}.")
