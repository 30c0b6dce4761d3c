"""An error of the machine, of other libraries or of a user's own classes, as one line; any other is a bug."""

import os
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

import c5snn

__all__ = ["debugs", "foreign_error"]

DEBUG = "C5SNN_DEBUG"
PACKAGE = Path(c5snn.__file__).parent
# what a configuration names; the class that was at work is named first
NAMED = ("lightning.pytorch.callbacks", "lightning.pytorch.loggers", "lightning.pytorch.profilers", "torch.optim")


def debugs() -> bool:
    """Say whether the reader wants to see where an error comes from."""
    return os.environ.get(DEBUG, "") not in {"", "0"}


def foreign_error(error: Exception) -> str | None:
    """Return an error in one line; None where our own code has raised it.

    Args:
        error: What a command has raised.

    Returns:
        The class that was at work where a configuration has named it, the reason, and where it lies in a user's file.
    """
    files = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)]
    callers = [file for file in files if not _is_standard(file)]  # the standard library fails those who call it
    if not isinstance(error, OSError) and (not callers or _is_ours(callers[-1])):
        return None
    lines = str(error).splitlines()
    # another process's error comes with its traceback; its last line is the reason
    told = lines[-1:] if any(line.startswith("Traceback (most recent") for line in lines) else lines
    message = " ".join(" ".join(told).split()) or "no reason is given"
    kind = type(error).__name__
    reason = message if kind == "MisconfigurationException" else f"{kind}: {message}"
    at_work = _named_class(error.__traceback__)
    subject = f"`{at_work}`: " if at_work and at_work not in message else ""
    place = _place_of_ones_own(error.__traceback__)
    return f"{subject}{reason.removesuffix('.')}{place} ({DEBUG}=1 shows the rest)"


def _named_class(trace: TracebackType | None) -> str | None:
    """Return the innermost class of those that a configuration names."""
    selves: list[Any] = [frame.f_locals.get("self") for frame, _ in traceback.walk_tb(trace)]
    named = [type(entry) for entry in selves if type(entry).__module__.startswith(NAMED)]
    return named[-1].__name__ if named else None


def _place_of_ones_own(trace: TracebackType | None) -> str:
    """Return the innermost line that is neither ours nor installed."""
    lines = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(trace)]
    own = [(Path(file), line) for file, line in lines if not _is_ours(file) and not _is_installed(file)]
    return f" in {own[-1][0].name}, line {own[-1][1]}" if own else ""


def _is_ours(file: str) -> bool:
    return Path(file).is_relative_to(PACKAGE)


def _is_installed(file: str) -> bool:
    return "site-packages" in file or _is_standard(file)


def _is_standard(file: str) -> bool:
    is_library = Path(file).is_relative_to(Path(os.__file__).parent) and "site-packages" not in file
    return file.startswith("<") or is_library
