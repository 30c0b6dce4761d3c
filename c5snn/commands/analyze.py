"""``c5snn analyze``: what a finished search says, in eight steps and fifteen files; needs no torch."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from c5snn.commands.flags import CommandParser

if TYPE_CHECKING:
    from c5snn.analysis.findings import AnalysisSettings
    from c5snn.analysis.reading import ReadSearch

__all__ = ["add_reading_options", "main", "read_asked", "settings_of"]

FOLDER = "analysis"


def main(argv: list[str]) -> int:
    """Analyse a search, print the eight steps and write the files."""
    options = _parser().parse_args(argv)
    from rich.console import Console

    from c5snn.analysis.files import WIDTH, write_files
    from c5snn.analysis.findings import analyze_search
    from c5snn.analysis.steps import steps_document
    from c5snn.analysis.top_configs import export_top
    from c5snn.errors import require
    from c5snn.printable import printable
    from c5snn.reports.text import print_sections

    require(
        "1 <= export_top", holds=options.export_top is None or options.export_top >= 1, export_top=options.export_top
    )
    read, spec = read_asked(options)
    findings = analyze_search(read, settings_of(options, spec))
    folder = Path(options.output) if options.output else _default_output(read.search.source)
    written = write_files(findings, folder, _filters(options))
    if options.export_top is not None:
        written += export_top(findings.search, options.export_top, folder, spec)
    print_sections(steps_document(findings), Console(width=WIDTH, highlight=False))
    print(printable(f"\n{len(written)} files written to {folder}"))
    return 0


def read_asked(options: argparse.Namespace) -> "tuple[ReadSearch, dict[str, object]]":
    """Read the search that the words of a command ask for, and the sweep's file that ``--spec`` names."""
    from c5snn.analysis.columns import read_columns
    from c5snn.analysis.reading import read_search
    from c5snn.analysis.spec_content import bases_of, read_spec_content, with_space

    spec = read_spec_content(options.spec) if options.spec else {}
    columns = read_columns(spec["columns"], bases_of(spec)) if spec.get("columns") else None
    read = read_search(
        options.search, metric=options.metric, mode=options.mode, n_random=options.n_random, columns=columns
    )
    return (with_space(read, spec) if spec else read), spec


def settings_of(options: argparse.Namespace, spec: "dict[str, object]") -> "AnalysisSettings":
    """Return how the words of a command ask a search to be analysed."""
    from c5snn.analysis.bounds import read_limits
    from c5snn.analysis.findings import AnalysisSettings

    return AnalysisSettings(
        min_samples=options.min_samples,
        elite_fraction=options.elite_fraction,
        top_k=options.top_k,
        pairs=options.pairs,
        counts=options.counts,
        limits=read_limits(spec.get("hard_limits") or {}),
    )


def add_reading_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what is read and how it is analysed."""
    parser.add_argument(
        "search",
        metavar="SWEEP_OR_TABLE",
        help="a sweep's folder, also while it runs; a CSV with one row a trial; the JSON of an Optuna study; a folder "
        "of one JSON file a trial",
    )
    parser.add_argument(
        "--metric",
        metavar="NAME",
        help='the metric, or arithmetic on recorded metrics, such as "accuracy=(3*val_acc_a+5*val_acc_b)/8"; default: '
        "the one that the search has chosen by",
    )
    parser.add_argument(
        "--mode",
        choices=("max", "min"),
        help="which direction is better; default: that of the metric, needed for arithmetic that does not tell",
    )
    parser.add_argument(
        "--counts", type=_counts, metavar="N,N,…", help="items of each category on validation, to check the metric"
    )
    parser.add_argument(
        "--n-random", type=int, metavar="N", help="of a table: trials with a number below N were drawn at random"
    )
    parser.add_argument(
        "--spec", metavar="SPEC", help="a sweep's file: its space, and its `columns`, which map a table's names"
    )
    parser.add_argument(
        "--min-samples", type=int, default=3, metavar="N", help="trials that a statistic needs (default: 3)"
    )
    parser.add_argument(
        "--elite-fraction",
        type=float,
        default=0.25,
        metavar="SHARE",
        help="share of elites, five at least (default: .25)",
    )
    parser.add_argument(
        "--pairs", nargs="+", default=[], metavar="A,B", help="pairs of options; default: of the three most important"
    )


def _default_output(source: Path) -> Path:
    from c5snn.analysis.own_sweeps import is_sweep

    return source / FOLDER if is_sweep(source) else Path(f"{source.stem}_{FOLDER}")


def _filters(options: argparse.Namespace) -> dict[str, object]:
    names = ("metric", "mode", "counts", "n_random", "spec", "min_samples", "elite_fraction", "top_k", "pairs")
    return {name: getattr(options, name) for name in names}


def _counts(text: str) -> list[int]:
    words = text.split(",")
    if not all(word.strip().isdecimal() for word in words) or not any(int(word) for word in words):
        raise argparse.ArgumentTypeError(f"they must be whole numbers such as 10,7,21, not all 0, but are {text!r}")
    return [int(word) for word in words]


def _parser() -> CommandParser:
    parser = CommandParser(
        prog="c5snn analyze",
        description="Say what a search has found: whether its metric can be trusted, which options matter and "
        "which way, with n, interval and corrected p, where the best trials lie, and which space to search next.",
    )
    add_reading_options(parser)
    parser.add_argument(
        "--top-k", type=int, default=20, metavar="K", help="the best trials that are listed (default: 20)"
    )
    parser.add_argument(
        "--export-top",
        type=int,
        metavar="K",
        help="also write the K best as top_configs.yaml, for `c5snn sweep --enqueue`, and one file each for "
        "`c5snn fit --config`",
    )
    parser.add_argument(
        "--output",
        metavar="DIR",
        help="where the files go (default: SWEEP/analysis; of a table, TABLE_analysis in the current folder)",
    )
    return parser
