"""A sweep's file as it is written, read without its models: its space gives options their true bounds."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from c5snn.analysis.reading import ReadSearch
from c5snn.errors import ConfigError
from c5snn.records.cells import option_of
from c5snn.records.searched import SearchedOption, SearchRecord
from c5snn.sweeps.definition_file import DEFINITION
from c5snn.sweeps.faults import Faults
from c5snn.sweeps.space import BASE, Option, Range
from c5snn.sweeps.space_file import SpaceParts, in_order, read_space
from c5snn.training.config_files import find_config
from c5snn.training.yaml_file import read_yaml

__all__ = ["bases_of", "definition_of", "parts_of", "read_spec_content", "with_space"]

SECTIONS = ("columns", "options", "hard_limits")


def read_spec_content(name: str) -> dict[str, Any]:
    """Return the content of a sweep's file: a path, or a name below ``./sweeps/`` or among the shipped ones.

    Raises:
        ConfigError: There is no such file, it is no sweep's, or a section of it is of the wrong type.
    """
    path = find_config(name, "sweeps")
    content = read_yaml(path)
    if "base" not in content or not isinstance(content.get("space", {}), dict):
        raise ConfigError(f"`{path}` must be a sweep's file, with `base` and `space`.")
    bases = content["base"] if isinstance(content["base"], list) else [content["base"]]
    if not bases or not all(isinstance(base, str) for base in bases):
        raise ConfigError(
            f"`{path}`: `base` must be a configuration's file or a list of some, but is {content['base']!r}."
        )
    for section in SECTIONS:
        if not isinstance(content.get(section) or {}, dict):
            raise ConfigError(f"`{path}`: `{section}` must map names to values, but is {content[section]!r}.")
    return content


def definition_of(source: Path) -> dict[str, Any] | None:
    """Return the definition that a sweep ran with, from its folder, else from the file beside it; None for neither."""
    for path in (source / DEFINITION, source.with_suffix(".yaml")):
        if source.is_dir() and path.is_file():
            return read_spec_content(str(path))
    return None


def bases_of(content: Mapping[str, Any]) -> list[str]:
    """Return the bases of a sweep's file."""
    base = content["base"]
    return [base] if isinstance(base, str) else list(base)


def parts_of(content: Mapping[str, Any]) -> SpaceParts:
    """Return the space of a sweep's file, as far as it can be read without its models.

    Raises:
        ConfigError: Something is wrong with it.
    """
    faults = Faults("The sweep's file")
    parts = read_space(content.get("space") or {}, bases_of(content), faults)
    in_order(parts.options, faults)
    faults.raise_any()
    return parts


def with_space(read: ReadSearch, content: Mapping[str, Any]) -> ReadSearch:
    """Return a search with the options of a sweep's file: its bounds, its scales, its choices.

    Options that the file does not search are left out and named in a note.
    """
    parts = parts_of(content)
    known = {option.name: _searched(option) for option in parts.options}
    for quota in parts.quotas:
        split = option_of(quota.option, quota.values)
        known[quota.option] = replace(split, choices=tuple(quota.values), is_written=True, shares=tuple(quota.shares))
    return ReadSearch(*(_with_options(search, known) for search in (read.search, read.recorded)))


def _with_options(search: SearchRecord, known: Mapping[str, SearchedOption]) -> SearchRecord:
    tried = {name for trial in search.trials for name in trial.params}
    left = [option.name for option in search.options if option.name not in known]
    notes = [f"Not searched by the sweep's file, and left out: {', '.join(left)}."] if left else []
    outside = {
        name: n
        for name, option in known.items()
        if (n := sum(not option.has(trial.params[name]) for trial in search.trials if name in trial.params))
    }
    if outside:
        counts = ", ".join(f"{name} {n}" for name, n in outside.items())
        notes.append(f"Trials with values outside the space of the sweep's file: {counts}.")
    return replace(
        search,
        options=tuple(option for name, option in known.items() if name in tried),
        notes=(*search.notes, *notes),
    )


def _searched(option: Option) -> SearchedOption:
    domain = option.domain
    if isinstance(domain, Range):
        return SearchedOption(
            option.name, "number", (), domain.low, domain.high, domain.log, domain.is_int, domain.step, is_written=True
        )
    if option.name == BASE:
        return SearchedOption(BASE, "choice", tuple(domain.values), is_written=True)
    return replace(option_of(option.name, domain.values), choices=tuple(domain.values), is_written=True)
