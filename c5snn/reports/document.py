"""A report as a document: headings, sentences, tables and drawings, before it is a page, Markdown or lines."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["ColumnGroup", "Document", "Drawing", "Section", "Table"]


class ColumnGroup(NamedTuple):
    """Neighbouring columns of a table that share a heading on a page.

    Attributes:
        label: The heading.
        first: The first of the columns, from 0.
        names: What they are called below it, where the heading need not be repeated.
    """

    label: str
    first: int
    names: list[str]


@dataclass(frozen=True)
class Table:
    """Cells of text.

    Args:
        columns: The columns' names.
        rows: The cells.
        n_text: How many of the first columns hold text; the others hold numbers.
        groups: Columns under a common heading, from left to right; Markdown and a terminal show the columns' own names.
        folders: What the first cell of each row stands for on disk, which a page links to; empty for no links.
        n_code: How many of the last columns hold commands.
    """

    columns: list[str]
    rows: list[list[str]]
    n_text: int = 1
    groups: tuple[ColumnGroup, ...] = ()
    folders: tuple[Path, ...] = ()
    n_code: int = 0


@dataclass(frozen=True)
class Drawing:
    """A figure that is drawn when it is asked for.

    Args:
        says: What it shows, for those who do not see it.
        draw: Draws it with a width in pixels.
    """

    says: str
    draw: "Callable[[int], Figure]"


@dataclass(frozen=True)
class Section:
    """A part of a document.

    Args:
        title: Its heading.
        level: 2 or 3, as in HTML.
        sentences: What stands above everything else.
        drawing: A figure.
        tables: Its tables.
        note: How to read it; in small print.
        is_short: Whether a terminal shows it, too.
    """

    title: str
    level: int = 3
    sentences: list[str] = field(default_factory=list)
    drawing: Drawing | None = None
    tables: list[Table] = field(default_factory=list)
    note: str = ""
    is_short: bool = False


@dataclass(frozen=True)
class Document:
    """A document.

    Args:
        title: Its title.
        verdict: What it says first.
        sections: The rest, in order.
    """

    title: str
    verdict: list[str]
    sections: list[Section]
