"""ARC tasks from JSON files: every broken one is an error with file and place, everything left out is reported.

A task is ``{"train": [{"input": grid, "output": grid}, …]}``, a grid a list of rows of colours from 0 to 9. A folder
holds one task a file, named after its id; a single file holds one task, or several as ``{id: task}``.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from c5snn.data.arc.arc_task import CATEGORIES, ArcTask
from c5snn.data.arc.grids import N_COLORS, Grid, Pair
from c5snn.errors import DataError, require
from c5snn.files import located

__all__ = ["LargestSide", "ReadTasks", "read_tasks"]

# sides of the published tasks; no encoder's memory is meant for more
MAX_SIDE = 30

MOST_LISTED = 20
MOST_NAMED = 3


class LargestSide(NamedTuple):
    """How large a grid may be.

    Attributes:
        side: The largest height or width.
        leaves_out: Whether a task with a larger grid is left out and reported, rather than an error.
    """

    side: int = MAX_SIDE
    leaves_out: bool = False


class ReadTasks(NamedTuple):
    """What was read.

    Attributes:
        tasks: Those with one of the nine categories, by name.
        unlabelled: Those without.
        notes: What was left out, one line each.
    """

    tasks: list[ArcTask]
    unlabelled: list[ArcTask]
    notes: list[str]


def read_tasks(path: str, labels: str | None, limit: LargestSide = LargestSide()) -> ReadTasks:  # noqa: B008  # frozen
    """Read tasks and their categories.

    Args:
        path: A folder with one JSON file a task, or one JSON file.
        labels: JSON file ``{id: category}``; None where no category is known.
        limit: How large a grid may be.

    Raises:
        DataError: A file cannot be read, or a task breaks a rule; each violation is listed with its file and place.
    """
    place = located(path)
    require("path exists", holds=place.exists(), error=DataError, path=path)
    faults: list[str] = []
    notes: list[str] = []
    found: dict[str, tuple[Pair, ...]] = {}
    too_large: list[str] = []
    for name, file, value in _contents(place, labels, faults, notes):
        pairs = _pairs(value, file, faults)
        largest = max((max(grid.shape) for pair in pairs for grid in pair), default=0)
        if largest <= limit.side:
            found |= {name: pairs} if pairs else {}
        elif limit.leaves_out:
            too_large.append(name)
        else:
            faults.append(f"{file}: `side <= max_side` must hold, but got side={largest}, max_side={limit.side}.")
    if too_large:
        notes.append(f"{_counted(too_large, 'task')} of a side above {limit.side} and left out: {_named(too_large)}")
    known = {} if labels is None else _read_labels(located(labels), faults)
    if faults:
        raise DataError(_report(path, faults))
    require(
        "at least one file is an ARC task", holds=bool(found), error=DataError, path=path,
        fix='A task is a JSON file {"train": [{"input": grid, "output": grid}, …]}.',
    )  # fmt: skip
    if labels is not None:
        notes += _label_notes(found, {name: label for name, label in known.items() if name not in set(too_large)})
    tasks = [ArcTask(name, found[name], _category(known.get(name))) for name in sorted(found)]
    return ReadTasks(
        [task for task in tasks if task.category is not None], [task for task in tasks if task.category is None], notes
    )


def _contents(
    place: Path, labels: str | None, faults: list[str], notes: list[str]
) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield the id, the file and the content of everything that looks like a task."""
    if place.is_file():
        value = _load(place, faults)
        if isinstance(value, dict) and "train" not in value:
            yield from _several(place, value, notes)
        elif isinstance(value, dict):
            yield place.stem, str(place), value
        elif value is not None:
            faults.append(f"{place}: must be a JSON object, but is {_kind(value)}.")
        return
    others = []
    for file in sorted(place.iterdir()):
        if file.name.startswith(".") or (labels is not None and file == located(labels)):
            continue
        value = _load(file, faults) if file.suffix == ".json" and file.is_file() else None
        if isinstance(value, dict) and "train" in value:
            yield file.stem, str(file), value
        elif value is not None or file.suffix != ".json" or not file.is_file():
            others.append(file.name)
    if others:
        notes.append(f"{_counted(others, 'file')} not an ARC task and left out: {_named(others)}")


def _several(place: Path, value: Mapping[str, Any], notes: list[str]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    others = [name for name, task in value.items() if not (isinstance(task, dict) and "train" in task)]
    for name, task in value.items():
        if name not in others:
            yield name, f"{place}, {name}", task
    if others:
        notes.append(f"{_counted(others, 'entry')} not an ARC task and left out: {_named(others)}")


def _load(file: Path, faults: list[str]) -> Any:  # noqa: ANN401  # whatever the file holds
    """Return a file's content; None where it is broken, which is a fault."""
    try:
        return json.loads(file.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        faults.append(f"{file}, line {error.lineno}, column {error.colno}: broken JSON, {error.msg[:100]}.")
    except (ValueError, RecursionError) as error:  # wrong encoding, numbers of thousands of digits, endless nesting
        faults.append(f"{file}: broken JSON, {' '.join(str(error).split())[:100]}.")
    except OSError as error:
        faults.append(f"{file}: cannot be read, {error.strerror}.")
    return None


def _pairs(value: Mapping[str, Any], file: str, faults: list[str]) -> tuple[Pair, ...]:
    """Return a task's demonstrations; none where it breaks a rule."""
    demos, n_before = value["train"], len(faults)
    if not isinstance(demos, list) or not demos:
        faults.append(f"{file}, train: must be a list of at least one demonstration, but is {_kind(demos)}.")
        return ()
    grids: list[list[Grid]] = []
    for index, demo in enumerate(demos):
        at = f"{file}, train[{index}]"
        if not isinstance(demo, dict) or not {"input", "output"} <= demo.keys():
            faults.append(f"{at}: must hold `input` and `output`, but is {_kind(demo)}.")
            continue
        sides = [_grid(demo[side], f"{at}.{side}", faults) for side in ("input", "output")]
        grids.append([grid for grid in sides if grid is not None])
    return tuple(Pair(*pair) for pair in grids) if len(faults) == n_before else ()


def _grid(rows: object, at: str, faults: list[str]) -> Grid | None:
    """Return a grid; None where it is none, which is a fault."""
    if not isinstance(rows, list) or not rows or not all(isinstance(row, list) and row for row in rows):
        faults.append(f"{at}: must be a list of rows, each a list of colours, but is {_kind(rows)}.")
        return None
    n_before = len(faults)
    widths = [len(row) for row in rows]
    ragged = next((i for i, width in enumerate(widths) if width != widths[0]), None)
    if ragged is not None:
        faults.append(f"{at}, row {ragged}: all rows must be equally long, but got {widths[ragged]} and {widths[0]}.")
    wrong = [(i, j) for i, row in enumerate(rows) for j, cell in enumerate(row) if not _is_color(cell)]
    for i, j in wrong[:MOST_LISTED]:
        faults.append(f"{at}[{i}][{j}]: `0 <= colour <= 9` must hold, but got {repr(rows[i][j])[:24]}.")
    if max(len(rows), *widths) > np.iinfo(np.uint8).max:
        faults.append(f"{at}: sides up to 255 can be read, but got {len(rows)} × {max(widths)}.")
    return np.array(rows, dtype=np.uint8) if len(faults) == n_before else None


def _is_color(cell: object) -> bool:
    return isinstance(cell, int) and not isinstance(cell, bool) and 0 <= cell < N_COLORS


def _read_labels(file: Path, faults: list[str]) -> dict[str, str]:
    if not file.is_file():
        faults.append(f"{file}: the file of labels must exist.")
        return {}
    content = _load(file, faults)
    if content is None:
        return {}
    if not isinstance(content, dict):
        faults.append(f"{file}: must be a JSON object {{id: category}}, but is {_kind(content)}.")
        return {}
    wrong = [name for name, label in content.items() if not isinstance(label, str)]
    faults += [f"{file}, {name[:40]}: a category must be a word, but is {_kind(content[name])}." for name in wrong]
    return {name: label for name, label in content.items() if name not in set(wrong)}


def _label_notes(found: Mapping[str, object], known: Mapping[str, str]) -> list[str]:
    without_file = [name for name in known if name not in found]
    without_label = [name for name in found if name not in known]
    dropped = {name: label for name, label in known.items() if name in found and label not in CATEGORIES}
    notes = []
    for label in dict.fromkeys(dropped.values()):
        names = [name for name, given in dropped.items() if given == label]
        notes.append(f"{_counted(names, 'task')} labelled {label[:24]!r}, no category, and left out: {_named(names)}")
    if without_label:
        notes.append(f"{_counted(without_label, 'task')} without a label and left out: {_named(without_label)}")
    if without_file:
        notes.append(f"{_counted(without_file, 'label')} without a task: {_named(without_file)}")
    return notes


def _category(label: str | None) -> int | None:
    return CATEGORIES.index(label) if label in CATEGORIES else None


def _report(path: str, faults: Sequence[str]) -> str:
    n = "1 violation was" if len(faults) == 1 else f"{len(faults):,} violations were"
    lines = [f"`{path}` must hold valid ARC tasks, but {n} found; nothing was repaired:"]
    lines += [f"  {fault}" for fault in faults[:MOST_LISTED]]
    if len(faults) > MOST_LISTED:
        lines.append(f"  ... and {len(faults) - MOST_LISTED:,} more.")
    return "\n".join(lines)


def _kind(value: object) -> str:
    if value is None or isinstance(value, bool | int | float):
        return repr(value)[:24]
    kind = "an object" if isinstance(value, dict) else "a list" if isinstance(value, list) else "a word"
    return f"{kind} without entries" if not value else kind


def _counted(names: Sequence[str], noun: str) -> str:
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"1 {noun} is" if len(names) == 1 else f"{len(names):,} {plural} are"


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return ", ".join(name[:40] for name in names[:MOST_NAMED]) + more
