"""Reads a sweep's file: every field typed, a profile merged, the values of options left as they are written."""

import argparse
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import yaml
from jsonargparse import ArgumentParser

from c5snn.errors import ConfigError
from c5snn.sweeps.spec import SweepSpec, check
from c5snn.training.config_files import find_config
from c5snn.training.import_policy import apply_import_policy
from c5snn.training.usage_errors import usage_error

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
    content = _read(path)
    spec = _typed(content, path)
    if profile is None:
        return path, spec
    if profile not in spec.profiles:
        raise ConfigError(f"`{path}` has no profile `{profile}`; it has: {', '.join(spec.profiles) or 'none'}.")
    return path, _typed(_merge(content, spec.profiles[profile]), path)


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"`{path}` must be YAML, but reading it says: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise ConfigError(f"`{path}` must hold a mapping, but holds {type(content).__name__}.")
    if "model" in content and "base" not in content:
        raise ConfigError(
            f"`{path}` is the configuration of one run: `c5snn fit --config {path}`. A sweep's file names it as `base`."
        )
    return content


def _merge(content: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    names = {item.name for item in fields(SweepSpec)}
    merged = {**content, **{name: value for name, value in changes.items() if name in names}}
    space, options = dict(merged.get("space", {})), dict(merged.get("options", {}))
    for name, value in changes.items():
        if name not in names:
            # the tables of a rehearsal have the columns of the sweep, and one more only for what it searches itself
            is_shown = name in space or isinstance(value, list)
            (space if is_shown else options)[name] = value
    return {**merged, "space": space, "options": options}


def _typed(content: Mapping[str, Any], path: Path) -> SweepSpec:
    known = [item.name for item in fields(SweepSpec)]
    unknown = [name for name in content if name not in known]
    if unknown:
        raise ConfigError(f"`{path}`: there is no field `{unknown[0]}`; there are: {', '.join(known)}.")
    apply_import_policy()
    # what any option may take is kept as it is written; the parser would read classes into it
    as_written = {name: content[name] for name in ("variants", "space", "options", "profiles") if name in content}
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
