"""What there is: shipped configurations, sweeps and classes with their options, and runs; read without importing torch.

Classes are read from their source, so help, lists and completions answer at once.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, NamedTuple

import c5snn
from c5snn.records.run_folder import CONFIG, RESULT, RUNS

__all__ = [
    "Argument",
    "Shipped",
    "ShippedClass",
    "data_classes",
    "models",
    "run_folders",
    "shipped",
    "signals",
    "trainer_options",
]

PACKAGE = Path(c5snn.__file__).parent
FOLLOWS = "links"  # the attribute of data whose names follow into the model's arguments


class Argument(NamedTuple):
    """An argument of a class.

    Attributes:
        name: Its name.
        default: Its default, as it is written; empty where it must be given.
        says: What it is; empty where nothing is said.
    """

    name: str
    default: str
    says: str


@dataclass(frozen=True)
class ShippedClass:
    """A class that a configuration may name.

    Attributes:
        name: The class's name.
        short: The name of its file.
        says: The first sentence of its docstring.
        arguments: Its arguments.
        links: For data: the arguments of a model that follow from it.
    """

    name: str
    short: str
    says: str
    arguments: tuple[Argument, ...]
    links: tuple[str, ...] = ()


class Shipped(NamedTuple):
    """A shipped file.

    Attributes:
        name: Its name, as a command takes it.
        says: Its first comment.
    """

    name: str
    says: str


def shipped(folder: Literal["configs", "sweeps"]) -> list[Shipped]:
    """Return the shipped configurations or sweeps, and those of the current folder, by name."""
    found: dict[str, Shipped] = {}
    for root in (PACKAGE / folder, PACKAGE.parent / folder, Path(folder)):
        paths = root.rglob("*.yaml") if folder == "configs" else root.glob("*.yaml")
        for path in paths:
            name = path.relative_to(root).as_posix()
            found[name] = Shipped(name, _comment(path))
    return sorted(found.values())


@cache
def models() -> tuple[ShippedClass, ...]:
    """Return the shipped models."""
    files = sorted((PACKAGE / "models").glob("[!_]*.py"))
    return tuple(entry for file in files for entry in _classes(file) if not entry.name.startswith("_"))


@cache
def data_classes() -> tuple[ShippedClass, ...]:
    """Return the shipped kinds of data, the default first."""
    files = [PACKAGE / "data" / kind / "datamodule.py" for kind in ("events", "arc", "series")]
    return tuple(entry for file in files for entry in _classes(file) if entry.name.endswith("DataModule"))


@cache
def signals() -> tuple[ShippedClass, ...]:
    """Return the signals that may be planted."""
    found = _classes(PACKAGE / "data" / "events" / "signals.py")
    return tuple(entry for entry in found if entry.name != "Signal" and not entry.name.startswith("_"))


@cache
def trainer_options() -> tuple[Argument, ...]:
    """Return the options of Lightning's trainer; none where its source is not found."""
    spec = find_spec("lightning")
    file = Path(spec.origin).parent / "pytorch" / "trainer" / "trainer.py" if spec and spec.origin else Path()
    found = _classes(file) if file.is_file() else []
    return next((entry.arguments for entry in found if entry.name == "Trainer"), ())


def run_folders(root: Path | None = None) -> list[Path]:
    """Return the folders of runs, the newest first.

    Args:
        root: Where they lie; None: ``lightning_logs``.
    """
    folders = [file.parent for file in (root or Path(RUNS)).rglob(CONFIG)]
    return sorted(folders, key=_changed_at, reverse=True)


def _changed_at(folder: Path) -> tuple[float, str]:
    file = folder / RESULT
    return (file if file.is_file() else folder / CONFIG).stat().st_mtime, str(folder)


def _comment(path: Path) -> str:
    try:
        first = path.read_text(encoding="utf-8").partition("\n")[0]
    except (OSError, ValueError):
        return ""
    return first.removeprefix("#").partition("  c5snn ")[0].strip() if first.startswith("#") else ""


def _classes(file: Path) -> list[ShippedClass]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [_read(node, file.stem) for node in tree.body if isinstance(node, ast.ClassDef)]


def _read(node: ast.ClassDef, short: str) -> ShippedClass:
    functions = [entry for entry in node.body if isinstance(entry, ast.FunctionDef) and entry.name == "__init__"]
    document = ast.get_docstring(node) or ""
    says = _documented(document)
    if functions:
        says |= _documented(ast.get_docstring(functions[0]) or "")
        arguments = [Argument(name, default, says.get(name, "")) for name, default in _signature(functions[0])]
    else:  # a dataclass
        arguments = [Argument(name, default, says.get(name, "")) for name, default in _fields(node)]
    return ShippedClass(node.name, short, _sentence(document), tuple(arguments), _links(node))


def _signature(function: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    args = function.args
    n_required = len(args.args) - len(args.defaults)
    defaults = ["" for _ in range(n_required)] + [ast.unparse(node) for node in args.defaults]
    yield from zip([entry.arg for entry in args.args][1:], defaults[1:], strict=True)
    for entry, node in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        yield entry.arg, "" if node is None else ast.unparse(node)


def _fields(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for entry in node.body:
        is_field = isinstance(entry, ast.AnnAssign) and "ClassVar" not in ast.unparse(entry.annotation)
        if isinstance(entry, ast.AnnAssign) and is_field:
            yield ast.unparse(entry.target), "" if entry.value is None else ast.unparse(entry.value)


def _links(node: ast.ClassDef) -> tuple[str, ...]:
    for entry in node.body:
        if isinstance(entry, ast.AnnAssign) and ast.unparse(entry.target) == FOLLOWS and entry.value is not None:
            return tuple(ast.literal_eval(entry.value))
    return ()


def _documented(document: str) -> dict[str, str]:
    """Return what a Google docstring says of each argument."""
    section = re.search(r"^Args:\s*\n(.*?)(?=^\S|\Z)", document, flags=re.MULTILINE | re.DOTALL)
    entries = re.split(r"^ {4}(?=\w+:)", section[1], flags=re.MULTILINE)[1:] if section else []
    pairs = [entry.partition(":") for entry in entries]
    return {name: " ".join(text.split()) for name, _, text in pairs}


def _sentence(document: str) -> str:
    return " ".join(document.partition("\n\n")[0].split())
