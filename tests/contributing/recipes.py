"""The recipes of CONTRIBUTING.md as its reader follows them: their own text, put where they say."""

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

CONTRIBUTING = Path(__file__).parents[2] / "CONTRIBUTING.md"


def section(title: str) -> str:
    """Return a recipe's text."""
    _, found, text = CONTRIBUTING.read_text(encoding="utf-8").partition(f"\n## {title}\n")
    assert found, f"CONTRIBUTING.md has no section `{title}`"
    return text.partition("\n## ")[0]


def code(title: str, language: str = "python") -> str:
    """Return the first block of code of a recipe."""
    return re.findall(rf"```{language}\n(.*?)```", section(title), flags=re.DOTALL)[0]


def module(title: str, name: str, folder: Path) -> ModuleType:
    """Write the file of a recipe into a folder and import it under a name.

    It stays imported until Python ends: parsers look every known subclass up where it says that it is from.
    """
    file = folder / f"{name.rpartition('.')[2]}.py"
    file.write_text(code(title), encoding="utf-8")
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, file)
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]
