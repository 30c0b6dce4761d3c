"""Text files as a history is kept in: UTF-8, plain or compressed with gzip."""

import gzip
import zlib
from pathlib import Path
from typing import Final

from c5snn.errors import DataError
from c5snn.files import write_bytes

__all__ = ["read_text", "write_text"]

# Centuries of daily events fit; a compressed bomb and a disk image do not.
MOST_BYTES: Final = 64 * 2**20


def read_text(path: Path) -> str:
    """Return the text of a file without its byte order mark; a name that ends in ``.gz`` means gzip.

    Raises:
        DataError: The file cannot be read, is larger than 64 MiB, or is not UTF-8 text.
    """
    content = _read_bytes(path)
    if len(content) > MOST_BYTES:
        raise DataError(f"`{path}` must hold at most {MOST_BYTES / 2**20:.0f} MiB of text, but holds more.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        row, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        raise DataError(
            f"`{path}` must be UTF-8 text, but row {row}, column {column} holds the byte 0x{content[error.start]:02x}."
            " Save the history as CSV in UTF-8."
        ) from error


def write_text(path: Path, text: str) -> None:
    """Replace a file by a text, whole or not at all; the same text gives the same bytes, also with gzip.

    Raises:
        OutputError: The file cannot be written; what stood there is unchanged.
    """
    content = text.encode()
    write_bytes(path, gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)


def _read_bytes(path: Path) -> bytes:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(f"`{path}` must be a whole gzip file, as its name says, but is not: {error}.") from error
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"`{path}` must be a file that can be read, but is not: {reason}.") from error
