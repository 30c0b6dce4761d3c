"""``c5snn status``: how a sweep is doing, from its folder alone, while it runs or after; needs no torch."""

import shutil
import sys
import textwrap
from pathlib import Path

from c5snn.commands.flags import CommandParser
from c5snn.errors import ConfigError

__all__ = ["main"]


def main(argv: list[str]) -> int:
    """Print how sweeps are doing."""
    options = _parser().parse_args(argv)
    from c5snn.sweeps.study_status import machine_lines, status_lines

    lines = [line for path in options.paths for line in status_lines(_folder(path))]
    for line in [*lines, *machine_lines()]:
        print(_wrapped(line) if sys.stdout.isatty() else line)
    return 0


def _wrapped(line: str) -> str:
    """Return a line of status, broken at blanks where the terminal ends, what follows further in."""
    width = shutil.get_terminal_size().columns
    return textwrap.fill(line, width, subsequent_indent=" " * 4, break_long_words=False, break_on_hyphens=False)


def _folder(name: str) -> Path:
    """Return the output of a sweep: a folder as given or below ``sweeps/``, also by the name of its file."""
    for path in (Path(name), Path("sweeps") / name, Path("sweeps") / Path(name).stem):
        if path.is_dir():
            return path
    raise ConfigError(f"A sweep's folder must be given, but `{name}` is none; `c5snn sweep` makes it.")


def _parser() -> CommandParser:
    parser = CommandParser(
        prog="c5snn status",
        description="Say how sweeps are doing: trials by state, the best and how it was reached, failures, durations, "
        "shares of branches, targets, the machine, the time left. It reads their folders and disturbs nothing.",
    )
    parser.add_argument("paths", nargs="+", metavar="SWEEP", help="a sweep's folder, as given or in ./sweeps/")
    return parser
