"""Reads a sweep's file: every field typed, a profile merged, the values of options left as they are written."""

import argparse
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from jsonargparse import ArgumentParser

from c5snn.errors import ConfigError
from c5snn.sweeps.spec import Confirm, Screen, SweepSpec, check
from c5snn.training.config_files import find_config
from c5snn.training.import_policy import apply_import_policy
from c5snn.training.usage_errors import usage_error
from c5snn.training.yaml_file import read_yaml

__all__ = ["read_spec"]


def read_spec(name: str, profile: str | None = None) -> tuple[Path, SweepSpec]:
    """Read a sweep's definition and apply a profile.

    Args:
        name: A path, or a file below ``./sweeps/`` or among the shipped ones.
        profile: The name of one of its profiles.

    Returns:
        The file, and its content.

    Raises:
        ConfigError: No such file or profile, or a field that is unknown or of the wrong type.
    """
    path = find_config(name, "sweeps")
    content = read_yaml(path)
    if "model" in content and "base" not in content:
        raise ConfigError(
            f"`{path}` is the configuration of one run: `c5snn fit --config {path}`. A sweep's file names it as `base`."
        )
    spec = _typed(content, path)
    if profile is None:
        return path, spec
    if profile not in spec.profiles:
        raise ConfigError(f"`{path}` has no profile `{profile}`; it has: {', '.join(spec.profiles) or 'none'}.")
    changes = spec.profiles[profile]
    for section in ("space", "options"):
        if not isinstance(changes.get(section, {}), dict):
            where = f"`{path}`: `{section}` of the profile `{profile}`"
            raise ConfigError(f"{where} must map names to values, but is {changes[section]!r}.")
    return path, _typed(_merge(content, changes), path)


def _merge(content: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    names = {item.name for item in fields(SweepSpec)}
    merged = {**content, **{name: value for name, value in changes.items() if name in names}}
    space, options = dict(merged.get("space", {})), dict(merged.get("options", {}))
    for name, value in changes.items():
        if name not in names:
            # the tables of a rehearsal have the columns of the sweep, and one more only for what it searches itself
            is_shown = name in space or isinstance(value, list)
            (space if is_shown else options)[name] = value
    if "search" in content and isinstance(changes.get("search"), dict):
        merged["search"] = {**content["search"], **changes["search"]}  # a rehearsal has fewer trials of the same search
    return {**merged, "space": space, "options": options}


def _typed(content: Mapping[str, Any], path: Path) -> SweepSpec:
    known = [item.name for item in fields(SweepSpec)]
    unknown = [name for name in content if name not in known]
    if unknown:
        raise ConfigError(f"`{path}`: there is no field `{unknown[0]}`; there are: {', '.join(known)}.")
    if not isinstance(content.get("screen", {}), dict):  # the parser takes any value for a whole section
        raise ConfigError(f"`{path}`: `screen` must be a mapping of options, but is {content['screen']!r}.")
    _refuse_null(SweepSpec, content, path)
    _refuse_null(Screen, content.get("screen"), path)
    _refuse_null(Confirm, content.get("confirm"), path)
    apply_import_policy()
    # what any option may take is kept as it is written; the parser would read classes into it
    untyped = ("variants", "space", "options", "profiles", "search", "each", "hard_limits", "columns")
    as_written = {name: content[name] for name in untyped if name in content}
    parser = ArgumentParser(exit_on_error=False)
    parser.add_class_arguments(SweepSpec, "sweep", skip=set(as_written))
    try:
        parsed = parser.parse_object({"sweep": {name: content[name] for name in content.keys() - as_written.keys()}})
    except argparse.ArgumentError as error:
        raise ConfigError(f"`{path}`: {usage_error(str(error), known)}") from error
    for name, value in as_written.items():
        inner = value.values() if name in {"profiles", "variants"} and isinstance(value, dict) else [value]
        if not all(isinstance(entry, dict) for entry in inner):
            raise ConfigError(f"`{path}`: `{name}` must map names to values, but is {value!r}.")
    spec: SweepSpec = replace(parser.instantiate(parsed)["sweep"], **as_written)
    check(spec, f"`{path}`")
    return spec


def _refuse_null(kind: type[SweepSpec | Screen | Confirm], content: object, path: Path) -> None:
    """Refuse a field that is null and must have a value, which the parser would let pass."""
    given = content if isinstance(content, dict) else {}
    for item in fields(kind):
        if item.default is not None and given.get(item.name, item.name) is None:
            raise ConfigError(f"`{path}`: `{item.name}` must have a value, but is null.")
