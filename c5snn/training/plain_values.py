"""What a configuration may hold: plain values. Addresses and functions are none, and neither is fetched or called."""

import inspect
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
from jsonargparse import Namespace

from c5snn.errors import ConfigError

__all__ = [
    "leaves",
    "plain_mapping",
    "refuse_addresses",
    "refuse_functions",
    "refuse_half_characters",
    "rewrite_leaves",
    "without_empty",
]

# fsspec, with which Lightning opens folders, knows `scheme://…`, chains of `scheme::` and `data:`; a database of SQLite
# is a file
ADDRESS = re.compile(r"^data:|(?<!\bsqlit)\w://|\w::")
SECTIONS_THAT_MAY_BE_NONE = frozenset({"ckpt_path", "init_from", "lr_scheduler"})


def plain_mapping(config: Any) -> dict[str, Any]:  # noqa: ANN401  # whatever a caller has given
    """Return a configuration from Python as the same from a file: NumPy's numbers, arrays and paths become plain.

    Raises:
        ConfigError: It is no mapping, or holds a flag in place of its options.
    """
    if not isinstance(config, Mapping):
        example = str(config).split() or ["--config", "gru.yaml"]
        raise ConfigError(f"A run is a list of words or a mapping, but is {config!r}; write {example}.")
    if "config" in config:
        raise ConfigError(
            f"`config` is a flag and no option: write the words ['--config', {str(config['config'])!r}, …], or read "
            "the file and give its mapping."
        )
    plain: dict[str, Any] = _plain(config)
    return plain


def without_empty(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration without its empty sections, such as ``trainer:`` with nothing below it."""
    filled = {name: value for name, value in config.items() if value is not None or name in SECTIONS_THAT_MAY_BE_NONE}
    cleaned: dict[str, Any] = _without_empty_arguments(filled)
    return cleaned


def refuse_addresses(values: Sequence[str] | Mapping[str, Any]) -> None:
    """Refuse an address in place of a file or a folder: nothing is fetched from the network by a word.

    Args:
        values: The words of a command line, or a configuration.

    Raises:
        ConfigError: A value is an address.
    """
    for name, value in _named(values):
        if isinstance(value, str | Path) and ADDRESS.search(str(value)):
            raise ConfigError(
                f"`{name}` must be a file or a folder of this machine, but `{value}` is an address; nothing is read "
                "from the network or written to it. Give a path."
            )


def refuse_half_characters(values: Sequence[str] | Mapping[str, Any]) -> None:
    """Refuse text that no file of text can hold: half of a surrogate pair, as bytes that are no UTF-8 become one.

    Args:
        values: The words of a command line, or a configuration.

    Raises:
        ConfigError: A value holds one.
    """
    for name, value in _named(values):
        if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
            raise ConfigError(
                f"`{name}` must be text, but {value!a} holds half of a character, which no `config.yaml` can "
                "record. Rename the file, or write UTF-8."
            )


def refuse_functions(node: Any, name: str = "") -> None:  # noqa: ANN401  # any part of one
    """Refuse functions as values, and what would be called as one, but for a class's own default.

    Args:
        node: A parsed configuration, or a part of it.
        name: The option that the part belongs to.

    Raises:
        ConfigError: A value is a function.
    """
    if isinstance(node, list | tuple):
        for value in node:
            refuse_functions(value, name)
    elif not isinstance(node, Mapping | Namespace):
        _refuse_if(name, node, is_function=callable(node))
    else:
        entries = vars(node) if isinstance(node, Namespace) else node
        parameters = _parameters(entries.get("class_path"))
        for key, value in entries.items():
            if key == "init_args" and isinstance(value, Namespace):
                for argument, given in vars(value).items():
                    _refuse_argument(f"{name}.{argument}", given, parameters.get(argument))
            elif key != "config":
                refuse_functions(value, name if key == "init_args" else f"{name}.{key}".lstrip("."))


def leaves(node: Any, name: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401  # any part of a configuration
    """Yield each value of a nested configuration with the option that it belongs to."""
    if isinstance(node, Mapping | Namespace):
        entries = (vars(node) if isinstance(node, Namespace) else node).items()
        for key, value in entries:
            yield from leaves(value, name if key == "init_args" else f"{name}.{key}".lstrip("."))
    elif isinstance(node, list | tuple | set | frozenset):
        for value in node:
            yield from leaves(value, name)
    else:
        yield name, node


def rewrite_leaves(node: Any, rewritten: Callable[[str, Any], Any], name: str = "") -> None:  # noqa: ANN401
    """Replace each value of a nested configuration in its place.

    Args:
        node: The configuration, or a part of it.
        rewritten: Maps an option and its value to the new value.
        name: The option that the part belongs to.
    """
    if isinstance(node, Namespace | dict):
        entries = list(vars(node).items() if isinstance(node, Namespace) else node.items())
        options = [(key, value, name if key == "init_args" else f"{name}.{key}".lstrip(".")) for key, value in entries]
    elif isinstance(node, list):
        options = [(i, value, name) for i, value in enumerate(node)]
    else:
        return
    for key, value, option in options:
        if isinstance(value, Namespace | dict | list):
            rewrite_leaves(value, rewritten, option)
        else:
            node[key] = rewritten(option, value)


def _refuse_argument(option: str, value: Any, parameter: inspect.Parameter | None) -> None:  # noqa: ANN401
    if parameter is not None and value is parameter.default:
        return
    is_called = parameter is not None and "Callable[" in str(parameter.annotation)
    if is_called and isinstance(value, Namespace) and "class_path" in value:
        _refuse_if(option, value["class_path"], is_function=True)
    refuse_functions(value, option)


def _refuse_if(option: str, value: Any, *, is_function: bool) -> None:  # noqa: ANN401
    if is_function:
        name = f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', type(value).__name__)}"
        shown = value if isinstance(value, str) else name
        raise ConfigError(
            f"Functions are no values of a configuration, but `{option}` is `{shown}`; write a class of your own."
        )


def _parameters(class_path: str | None) -> Mapping[str, inspect.Parameter]:
    """Return the arguments of a class; its module is imported, because the parser has accepted it."""
    module, _, name = (class_path or "").rpartition(".")
    cls = getattr(sys.modules.get(module), name, None)
    return inspect.signature(cls).parameters if inspect.isclass(cls) else {}


def _named(values: Sequence[str] | Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if isinstance(values, Mapping):
        yield from leaves(values)
        return
    flag = ""
    for word in values:
        name, equals, value = word.partition("=")
        if word.startswith("-"):
            flag = name
            if equals:
                yield flag, value
        else:
            yield flag or word, word


def _plain(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Path) else value


def _without_empty_arguments(node: Any) -> Any:  # noqa: ANN401
    if isinstance(node, Mapping):
        kept = {key: value for key, value in node.items() if not (key == "init_args" and value is None)}
        return {key: _without_empty_arguments(value) for key, value in kept.items()}
    return [_without_empty_arguments(value) for value in node] if isinstance(node, list) else node
