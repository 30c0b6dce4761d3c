"""JSON as histories are published in: records, rows, columns, or lines of records, at the top or within an envelope."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from c5snn.errors import DataError

__all__ = ["read_json"]

MOST_DEPTH: Final = 4
MOST_COLUMNS: Final = 1_000
MOST_RECORDS: Final = 500_000

Columns = list[list[str]]


def read_json(text: str, path: Path) -> tuple[list[str], Columns, list[tuple[int, str]]]:
    """Return the names of the columns, their texts, and the numbers of the records left out, with what they were.

    A list within a record is one cell, its values apart by spaces; a record within a record has its names after a dot.

    Args:
        text: The JSON.
        path: Its file, for the message.

    Raises:
        DataError: It is no JSON, or holds no table.
    """
    if (n_brackets := text.count("{") + text.count("[")) > MOST_RECORDS:
        raise DataError(f"`{path}` must hold at most {MOST_RECORDS:,} records and lists, but has {n_brackets:,}.")
    try:
        content = _parse(text)
        rows = _rows(content)
    except (ValueError, RecursionError) as error:  # also a number of more than 4,300 digits, and nesting without end
        raise DataError(f"`{path}` must be JSON, but is not: {error}.") from error
    if rows is None:
        raise DataError(f"`{path}` must hold a list of records or of rows, but holds none.")
    names, cells = rows
    kept = [(number, row) for number, row in enumerate(cells, 1) if any(row)]
    left_out = [(number, "an empty record") for number, row in enumerate(cells, 1) if not any(row)]
    if not kept or len(names) > MOST_COLUMNS:
        raise DataError(f"`{path}` must hold events in 1 to {MOST_COLUMNS:,} columns, but has {len(names):,}.")
    return names, [[row[place] for _, row in kept] for place in range(len(names))], left_out


def _parse(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        if error.msg != "Extra data":
            raise
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def _rows(content: object) -> tuple[list[str], list[list[str]]] | None:
    if isinstance(content, dict) and isinstance(content.get("columns"), list) and isinstance(content.get("data"), list):
        return _lists(content["data"], [str(name) for name in content["columns"]])
    if isinstance(content, dict) and (columns := _named_columns(content)):
        return columns
    found = _longest_list(content, MOST_DEPTH)
    if found and all(isinstance(record, dict) for record in found):
        flat = [dict(_flat(record)) for record in found]
        names = list(dict.fromkeys(name for record in flat for name in record))[: MOST_COLUMNS + 1]
        return names, [[record.get(name, "") for name in names] for record in flat]
    if found and all(isinstance(record, list) for record in found):
        return _lists(found, _described_columns(content))
    return None


def _lists(found: list[Any], names: list[str] | None) -> tuple[list[str], list[list[str]]] | None:
    rows = [[_text(value) for value in row] for row in found if isinstance(row, list)]
    width = max(map(len, rows), default=0)
    if len(rows) < len(found) or width == 0:
        return None
    first_is_text = all(isinstance(value, str) and not value.isdecimal() for value in found[0])
    if names is None and first_is_text and any(text.isdecimal() for row in rows[1:2] for text in row):
        names, rows = rows[0], rows[1:]
    names = (names or [])[:width] + [""] * (width - len(names or []))
    return names, [row + [""] * (width - len(row)) for row in rows]


def _named_columns(content: dict[str, Any]) -> tuple[list[str], list[list[str]]] | None:
    # what pandas writes: {"date": {"0": …, "1": …}, …}, or {"date": […], …}
    columns = [list(value.values()) if isinstance(value, dict) else value for value in content.values()]
    are_lists = len(columns) > 1 and all(isinstance(column, list) for column in columns)
    if not are_lists or len({len(column) for column in columns}) > 1 or not columns[0]:
        return None
    if any(isinstance(value, dict | list) for column in columns for value in column[:1]):
        return None
    return list(content), [[_text(value) for value in row] for row in zip(*columns, strict=True)]


def _longest_list(content: object, depth: int) -> list[Any] | None:
    if isinstance(content, list):
        return content if content and isinstance(content[0], dict | list) else None
    if not isinstance(content, dict) or depth == 0:
        return None
    inner = [found for value in content.values() if (found := _longest_list(value, depth - 1))]
    return max(inner, key=len, default=None)


def _described_columns(content: object) -> list[str] | None:
    # open-data portals describe the columns of their rows: {"meta": {"view": {"columns": [{"name": …}, …]}}, …}
    for name in ("meta", "view", "columns"):
        content = content.get(name) if isinstance(content, dict) else None
    if not isinstance(content, list) or not all(isinstance(column, dict) for column in content):
        return None
    return [str(column.get("name", "")) for column in content]


def _flat(record: dict[str, Any], before: str = "", depth: int = MOST_DEPTH) -> Iterator[tuple[str, str]]:
    for name, value in record.items():
        if isinstance(value, dict) and depth:
            yield from _flat(value, f"{before}{name}.", depth - 1)
        else:
            yield f"{before}{name}", _text(value)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return " ".join(_values(value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _values(values: Iterable[object]) -> list[str]:
    # a list of records holds its numbers one a record
    flat = (
        next(iter(value.values()), None) if isinstance(value, dict) and len(value) == 1 else value for value in values
    )
    return [_text(value) if not isinstance(value, list | dict) else "?" for value in islice(flat, MOST_COLUMNS)]
