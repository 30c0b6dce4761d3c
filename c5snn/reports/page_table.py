"""A table of a document as HTML: grouped headings, a first column that stays, and a box that it scrolls in."""

import html
from collections.abc import Sequence

from c5snn.printable import printable
from c5snn.reports.document import Table

__all__ = ["table_html"]

MOST_UNFOLDED = 30  # rows up to which a table needs no box of its own height


def table_html(table: Table, title: str, links: Sequence[str] = ()) -> str:
    """Return a table.

    Args:
        table: The table.
        title: What it is about, for those who do not see it.
        links: The address that the first cell of each row leads to; empty for none.
    """
    rows = "\n".join(_row(row, table, links[i] if links else None) for i, row in enumerate(table.rows))
    kind = ' class="sortable"' if len(table.rows) > 1 else ""
    box = "table tall" if len(table.rows) > MOST_UNFOLDED else "table"
    label = _escaped(f"{title}: {table.columns[0]}")
    inner = f"<table{kind}>\n<thead>{_head(table)}</thead>\n<tbody>\n{rows}\n</tbody>\n</table>"
    return f'<div class="{box}" tabindex="0" role="region" aria-label="{label}">{inner}</div>'


def _head(table: Table) -> str:
    """Return the headings, in two rows where columns are grouped."""
    if not table.groups:
        names = "".join(_heading(i, name, table) for i, name in enumerate(table.columns))
        return f"<tr>{names}</tr>"
    grouped = {group.first + i: name for group in table.groups for i, name in enumerate(group.names)}
    starts = {group.first: group for group in table.groups}
    above = []
    for i, name in enumerate(table.columns):
        if i in starts:
            group = starts[i]
            above.append(
                f'<th class="group" scope="colgroup" colspan="{len(group.names)}">{_escaped(group.label)}</th>'
            )
        elif i not in grouped:
            above.append(_heading(i, name, table, n_rows=2))
    below = [_heading(i, name, table) for i, name in sorted(grouped.items())]
    return f"<tr>{''.join(above)}</tr><tr>{''.join(below)}</tr>"


def _heading(column: int, name: str, table: Table, n_rows: int = 1) -> str:
    full = table.columns[column]
    title = f' title="{_escaped(full)}"' if full != name else ""
    rows = f' rowspan="{n_rows}"' if n_rows > 1 else ""
    return f'<th{_kind(column, table)} scope="col" data-column="{column}"{title}{rows}>{_escaped(name)}</th>'


def _row(row: Sequence[str], table: Table, link: str | None) -> str:
    cells = []
    for i, cell in enumerate(row):
        text = _escaped(cell)
        if i == 0 and link is not None:
            text = f'<a href="{html.escape(link)}">{text}</a>'
        elif i >= len(row) - table.n_code:
            text = f"<code>{text}</code>"
        cells.append(f'<th scope="row">{text}</th>' if i == 0 and table.n_text else f"<td{_kind(i, table)}>{text}</td>")
    return f"<tr>{''.join(cells)}</tr>"


def _kind(column: int, table: Table) -> str:
    return "" if column < table.n_text or column >= len(table.columns) - table.n_code else ' class="number"'


def _escaped(text: str) -> str:
    return html.escape(printable(text))
