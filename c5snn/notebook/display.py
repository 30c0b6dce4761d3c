"""How results are shown in a notebook: tables as HTML, figures as SVG."""

import html
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, final

from c5snn.files import write_bytes, write_text
from c5snn.printable import printable
from c5snn.reports.document import Document, Drawing, Section, Table
from c5snn.reports.figures.canvas import png
from c5snn.reports.page import to_svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Picture", "html_table", "html_text"]

WIDTH = 720


@final
class Picture:
    """A figure that a notebook shows, in the light or dark colours of the reader's system.

    Args:
        says: What it shows, for those who do not see it.
        draw: Draws it with a width in pixels.
    """

    def __init__(self, says: str, draw: "Callable[[int], Figure]") -> None:
        self.says = says
        self.draw = draw

    def figure(self, width: int = WIDTH) -> "Figure":
        """Return the figure of matplotlib.

        Args:
            width: Width in pixels.
        """
        return self.draw(width)

    def save(self, path: str | Path) -> None:
        """Write the figure: as PNG where the name ends in ``.png``, as SVG otherwise.

        Raises:
            OutputError: The file cannot be written.
        """
        if Path(path).suffix == ".png":
            write_bytes(path, png(self.figure()))
        else:
            write_text(path, self._repr_svg_())

    def _repr_svg_(self) -> str:
        return to_svg(Document("", [], [Section("", drawing=Drawing(self.says, self.draw))]))


def html_text(sentences: Sequence[str]) -> str:
    """Return paragraphs; what comes from data is escaped."""
    return "\n".join(f"<p>{_escaped(sentence)}</p>" for sentence in sentences)


def html_table(table: Table) -> str:
    """Return a table; what comes from data is escaped."""
    heads = "".join(f"<th>{_escaped(column)}</th>" for column in table.columns)
    rows = "\n".join(
        "<tr>" + "".join(f"<td{_side(i, table)}>{_escaped(cell)}</td>" for i, cell in enumerate(row)) + "</tr>"
        for row in table.rows
    )
    return f"<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>"


def _side(i: int, table: Table) -> str:
    return ' style="text-align: left"' if i < table.n_text else ""


def _escaped(text: str) -> str:
    return html.escape(printable(text))
