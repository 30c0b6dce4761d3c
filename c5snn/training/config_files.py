"""Where a configuration's name leads: as given, in ./configs/, then among the shipped ones."""

import difflib
import importlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

import c5snn
from c5snn.errors import ConfigError
from c5snn.files import is_file
from c5snn.training.import_policy import is_allowed
from c5snn.training.plain_values import plain_mapping, refuse_addresses, refuse_half_characters, without_empty
from c5snn.training.yaml_file import read_yaml

__all__ = [
    "find_config",
    "import_data_class",
    "named_class",
    "read_arguments",
    "refuse_linked",
    "resolve_configs",
    "with_class_name",
]

CONFIG_FLAGS = ("--config", "-c")
MODEL_FLAGS = ("--model", "--model.class_path")


def find_config(name: str, folder: str = "configs") -> Path:
    """Return the file that ``name`` means.

    Args:
        name: A path, or the name of a file below ``./<folder>/`` or of a shipped one, such as ``original/gru.yaml``.
        folder: ``configs`` for runs, ``sweeps`` for sweeps.

    Raises:
        ConfigError: No such file; the message names the nearest of the shipped ones, or all.
    """
    package = Path(c5snn.__file__).parent
    roots = [Path(), Path(folder), package / folder, package.parent / folder]  # in a wheel, in a checkout
    for root in roots:
        if is_file(root / name):
            return root / name
    shipped = sorted({path.relative_to(root).as_posix() for root in roots[2:] for path in root.rglob("*.yaml")})
    stems = [file.removesuffix(".yaml") for file in shipped]  # the suffix makes all names alike
    close = [f"{stem}.yaml" for stem in difflib.get_close_matches(re.sub(r"\.ya?m?l?$", "", name), stems, n=1)]
    hint = f"Did you mean `{close[0]}`?" if close else f"Shipped are: {', '.join(shipped)}."
    raise ConfigError(f"A configuration must be a file, but `{name}` is none. {hint}")


def read_arguments(args: Any) -> list[str] | dict[str, Any]:  # noqa: ANN401  # whatever a caller has given
    """Return words with their configurations resolved, or a mapping of plain values without empty sections.

    Raises:
        ConfigError: It is neither; a file is missing, is no mapping, or is a sweep's; or a value is an address.
    """
    if isinstance(args, Sequence) and not isinstance(args, str):
        return resolve_configs([str(word) for word in args])
    config = with_class_name(without_empty(plain_mapping(args)))
    refuse_addresses(config)
    refuse_half_characters(config)
    return config


def resolve_configs(words: Sequence[str]) -> list[str]:
    """Replace the value of every ``--config`` by the file that it means, or by its text without empty sections.

    Raises:
        ConfigError: A file is missing, is no mapping, or is a sweep's; or a value is an address.
    """
    refuse_addresses(words)
    refuse_half_characters(words)
    resolved: list[str] = []
    for word in words:
        flag, equals, name = word.partition("=")
        if resolved and resolved[-1] in CONFIG_FLAGS:
            resolved.append(_checked(find_config(word)))
        elif equals and flag in CONFIG_FLAGS:
            resolved.append(f"{flag}={_checked(find_config(name))}")
        elif resolved and resolved[-1] in MODEL_FLAGS:
            resolved.append(_class_of_model(word))
        elif equals and flag in MODEL_FLAGS:
            resolved.append(f"{flag}={_class_of_model(name)}")
        else:
            resolved.append(word)
    return resolved


def with_class_name(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration in which the model goes by its class where it is called as its file, ``spike_gru``."""
    model = content.get("model")
    if isinstance(model, str):
        return {**content, "model": _class_of_model(model)}
    if isinstance(model, Mapping) and isinstance(model.get("class_path"), str):
        return {**content, "model": {**model, "class_path": _class_of_model(model["class_path"])}}
    return dict(content)


def _class_of_model(name: str) -> str:
    """Return the class of a shipped model that is called by its file; any other name as it is."""
    file = Path(c5snn.__file__).parent / "models" / f"{name}.py"
    if not re.fullmatch(r"[a-z]\w*", name) or not file.is_file():
        return name
    # read, not imported: a name needs no torch
    listed = re.search(r'^__all__ = \["(\w+)"\]$', file.read_text(encoding="utf-8"), re.MULTILINE)
    return listed[1] if listed else name


def import_data_class(args: Sequence[str] | Mapping[str, Any]) -> str | None:
    """Import the module of the data class that a configuration names by its whole path, if it may.

    Args:
        args: Words whose configurations are resolved, or a nested mapping.

    Returns:
        The class that is named last, as it is named; None where none is.
    """
    class_path = None
    for class_path in _class_paths(args, "data"):
        module = class_path.rpartition(".")[0]
        if module and is_allowed(module):
            try:
                importlib.import_module(module)
            except ImportError:  # the parser says so, and where
                continue
    return class_path


def named_class(args: Sequence[str] | Mapping[str, Any], section: str) -> str | None:
    """Return the class that a configuration names last in a section, as it is named; None where it names none.

    Args:
        args: Words whose configurations are resolved, or a nested mapping.
        section: The section, such as ``optimizer``.
    """
    *_, name = [None, *_class_paths(args, section)]
    return name


def refuse_linked(args: Sequence[str] | Mapping[str, Any], shapes: Iterable[str]) -> None:
    """Refuse a model's argument that follows the data.

    Args:
        args: Words whose configurations are resolved, or a nested mapping.
        shapes: The arguments that follow the data.

    Raises:
        ConfigError: One is given.
    """
    given = list(_model_arguments(args))
    for name in shapes:
        if name in given:
            raise ConfigError(
                f"A shape is stated once: `--model.{name}` follows the data; give `--data.{name}` instead."
            )


def _checked(path: Path) -> str:
    content = read_yaml(path)
    if "base" in content and "model" not in content:
        raise ConfigError(f"`{path}` is a sweep's file, which holds many runs; run it with `c5snn sweep {path}`.")
    refuse_addresses(content)
    filled = with_class_name(without_empty(content))
    return str(path) if filled == content else yaml.safe_dump(filled, sort_keys=False)


def _content(value: str) -> Mapping[str, Any]:
    """Return what a resolved ``--config`` holds, which is a file or its text."""
    if is_file(value):
        return read_yaml(Path(value))
    content: dict[str, Any] = yaml.safe_load(value)  # written by us
    return content


def _mappings(args: Sequence[str] | Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the nested mappings among the arguments: the mapping itself, or the configurations of words."""
    if isinstance(args, Mapping):
        yield args
        return
    for flag, value in _flags(args):
        if flag in CONFIG_FLAGS:
            yield _content(value)


def _flags(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each flag of a command line with its value."""
    for i, word in enumerate(words):
        flag, equals, value = word.partition("=")
        if word.startswith("-"):
            yield flag, value if equals else words[i + 1] if i + 1 < len(words) else ""


def _class_paths(args: Sequence[str] | Mapping[str, Any], section: str) -> Iterator[str]:
    nodes = [content.get(section) for content in _mappings(args)]
    yield from (node["class_path"] for node in nodes if isinstance(node, Mapping) and _is_text(node.get("class_path")))
    yield from (node for node in nodes if isinstance(node, str))
    if not isinstance(args, Mapping):
        yield from (value for flag, value in _flags(args) if flag in {f"--{section}", f"--{section}.class_path"})


def _model_arguments(args: Sequence[str] | Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of the arguments that the model is given."""
    for content in _mappings(args):
        model = content.get("model")
        yield from (model.get("init_args") or {}) if isinstance(model, Mapping) else ()
    if not isinstance(args, Mapping):
        yield from (
            flag.removeprefix("--model.").removeprefix("init_args.")
            for flag, _ in _flags(args)
            if flag.startswith("--model.")
        )


def _is_text(value: object) -> bool:
    return isinstance(value, str)
