"""A model and its data from a configuration: the one builder, for a single run and for every trial of a sweep."""

import importlib
import inspect
from collections.abc import Mapping
from types import UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin

from c5snn.data import TaskData
from c5snn.errors import ConfigError
from c5snn.tasks import Task
from c5snn.training.size_limit import SizeLimit

__all__ = ["Built", "build", "build_data", "build_model", "class_of"]

Config = Mapping[str, Any]


class Built(NamedTuple):
    """A model and its data; the data is not set up."""

    model: Task
    data: TaskData


def build(config: Config) -> Built:
    """Build the model and the data of a configuration.

    Args:
        config: The whole configuration as plain values, as ``config.yaml`` holds it; of it ``model`` and ``data``
            are read.

    Raises:
        ConfigError: An argument is wrong, or the data is another task's.
    """
    data = build_data(config["data"])
    return Built(build_model(config["model"], data), data)


def build_data(node: Config) -> TaskData:
    """Build data from its ``class_path`` and ``init_args``."""
    data: TaskData = _instance(node)
    return data


def build_model(node: Config, data: TaskData) -> Task:
    """Build a model from its ``class_path`` and ``init_args``; its shapes follow the data.

    Raises:
        ConfigError: An argument is wrong, or the data is another task's.
    """
    cls = class_of(node)
    expected = cls.data_class
    if not isinstance(data, expected):
        raise ConfigError(
            f"`{cls.__name__}` must be given a `{expected.__name__}`, but `data` is a `{type(data).__name__}`; "
            f"add `--data {expected.__name__}`."
        )
    accepted = inspect.signature(cls).parameters
    shapes = {name: getattr(data, name) for name in data.links if name in accepted}
    with SizeLimit(cls.__name__):
        model: Task = _instance(node, **shapes)
    return model


def class_of(node: Config) -> Any:  # noqa: ANN401  # a class that the parser has accepted
    """Return the class that a configuration names."""
    module, _, name = node["class_path"].rpartition(".")
    return getattr(importlib.import_module(module), name)


def _instance(node: Config, **linked: object) -> Any:  # noqa: ANN401  # an instance of the class
    cls = class_of(node)
    accepted = inspect.signature(cls).parameters
    arguments = {**(node.get("init_args") or {}), **linked}
    try:
        return cls(**{name: _argument(value, accepted.get(name)) for name, value in arguments.items()})
    except (TypeError, ValueError, ArithmeticError, RuntimeError, MemoryError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ConfigError(f"`{cls.__name__}` cannot be built from its arguments: {reason}") from error


def _argument(value: Any, parameter: inspect.Parameter | None) -> Any:  # noqa: ANN401  # whatever the argument takes
    """Return a value as the signature takes it: classes are built, and YAML knows no tuples."""
    if isinstance(value, Mapping) and "class_path" in value:
        return _instance(value)
    if isinstance(value, list) and parameter is not None and _takes_tuples_only(parameter.annotation):
        return tuple(value)
    return value


def _takes_tuples_only(annotation: object) -> bool:
    if get_origin(annotation) in {Union, UnionType}:
        origins = {get_origin(choice) or choice for choice in get_args(annotation)}
        return tuple in origins and list not in origins
    return (get_origin(annotation) or annotation) is tuple
