"""What takes hours, in pieces: each history's finding is kept as it ends, and the same command goes on from there."""

import hashlib
import json
from functools import cache, partial
from pathlib import Path
from typing import TypeVar

import c5snn
import calibration
from c5snn.files import sha256_of, write_json
from calibration.effort import Effort, Task

__all__ = ["for_each_kept"]

Found = TypeVar("Found", bound=tuple[object, ...])


def for_each_kept(effort: Effort, name: str, task: Task[Found], n: int, *, kind: type[Found]) -> list[Found]:
    """Return what the task says of each of the histories 0 … n - 1, those that were kept not again.

    Args:
        effort: Sizes and the folder of what is kept, apart for other sizes and other code.
        name: What is measured.
        task: As in ``Effort.for_each``; it returns a named tuple of plain values.
        n: How many histories.
        kind: The named tuple.
    """
    folder = effort.pieces / f"{name}_{effort.n_events}_events_{effort.max_epochs}_epochs_{_code()}"
    folder.mkdir(parents=True, exist_ok=True)
    missing = [number for number in range(n) if not _file(folder, number).is_file()]
    effort.for_numbers(partial(_keep, task, folder), missing)
    return [kind(*json.loads(_file(folder, number).read_text(encoding="utf-8"))) for number in range(n)]


@cache
def _code() -> str:
    """Return a short name of the code that decides the findings: what other code has found does not count."""
    modules = [file for package in (c5snn, calibration) for file in Path(package.__path__[0]).rglob("*.py")]
    return hashlib.sha256("".join(map(sha256_of, sorted(modules))).encode()).hexdigest()[:8]


def _keep(task: Task[Found], folder: Path, number: int) -> None:
    write_json(_file(folder, number), list(task(number)))


def _file(folder: Path, number: int) -> Path:
    return folder / f"{number}.json"
