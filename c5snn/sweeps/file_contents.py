"""The files of a folder as a value, which travels between machines that share no file system."""

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import final

from c5snn.files import write_bytes
from c5snn.records.commit import COMMIT

__all__ = ["Changes", "FileContents", "read_files", "read_folder"]


@final
@dataclass(frozen=True)
class FileContents:
    """The files of a folder.

    Args:
        files: The bytes of each, by its path in the folder, with ``/`` between its parts.
    """

    files: Mapping[str, bytes]

    @cached_property
    def digests(self) -> dict[str, str]:
        """The SHA-256 of each file, by its path."""
        return {name: hashlib.sha256(content).hexdigest() for name, content in self.files.items()}

    @property
    def identity(self) -> str:
        """A hash of all paths and bytes."""
        lines = [f"{digest} {name}\n" for name, digest in sorted(self.digests.items())]
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def write(self, folder: Path) -> None:
        """Write the files into a folder, each whole or not at all, a record that commits the others last.

        Raises:
            OutputError: A file cannot be written.
        """
        for name in sorted(self.files, key=lambda name: (Path(name).name == COMMIT, name)):
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(place, self.files[name])

    def changes_since(self, digests: Mapping[str, str]) -> "Changes":
        """Return what has changed in a folder since its files had these digests."""
        changed = {name: self.files[name] for name, digest in self.digests.items() if digests.get(name) != digest}
        return Changes(FileContents(changed), tuple(digests.keys() - self.files.keys()))


@final
@dataclass(frozen=True)
class Changes:
    """What has changed in a folder.

    Args:
        written: The files that are new or have other bytes.
        removed: The paths of those that are gone.
    """

    written: FileContents
    removed: tuple[str, ...]

    def apply(self, folder: Path) -> None:
        """Change a folder likewise.

        Raises:
            OutputError: A file cannot be written.
        """
        self.written.write(folder)
        for name in self.removed:
            (folder / name).unlink(missing_ok=True)


def read_folder(folder: Path) -> FileContents:
    """Return the files of a folder and of those below it."""
    files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    return FileContents({file.relative_to(folder).as_posix(): file.read_bytes() for file in files})


def read_files(files: Iterable[Path]) -> FileContents:
    """Return files by their whole paths without the root, so that they can be written below any folder."""
    places = [Path(os.path.abspath(file)) for file in files]  # noqa: PTH100  # as `located` spells it
    return FileContents({Path(*place.parts[1:]).as_posix(): place.read_bytes() for place in dict.fromkeys(places)})
