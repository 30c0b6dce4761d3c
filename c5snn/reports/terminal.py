"""A document in a terminal: its verdict and its short sections."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from c5snn.reports.document import Document, Section, Table

__all__ = ["new_console", "print_document", "print_table"]

PIPE_WIDTH = 300


def new_console() -> Console:
    """Return a console that folds at a terminal's edge; a file or a pipe has none."""
    console = Console(highlight=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    return console


def print_document(document: Document) -> None:
    """Print the verdict and the short sections."""
    console = new_console()
    for sentence in document.verdict:
        console.print(f"[bold]{escape(sentence)}[/bold]")
    for section in document.sections:
        if section.is_short:
            _print_section(console, section)


def print_table(console: Console, table: Table, *, limit: int | None = None) -> None:
    """Print the first rows of a table, all with None."""
    shown = RichTable()
    for i, column in enumerate(table.columns):
        shown.add_column(escape(column), justify="left" if i < table.n_text else "right", overflow="fold")
    for row in table.rows[:limit]:
        shown.add_row(*map(escape, row))
    console.print(shown)


def _print_section(console: Console, section: Section) -> None:
    console.print(f"\n[bold]{escape(section.title)}[/bold]")
    for sentence in section.sentences:
        console.print(escape(sentence))
    for table in section.tables:
        print_table(console, table)
    if section.note:
        console.print(f"[dim]{escape(section.note)}[/dim]")
