"""Maps the names of a foreign table to our options, as ``columns`` of a sweep's file says, and values where needed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

from c5snn.errors import ConfigError
from c5snn.records.cells import option_of
from c5snn.records.searched import SearchedOption, SearchedTrial, SearchRecord
from c5snn.sweeps.space import BASE

__all__ = ["Columns", "map_columns", "read_columns"]


@dataclass(frozen=True)
class Columns:
    """The names of a table in our options.

    Args:
        options: Our option by the table's column.
        values: For each of our options, our value by the table's, as text.
        bases: The bases of the sweep: ``cnn`` in a table is ``arc_cnn.yaml`` where no other base ends so.
    """

    options: Mapping[str, str]
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    bases: tuple[str, ...] = ()


def read_columns(written: Mapping[str, Any], bases: Sequence[str]) -> Columns:
    """Read ``columns`` of a sweep's file: ``column: option`` or ``column: {option: …, values: {theirs: ours}}``.

    Args:
        written: As it is written.
        bases: The bases of the sweep.

    Raises:
        ConfigError: An entry is neither.
    """
    options, values = {}, {}
    for column, entry in written.items():
        inner = {"option": entry} if isinstance(entry, str) else entry
        is_right = isinstance(inner, Mapping) and isinstance(inner.get("option"), str)
        renamed = inner.get("values") or {} if is_right else {}
        if not is_right or inner.keys() - {"option", "values"} or not isinstance(renamed, Mapping):
            raise ConfigError(
                f"`columns` maps a column to an option, or to `option` and `values`, but `{column}` is {entry!r}."
            )
        options[str(column)] = inner["option"]
        if renamed:
            values[inner["option"]] = {str(theirs): ours for theirs, ours in renamed.items()}
    return Columns(options, values, tuple(bases))


def map_columns(search: SearchRecord, columns: Columns) -> SearchRecord:
    """Return the search in our names; options that are not mapped keep theirs and are named in a note."""
    trials = tuple(replace(trial, params=_params(trial, columns)) for trial in search.trials)
    names = [columns.options.get(option.name, option.name) for option in search.options]
    unmapped = [option.name for option in search.options if option.name not in columns.options]
    note = f"Options that `columns` does not map keep their names: {', '.join(unmapped)}."
    return replace(
        search,
        trials=trials,
        options=tuple(_option(name, trials) for name in dict.fromkeys(names)),
        notes=(*search.notes, *([note] if unmapped else [])),
    )


def _params(trial: SearchedTrial, columns: Columns) -> dict[str, Any]:
    renamed = {columns.options.get(name, name): value for name, value in trial.params.items()}
    return {name: _ours(name, value, columns) for name, value in renamed.items()}


def _ours(name: str, value: Any, columns: Columns) -> Any:  # noqa: ANN401  # whatever a table holds
    known = columns.values.get(name, {})
    if str(value) in known:
        return known[str(value)]
    if name == BASE and value not in columns.bases:
        stems = [PurePath(base).stem for base in columns.bases]
        found = [
            base for base, stem in zip(columns.bases, stems, strict=True) if stem == value or stem.endswith(f"_{value}")
        ]
        if len(found) == 1:
            return found[0]
    return value


def _option(name: str, trials: Sequence[SearchedTrial]) -> SearchedOption:
    return option_of(name, [trial.params[name] for trial in trials if name in trial.params])
