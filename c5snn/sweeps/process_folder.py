"""A temporary folder of one process, which the next process of its kind removes where this one was killed."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["process_folder"]

PROCESSES = Path("/proc")


@contextmanager
def process_folder(kind: str, place: str | None = None) -> Iterator[Path]:
    """Make a folder, and remove it at the end; those that killed processes of this machine have left are removed, too.

    Args:
        kind: What it is for; with machine and process it makes the folder's name.
        place: Where it lies; None: where temporary files do.
    """
    above, prefix = place or tempfile.gettempdir(), f"c5snn-{kind}-{socket.gethostname()}-"
    for left in Path(above).glob(f"{prefix}*"):
        owner = left.name.removeprefix(prefix).partition("-")[0]
        if (PROCESSES / "self").exists() and owner.isdecimal() and not (PROCESSES / owner).exists():
            shutil.rmtree(left, ignore_errors=True)
    folder = tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-", dir=above)
    try:
        yield Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
