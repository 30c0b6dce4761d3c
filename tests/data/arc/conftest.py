"""A small folder of tasks, and the real ones where they lie beside the checkout."""

import json
from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path):
    """A function that writes tasks, one file each, and returns their folder."""

    def write(**tasks):
        place = tmp_path / "tasks"
        place.mkdir(exist_ok=True)
        for name, task in tasks.items():
            text = task if isinstance(task, str) else json.dumps(task)
            (place / f"{name}.json").write_text(text, encoding="utf-8")
        return place

    return write


@pytest.fixture(scope="session")
def real_tasks():
    """The folder of the real ARC tasks and the file of their categories, which are not ours to ship."""
    place = Path(__file__).parents[4] / "shared" / "data" / "arc"
    if not place.is_dir():
        pytest.skip("the real ARC tasks are not beside this checkout")
    return str(place / "tasks"), str(place / "all_tasks_classified.json")
