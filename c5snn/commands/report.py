"""``c5snn report``: one document over any runs and sweeps, in the terminal, as a page, as Markdown, as JSON."""

import argparse
from pathlib import Path

from c5snn.commands.flags import CommandParser

__all__ = ["main"]


def main(argv: list[str]) -> int:
    """Compare tested runs, and say what searches have found."""
    options = _parser().parse_args(argv)
    # numpy and rich take a moment to import; a wrong word above is answered at once
    from c5snn.analysis.reading import is_table
    from c5snn.analysis.sections import search_sections, searches_of
    from c5snn.commands.console import show_progress
    from c5snn.printable import printable
    from c5snn.reports.collection import collect
    from c5snn.reports.output import check_output, write_report
    from c5snn.reports.report import document_of, make_report
    from c5snn.reports.text import print_document

    show_progress()
    if options.output is not None and options.output.suffix == ".db":
        from c5snn.sweeps.study_export import export_studies

        n_trials = export_studies(options.paths, options.output)
        print(f"{n_trials} trials written to {options.output}: optuna-dashboard sqlite:///{options.output}")
        return 0
    check_output(options.output, options.figure)
    if all(map(is_table, options.paths)):
        return _report_tables(options)
    folders = [path for path in options.paths if not is_table(path)]
    report = make_report(collect(folders), reference=options.reference)
    document = document_of(report, search_sections(searches_of(options.paths)))
    # written first: a pipe may close before all is printed
    written = write_report(report, document, options.output, options.figure) if options.output else []
    print_document(document)
    for file in written:
        print(printable(f"written to {file}"))
    return 0


def _report_tables(options: argparse.Namespace) -> int:
    """Report searches of other tools, of which there are tables and no runs."""
    from c5snn.analysis.sections import document_of_tables, searches_of
    from c5snn.errors import ConfigError
    from c5snn.printable import printable
    from c5snn.reports.output import write_document
    from c5snn.reports.text import print_document

    if options.output is not None and options.output.suffix == ".json":
        raise ConfigError(
            "Tables have no `report.json`: their numbers are the files that `c5snn analyze TABLE` writes."
        )
    document = document_of_tables(searches_of(options.paths))
    written = write_document(document, options.output, options.figure) if options.output else []
    print_document(document)
    for file in written:
        print(printable(f"written to {file}"))
    return 0


def _parser() -> CommandParser:
    parser = CommandParser(
        prog="c5snn report",
        description="Report which tested runs are better than chance, corrected for having compared all of them, and "
        "what searches have found; several searches are put side by side. Results on different data or splits are "
        "reported side by side and never ranked together.",
    )
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="RUN_OR_SWEEP",
        help="runs' folders, sweeps' folders; tables of searches by other tools (CSV, JSON of an Optuna study)",
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="also write the report: FILE.html a page with figures, FILE.md Markdown, FILE.json every number, FILE.svg "
        "one figure; FILE.db a study as one of Optuna, for optuna-dashboard; a folder gets report.html, report.md and "
        "report.json",
    )
    parser.add_argument(
        "--figure", metavar="TITLE", help="the figure for FILE.svg, by its title in the report; default: the first"
    )
    parser.add_argument(
        "--reference",
        metavar="LABEL",
        help="on planted signals, compare this model with each other one; LABEL is its name in the tables",
    )
    return parser
