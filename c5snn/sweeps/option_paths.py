"""Where an option of a flag lies in a configuration of plain values."""

import json
from collections.abc import Sequence
from typing import Any

__all__ = ["option_path", "option_text", "replaced", "value_at"]


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
