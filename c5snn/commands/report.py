"""``c5snn report``: one leaderboard over any runs and sweeps, in the terminal and as Markdown."""

import argparse
from pathlib import Path

__all__ = ["main"]


def main(argv: list[str]) -> int:
    """Compare tested runs."""
    options = _parser().parse_args(argv)
    # torch takes seconds to import; a wrong word above is answered at once
    from c5snn.commands.console import show_progress
    from c5snn.files import write_text
    from c5snn.reports.leaderboard import contenders, group_runs
    from c5snn.reports.leaderboard_table import markdown, print_leaderboard
    from c5snn.training.result import find_results

    show_progress()
    entries = contenders(group_runs([run for path in options.paths for run in find_results(path)]))
    print_leaderboard(entries)
    if options.output:
        write_text(options.output, markdown(entries))
        print(f"written to {options.output}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="c5snn report",
        description="Compare tested runs: the mean over seeds of each configuration, chance, p-values that survive "
        "having looked at all of them.",
    )
    parser.add_argument("paths", nargs="+", metavar="RUN_OR_SWEEP", help="runs' folders, sweeps' folders")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the leaderboard there as Markdown, too")
    return parser
