"""A document as one HTML page that needs nothing else, light and dark, wide and narrow; or one figure of it as SVG."""

import html
from importlib import resources

from c5snn.errors import ConfigError
from c5snn.printable import printable
from c5snn.reports.document import Document, Drawing, Section, Table
from c5snn.reports.figures.canvas import css, svg

__all__ = ["to_html", "to_svg"]

# a figure is drawn twice, so that its text stays readable: CSS shows the one that fits
WIDTHS = {"wide": 720, "narrow": 344}
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"  # of a figure of its own

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
{style}
</style>
</head>
<body>
<main>
<header{kind}>
<h1>{title}</h1>
{verdict}
</header>
{sections}
</main>
</body>
</html>
"""


def to_html(document: Document) -> str:
    """Return the document as a page; everything that comes from data is escaped."""
    return PAGE.format(
        title=_escaped(document.title),
        style=_style(),
        kind=' class="several"' if len(document.verdict) > 1 else "",
        verdict="\n".join(f'<p class="verdict">{_escaped(sentence)}</p>' for sentence in document.verdict),
        sections="\n".join(_section(section, i) for i, section in enumerate(document.sections)),
    )


def to_svg(document: Document, figure: str | None = None) -> str:
    """Return one figure.

    Args:
        document: The document.
        figure: The title of the first section with the figure, in capitals or not; None for the first figure of all:
            the ladder where there is one, else the leaderboard against chance.

    Raises:
        ConfigError: Nothing has been tested, so there is no figure, or there is none of this title.
    """
    drawings = [(section.title, section.drawing) for section in document.sections if section.drawing is not None]
    if not drawings:
        raise ConfigError("A figure needs a tested run, but none of these has a test; `c5snn test RUN` makes one.")
    named = [drawing for title, drawing in drawings if figure is None or title.casefold() == figure.casefold()]
    if not named:
        titles = ", ".join(f'"{title}"' for title in dict.fromkeys(title for title, _ in drawings))
        raise ConfigError(f"The figure must be one of {titles}, but is {figure}.")
    text = svg(named[0].draw(WIDTHS["wide"]), named[0].says, "picture")
    namespaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    style = f"<style>\n{css()}\n:root {{ --font: {FONT}; background: var(--page); }}\n</style>"
    opening, rest = text.removeprefix("<svg ").split(">", 1)
    return f"<svg {namespaces} {opening}>\n{style}{rest}\n"


def _escaped(text: str) -> str:
    """Return text that stands on a page as it is: no tag, no control character, nothing that turns it round."""
    return html.escape(printable(text))


def _style() -> str:
    rules = resources.files("c5snn.reports").joinpath("page.css").read_text(encoding="utf-8")
    return f"{css()}\n{rules}"


def _section(section: Section, number: int) -> str:
    heading = f"h{section.level}"
    parts = [
        f"<{heading}>{_escaped(section.title)}</{heading}>",
        *(f"<p>{_escaped(sentence)}</p>" for sentence in section.sentences),
        *([_figure(section.drawing, number)] if section.drawing else []),
        *(_table(table) for table in section.tables),
        *([f'<p class="note">{_escaped(section.note)}</p>'] if section.note else []),
    ]
    return "\n".join(["<section>", *parts, "</section>"])


def _figure(drawing: Drawing, number: int) -> str:
    drawn = [
        f'<div class="{name}">{svg(drawing.draw(width), drawing.says, f"{number}{name}")}</div>'
        for name, width in WIDTHS.items()
    ]
    return "\n".join(["<figure>", *drawn, "</figure>"])


def _table(table: Table) -> str:
    head = "".join(f"<th{_kind(i, table)}>{_escaped(name)}</th>" for i, name in enumerate(table.columns))
    rows = [
        "<tr>" + "".join(f"<td{_kind(i, table)}>{_escaped(cell)}</td>" for i, cell in enumerate(row)) + "</tr>"
        for row in table.rows
    ]
    body = "\n".join(rows)
    inner = f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>"
    return f'<div class="table" tabindex="0"><table>\n{inner}\n</table></div>'


def _kind(column: int, table: Table) -> str:
    return "" if column < table.n_text else ' class="number"'
