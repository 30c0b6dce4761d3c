"""The command table: imports and runs a command, and prints a user's mistake as one line."""

import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from c5snn import __version__
from c5snn.commands.table import COMMANDS
from c5snn.errors import C5Error
from c5snn.printable import printable, write_any_text

__all__ = ["COMMANDS", "main", "run"]

USAGE = """usage: c5snn COMMAND ...

Does a spiking recurrent network learn anything from a history of events, and how sure are we?

commands:
{commands}

c5snn COMMAND --help      what a command takes
c5snn --version           the version
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code.

    Args:
        argv: The words after ``c5snn``; default: those of the process.

    Returns:
        0 done; 1 failed; 2 wrong input or usage; 3 output in use; 4 finished with failed trials; 130 and 143 after
        Ctrl-C and SIGTERM.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] in {"-h", "--help", "help"}:
        print(_usage())
        return 0 if words else 2
    if words[0] == "--version":
        print(__version__)
        return 0
    if words[0] not in COMMANDS:
        print(f"c5snn: there is no command {words[0]!r}. {_nearest(words[0])}", file=sys.stderr)
        return 2
    return _run_command(*words)


def run() -> None:
    """Run the process's command line and end the process with its exit code."""
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        write_any_text(stream)
    sys.exit(main())


def _open_closed_streams() -> None:
    """Give a process that was started without a standard stream one that takes everything."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115  # for the life of the process


def _run_command(name: str, *arguments: str) -> int:
    # two OpenMP threads with active waiting stall for seconds on small machines; a user's own setting wins
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        module, _, function = COMMANDS[name][0].partition(":")
        exit_code = int(getattr(importlib.import_module(module), function)(list(arguments)))
        sys.stdout.flush()
    except C5Error as error:
        _explain(name, str(error))
        return error.exit_code
    except SystemExit as end:  # argparse ends --help with 0 and a usage error with 2
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `c5snn … | head`: the reader has gone
        _discard_output()
        return 1
    # whatever other libraries, a user's classes or the system raise becomes one line; our own bugs go on as they are
    except Exception as error:
        reason = _reason(error)
        if reason is None:  # a bug, which shows where it is
            raise
        _explain(name, reason)
        return 1
    return exit_code


def _reason(error: Exception) -> str | None:
    """Return why a command has failed that could not foresee it, in one line; None where that is a bug."""
    from c5snn.commands.foreign_errors import foreign_error

    if isinstance(error, OSError) and _is_output_full():
        _discard_output()
        return f"standard output could not be written: {error.strerror or error}."
    return foreign_error(error)


def _explain(command: str, reason: str) -> None:
    """Say why a command has failed, in one line; and where, to a reader who asks for it."""
    from c5snn.commands.foreign_errors import debugs

    if debugs():
        traceback.print_exc()
    print(printable(f"c5snn {command}: {reason}"), file=sys.stderr)


def _is_output_full() -> bool:
    """Return whether standard output is what cannot be written."""
    try:
        descriptor = sys.stdout.fileno()
    except OSError:  # none of the process's own
        return False
    try:
        os.write(descriptor, b"\n")
    except OSError:
        return True
    return False


def _discard_output() -> None:
    """Send what standard output still holds nowhere, so that the end of the process does not fail on it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _nearest(word: str) -> str:
    import difflib

    close = difflib.get_close_matches(word, COMMANDS, n=1)
    return f"Did you mean `{close[0]}`?" if close else f"There are: {', '.join(COMMANDS)}."


def _usage() -> str:
    return USAGE.format(commands="\n".join(f"  {name:<10} {text}" for name, (_, text) in COMMANDS.items()))
