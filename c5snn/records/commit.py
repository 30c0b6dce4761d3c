"""A run's commit record: the SHA-256 of every file that a report or a later command reads.

It is written last, after a training and after a test. A file that differs from it is damaged, or edited, or of a
training that has not ended; no number is taken from it. Runs of 0.1.0 have no record.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from c5snn.errors import ConfigError
from c5snn.files import sha256_of, write_json
from c5snn.records.run_folder import (
    BEST,
    CONFIG,
    METRICS,
    PROVENANCE,
    RESULT,
    TEST_ITEMS,
    TEST_METRICS,
    TEST_TABLE,
)

__all__ = [
    "COMMIT",
    "TEST_FILES",
    "TRAINING_FILES",
    "CommitRecord",
    "DamagedRunError",
    "begin_training",
    "commit_test",
    "commit_training",
    "read_commit",
    "require_present",
    "require_unchanged",
    "uncommit",
    "write_commit",
]

COMMIT = "commit.json"
TRAINING_FILES = (CONFIG, PROVENANCE, METRICS, RESULT)
TEST_FILES = (TEST_METRICS, TEST_ITEMS, TEST_TABLE)
TRIAL = "trial.json"  # where a sweep of 0.1.0 kept the hashes of a trial's training


class DamagedRunError(ConfigError):
    """Files of a run are not those that were committed.

    Args:
        folder: The run's folder.
        files: Their names.
    """

    def __init__(self, folder: Path, files: Sequence[str]) -> None:
        self.folder, self.files = folder, tuple(files)
        names = ", ".join(f"`{name}`" for name in files)
        super().__init__(
            f"`{folder}`: every file must be as `{COMMIT}` recorded it, but {names} differ{'s' * (len(files) == 1)}: "
            "damaged, edited, or of a training that has not ended. Nothing is read from it; train the run again."
        )


@dataclass(frozen=True)
class CommitRecord:
    """The hashes of a folder's files.

    Args:
        sha256: The SHA-256 of each file, by its name.
        covers_all: Whether it speaks of every file; that of a trial of 0.1.0 speaks of its training only.
    """

    sha256: Mapping[str, str]
    covers_all: bool = True

    def changed(self, folder: Path, names: Iterable[str]) -> list[str]:
        """Return the files that are not what they were: other bytes, missing, or never committed."""
        return [
            name
            for name in names
            if (self.covers_all or name in (*TRAINING_FILES, BEST)) and _sha256(folder / name) != self.sha256.get(name)
        ]


def read_commit(folder: Path) -> CommitRecord | None:
    """Read a folder's commit record; a damaged one commits nothing, None where there is none."""
    if (folder / COMMIT).exists():
        return CommitRecord(_hashes(folder / COMMIT))
    if (folder / TRIAL).exists():
        return CommitRecord(_hashes(folder / TRIAL), covers_all=False)
    return None


def write_commit(folder: Path, names: Iterable[str]) -> None:
    """Commit files as they are now; every other file keeps its entry.

    Args:
        folder: The folder.
        names: The files; one that is not there loses its entry.

    Raises:
        OutputError: The record cannot be written.
    """
    names = tuple(names)
    earlier = read_commit(folder)
    kept = {name: value for name, value in earlier.sha256.items() if name not in names} if earlier else {}
    found = {name: value for name in names if (value := _sha256(folder / name)) is not None}
    write_json(folder / COMMIT, {"sha256": kept | found})


def uncommit(folder: Path, names: Iterable[str]) -> None:
    """Commit some files no more; every other file keeps its entry. What goes is removed after this."""
    names, earlier = tuple(names), read_commit(folder)
    kept = {name: value for name, value in earlier.sha256.items() if name not in names} if earlier else {}
    write_json(folder / COMMIT, {"sha256": kept})


def begin_training(folder: Path) -> None:
    """Commit nothing any more: a training goes on here, and until it ends no file is a result."""
    if (folder / COMMIT).exists():
        write_json(folder / COMMIT, {"sha256": {}})


def commit_training(folder: Path) -> None:
    """Commit a run after its training; a test that was committed before belongs to other weights."""
    write_commit(folder, (*TRAINING_FILES, BEST, *TEST_FILES))


def commit_test(folder: Path) -> None:
    """Commit a run after its test; where nothing was committed before, its training as it is now, too."""
    write_commit(folder, TEST_FILES if read_commit(folder) else (*TRAINING_FILES, BEST, *TEST_FILES))


def require_unchanged(folder: Path, names: Iterable[str] = TRAINING_FILES) -> None:
    """Refuse files that are not those that were committed; without a record all are taken as they are.

    Raises:
        DamagedRunError: One is not.
    """
    record = read_commit(folder)
    changed = record.changed(folder, names) if record else []
    if changed:
        raise DamagedRunError(folder, changed)


def require_present(folder: Path, names: Iterable[str] = TRAINING_FILES) -> None:
    """Refuse a folder that lacks a file that was committed there; one without a record lacks none.

    Raises:
        DamagedRunError: It does.
    """
    record = read_commit(folder)
    missing = [name for name in names if record and name in record.sha256 and not (folder / name).is_file()]
    if missing:
        raise DamagedRunError(folder, missing)


def _hashes(path: Path) -> dict[str, str]:
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): str(value) for name, value in content["sha256"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):  # damaged
        return {}


def _sha256(path: Path) -> str | None:
    try:
        return sha256_of(path)
    except OSError:
        return None
