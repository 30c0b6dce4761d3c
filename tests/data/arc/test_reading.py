"""Tasks are read as they are written, or refused with file and place."""

import json
import random

import numpy as np
import pytest

from c5snn.data import ArcDataModule
from c5snn.data.arc.reading import LargestSide, read_tasks
from c5snn.errors import DataError

GRID = [[0, 1], [2, 3]]
TASK = {"train": [{"input": GRID, "output": [[4]]}], "test": []}


def demo(grid):
    return {"train": [{"input": GRID, "output": GRID}, {"input": grid, "output": GRID}]}


def read(folder, **labels):
    file = folder.parent / "labels.json"
    file.write_text(json.dumps(labels))
    return read_tasks(str(folder), str(file))


def test_grids_and_categories_are_those_of_the_files(folder):
    tasks, unlabelled, notes = read(folder(b=TASK, a=demo([[9]])), a="S3", b="A2")
    assert [(task.name, task.category) for task in tasks] == [("a", 2), ("b", 8)]
    assert tasks[1].pairs[0].input.tolist() == GRID
    assert tasks[0].pairs[1].input.tolist() == [[9]]
    assert (tasks[0].height, tasks[0].width) == (2, 2)
    assert unlabelled == notes == []


def test_one_file_holds_one_task_or_several(folder):
    place = folder(one=TASK, several={"x": TASK, "y": demo([[5]]), "z": 3})
    (alone,) = read_tasks(str(place / "one.json"), None).unlabelled
    assert alone.name == "one"
    several = read_tasks(str(place / "several.json"), None)
    assert [task.name for task in several.unlabelled] == ["x", "y"]
    assert several.notes == ["1 entry is not an ARC task and left out: z"]


def test_what_is_left_out_is_reported(folder):
    place = folder(a=TASK, b=TASK, c=TASK, other={"k": 1}, many=[1])
    (place / "LICENSE").write_text("text")
    tasks, unlabelled, notes = read(place, a="S1", b="ambiguous", gone="C1")
    assert [task.name for task in tasks] == ["a"]
    assert [task.name for task in unlabelled] == ["b", "c"]
    assert notes == [
        "3 files are not an ARC task and left out: LICENSE, many.json, other.json",
        "1 task is labelled 'ambiguous', no category, and left out: b",
        "1 task is without a label and left out: c",
        "1 label is without a task: gone",
    ]


@pytest.mark.parametrize(
    ("task", "fault"),
    [
        ('{"train": [', "a.json, line 1, column 12: broken JSON"),
        ("[" * 100_000, "a.json: broken JSON"),
        ('{"train": ' + "9" * 5_000 + "}", "a.json: broken JSON"),
        ({"train": []}, "a.json, train: must be a list of at least one demonstration, but is a list without entries."),
        ({"train": {"input": GRID}}, "a.json, train: must be a list of at least one demonstration, but is an object."),
        ({"train": [{"input": GRID}]}, "a.json, train[0]: must hold `input` and `output`, but is an object."),
        (demo([[1, 2], [3]]), "a.json, train[1].input, row 1: all rows must be equally long, but got 1 and 2."),
        (demo([[1, 10]]), "a.json, train[1].input[0][1]: `0 <= colour <= 9` must hold, but got 10."),
        (demo([[-1]]), "a.json, train[1].input[0][0]: `0 <= colour <= 9` must hold, but got -1."),
        (demo([[1.0]]), "a.json, train[1].input[0][0]: `0 <= colour <= 9` must hold, but got 1.0."),
        (demo([[True]]), "a.json, train[1].input[0][0]: `0 <= colour <= 9` must hold, but got True."),
        (demo([[None]]), "a.json, train[1].input[0][0]: `0 <= colour <= 9` must hold, but got None."),
        (demo([]), "a.json, train[1].input: must be a list of rows"),
        (demo([[]]), "a.json, train[1].input: must be a list of rows"),
        (demo("0"), "a.json, train[1].input: must be a list of rows, each a list of colours, but is a word."),
        (demo([[0] * 31]), "a.json: `side <= max_side` must hold, but got side=31, max_side=30."),
        (demo([[0] * 300]), "a.json, train[1].input: sides up to 255 can be read, but got 1 × 300."),
    ],
)
def test_a_broken_task_is_an_error_with_file_and_place(folder, task, fault):
    with pytest.raises(DataError) as caught:
        read_tasks(str(folder(a=task, fine=TASK)), None)
    assert fault in str(caught.value)
    assert "1 violation was found" in str(caught.value)


def test_every_violation_counts_and_the_first_are_listed(folder):
    with pytest.raises(DataError, match="60 violations were found") as caught:
        read_tasks(str(folder(**{f"t{i:02d}": demo([[10, 0]]) for i in range(60)})), None)
    assert len(str(caught.value).splitlines()) == 22
    assert "... and 40 more." in str(caught.value)


@pytest.mark.parametrize(
    ("labels", "fault"),
    [
        ("[1]", "must be a JSON object"),
        ('{"a": 3}', "labels.json, a: a category must be a word, but is 3"),
        ("{", "broken"),
    ],
)
def test_broken_labels_are_an_error(folder, tmp_path, labels, fault):
    (tmp_path / "labels.json").write_text(labels)
    with pytest.raises(DataError, match=fault):
        read_tasks(str(folder(a=TASK)), str(tmp_path / "labels.json"))
    with pytest.raises(DataError, match="the file of labels must exist"):
        read_tasks(str(folder(a=TASK)), str(tmp_path / "none.json"))


def test_a_folder_without_a_task_is_an_error(folder):
    with pytest.raises(DataError, match="at least one file is an ARC task"):
        read_tasks(str(folder(other={"k": 1})), None)
    with pytest.raises(DataError, match="`path exists` must hold"):
        read_tasks("nowhere", None)


def test_larger_tasks_are_left_out_where_that_is_asked_for(folder):
    place = folder(a=demo([[0] * 21]), b=TASK)
    (labels := place.parent / "labels.json").write_text(json.dumps({"a": "S1", "b": "S2"}))
    found = read_tasks(str(place), str(labels), LargestSide(20, leaves_out=True))
    assert [task.name for task in found.tasks] == ["b"]
    assert found.notes == ["1 task is of a side above 20 and left out: a"], "its label is not without a task"
    with pytest.raises(DataError, match="got side=21, max_side=20"):
        read_tasks(str(place), None, LargestSide(20))


def test_what_is_left_out_is_said_once_however_often_it_is_read(folder, caplog):
    place = folder(a=TASK, other=3)
    for _ in range(2):
        ArcDataModule(path=str(place)).setup("predict")
    assert caplog.text.count("not an ARC task and left out") == 1


def test_damaged_files_are_read_or_refused_and_nothing_else(folder):
    """Bytes of a task are changed, dropped and doubled by a seeded hand."""
    luck = random.Random(1)  # noqa: S311  # no secret
    whole = json.dumps(demo([[1, 2], [3, 4]])).encode()
    n_refused = 0
    for _ in range(200):
        damaged = bytearray(whole)
        for _ in range(luck.randint(1, 4)):
            place = luck.randrange(len(damaged))
            damaged[place : place + luck.randint(0, 2)] = bytes(luck.choices(range(256), k=luck.randint(0, 2)))
        place = folder()
        (place / "a.json").write_bytes(damaged)
        try:
            tasks = read_tasks(str(place), None).unlabelled
        except DataError as error:
            tasks, refusal = [], str(error)
            n_refused += 1
        assert tasks or "a.json" in refusal or "at least one file" in refusal
        assert all(grid.dtype == np.uint8 and grid.max() <= 9 for task in tasks for pair in task.pairs for grid in pair)
    assert n_refused > 100
