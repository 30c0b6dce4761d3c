"""Files that appear whole or not at all: written to a temporary file beside them, synced, then renamed."""

import csv
import hashlib
import io
import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from c5snn.errors import OutputError
from c5snn.printable import HIDDEN

__all__ = [
    "COPIES",
    "append_row",
    "csv_text",
    "file_system_of",
    "is_file",
    "json_text",
    "located",
    "replacing",
    "sha256_of",
    "write_bytes",
    "write_json",
    "write_text",
]

COPIES = "C5SNN_COPIES"  # names the folder of the copies of another machine's files


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Open a binary file that replaces ``path`` when the block ends without an error.

    Args:
        path: The file to create or to replace; missing folders above it are not created.

    Raises:
        OutputError: The folder is missing or read-only, the disk is full, …; ``path`` is unchanged, nothing is left.
    """
    target = Path(path)
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name[:40]}.", suffix=".tmp", dir=target.parent)
    except OSError as error:
        raise _unwritable(target, error) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(target)
    except OSError as error:
        raise _unwritable(target, error) from error
    finally:
        Path(name).unlink(missing_ok=True)


def write_bytes(path: str | os.PathLike[str], content: bytes) -> None:
    """Replace ``path`` by ``content``, or raise :class:`OutputError` and leave it as it was."""
    with replacing(path) as file:
        file.write(content)


def append_row(path: str | os.PathLike[str], row: str, *, header: str) -> None:
    """Add a line to a file that grows; a new one begins with a header.

    Raises:
        OutputError: It cannot be written.
    """
    place = Path(path)
    try:
        lead = "" if place.is_file() and place.stat().st_size else f"{header}\n"
        with place.open("a", encoding="utf-8") as file:
            file.write(f"{lead}{row}\n")
    except OSError as error:
        raise _unwritable(place, error) from error


def csv_text(columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> str:
    """Return rows as CSV; what a row lacks is an empty cell."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def write_text(path: str | os.PathLike[str], content: str) -> None:
    """Replace ``path`` by ``content`` in UTF-8."""
    write_bytes(path, content.encode())


def write_json(path: str | os.PathLike[str], content: object) -> None:
    """Replace ``path`` by ``content`` as strict JSON (NaN is refused, because JSON has none)."""
    write_text(path, json_text(content))


def json_text(content: object) -> str:
    """Return strict JSON that shows every character, and escapes those that would act or cannot be encoded."""
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    return HIDDEN.sub(lambda found: json.dumps(found[0])[1:-1], text) + "\n"


def file_system_of(path: str | os.PathLike[str]) -> tuple[str, str]:
    """Return the type of the file system that a path lies on, such as ``nfs4``, and where that is mounted."""
    place = Path(path).resolve()
    try:
        lines = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # no Linux
        return "its file system", str(place.anchor)
    mounts = {words[1]: words[2] for words in map(str.split, lines) if len(words) > 2}  # noqa: PLR2004
    found = next((str(folder) for folder in (place, *place.parents) if str(folder) in mounts), "")
    return mounts.get(found, "its file system"), found or str(place.anchor)


def is_file(path: str | os.PathLike[str]) -> bool:
    """Return whether a path leads to a file; one that no file can have, such as one too long, leads to none."""
    return os.path.isfile(path)  # noqa: PTH113  # that of a Path raises where the name is too long


def located(path: str | os.PathLike[str]) -> Path:
    """Return where a file or a folder that a run reads lies on this machine.

    A trial on a cluster has copies of the files that its driver read, below the folder that ``C5SNN_COPIES`` names,
    each under its whole path; elsewhere, and for what has no copy, the path is where the file lies.
    """
    copies = os.environ.get(COPIES)
    if not copies:
        return Path(path)
    copy = Path(copies, *Path(os.path.abspath(path)).parts[1:])  # noqa: PTH100  # `..` must not lead out of the copies
    return copy if copy.exists() else Path(path)


def sha256_of(path: str | os.PathLike[str]) -> str:
    """Return the SHA-256 of a file's bytes."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(f"`{path}` could not be written: {error.strerror or error}. Nothing was changed there.")
