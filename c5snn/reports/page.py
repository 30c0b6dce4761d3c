"""A document as one HTML page that needs nothing else, light and dark, wide and narrow; or one figure of it as SVG."""

import base64
import hashlib
import html
import os
import re
from importlib import resources
from pathlib import Path
from urllib.parse import quote

from c5snn.errors import ConfigError
from c5snn.printable import printable
from c5snn.reports.document import Document, Drawing, Section, Table
from c5snn.reports.figures.canvas import css, svg
from c5snn.reports.page_table import table_html

__all__ = ["to_html", "to_svg"]

# a figure is drawn twice, so that its text stays readable: CSS shows the one that fits
WIDTHS = {"wide": 720, "narrow": 344}
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"  # of a figure of its own
CONTENTS_FROM = 3  # sections from which a list of them is worth its room

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
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
{contents}
{sections}
</main>
<script>
{script}</script>
</body>
</html>
"""


def to_html(document: Document, folder: Path | None = None) -> str:
    """Return the document as a page; everything that comes from data is escaped.

    Args:
        document: The document.
        folder: Where the page will lie, which its links to runs start from; None for a page without such links.
    """
    script, names = _rules("page.js"), _anchors(document.sections)
    sections = zip(document.sections, names, strict=True)
    return PAGE.format(
        policy=_policy(script),
        title=_escaped(document.title),
        style=f"{css()}\n{_rules('page.css')}",
        kind=' class="several"' if len(document.verdict) > 1 else "",
        verdict="\n".join(f'<p class="verdict">{_escaped(sentence)}</p>' for sentence in document.verdict),
        contents=_contents(document.sections, names),
        sections="\n".join(_section(section, name, i, folder) for i, (section, name) in enumerate(sections)),
        script=script,
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


def _rules(name: str) -> str:
    return resources.files("c5snn.reports").joinpath(name).read_text(encoding="utf-8")


def _policy(script: str) -> str:
    """Return a policy under which the page reaches no network and runs no script but this one."""
    digest = base64.b64encode(hashlib.sha256(f"\n{script}".encode()).digest()).decode()
    rules = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    return f"{rules}; script-src 'sha256-{digest}'"


def _anchors(sections: list[Section]) -> list[str]:
    """Return a name for each section, made of its title; a repeated one gets a number."""
    seen: dict[str, int] = {}
    names = []
    for section in sections:
        words = re.sub(r"[^a-z0-9]+", "-", printable(section.title).lower()).strip("-")
        name = f"s-{words or 'section'}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}.{seen[name]}")  # no name has a dot
    return names


def _contents(sections: list[Section], names: list[str]) -> str:
    if len(sections) < CONTENTS_FROM:
        return ""
    rows: list[list[str]] = []
    for section, name in zip(sections, names, strict=True):
        link = f'<a href="#{name}">{_escaped(section.title)}</a>'
        if section.level == 2 or not rows:  # noqa: PLR2004  # a heading with those below it
            rows.append([link])
        else:
            rows[-1].append(link)
    items = "\n".join(f"<li>{_entry(row)}</li>" for row in rows)
    return f'<nav aria-label="Contents">\n<ul>\n{items}\n</ul>\n</nav>'


def _entry(links: list[str]) -> str:
    first, *below = links
    return first + (f" <span>{' '.join(below)}</span>" if below else "")


def _section(section: Section, name: str, number: int, folder: Path | None) -> str:
    heading, title = f"h{section.level}", _escaped(section.title)
    link = f'<a class="anchor" href="#{name}" aria-label="Link to this section">#</a>'
    parts = [
        f'<{heading} id="{name}">{title}{link}</{heading}>',
        *(f"<p>{_escaped(sentence)}</p>" for sentence in section.sentences),
        *([_figure(section.drawing, number)] if section.drawing else []),
        *(_table(table, section.title, folder) for table in section.tables),
        *([f'<p class="note">{_escaped(section.note)}</p>'] if section.note else []),
    ]
    return "\n".join(["<section>", *parts, "</section>"])


def _figure(drawing: Drawing, number: int) -> str:
    drawn = [
        f'<div class="{name}">{svg(drawing.draw(width), drawing.says, f"{number}{name}")}</div>'
        for name, width in WIDTHS.items()
    ]
    return "\n".join(["<figure>", *drawn, "</figure>"])


def _table(table: Table, title: str, folder: Path | None) -> str:
    links = [] if folder is None else [_address(run, folder) for run in table.folders]
    return table_html(table, title, links)


def _address(run: Path, folder: Path) -> str:
    """Return where a run lies as seen from the page; on another drive of Windows there is no such path."""
    try:
        path = os.path.relpath(run, folder)
    except ValueError:
        return run.resolve().as_uri()
    return f"{quote(Path(path).as_posix())}/"
