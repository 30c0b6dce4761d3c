"""Reads a search, whatever holds it, and gives it the metric that is asked for."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from c5snn.analysis.columns import Columns, map_columns
from c5snn.analysis.expression import MetricExpression, parse_metric
from c5snn.analysis.own_sweeps import is_sweep, read_sweep
from c5snn.errors import ConfigError
from c5snn.records.foreign_searches import (
    is_trial_folder,
    mode_of,
    named_mode,
    read_study_json,
    read_table,
    read_trial_files,
)
from c5snn.records.searched import SearchRecord

__all__ = ["ReadSearch", "find_search", "is_table", "read_search"]

OWN_TABLE = "trials.csv"


@dataclass(frozen=True)
class ReadSearch:
    """A search with the metric that is asked for.

    Args:
        search: The search with that metric.
        recorded: The same with the metric that its source has chosen by.
    """

    search: SearchRecord
    recorded: SearchRecord


def read_search(
    name: str,
    *,
    metric: str | None = None,
    mode: Literal["max", "min"] | None = None,
    n_random: int | None = None,
    columns: Columns | None = None,
) -> ReadSearch:
    """Read a search.

    Args:
        name: A sweep's folder, as given or below ``sweeps/``; a CSV; the JSON of a study; a folder of trials as JSON.
        metric: The metric, or arithmetic on metrics; None for the one that the source has chosen by.
        mode: Its direction; None for that of its name or of the metrics that it rises with.
        n_random: So many trials, the first by number, were drawn at random; None where the source records it.
        columns: How the names of a foreign table are called in our options.

    Raises:
        ConfigError: There is no such search, it lacks a metric, or nothing tells the direction of the metric.
        DataError: The table is invalid.
    """
    expression = parse_metric(metric) if metric else None
    path = find_search(name)
    if path.is_dir():
        found = read_sweep(path) if is_sweep(path) else read_trial_files(path)
    else:
        found = read_table(path) if path.suffix == ".csv" else read_study_json(path)
    if columns is not None:
        found = map_columns(found, columns)
    if n_random is not None:
        first = {
            trial.number for trial in sorted(found.trials, key=lambda trial: trial.number) if trial.number < n_random
        }
        marked = (replace(trial, sampled_by="random" if trial.number in first else "sampler") for trial in found.trials)
        found = replace(found, trials=tuple(marked))
    asked = replace(found, mode=mode) if mode else found
    return ReadSearch(asked if expression is None else _with_metric(found, expression, mode), found)


def is_table(name: str) -> bool:
    """Say whether a name is that of a foreign table rather than of a folder of ours."""
    path = Path(name)
    return (path.is_file() and path.suffix in {".csv", ".json"}) or (
        path.is_dir() and not is_sweep(path) and is_trial_folder(path)
    )


def find_search(name: str) -> Path:
    """Return the folder or the file of a search.

    Raises:
        ConfigError: There is none.
    """
    for path in (Path(name), Path("sweeps") / name, Path("sweeps") / Path(name).stem):
        if path.is_file() and path.name == OWN_TABLE and is_sweep(path.parent):
            return path.parent
        if path.is_file() and path.suffix in {".csv", ".json"}:
            return path
        if path.is_dir() and (is_sweep(path) or is_trial_folder(path)):
            return path
    raise ConfigError(
        f"A search must be a sweep's folder, a CSV, the JSON of a study or a folder of trials as JSON, but `{name}` is "
        "none of them."
    )


def _with_metric(
    search: SearchRecord, expression: MetricExpression, mode: Literal["max", "min"] | None
) -> SearchRecord:
    if expression.name == search.metric and not expression.is_derived:
        return replace(search, mode=mode) if mode else search
    known = dict.fromkeys(name for trial in search.trials for name in trial.metrics)
    missing = [name for name in expression.names if name not in known]
    if missing:
        raise ConfigError(
            f"A metric must name what is recorded, but {', '.join(missing)} is not; recorded are: {', '.join(known)}."
        )
    values = {trial.number: expression.value(trial.metrics) for trial in search.trials}
    return search.with_values(expression.name, values, mode or _mode(search, expression))


def _mode(search: SearchRecord, expression: MetricExpression) -> Literal["max", "min"]:
    """Return the direction of a metric: that of its name, else that of the metrics that it rises with."""
    named = named_mode(expression.name) if expression.is_derived and expression.name != expression.text else None
    if named is not None:
        return named
    modes = {search.mode if name == search.metric else mode_of(name) for name in expression.names}
    if not expression.is_rising or len(modes) > 1:
        raise ConfigError(
            f"Neither the name nor the metrics of {expression.name!r} tell whether it is better high or low; give "
            "`--mode max` or `--mode min`."
        )
    return modes.pop()
