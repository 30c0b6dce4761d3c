"""The options of a configuration by their names, as a command line gives them."""

from collections.abc import Mapping

__all__ = ["flatten"]


def flatten(config: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """Return a nested configuration with one entry per option, ``model.beta`` for ``{"model": {"beta": …}}``.

    >>> flatten({"model": {"class_path": "GRU", "init_args": {"hidden_size": 64}}})
    {'model': 'GRU', 'model.hidden_size': 64}
    """
    flat: dict[str, object] = {}
    for name, value in config.items():
        if name == "class_path":
            flat[prefix] = str(value).rpartition(".")[2]
        elif isinstance(value, Mapping):
            inner = prefix if name == "init_args" else f"{prefix}.{name}".lstrip(".")
            flat |= flatten(value, inner)
        else:
            flat[f"{prefix}.{name}".lstrip(".")] = value
    return flat
