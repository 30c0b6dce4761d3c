"""What ``c5snn data validate`` prints: the violations of a file, or its summary."""

from pathlib import Path
from typing import Final

from rich.columns import Columns
from rich.console import Console
from rich.table import Table
from rich.text import Text

from c5snn.data.events.history import EventHistory
from c5snn.data.events.ragged import RaggedHistory
from c5snn.data.events.repeats import equal_neighbours, repeated_block
from c5snn.data.events.shape import Layout
from c5snn.data.events.summary import HistorySummary, summarise
from c5snn.data.events.times import is_dated
from c5snn.data.events.violations import Violations

__all__ = ["print_summary", "print_violations"]

# a fair history is warned of once in a hundred
SUSPICIOUS: Final = 0.01
MOST_DATES: Final = 5
MOST_PARTS: Final = 300


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


def print_summary(path: Path, layout: Layout, history: EventHistory | RaggedHistory) -> None:
    """Print the facts of a valid history, the test of its part counts, and what looks like a slip of a file."""
    summary = summarise(history)
    table = Table.grid(padding=(0, 2))
    for name, fact in _facts(layout, history, summary).items():
        table.add_row(name, Text(fact, overflow="fold"))
    console = Console()
    console.print(Text(str(path), style="bold"))
    console.print(table)
    for warning in _repeats(history):
        console.print(Text(f"Warning: {warning}"))
    console.print("\nevents that hold each part")
    names = history.names if isinstance(history, RaggedHistory) else ()
    counts = enumerate(summary.counts[:MOST_PARTS].tolist(), start=1)
    labels = [f"{part:>4}{f' {names[part - 1]}' if names else ''}: {count:<7,}" for part, count in counts]
    console.print(Columns([Text(label) for label in labels], column_first=True))
    if history.n_parts > MOST_PARTS:
        console.print(f"... and {history.n_parts - MOST_PARTS:,} more, numbered {MOST_PARTS + 1} to {history.n_parts}")


def _facts(layout: Layout, history: EventHistory | RaggedHistory, summary: HistorySummary) -> dict[str, str]:
    fairness = summary.uniformity
    unit, units = ("day", "days") if is_dated(history.dates) else ("number", "numbers")
    if isinstance(history, RaggedHistory):
        sizes = history.sizes
        size = f"{sizes.min()} to {sizes.max()} parts (mean {sizes.mean():.2f}, {int((sizes == 0).sum()):,} empty)"
    else:
        size = f"{history.n_active} parts"
    return {
        "rows": f"{len(history):,} events of {size} out of {history.n_parts}",
        "dates" if is_dated(history.dates) else "numbers": f"{history.dates[0]} to {history.dates[-1]}",
        "gaps": f"{summary.n_gaps:,} of more than one {unit}, the longest {summary.longest_gap} {units}",
        "layout": layout,
        "SHA-256": history.sha256,
        "uniformity": f"chi2({fairness.degrees_of_freedom}) = {fairness.statistic:.2f}, p = {fairness.p_value:.3g};"
        " all parts equally likely, drawn without replacement",
    }


def _repeats(history: EventHistory | RaggedHistory) -> list[str]:
    warnings = []
    equal, block = equal_neighbours(history), repeated_block(history)

    if equal.p_value < SUSPICIOUS:
        listed = ", ".join(str(history.dates[event]) for event in equal.events[:MOST_DATES])
        more = ", ..." if len(equal.events) > MOST_DATES else ""
        warnings.append(
            f"{len(equal.events):,} events equal the one before ({listed}{more}), where {equal.expected:.2g} are"
            f" expected of fair events; p = {equal.p_value:.2g}. Were rows pasted twice?"
        )
    if block is not None and block.p_value < SUSPICIOUS:
        warnings.append(
            f"the {block.length:,} events from {history.dates[block.first]} stand again from"
            f" {history.dates[block.second]}; p <= {block.p_value:.2g} for fair events. Was a part pasted twice?"
        )
    return warnings
