"""``c5snn inspect``: what a trained network does on chosen items, in the terminal, as a figure, for its report."""

from pathlib import Path

from c5snn.commands.flags import CommandParser

__all__ = ["main"]

SUFFIXES = (".png", ".svg")


def main(argv: list[str]) -> int:
    """Inspect a run; print what was found, and keep it for the run's report."""
    options, flags = _parser().parse_known_args(argv)
    from c5snn.errors import ConfigError

    if options.output is not None and options.output.suffix not in SUFFIXES:
        raise ConfigError(f"The output must end in {' or '.join(SUFFIXES)}, but is `{options.output}`.")
    # torch takes seconds to import; a wrong word above is answered at once
    from c5snn.commands.console import show_progress
    from c5snn.printable import printable
    from c5snn.reports.inspected_text import inspection_lines
    from c5snn.reports.output import write_inspection
    from c5snn.training.inspection import inspect_run

    show_progress()
    found = inspect_run([options.run, *flags], as_of=options.as_of, item=options.item, n_items=options.windows)
    written = [] if found.folder is None else [found.inspection.save(found.folder)]
    if options.output is not None:
        write_inspection(found.inspection, options.output)
        written.append(options.output)
    for line in inspection_lines(found.inspection):
        print(printable(line))
    for file in written:
        print(printable(f"written to {file}"))
    return 0


def _parser() -> CommandParser:
    parser = CommandParser(
        prog="c5snn inspect",
        description="Show what a trained network does: spikes and membranes on one item, firing rates, which lags and "
        "parts move its output, and the energy of its arithmetic beside that of a GRU. The run's report shows it, too.",
        epilog="Flags of `c5snn fit`, such as --data.path FILE for newer data, apply as well.",
    )
    parser.add_argument("run", metavar="RUN", help="a run's folder, or a model's folder for its newest run")
    parser.add_argument(
        "--as-of", "--as_of", metavar="DATE", help="inspect what ends at this ISO date or time, of test or not"
    )
    parser.add_argument(
        "--item", type=int, default=-1, metavar="I", help="the test item that is drawn, from 0 or from the end (-1)"
    )
    parser.add_argument(
        "--windows", type=int, default=64, metavar="N", help="inspect so many items up to that one (default: 64)"
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="also draw it: FILE.png or FILE.svg")
    return parser
