"""What ``c5snn data validate`` prints: the violations of a file, or its summary."""

from pathlib import Path

from rich.columns import Columns
from rich.console import Console
from rich.table import Table
from rich.text import Text

from c5snn.data.events.history import EventHistory
from c5snn.data.events.shape import Layout
from c5snn.data.events.summary import HistorySummary, summarise
from c5snn.data.events.violations import Violations

__all__ = ["print_summary", "print_violations"]


def print_violations(path: Path, violations: Violations) -> None:
    """Print the first violations of a file and how many there are."""
    table = Table("row", "column", "violation", title=Text(str(path)), title_justify="left")
    worded = violations.first()
    for row, column, words in worded:
        table.add_row(str(row), Text(column), Text(words))
    console = Console()
    console.print(table)
    shown = "" if len(worded) == len(violations) else f"; the first {len(worded)} are shown"
    console.print(Text(f"{len(violations):,} violation(s){shown}. Nothing was repaired."))


def print_summary(path: Path, layout: Layout, history: EventHistory) -> None:
    """Print the facts of a valid history and the test of its part counts."""
    summary = summarise(history)
    table = Table.grid(padding=(0, 2))
    for name, fact in _facts(layout, history, summary).items():
        table.add_row(name, Text(fact, overflow="fold"))
    console = Console()
    console.print(Text(str(path), style="bold"))
    console.print(table)
    console.print("\nevents that hold each part")
    counts = enumerate(summary.counts.tolist(), start=1)
    console.print(Columns([Text(f"{part:>4}: {count:<7,}") for part, count in counts], column_first=True))


def _facts(layout: Layout, history: EventHistory, summary: HistorySummary) -> dict[str, str]:
    fairness = summary.uniformity
    return {
        "rows": f"{len(history):,} events of {history.n_active} parts out of {history.n_parts}",
        "dates": f"{history.dates[0]} to {history.dates[-1]}",
        "gaps": f"{summary.n_gaps:,} of more than one day, the longest {summary.longest_gap} days",
        "layout": layout,
        "SHA-256": history.sha256,
        "uniformity": f"chi2({fairness.degrees_of_freedom}) = {fairness.statistic:.2f}, p = {fairness.p_value:.3g};"
        " all parts equally likely, drawn without replacement",
    }
