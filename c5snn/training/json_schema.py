"""A JSON schema of a configuration, from the signatures: editors complete and check a YAML file by it."""

import inspect
import types
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import docstring_parser
import torch.optim
from lightning.pytorch import Trainer
from torch.optim import lr_scheduler

import c5snn.models
import c5snn.training.schedules
from c5snn.data import Signal, SizeLaw
from c5snn.training.callbacks.stopping_rule import StoppingRule
from c5snn.training.data_classes import data_classes

__all__ = ["ANY_VALUE", "DRAFT", "Schema", "configuration_schema", "fields_schema", "type_schema"]

Schema = dict[str, Any]

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
ANY_VALUE: Final[Schema] = {}
KINDS: Final[Mapping[object, Schema]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    # `1e-3`, without a point, is text to YAML and a number to us
    float: {"anyOf": [{"type": "number"}, {"type": "string", "pattern": "^[-+]?[0-9.]+[eE][-+]?[0-9]+$"}]},
    str: {"type": "string"},
    Path: {"type": "string"},
    type(None): {"type": "null"},
    dict: {"type": "object"},
    list: {"type": "array"},
}
# bases of which a configuration names a class where an argument asks for one
NAMED = (Signal, SizeLaw)
# options of a run that belong to no class
RUN: Final[Mapping[str, Schema]] = {
    "seed_everything": {
        "anyOf": [{"type": "integer", "minimum": 0}, {"type": "boolean"}],
        "description": "The seed of the training; true draws one.",
    },
    "name": {"type": ["string", "null"], "description": "The run's name: its folder and its label in tables."},
    "ckpt_path": {"type": ["string", "null"], "description": "Go on with a run: `last`, or its `last.ckpt`."},
    "init_from": {"type": ["string", "null"], "description": "Start a new run with the weights of another."},
}


def configuration_schema() -> Schema:
    """Return the schema of what ``c5snn fit --config`` takes."""
    models = [getattr(c5snn.models, name) for name in c5snn.models.__all__]
    data = [cls for cls in data_classes() if not inspect.isabstract(cls) and cls.__module__.startswith("c5snn.")]
    linked = {name for cls in data for name in cls.links}
    optimizers = [getattr(torch.optim, name) for name in torch.optim.__all__ if name[0].isupper()]
    schedules = [getattr(lr_scheduler, name) for name in lr_scheduler.__all__ if name[0].isupper()]
    schedules += [getattr(c5snn.training.schedules, name) for name in c5snn.training.schedules.__all__]
    short = {cls: cls.__module__.rpartition(".")[2] for cls in models}
    default = next(cls for cls in data if cls.__name__ == "EventDataModule")
    properties = {
        **RUN,
        "model": _class_schema(models, optional=linked, names=short),
        "data": {"anyOf": [_class_schema(data), _arguments_schema(default)]},
        "trainer": _arguments_schema(Trainer),
        "early_stopping": _arguments_schema(StoppingRule),
        "optimizer": {"anyOf": [_class_schema(optimizers, without=("params",)), {"type": "null"}]},
        "lr_scheduler": {"anyOf": [_class_schema(schedules, without=("optimizer",)), {"type": "null"}]},
    }
    return {
        "$schema": DRAFT,
        "title": "c5snn: the configuration of a run",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


def fields_schema(cls: type, special: Mapping[str, Schema] | None = None) -> Schema:
    """Return the schema of the fields of a dataclass.

    Args:
        cls: The dataclass.
        special: Fields whose schema is not that of their annotation.
    """
    schema = _arguments_schema(cls)
    for name, field in (special or {}).items():
        schema["properties"][name] = field | {
            key: value for key, value in schema["properties"][name].items() if key == "description"
        }
    return schema


def type_schema(annotation: object) -> Schema:
    """Return the schema of an annotation; that of any value where it says nothing that a file could break.

    >>> type_schema(int | None)
    {'anyOf': [{'type': 'integer'}, {'type': 'null'}]}
    """
    if isinstance(annotation, type) and issubclass(annotation, NAMED):
        return _class_schema(annotation.__subclasses__())
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in {Union, types.UnionType}:
        choices = [type_schema(choice) for choice in arguments]
        return ANY_VALUE if ANY_VALUE in choices else {"anyOf": choices}
    if origin in {dict, Mapping}:
        return {"type": "object", "additionalProperties": type_schema(arguments[1])}
    if origin in {list, tuple, Sequence, Iterable}:
        return _list_schema([entry for entry in arguments if entry is not Ellipsis], has_length=origin is tuple
                            and Ellipsis not in arguments)  # fmt: skip
    return dict(KINDS.get(annotation, ANY_VALUE)) if isinstance(annotation, type) else ANY_VALUE


def _list_schema(entries: Sequence[object], *, has_length: bool) -> Schema:
    schemas = [type_schema(entry) for entry in entries]
    if not has_length:
        return {"type": "array", "items": schemas[0]}
    return {"type": "array", "prefixItems": schemas, "minItems": len(schemas), "maxItems": len(schemas)}


def _class_schema(
    classes: Iterable[type],
    *,
    optional: Iterable[str] = (),
    without: Iterable[str] = (),
    names: Mapping[type, str] | None = None,
) -> Schema:
    """Return the schema of a class that is named, with its arguments; one's own goes by its whole path.

    Args:
        classes: The classes.
        optional: Arguments that follow from elsewhere, so need no value.
        without: Arguments that a file cannot give.
        names: Other names of the classes.
    """
    named, cases = [], []
    for cls in classes:
        paths = dict.fromkeys([cls.__name__, (names or {}).get(cls, cls.__name__), f"{cls.__module__}.{cls.__name__}"])
        if cls.__module__.startswith("torch.optim"):
            paths |= {f"torch.optim.{cls.__name__}": None, f"torch.optim.lr_scheduler.{cls.__name__}": None}
        if cls.__module__.startswith("c5snn."):
            paths |= {".".join([*cls.__module__.split(".")[:2], cls.__name__]): None}
        named += list(paths)
        arguments = _arguments_schema(cls, optional=optional, without=without)
        condition = {"properties": {"class_path": {"enum": list(paths)}}}
        cases.append({"if": condition, "then": {"properties": {"init_args": arguments}}})
    path = {"anyOf": [{"enum": named}, {"type": "string", "pattern": r"^(?!c5snn\.|torch\.)\w+(\.\w+)+$"}]}
    whole = {
        "type": "object",
        "properties": {"class_path": path, "init_args": {"type": ["object", "null"]}},
        "required": ["class_path"],
        "additionalProperties": False,
        "allOf": cases,
    }
    return {"anyOf": [path, whole]}


def _arguments_schema(cls: type, *, optional: Iterable[str] = (), without: Iterable[str] = ()) -> Schema:
    """Return the schema of the arguments of a class."""
    own = inspect.getdoc(vars(cls).get("__init__")) or ""
    document = docstring_parser.parse("\n".join([inspect.getdoc(cls) or "", own]))
    says = {entry.arg_name: " ".join((entry.description or "").split()) for entry in document.params}
    hints = _hints(cls)
    properties, required = {}, []
    for name, parameter in inspect.signature(cls).parameters.items():
        if name in without or parameter.kind in {parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL}:
            continue
        schema = dict(type_schema(hints.get(name, inspect.Parameter.empty)))
        properties[name] = schema | ({"description": says[name]} if says.get(name) else {})
        if parameter.default is parameter.empty and name not in optional:
            required.append(name)
    found: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return found | ({"required": required} if required else {})


def _hints(cls: type) -> dict[str, object]:
    try:
        return get_type_hints(vars(cls)["__init__"])
    except (NameError, KeyError):  # an inherited one, or a name that is there for type checkers only
        return {}
