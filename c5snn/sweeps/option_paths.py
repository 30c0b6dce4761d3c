"""Where an option of a flag lies in a configuration of plain values."""

import json
from collections.abc import Sequence
from typing import Any

__all__ = ["flagged_options", "option_path", "option_text", "replaced", "value_at", "without_init_args"]


def option_path(config: object, name: str) -> list[str]:
    """Return the keys that lead to an option; a class's arguments lie below ``init_args``."""
    path = []
    for word in name.split("."):
        inner = config if isinstance(config, dict) else {}
        if "class_path" in inner and word not in inner:
            path.append("init_args")
            inner = inner.get("init_args", {})
        path.append(word)
        config = inner.get(word)
    return path


def value_at(config: Any, path: Sequence[str]) -> Any:  # noqa: ANN401  # whatever the option takes
    """Return the value at a path.

    Raises:
        KeyError: There is none.
    """
    for key in path:
        config = config[key]
    return config


def replaced(config: dict[str, Any], path: Sequence[str], value: object) -> dict[str, Any]:
    """Return the configuration with another value; what stays as it was is shared between both."""
    key, *rest = path
    return {**config, key: replaced(config.get(key, {}), rest, value) if rest else value}


def option_text(value: object) -> str:
    """Return a value as a flag takes it."""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def without_init_args(name: str) -> str:
    """Return an option's name as a flag may shorten it.

    >>> without_init_args("optimizer.init_args.lr")
    'optimizer.lr'
    """
    return name.replace(".init_args.", ".")


def flagged_options(flags: Sequence[str]) -> set[str]:
    """Return the options that flags set.

    >>> sorted(flagged_options(["--data.window", "9", "--optimizer.init_args.lr=0.1"]))
    ['data.window', 'optimizer.lr']
    """
    names = (flag.partition("=")[0].removeprefix("--") for flag in flags if flag.startswith("--"))
    return {without_init_args(name) for name in names}
