"""A document as one HTML page that needs nothing else: style and figures inside, light and dark, wide and narrow."""

from html import escape
from importlib import resources

from c5snn.reports.document import Document, Drawing, Section, Table
from c5snn.reports.figures.canvas import svg
from c5snn.reports.figures.palette import css

__all__ = ["to_html"]

# a figure is drawn twice, so that its text stays readable: CSS shows the one that fits
WIDTHS = {"wide": 720, "narrow": 344}

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
        title=escape(document.title),
        style=_style(),
        kind=' class="several"' if len(document.verdict) > 1 else "",
        verdict="\n".join(f'<p class="verdict">{escape(sentence)}</p>' for sentence in document.verdict),
        sections="\n".join(_section(section, i) for i, section in enumerate(document.sections)),
    )


def _style() -> str:
    rules = resources.files("c5snn.reports").joinpath("page.css").read_text(encoding="utf-8")
    return f"{css()}\n{rules}"


def _section(section: Section, number: int) -> str:
    heading = f"h{section.level}"
    parts = [
        f"<{heading}>{escape(section.title)}</{heading}>",
        *(f"<p>{escape(sentence)}</p>" for sentence in section.sentences),
        *([_figure(section.drawing, number)] if section.drawing else []),
        *(_table(table) for table in section.tables),
        *([f'<p class="note">{escape(section.note)}</p>'] if section.note else []),
    ]
    return "\n".join(["<section>", *parts, "</section>"])


def _figure(drawing: Drawing, number: int) -> str:
    drawn = [
        f'<div class="{name}">{svg(drawing.draw(width), drawing.says, f"{number}{name}")}</div>'
        for name, width in WIDTHS.items()
    ]
    return "\n".join(["<figure>", *drawn, "</figure>"])


def _table(table: Table) -> str:
    head = "".join(f"<th{_kind(i, table)}>{escape(name)}</th>" for i, name in enumerate(table.columns))
    rows = [
        "<tr>" + "".join(f"<td{_kind(i, table)}>{escape(cell)}</td>" for i, cell in enumerate(row)) + "</tr>"
        for row in table.rows
    ]
    body = "\n".join(rows)
    inner = f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>"
    return f'<div class="table" tabindex="0"><table>\n{inner}\n</table></div>'


def _kind(column: int, table: Table) -> str:
    return "" if column < table.n_text else ' class="number"'
