"""A published file as a table of text: its encoding, delimiter and header found, lines that are no rows set aside."""

import codecs
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple, final

import numpy as np
from jaxtyping import Int64

from c5snn.data.events.delimited import Cells, read_bytes
from c5snn.data.events.published.dates import date_formats, likely_formats
from c5snn.data.events.published.json_records import read_json
from c5snn.data.events.published.numbers import is_number, mostly
from c5snn.data.events.violations import quote
from c5snn.errors import ConfigError, DataError

__all__ = ["DELIMITERS", "Dropped", "PublishedTable", "TableFormat", "read_published"]

SUFFIXES: Final = (".csv", ".tsv", ".txt", ".json")
# the word that says each; of two that fit equally well the first is taken
DELIMITERS: Final = {"tab": "\t", ";": ";", "|": "|", ",": ",", "spaces": "  ", "space": " "}

_SAMPLE: Final = 200
_MOST_COLUMNS: Final = 1_000
_LEAST_SHARE: Final = 0.5
_BYTE_ORDER_MARKS: Final = {
    codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16",
}  # fmt: skip
_FOREIGN: Final = {b"PK\x03\x04": "a zip archive or a workbook", b"\xd0\xcf\x11\xe0": "a workbook", b"%PDF": "a PDF"}
_PAGE: Final = re.compile(rb"\s*<(!doctype|html|\?xml|table)", re.IGNORECASE)
_RULE: Final = re.compile(r"[-=_+*#~|\s]+")

Rows = Int64[np.ndarray, " rows"]


class TableFormat(NamedTuple):
    """How a file is written.

    Attributes:
        encoding: Its encoding, by Python's name; None where it is to be found.
        delimiter: The word for its delimiter; None where it is to be found, and in JSON.
        has_header: Whether its first row names the columns; None where it is to be found.
    """

    encoding: str | None = None
    delimiter: str | None = None
    has_header: bool | None = None


class Dropped(NamedTuple):
    """A line of the file that is no row of the table, and what it is instead."""

    line: int
    text: str
    what: str


@final
@dataclass(frozen=True, eq=False)
class PublishedTable:
    """Columns of text with their names.

    Args:
        written: How the file is written.
        names: The names of the columns, "" where one has none.
        lines: The line, or record, of the file that each row stands in, from 1.
        read: Returns the texts of a column without blanks around them, "" where a row has none.
        read_numbers: Returns the whole numbers of a column at once, -1 where a cell is none; None where it cannot.
        dropped: The lines that are no rows.
        excess: The lines that have more cells than the table has columns.
    """

    written: TableFormat
    names: list[str]
    lines: list[int]
    read: Callable[[int], list[str]]
    read_numbers: Callable[[int], Rows | None]
    dropped: list[Dropped]
    excess: list[int]

    def __len__(self) -> int:
        return len(self.lines)

    def column(self, place: int) -> list[str]:
        """Return the texts of a column; it is read once."""
        if place not in self._columns:
            self._columns[place] = self.read(place)
        return self._columns[place]

    def numbers(self, place: int) -> Rows:
        """Return the whole numbers of a column, -1 where a cell is none; ``5.0`` is one. They are read once."""
        if place not in self._numbers:
            numbers = self.read_numbers(place)
            texts = self.column(place) if numbers is None or (numbers < 0).any() else []
            if numbers is None:
                numbers = np.full(len(texts), -1)
            for row in np.flatnonzero(numbers < 0).tolist() if texts else []:
                numbers[row] = int(float(texts[row])) if is_number(texts[row]) else -1
            self._numbers[place] = numbers
        return self._numbers[place]

    def label(self, place: int) -> str:
        """Return how a column is said on the command line: by its name where that says it, else by its number."""
        name = self.names[place]
        is_plain = name == name.strip() and not re.search(r",|^[\d-]|^$", name) and self.names.count(name) == 1
        return name if is_plain else str(place + 1)

    @cached_property
    def _numbers(self) -> dict[int, Rows]:
        return {}

    @cached_property
    def _columns(self) -> dict[int, list[str]]:
        return {}


def read_published(path: Path, written: TableFormat, *, most_bytes: int | None = None) -> PublishedTable:
    """Read a published file as a table.

    Args:
        path: A file whose name ends in ``.csv``, ``.tsv``, ``.txt`` or ``.json``, with or without ``.gz`` after it.
        written: How it is written, as far as it is said.
        most_bytes: Read whole lines up to so many bytes, and no more; None for the whole file.

    Raises:
        ConfigError: The name has another ending, or an option does not fit the file.
        DataError: The file cannot be read, or is no table of text.
    """
    suffix = Path(path.name.lower().removesuffix(".gz")).suffix
    if suffix not in SUFFIXES:
        raise ConfigError(f"SRC must end in {', '.join(SUFFIXES)}, each also in .gz after it, but got `{path}`.")
    whole = read_bytes(path)
    if most_bytes is not None and len(whole) > most_bytes:
        whole = whole[: whole.rfind(b"\n", 0, most_bytes) + 1]
    text, encoding = _decode(path, whole, written.encoding)
    if suffix == ".json":
        if written.delimiter is not None or written.has_header is not None:
            raise ConfigError("JSON has no delimiter and no header; leave `--delimiter` and `--no-header` out.")
        names, columns, dropped = read_json(text, path)
        lines = list(range(1, len(columns[0]) + 1))
        notes = [Dropped(line, "", what) for line, what in dropped]
        return PublishedTable(TableFormat(encoding), names, lines, columns.__getitem__, lambda _: None, notes, [])
    content = text.encode()
    delimiter = written.delimiter or _delimiter(content)
    try:
        cells = Cells(content, DELIMITERS.get(delimiter, delimiter))
    except DataError as error:
        raise DataError(f"`{path}`: {error}") from error
    return _tabulate(path, cells, TableFormat(encoding, delimiter, written.has_header))


def _decode(path: Path, content: bytes, said: str | None) -> tuple[str, str]:
    kind = next((kind for magic, kind in _FOREIGN.items() if content.startswith(magic)), None)
    kind = "a web page" if _PAGE.match(content) else kind
    if kind:
        raise DataError(f"`{path}` must be a table of text, but is {kind}. Save the table in it as CSV.")
    mark = next((name for mark, name in _BYTE_ORDER_MARKS.items() if content.startswith(mark)), None)
    encoding = said or mark or _guess(content)
    try:
        text = content.decode(encoding)
    except LookupError as error:
        raise ConfigError(f"`--encoding` must be one that Python knows, such as cp1252, but got {said}.") from error
    except (UnicodeError, ValueError) as error:
        raise DataError(f"`{path}` must be text in {encoding}, but is not: {error}. Say its --encoding.") from error
    if not isinstance(text, str) or "\0" in text:
        raise DataError(f"`{path}` must be text, but holds null bytes. Say its --encoding, such as utf-16-le.")
    return text.encode(errors="replace").decode(), encoding


def _guess(content: bytes) -> str:
    try:
        content.decode()
    except UnicodeDecodeError:
        # latin-1 has control characters where the code pages of Windows have letters and quotes
        return "cp1252" if re.search(rb"[\x80-\x9f]", content) else "latin-1"
    return "utf-8"


def _delimiter(content: bytes) -> str:
    # by what gives columns: a column of dates first, then the share of lines with equally many cells
    lines = [line for line in re.split(rb"\r\n|\n|\r", content[: 2**16]) if line.strip()][:_SAMPLE]
    sample, best, best_score = b"\n".join(lines), ",", (False, 0.0)
    for word, delimiter in DELIMITERS.items():
        cells = Cells(sample, delimiter)
        ((width, count),) = Counter(cells.counts.tolist()).most_common(1) or [(0, 0)]
        if not 1 < width <= _MOST_COLUMNS or count < _LEAST_SHARE * len(cells):
            continue
        rows = np.flatnonzero(cells.counts == width)[-_SAMPLE // 4 :]
        columns = (cells.texts(cells.column(place, rows)) for place in range(min(width, 20)))
        has_dates = any(likely_formats(column, named=False) for column in columns)
        if (score := (has_dates, count / len(cells))) > best_score:
            best, best_score = word, score
    return best


def _tabulate(path: Path, cells: Cells, written: TableFormat) -> PublishedTable:
    _refuse_stray_quotes(path, cells)
    counts = cells.counts
    width = Counter(counts.tolist()).most_common(1)[0][0] if len(cells) else 0
    if not 1 <= width <= _MOST_COLUMNS:
        raise DataError(f"`{path}` must hold 1 to {_MOST_COLUMNS:,} columns, but row 1 has {width:,} cells.")
    # what stands above the table has fewer cells than it, a header at most one fewer
    start = int(np.argmax(counts >= max(min(width, 2), width - 1)))
    dropped = [_drop(cells, row, "above the table") for row in range(start) if any(cells.row(row, 20))]
    names, has_header = _header(path, cells, start, width, written.has_header)
    rows, below = _rows(cells, start + has_header, names)
    if not len(rows):
        raise DataError(f"`{path}` must hold at least one event, but holds no row below its header.")
    excess = [int(cells.lines[row]) for row in rows[counts[rows] > width] if any(cells.row(row)[width:])]

    def read(place: int) -> list[str]:
        is_there = counts[rows] > place
        texts = cells.texts(cells.column(place, rows[is_there]))
        if len(texts) == len(rows):
            return texts
        found = iter(texts)
        return [next(found) if there else "" for there in is_there.tolist()]

    def read_numbers(place: int) -> Rows | None:
        return cells.whole_numbers(cells.column(place, rows)) if (counts[rows] > place).all() else None

    written = written._replace(has_header=has_header)
    return PublishedTable(written, names, cells.lines[rows].tolist(), read, read_numbers, dropped + below, excess)


def _refuse_stray_quotes(path: Path, cells: Cells) -> None:
    if len(cells.stray):
        row = int(np.searchsorted(cells.first, cells.stray[0], side="right")) - 1
        found = quote(cells.text(cells.stray[0]))
        raise DataError(
            f"`{path}`, row {cells.lines[row]}: quotes must enclose a whole cell, but got {found}."
            " Close the quote, or double one that is part of the cell."
        )


def _header(path: Path, cells: Cells, start: int, width: int, said: bool | None) -> tuple[list[str], bool]:
    first = cells.row(start)
    below = np.arange(start + 1, len(cells))
    below = below[cells.counts[below] == width][:_SAMPLE]
    samples = [cells.texts(cells.column(place, below)) for place in range(width)]
    if len(first) == width - 1:  # the rows have one more: numbers before the first column, or nothing after the last
        first = [*first, ""] if not any(samples[-1]) else ["", *first]
    fits = [fit for fit in map(_fits, first, samples) if fit is not None]
    if said is None and any(fits) and not all(fits):
        found = quote(first[next(place for place in range(width) if _fits(first[place], samples[place]) is False)])
        raise ConfigError(
            f"Row {cells.lines[start]} of `{path}` must be a header or an event, but holds {found} among numbers."
            " Say --header or --no-header, or mend the row."
        )
    has_header = said if said is not None else not all(fits) or not fits
    return (first[:width] if has_header else [""] * width), has_header


def _fits(text: str, column: list[str]) -> bool | None:
    # whether a text could stand in a column of dates or numbers; None where that cannot be told
    filled = [cell for cell in column if cell]
    if mostly(map(is_number, filled)):
        return is_number(text) if text else None
    if likely_formats(filled, named=False):
        return bool(text and date_formats([text], named=False))
    return None


def _rows(cells: Cells, start: int, names: list[str]) -> tuple[Rows, list[Dropped]]:
    is_filled = cells.lengths(np.arange(cells.first[-1])) > 0
    filled = np.add.reduceat(is_filled, cells.first[:-1])
    rows = np.arange(start, len(cells))
    # only rows of few cells, and such that begin as the header does, can be anything else
    begins = cells.lengths(cells.first[rows]) == len(names[0].encode())
    begins |= np.isin(cells.fixed(cells.first[rows], 1)[:, 0], list(b"-=_+*#~"))
    last = int(rows[filled[rows] > 1].max(initial=-1))
    blank = rows[filled[rows] == 0]
    found = [Dropped(line, "", "a blank line") for line in cells.lines[blank].tolist()]
    dropped = []
    for row in rows[(filled[rows] > 0) & (begins | ((filled[rows] == 1) & (rows > last)))].tolist():
        texts = cells.row(row, len(names))
        is_below = filled[row] == 1 and row > last > 0 and len(names) > 2  # noqa: PLR2004  # a date and numbers
        if any(names) and texts == names:
            found.append(_drop(cells, row, "the header again"))
        elif _RULE.fullmatch("".join(texts)):
            found.append(_drop(cells, row, "a line of dashes"))
        elif is_below:
            found.append(_drop(cells, row, "below the table"))
        else:
            continue
        dropped.append(row)
    kept = rows[~np.isin(rows, [*blank.tolist(), *dropped])]
    return kept, found


def _drop(cells: Cells, row: int, what: str) -> Dropped:
    return Dropped(int(cells.lines[row]), " ".join(cells.row(row, 20)), what)
