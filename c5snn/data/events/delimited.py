"""Delimited text (RFC 4180) as histories are kept in: files of UTF-8, plain or gzip, and the cells in them.

The cells are found by array operations on the bytes and stay bytes: millions of them become text only where somebody
reads them.

Source: Shafranovich (2005), RFC 4180, Common Format and MIME Type for Comma-Separated Values Files. Spaces and tabs
around a cell are no part of it, inside quotes neither.
"""

import gzip
import re
import shlex
import zlib
from pathlib import Path
from typing import Final, final

import numpy as np
from jaxtyping import Bool, Int64, Shaped, UInt8

from c5snn.errors import DataError
from c5snn.files import located, write_bytes

__all__ = ["Cells", "read_bytes", "read_text", "write_text"]

# A million events of five parts take 30 MB; a compressed bomb and a disk image take more than this.
MOST_BYTES: Final = 64 * 2**20
# Files of garbage have more lines, and would take long to find fault with.
MOST_LINES: Final = 2_000_000
MOST_CELLS: Final = 100_000

_TAB, _LINE_FEED, _SPACE, _QUOTE = b'\t\n "'
_MOST_PADDING = 16
_MOST_DIGITS = 9

Indices = Int64[np.ndarray, " cells"]


@final
class Cells:
    """The cells of a delimited text, numbered through from the first cell of the first row.

    Args:
        content: The text in UTF-8. Rows that hold nothing at its end are no part of it.
        delimiter: One character of ASCII, or two spaces for "at least two spaces". Several spaces in a row delimit
            once.

    Raises:
        DataError: There are more than two million lines, or 100,000 cells a line.

    Attributes:
        first: The number of each row's first cell, and after the last row the number of all cells.
        lines: The line of the file in which each row begins, from 1.
        stray: Numbers of the cells whose quotes do not enclose them.
    """

    first: Int64[np.ndarray, " rows_and_end"]
    lines: Int64[np.ndarray, " rows"]
    stray: Indices

    def __init__(self, content: bytes, delimiter: str = ",") -> None:
        content = content.replace(b"\r\n", b"\n")
        content = content if b"\n" in content else content.replace(b"\r", b"\n")
        if (n_lines := content.count(b"\n")) > MOST_LINES:
            raise DataError(f"A table must have at most {MOST_LINES:,} lines, but has {n_lines:,}.")
        if (n_cells := content.count(delimiter[0].encode())) > MOST_CELLS * (n_lines + 1):
            raise DataError(f"A line must have at most {MOST_CELLS:,} cells, but there are {n_cells:,} delimiters.")
        if " " in delimiter:
            content, delimiter = _joined_blanks(content, delimiter)
        self._content = content
        self._bytes = np.frombuffer(content + b"\n", np.uint8)  # the last cell ends like every other
        self._find(ord(delimiter))

    def __len__(self) -> int:
        return len(self.first) - 1

    @property
    def counts(self) -> Int64[np.ndarray, " rows"]:
        """How many cells each row has."""
        return np.diff(self.first)

    def row(self, row: int | np.integer, limit: int | None = None) -> list[str]:
        """Return the texts of a row's cells, at most ``limit`` of them."""
        begin, end = int(self.first[row]), int(self.first[row + 1])
        return self.texts(np.arange(begin, end if limit is None else min(end, begin + limit)))

    def column(self, column: int, rows: Int64[np.ndarray, " cells"]) -> Indices:
        """Return the numbers of the cells of a column, for rows that have it."""
        cells: Indices = self.first[rows] + column
        return cells

    def text(self, cell: int | np.integer) -> str:
        """Return the text of one cell."""
        text = self._content[self._starts[cell] : self._ends[cell]].decode()
        return text.replace('""', '"') if '""' in text else text

    def texts(self, cells: Indices) -> list[str]:
        """Return the texts of cells."""
        spans = zip(self._starts[cells].tolist(), self._ends[cells].tolist(), strict=True)
        texts = [self._content[start:end].decode() for start, end in spans]
        return texts if not self._has_quotes else [text.replace('""', '"') for text in texts]

    def lengths(self, cells: Indices) -> Int64[np.ndarray, " cells"]:
        """Return how many bytes each cell holds."""
        lengths: Indices = self._ends[cells] - self._starts[cells]
        return lengths

    def fixed(self, cells: Indices, width: int) -> UInt8[np.ndarray, "cells width"]:
        """Return the first bytes of cells, 0 after their end."""
        lengths, last = self.lengths(cells), len(self._bytes) - 1
        table = np.zeros((len(cells), width), np.uint8)
        for place in range(width):
            table[:, place] = np.where(place < lengths, self._bytes[np.minimum(self._starts[cells] + place, last)], 0)
        return table

    def whole_numbers(self, cells: Indices) -> Int64[np.ndarray, " cells"]:
        """Return the whole numbers in cells of one to nine digits, -1 for every other cell."""
        lengths = self.lengths(cells)
        values = np.zeros(len(cells), np.int64)
        legal = (lengths > 0) & (lengths <= _MOST_DIGITS)
        digits = self.fixed(cells, int(lengths[legal].max(initial=0)))
        for place in range(digits.shape[1]):
            inside, digit = place < lengths, digits[:, place].astype(np.int64) - ord("0")
            legal &= ~inside | ((digit >= 0) & (digit <= 9))  # noqa: PLR2004  # digits end with 9
            values = np.where(inside, 10 * values + digit, values)
        return np.where(legal, values, -1)

    def _find(self, delimiter: int) -> None:
        ends = np.flatnonzero((self._bytes == delimiter) | (self._bytes == _LINE_FEED))
        quotes = np.flatnonzero(self._bytes == _QUOTE)
        self._has_quotes = len(quotes) > 0
        if self._has_quotes:
            outside = np.searchsorted(quotes, ends) % 2 == 0
            outside[-1] = True  # a quote that is never closed ends with the file
            ends = ends[outside]
        starts = np.concatenate([[0], ends[:-1] + 1])
        first = np.concatenate([[0], np.flatnonzero(self._bytes[ends] == _LINE_FEED) + 1])
        self._starts, self._ends = self._strip(starts, ends)
        self.stray = np.zeros(0, np.int64)
        if self._has_quotes:
            self._unquote(quotes)
            breaks = np.flatnonzero(self._bytes == _LINE_FEED)
            lines = np.searchsorted(breaks, starts[first[:-1]]) + 1
        else:
            lines = np.arange(1, len(first))
        holds_something = np.add.reduceat(self._ends > self._starts, first[:-1]) > 0
        n_rows = int(np.flatnonzero(holds_something).max(initial=-1)) + 1
        self.first, self.lines = first[: n_rows + 1], lines[:n_rows]
        self.stray = self.stray[self.stray < self.first[-1]]

    def _strip(self, starts: Indices, ends: Indices) -> tuple[Indices, Indices]:
        starts, ends = starts.copy(), ends.copy()
        left = right = np.arange(len(starts))
        for _ in range(_MOST_PADDING):
            left = left[self._blank(starts[left], starts[left] < ends[left])]
            starts[left] += 1
            right = right[self._blank(ends[right] - 1, starts[right] < ends[right])]
            ends[right] -= 1
        for cell in np.union1d(left, right).tolist():  # more blanks than a table is padded with: one by one
            text = self._content[starts[cell] : ends[cell]]
            starts[cell] = ends[cell] - len(text.lstrip(b" \t"))
            ends[cell] = starts[cell] + len(text.strip(b" \t"))
        return starts, ends

    def _blank(self, places: Indices, holds_something: Bool[np.ndarray, " cells"]) -> Bool[np.ndarray, " cells"]:
        byte = self._bytes[np.maximum(places, 0)]
        is_blank: Bool[np.ndarray, " cells"] = holds_something & ((byte == _SPACE) | (byte == _TAB))
        return is_blank

    def _unquote(self, quotes: Shaped[np.ndarray, " quotes"]) -> None:
        starts, ends = self._starts, self._ends
        inside = np.searchsorted(quotes, ends) - np.searchsorted(quotes, starts)
        is_closed = (self._bytes[starts] == _QUOTE) & (self._bytes[ends - 1] == _QUOTE) & (ends - starts > 1)
        is_closed &= inside % 2 == 0
        self.stray = np.flatnonzero((inside > 0) & ~is_closed)
        starts, ends = self._strip(starts + is_closed, ends - is_closed)
        self._starts, self._ends = starts, ends


def read_text(path: Path) -> bytes:
    """Return the text of a file in UTF-8, without its byte order mark; a name that ends in ``.gz`` means gzip.

    Raises:
        DataError: The file cannot be read, is larger than 64 MiB, or is not UTF-8 text.
    """
    content = read_bytes(path).removeprefix(b"\xef\xbb\xbf")
    try:
        content.decode()
    except UnicodeDecodeError as error:
        before = content[: error.start]
        row, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        raise DataError(
            f"`{path}` must be UTF-8 text, but row {row}, column {column} holds the byte 0x{content[error.start]:02x}."
            f" `c5snn data import {shlex.quote(str(path))} NEW.csv` reads other encodings."
        ) from error
    return content


def read_bytes(path: Path) -> bytes:
    """Return the content of a file; a name that ends in ``.gz`` means gzip.

    Raises:
        DataError: The file cannot be read or is larger than 64 MiB.
    """
    found = located(path)
    try:
        with gzip.open(found) if path.suffix.lower() == ".gz" else found.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(f"`{path}` must be a whole gzip file, as its name says, but is not: {error}.") from error
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"`{path}` must be a file that can be read, but is not: {reason}.") from error
    if len(content) > MOST_BYTES:
        raise DataError(f"`{path}` must hold at most {MOST_BYTES / 2**20:.0f} MiB of text, but holds more.")
    return content


def write_text(path: Path, text: str) -> None:
    """Replace a file by a text, whole or not at all; the same text gives the same bytes, also with gzip.

    Raises:
        OutputError: The file cannot be written; what stood there is unchanged.
    """
    content = text.encode()
    write_bytes(path, gzip.compress(content, mtime=0) if path.suffix.lower() == ".gz" else content)


def _joined_blanks(content: bytes, delimiter: str) -> tuple[bytes, str]:
    # at least as many blanks as `delimiter` has delimit once; those at either end of a line delimit nothing
    content = re.sub(rb"[ \t]{%d,}" % len(delimiter), b"\t", content.strip(b" \t"))
    for blank in (b"\t", b" "):
        content = content.replace(blank + b"\n", b"\n").replace(b"\n" + blank, b"\n")
    return content, "\t"
