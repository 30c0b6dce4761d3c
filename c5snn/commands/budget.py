"""``c5snn budget``: the architectures that fit a sweep's parameter budget, each counted as the built model."""

import csv
import logging
import sys
from typing import TYPE_CHECKING

from c5snn.commands.flags import CommandParser, refuse_misspelt

if TYPE_CHECKING:
    from c5snn.sweeps.study_architectures import PlannedArchitectures

__all__ = ["main"]

BYTES_A_PARAMETER = 16  # weight, gradient and two moments of Adam, four bytes each


def main(argv: list[str]) -> int:
    """List what fits each budget of a sweep's file."""
    parser = _parser()
    options, flags = parser.parse_known_args(argv)
    refuse_misspelt(parser, flags)
    # torch takes seconds to import; a wrong word above is answered at once
    from c5snn.errors import ConfigError
    from c5snn.sweeps.architectures import ARCHITECTURE
    from c5snn.sweeps.spec_file import read_spec
    from c5snn.sweeps.study_each import chosen_combinations
    from c5snn.sweeps.study_planning import make_architectures

    logging.getLogger("lightning.fabric").setLevel(logging.WARNING)
    path, spec = read_spec(options.spec, options.profile)
    if ARCHITECTURE not in spec.space:
        raise ConfigError(f"`{path}` must have `space.{ARCHITECTURE}` with a `budget`, but has none.")
    combinations = chosen_combinations(spec, only=options.only, start_from=None, flags=flags)
    planned, seen = [], set[str]()
    for entry in combinations:
        written = repr(entry.spec.space[ARCHITECTURE])
        if written not in seen:  # other options of `each` change no count
            seen.add(written)
            planned.append(make_architectures(entry.spec, flags, f"`{path}`"))
    if options.format == "csv":
        _write_csv(planned)
        return 0
    for architectures in planned:
        _print(architectures)
    return 0


def _print(planned: "PlannedArchitectures") -> None:
    from c5snn.reports.document import Table
    from c5snn.reports.text import new_console, print_table

    for line in planned.described():
        print(line)
    rows = [[design.name, f"{design.n_parameters:,}", _megabytes(design.n_parameters)] for design in planned.designs]
    print_table(new_console(), Table(["architecture", "parameters", "training state"], rows))


def _write_csv(planned: "list[PlannedArchitectures]") -> None:
    names = list(dict.fromkeys(name for entry in planned for design in entry.designs for name in design.shape))
    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(["budget", "architecture", "n_parameters", "training_bytes", *names])
    for entry in planned:
        for design in entry.designs:
            size = [design.n_parameters, BYTES_A_PARAMETER * design.n_parameters]
            rows.writerow([entry.space.budget, design.name, *size, *(design.shape.get(name, "") for name in names)])


def _megabytes(n_parameters: int) -> str:
    return f"{BYTES_A_PARAMETER * n_parameters / 1e6:,.{0 if n_parameters > 1e6 else 2}f} MB"  # noqa: PLR2004


def _parser() -> CommandParser:
    parser = CommandParser(
        prog="c5snn budget",
        description="List the architectures that fit the parameter budget of a sweep: exact counts of the built "
        "models, and the memory that weights, gradients and Adam take. Nothing is trained.",
        epilog="Flags of `c5snn fit`, such as --data.n_channels 25, apply to every architecture.",
        allow_abbrev=False,
    )
    parser.add_argument("spec", metavar="SPEC", help="the sweep's file, with `space.architecture`")
    parser.add_argument("--profile", help="one of the file's profiles")
    parser.add_argument("--only", metavar="LABEL", help="of several studies (`each`) this one")
    parser.add_argument("--format", choices=("table", "csv"), default="table", help="default: table")
    return parser
