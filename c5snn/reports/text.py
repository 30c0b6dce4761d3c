"""A document as text: Markdown, and what a terminal shows of it."""

import re
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from c5snn.printable import printable
from c5snn.reports.document import Document, Section, Table
from c5snn.reports.words import count

__all__ = ["new_console", "print_document", "print_sections", "print_table", "shown", "to_markdown"]

PIPE_WIDTH = 300
MOST_PRINTED = 20  # rows of a table that a terminal shows
# what Markdown reads inside a line: marks, mathematics, entities, tags, addresses
INLINE = re.compile(
    r"[\\|\[`*$]|~(?=~)|(?<!\w)_|_(?!\w)|&(?=#?\w+;)|<(?=[A-Za-z/!?])|(?<=http):(?=//)|(?<=https):(?=//)|(?<=www)\."
)
BLOCK = re.compile(r"^(\d*)([#+=-]+(?=\s|$)|>|(?<=\d)[.)](?=\s))")  # and at its beginning: headings, lists, quotes


def to_markdown(document: Document) -> str:
    """Return the document as Markdown, the verdict first; figures are left to the page."""
    verdict = [text for sentence in document.verdict for text in (_escaped(sentence), "")]
    return (
        "\n".join([*verdict, *(line for section in document.sections for line in _markdown_section(section))]).rstrip()
        + "\n"
    )


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
        console.print(shown(sentence, "bold"))
    for section in document.sections:
        if section.is_short:
            _print_section(console, section)


def print_sections(document: Document, console: Console) -> None:
    """Print the short sections of a document, folded at the console's width."""
    for section in document.sections:
        if section.is_short:
            _print_section(console, section)


def print_table(console: Console, table: Table, *, limit: int | None = None) -> None:
    """Print the first rows of a table, all with None."""
    drawn = RichTable()
    for i, column in enumerate(table.columns):
        drawn.add_column(shown(column), justify="left" if i < table.n_text else "right", overflow="fold")
    for row in table.rows[:limit]:
        drawn.add_row(*map(shown, row))
    console.print(drawn)


def shown(text: str, style: str = "") -> Text:
    """Return text as a terminal shows it: no markup is read, nothing acts, and no name makes a line of its own."""
    return Text(printable(text).replace("\n", "\\n"), style=style)


def _markdown_section(section: Section) -> list[str]:
    if section.drawing and not (section.sentences or section.tables):
        return []
    lines = [f"{'#' * section.level} {_escaped(section.title)}", ""]
    for sentence in section.sentences:
        lines += [_escaped(sentence), ""]
    for table in section.tables:
        lines += [*_markdown_table(table), ""]
    if section.note:
        lines += [f"*{_escaped(section.note)}*", ""]
    return lines


def _markdown_table(table: Table) -> list[str]:
    rule = ["---" if i < table.n_text else "---:" for i in range(len(table.columns))]
    return [_line(map(_escaped, table.columns)), _line(rule), *(_line(map(_escaped, row)) for row in table.rows)]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    """Return text that Markdown shows as it is; a label must neither end a cell nor become a link or a tag."""
    line = " ".join(printable(text).split())
    return BLOCK.sub(r"\1\\\2", INLINE.sub(r"\\\g<0>", line))


def _print_section(console: Console, section: Section) -> None:
    console.print()
    console.print(shown(section.title, "bold"))
    for sentence in section.sentences:
        console.print(shown(sentence))
    for table in section.tables:
        print_table(console, table, limit=MOST_PRINTED)
        n_more = len(table.rows) - MOST_PRINTED
        if n_more > 0:
            console.print(shown(f"{count(n_more, 'more row')} in the page and in Markdown (--output).", "dim"))
    if section.note:
        console.print(shown(section.note, "dim"))
