"""A document as text: Markdown, and what a terminal shows of it."""

import re
import textwrap
from collections.abc import Iterable, Sequence
from typing import Literal

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from c5snn.evidence import Verdict
from c5snn.printable import printable
from c5snn.reports.document import Document, Section, Table
from c5snn.reports.words import count

__all__ = ["new_console", "print_document", "print_sections", "print_table", "shown", "to_markdown", "verdict_style"]

PIPE_WIDTH = 300
MIN_TEXT = 20  # what a column of text may always have
BORDER = 3  # characters of a column beside its text
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
    """Return a console that breaks lines at blanks before a terminal's edge; a file or a pipe has none."""
    if Console().is_terminal:
        return Console(highlight=False)
    return Console(highlight=False, soft_wrap=True, width=PIPE_WIDTH)


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
    """Print the first rows of a table, all with None; what is wider than the console goes on in another table.

    The first column is repeated there. Lines are broken at blanks alone, so numbers and words stay whole.
    """
    kept = Table(
        [printable(column) for column in table.columns],
        [[_on_one_line(cell) for cell in row] for row in table.rows[:limit]],
        table.n_text,
    )
    widths = _widths(kept, console.width)
    for columns in _parts(widths, console.width):
        drawn = RichTable()
        for i in columns:
            justify: Literal["left", "right"] = "left" if i < table.n_text else "right"
            drawn.add_column(Text(_folded(kept.columns[i], widths[i])), justify=justify, overflow="fold")
        for row in kept.rows:
            drawn.add_row(*(Text(_folded(row[i], widths[i])) for i in columns))
        console.print(drawn)


def _widths(table: Table, width: int) -> list[int]:
    """Return the width of each column: as narrow as its longest word and, for numbers, its widest cell allow."""
    most_text = max(width // 3, MIN_TEXT)
    widths = []
    for i, column in enumerate(table.columns):
        cells = [row[i] for row in table.rows]
        words = [cell_len(word) for text in [column, *(cells if i < table.n_text else [])] for word in text.split()]
        widest = max(map(cell_len, cells), default=0)
        widths.append(max([*words, min(max(widest, cell_len(column)), most_text) if i < table.n_text else widest]))
    return widths


def _parts(widths: Sequence[int], width: int) -> list[list[int]]:
    """Return the columns of each table, as many as fit; the first column stands in all of them."""
    parts, used = [[0]], widths[0]
    for i in range(1, len(widths)):
        if len(parts[-1]) > 1 and used + widths[i] + BORDER * (len(parts[-1]) + 1) + 1 > width:
            parts.append([0])
            used = widths[0]
        parts[-1].append(i)
        used += widths[i]
    return parts


def _folded(text: str, width: int) -> str:
    """Return text in lines of at most so many characters, broken at blanks."""
    if cell_len(text) <= width:
        return text
    return "\n".join(textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False))


def _on_one_line(text: str) -> str:
    return printable(text).replace("\n", "\\n")


def verdict_style(verdict: Verdict) -> str:
    """Return how a terminal shows a verdict: green for better than chance, red for worse, yellow for weak evidence."""
    colors = {"better than chance": "green", "worse than chance": "red", "weak": "yellow"}
    color = "yellow" if verdict.ignores_input else colors.get(verdict.level, "")
    return f"bold {color}".strip()


def shown(text: str, style: str = "") -> Text:
    """Return text as a terminal shows it: no markup is read, nothing acts, and no name makes a line of its own."""
    return Text(_on_one_line(text), style=style)


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
