"""The map of the package shows the package."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAP = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
PATHS = sorted(set(re.findall(r"`((?:c5snn|configs|sweeps|tests|benchmarks|calibration|docs)/[\w./]*)`", MAP)))


@pytest.mark.parametrize("path", PATHS)
def test_every_path_of_the_map_is_there(path):
    assert (ROOT / path).exists()


def test_every_subpackage_is_on_the_map():
    folders = {f"c5snn/{file.parent.name}/" for file in (ROOT / "c5snn").glob("*/__init__.py")}
    assert folders
    assert folders <= set(PATHS)


def test_the_layers_of_the_map_are_those_that_are_checked():
    checked = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    layers = re.search(r'^layers = \["__main__", (.*)\]$', checked, flags=re.MULTILINE)[1].replace('"', "").split(", ")
    assert " → ".join(layers) in MAP
