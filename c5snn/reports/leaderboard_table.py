"""A comparison as a table: in the terminal and as Markdown, from one list of cells."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from c5snn.reports.leaderboard import Contender, Summary, summary_sentence
from c5snn.training.scoring import HEADLINE

__all__ = ["markdown", "print_leaderboard"]

PIPE_WIDTH = 200

COLUMNS = ("configuration", "seeds", "val", HEADLINE, "chance", "fixed list", "p", "p family", "distinct", "parameters")


def print_leaderboard(entries: Sequence[Contender], *, limit: int | None = None) -> None:
    """Print the comparison, its first sentence on top.

    Args:
        entries: The configurations, in order.
        limit: How many rows to show; None: all.
    """
    console = Console(highlight=False, soft_wrap=True)
    if not console.is_terminal:  # a file or a pipe has no edge to fold at
        console.width = PIPE_WIDTH
    console.print(f"[bold]{summary_sentence(entries)}[/bold]")
    table = Table()
    for column in COLUMNS:
        table.add_column(column, justify="left" if column == COLUMNS[0] else "right", overflow="fold")
    for entry in entries[:limit]:
        table.add_row(*_cells(entry))
    console.print(table)
    console.print("± is the spread over seeds, not the sampling error; p belongs to the mean over seeds.")


def markdown(entries: Sequence[Contender]) -> str:
    """Return the comparison as a Markdown document."""
    lines = [
        summary_sentence(entries),
        "",
        "| " + " | ".join(COLUMNS) + " |",
        "|" + "|".join("---" if column == COLUMNS[0] else "---:" for column in COLUMNS) + "|",
        *("| " + " | ".join(_cells(entry)) + " |" for entry in entries),
        "",
        "± is the spread over seeds, not the sampling error; p belongs to the mean over seeds.",
    ]
    return "\n".join(lines) + "\n"


def _cells(entry: Contender) -> list[str]:
    return [
        entry.label,
        str(len(entry.runs)),
        _shown(entry.val),
        _shown(entry.test[HEADLINE]),
        f"{entry.chance[HEADLINE]:.4f}",
        f"{entry.fixed_list:.4f}",
        f"{entry.p_value:.3g}",
        f"{entry.p_family:.3g}",
        f"{entry.n_distinct:,}",
        f"{entry.runs[0].n_parameters:,}",
    ]


def _shown(value: Summary) -> str:
    if value.mean != value.mean:  # NaN: nothing was validated
        return "–"
    return f"{value.mean:.4f}" if value.std is None else f"{value.mean:.4f} ± {value.std:.4f}"
