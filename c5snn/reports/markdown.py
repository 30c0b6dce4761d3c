"""A document as Markdown."""

import re

from c5snn.reports.document import Document, Section, Table

__all__ = ["to_markdown"]


def to_markdown(document: Document) -> str:
    """Return the document as Markdown, the verdict first; figures are left to the page."""
    verdict = [text for sentence in document.verdict for text in (_escaped(sentence), "")]
    return "\n".join([*verdict, *(line for section in document.sections for line in _section(section))]).rstrip() + "\n"


def _section(section: Section) -> list[str]:
    if section.drawing and not (section.sentences or section.tables):
        return []
    lines = [f"{'#' * section.level} {_escaped(section.title)}", ""]
    for sentence in section.sentences:
        lines += [_escaped(sentence), ""]
    for table in section.tables:
        lines += [*_table(table), ""]
    if section.note:
        lines += [f"*{_escaped(section.note)}*", ""]
    return lines


def _table(table: Table) -> list[str]:
    rule = ["---" if i < table.n_text else "---:" for i in range(len(table.columns))]
    return [_line(map(_escaped, table.columns)), _line(rule), *(_line(map(_escaped, row)) for row in table.rows)]


def _line(cells: "map[str] | list[str]") -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    """Return text that Markdown shows as it is; a label must neither end a cell nor become a link or a tag."""
    marked = re.sub(r"([\\|\[`*]|<(?=[A-Za-z/!?]))", r"\\\1", text)
    return " ".join(marked.split())
