"""``c5snn list``: shipped configurations and sweeps, models, signals, and runs with their results; needs no torch."""

import textwrap
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from c5snn.commands.flags import CommandParser

if TYPE_CHECKING:
    from c5snn.records import RunRecord

__all__ = ["main"]

KINDS = ("configs", "sweeps", "models", "signals", "runs")
MOST_RUNS = 20
WIDTH = 80
MOST_NAME = 34  # characters of a name beside which a line still starts


def main(argv: list[str]) -> int:
    """List what there is."""
    options = _parser().parse_args(argv)
    from c5snn.errors import require_known

    for kind in options.kinds:
        require_known("kind", kind, KINDS)
    for kind in options.kinds or KINDS:
        if kind == "runs":
            _print_runs(options.folder, None if options.all else MOST_RUNS)
            continue
        title, rows = _listed(kind)
        print(f"{title}:")
        for line in _lines(rows):
            print(line)
        print()
    return 0


def _listed(kind: str) -> tuple[str, list[tuple[str, str]]]:
    """Return what shipped things of a kind are called in a command, and each with what it is."""
    from c5snn.commands.catalogue import models, shipped, signals

    if kind == "models":
        return "models (--model NAME)", [(entry.short, entry.says) for entry in models()]
    if kind == "signals":
        return "signals (--data.signal NAME)", [(entry.name, entry.says) for entry in signals()]
    if kind == "sweeps":
        return "sweeps (c5snn sweep NAME)", [(entry.name, entry.says) for entry in shipped("sweeps")]
    return "configurations (c5snn fit --config NAME)", [(entry.name, entry.says) for entry in shipped("configs")]


def _lines(rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a line or more per name and what is said of it."""
    rows = list(rows)
    width = max((len(name) for name, _ in rows if len(name) <= MOST_NAME), default=0)
    lines = []
    for name, says in rows:
        text = textwrap.wrap(says, WIDTH - width - 4, break_long_words=False, break_on_hyphens=False) or [""]
        lines += [f"  {name:<{width}}  {text[0]}".rstrip(), *(" " * (width + 4) + line for line in text[1:])]
    return lines


def _print_runs(root: Path, limit: int | None) -> None:
    from c5snn.commands.catalogue import run_folders
    from c5snn.reports.document import Table
    from c5snn.reports.text import new_console, print_table

    folders = run_folders(root)
    shown = folders[:limit]
    more = f", the newest {len(shown)} of {len(folders)} (--all shows all)" if len(shown) < len(folders) else ""
    print(f"runs in {root}, the newest first{more}:")
    if not folders:
        print("  none; `c5snn fit --config spike_gru.yaml` makes one")
        return
    columns = ["run", "ended", "status", "validation", "test", "verdict"]
    print_table(new_console(), Table(columns, [_row(folder, root) for folder in shown]))


def _row(folder: Path, root: Path) -> list[str]:
    from c5snn.errors import C5Error
    from c5snn.records import load_run
    from c5snn.records.run_folder import RESULT

    name = folder.relative_to(root).as_posix()
    if not (folder / RESULT).is_file():
        return [name, "", "running or killed", "–", "–", ""]
    ended = datetime.fromtimestamp((folder / RESULT).stat().st_mtime, UTC).astimezone()
    try:
        run = load_run(folder)
    except C5Error:
        return [name, f"{ended:%Y-%m-%d %H:%M}", "damaged", "–", "–", ""]
    return [name, f"{ended:%Y-%m-%d %H:%M}", run.status, *_results(run)]


def _results(run: "RunRecord") -> list[str]:
    """Return the headline on validation and on test, and what the test is worth."""
    label = run.headline.label
    val = "–" if run.monitored is None else f"{label} {run.monitored:.4f}"
    if run.test is None:
        return [val, "–", ""]
    return [val, f"{run.test.score.value:.4f}", run.test.verdict.level]


def _parser() -> CommandParser:
    parser = CommandParser(
        prog="c5snn list",
        description="List shipped configurations and sweeps, models, signals, and runs with status and headline.",
    )
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"{', '.join(KINDS)}; all")
    parser.add_argument("--folder", type=Path, default=Path("lightning_logs"), metavar="DIR", help="where the runs lie")
    parser.add_argument("--all", action="store_true", help=f"list every run, not the newest {MOST_RUNS}")
    return parser
