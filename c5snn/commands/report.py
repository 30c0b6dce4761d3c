"""``c5snn report``: what any runs and sweeps are worth together, in the terminal, as a page, as Markdown, as JSON."""

import argparse
from pathlib import Path

__all__ = ["main"]


def main(argv: list[str]) -> int:
    """Compare tested runs."""
    options = _parser().parse_args(argv)
    # torch takes seconds to import; a wrong word above is answered at once
    from c5snn.commands.console import show_progress
    from c5snn.reports.collection import collect
    from c5snn.reports.output import check_output, write_report
    from c5snn.reports.report import make_report
    from c5snn.reports.sections import document_of
    from c5snn.reports.terminal import print_document

    show_progress()
    check_output(options.output, options.figure)
    report = make_report(collect(options.paths), reference=options.reference)
    document = document_of(report)
    # written first: a pipe may close before all is printed
    written = write_report(report, document, options.output, options.figure) if options.output else []
    print_document(document)
    for file in written:
        print(f"written to {file}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="c5snn report",
        description="Say what tested runs can be told from chance, corrected for having looked at all of them; results "
        "on different events, windows or splits stand side by side, never ranked together.",
    )
    parser.add_argument("paths", nargs="+", metavar="RUN_OR_SWEEP", help="runs' folders, sweeps' folders")
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="write it, too: FILE.html one page with figures, FILE.md Markdown, FILE.json every number, "
        "FILE.svg one figure; a folder "
        "takes report.html, report.md and report.json",
    )
    parser.add_argument(
        "--figure", metavar="TITLE", help="the figure of FILE.svg, by the title above it; default: the first"
    )
    parser.add_argument(
        "--reference",
        metavar="LABEL",
        help="on planted signals, hold every other model against this one alone, named as the tables name it",
    )
    return parser
