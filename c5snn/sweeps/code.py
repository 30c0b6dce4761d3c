"""The code that computes a trial: a digest of each module that decides its result, without comments and docstrings.

A trial is looked up by what it computes. The same words compute something else after a line of the model has changed,
so the modules that the model is made of belong to the trial's key: its own, and below it every module of the package's
layers that compute, and of the user's own that are imported.
"""

import ast
import hashlib
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any, final

from c5snn.training.import_policy import own_modules

__all__ = ["CodeReader", "class_paths", "code_key"]

LAYERS = "models", "nn", "ops", "tasks", "data", "metrics"
COMPUTING = (*(f"c5snn.{layer}" for layer in LAYERS), "c5snn.training.schedules")
CODE_DIGITS = 8


def code_key(modules: Mapping[str, str]) -> str:
    """Return a short name of a code: equal modules have equal ones."""
    content = "".join(f"{name} {digest}\n" for name, digest in sorted(modules.items()))
    return hashlib.sha256(content.encode()).hexdigest()[:CODE_DIGITS]


def class_paths(node: Any) -> Iterator[str]:  # noqa: ANN401  # any part of a configuration
    """Yield the classes that a configuration names."""
    if isinstance(node, Mapping):
        if isinstance(node.get("class_path"), str):
            yield node["class_path"]
        for value in node.values():
            yield from class_paths(value)
    elif isinstance(node, list):
        for value in node:
            yield from class_paths(value)


@final
class CodeReader:
    """Reads each module once."""

    def __init__(self) -> None:
        self._modules: dict[str, _Module | None] = {}

    def modules(self, classes: Iterable[str]) -> dict[str, str]:
        """Return the modules that compute what these classes do, by their file, each with its digest.

        Args:
            classes: Whole class paths.
        """
        waiting = [path.rpartition(".")[0] for path in classes]
        found: dict[str, str] = {}
        seen: set[str] = set()
        while waiting:
            name = waiting.pop()
            module = None if name in seen else self._module(name)
            seen.add(name)
            if module is not None:
                found[module.file] = module.digest
                waiting += [imported for base, member in module.imports for imported in self._origin(base, member)]
        return found

    def _module(self, name: str) -> "_Module | None":
        """Return a module that computes; None for one that does not, or that has no source."""
        if name not in self._modules:
            source = _source(name)
            self._modules[name] = _Module(name, source) if source and _computes(name, source) else None
        return self._modules[name]

    def _origin(self, base: str, member: str | None) -> list[str]:
        """Return the module that an import means: a package's own list of names leads to where they are defined."""
        if member is None:
            return [base]
        if _source(f"{base}.{member}") is not None:
            return [f"{base}.{member}"]
        package = self._module(base)
        listed = [entry for entry in package.imports if entry[1] == member] if package and package.is_package else []
        return [name for inner, name_in in listed for name in self._origin(inner, name_in)] or [base]


class _Module:
    """A parsed module. Final.

    Args:
        name: Its dotted name.
        source: Its file.
    """

    def __init__(self, name: str, source: Path) -> None:
        tree = ast.parse(source.read_bytes())
        self.is_package = source.name == "__init__.py"
        depth = name.count(".") + 1 + self.is_package
        self.file = "/".join(source.parts[-depth:])
        self.imports = list(_imports(tree, name if self.is_package else name.rpartition(".")[0]))
        self.digest = hashlib.sha256(ast.unparse(_WithoutDocstrings().visit(tree)).encode()).hexdigest()[:16]


class _WithoutDocstrings(ast.NodeTransformer):
    """Removes what computes nothing: docstrings, strings below attributes, ``pass``. Final."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:  # ast's own name
        is_text = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if is_text else node

    def visit_Pass(self, node: ast.Pass) -> None:
        del node


def _imports(tree: ast.AST, package: str) -> Iterator[tuple[str, str | None]]:
    """Yield what a module imports: a module, or a name of one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((base, None if alias.name == "*" else alias.name) for alias in node.names)


def _computes(name: str, source: Path) -> bool:
    """Say whether a module may decide a result: one of the package's computing layers, or a user's own."""
    if name.partition(".")[0] == "c5snn":
        return name.startswith(tuple(f"{layer}." for layer in COMPUTING)) or name in COMPUTING
    is_allowed = any(name == own or name.startswith(f"{own}.") for own in own_modules())
    is_installed = "dist-packages" in source.parts or any(source.is_relative_to(place) for place in _installed())
    return is_allowed or not is_installed


def _source(name: str) -> Path | None:
    """Return the source of a module, which is not imported; None where there is none."""
    path: list[str] | None = None
    spec: ModuleSpec | None = None
    for i in range(1, name.count(".") + 2):
        spec = PathFinder.find_spec(".".join(name.split(".")[:i]), path)
        if spec is None:
            return None
        path = list(spec.submodule_search_locations or [])
    source = Path(spec.origin) if spec and spec.origin else None
    return source if source and source.suffix == ".py" and source.is_file() else None


@cache
def _installed() -> list[Path]:
    return [Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
