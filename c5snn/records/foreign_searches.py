"""Reads the trials of other tools: a table with one row a trial, the JSON of a study, one JSON file a trial."""

import csv
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from c5snn.errors import DataError
from c5snn.records.cells import finite, option_of, state_of, typed_cell, typed_column
from c5snn.records.searched import SearchedTrial, SearchRecord

__all__ = ["is_trial_folder", "mode_of", "named_mode", "read_study_json", "read_table", "read_trial_files"]

NUMBERS = ("number", "trial_number", "trial", "trial_id")
# columns that measure a trial; every other one is what it tried
MEASURED = {
    "value", "state", "best_epoch", "n_epochs", "epoch", "epochs", "duration", "duration_s", "training_time_s", "time",
    "datetime_start", "datetime_complete", "sampled_by", "branch", "pruned_at", "duplicates", "key", "status",
    "message", "seed", "config_id", "same_as", "n_parameters", "device",
}  # fmt: skip
PREFIXES = ("val_", "train_", "test_", "best_", "final_", "user_attrs_", "system_attrs_")
PARAMS = "params_"  # as Optuna's own tables call what was tried
ATTRIBUTES = "user_attrs_"
LISTED = 5
LOSSES = ("loss", "error", "mse", "mae", "bce", "rmse")
GAINS = ("acc", "accuracy", "auc", "f1", "precision", "recall", "skill")


@dataclass
class _Rows:
    """The trials of a file as they are read, before their values have types."""

    path: Path
    trials: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def add(self, where: str, number: object, state: object, value: object, **rest: object) -> None:
        """Take a trial and note what is wrong with it."""
        found = state_of(state) if state is not None else None
        if state is not None and found is None:
            self.faults.append(f"{where}, column state: {state!r} is no state of a trial")
        if not isinstance(number, int) or isinstance(number, bool):
            self.faults.append(f"{where}, column number: {number!r} is no whole number")
        if value is not None and finite(value) is None and not isinstance(value, float):
            self.faults.append(f"{where}, column value: {value!r} is no number")
        self.trials.append({"number": number, "state": found, "value": finite(value), **rest})

    def check(self) -> None:
        """Raise with what is wrong, the first of it in full."""
        numbers = [trial["number"] for trial in self.trials]
        twice = sorted({number for number in numbers if numbers.count(number) > 1}, key=str) if not self.faults else []
        self.faults += [f"trial {number} stands there twice" for number in twice]
        if not self.trials:
            self.faults.append("it holds no trial")
        if self.faults:
            more = f"; {len(self.faults) - LISTED} more" if len(self.faults) > LISTED else ""
            raise DataError(
                f"`{self.path}` must hold one valid trial a row, but {'; '.join(self.faults[:LISTED])}{more}."
            )


def read_table(path: Path) -> SearchRecord:
    """Read a CSV with one row a trial.

    The metric is the column ``value``, else the first that a metric's name begins (``val_``). What neither measures nor
    counts is an option; an empty cell was not sampled.

    Raises:
        DataError: It is no such table; file, row and column are named.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            columns, rows = list(reader.fieldnames or []), list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"`{path}` must be a table in CSV, but: {error}.") from error
    wide = [str(i) for i, row in enumerate(rows, 2) if None in row or None in row.values()]
    if wide or not rows or len(set(columns)) < len(columns):
        what = (
            f"rows {', '.join(wide[:LISTED])} have other lengths" if wide else f"its columns are {', '.join(columns)}"
        )
        raise DataError(f"`{path}` must have a head with distinct names and rows of its length, but {what}.")
    cells = {name: typed_column([typed_cell(row[name]) for row in rows]) for name in columns}
    return _from_columns(path, cells, len(rows))


def _from_columns(path: Path, cells: Mapping[str, list[Any]], n_rows: int) -> SearchRecord:
    options, measured = _split(list(cells))
    number = next((name for name in NUMBERS if name in cells), None)
    metric = "value" if "value" in cells else next((name for name in measured if name.startswith("val_")), "")
    if not metric:
        raise DataError(
            f"`{path}` must have a column `value` or one of a metric (`val_…`), but has {', '.join(cells)}."
        )
    rows = _Rows(path)
    for i in range(n_rows):
        metrics = {measured[name]: finite(cells[name][i]) for name in measured}
        rows.add(
            f"row {i + 2}",
            cells[number][i] if number else i,
            cells["state"][i] if "state" in cells else None,
            cells[metric][i],
            params={options[name]: cells[name][i] for name in options if cells[name][i] is not None},
            metrics={name: value for name, value in metrics.items() if value is not None},
            sampled_by=str(cells["sampled_by"][i] or "") if "sampled_by" in cells else "",
        )
    return _search(rows, measured.get(metric, metric), mode_of(metric))


def _split(columns: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the columns of options and those of metrics, each with the name that it gets."""
    if any(name.startswith(PARAMS) for name in columns):
        options = {name: name.removeprefix(PARAMS) for name in columns if name.startswith(PARAMS)}
    else:
        options = {
            name: name
            for name in columns
            if name not in MEASURED and name not in NUMBERS and not name.startswith(PREFIXES)
        }
    rest = [name for name in columns if name not in options and name not in NUMBERS and name != "state"]
    return options, {name: name.removeprefix(ATTRIBUTES) for name in rest}


def mode_of(metric: str) -> Literal["max", "min"]:
    """Return the direction that a metric's name suggests: a loss or an error is better low, all else high.

    >>> mode_of("val_acc"), mode_of("val_loss")
    ('max', 'min')
    """
    return named_mode(metric) or "max"


def named_mode(metric: str) -> Literal["max", "min"] | None:
    """Return the direction that a word of a metric's name gives; None where none does.

    >>> named_mode("val_acc"), named_mode("mean_error"), named_mode("gap")
    ('max', 'min', None)
    """
    words = metric.casefold().split("_")
    if any(word in words for word in LOSSES):
        return "min"
    return "max" if any(word in words for word in GAINS) else None


def read_study_json(path: Path) -> SearchRecord:
    """Read a study of Optuna as JSON: ``trials_summary`` (or ``trials``) with number, value, params, state.

    Its direction follows from ``direction``, else from which end of the values ``best_value`` is.

    Raises:
        DataError: It is none.
    """
    content = _json(path)
    entries = content.get("trials_summary", content.get("trials")) if isinstance(content, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise DataError(f"`{path}` must hold `trials_summary`, a list of trials with number, value, params and state.")
    rows = _Rows(path)
    for i, entry in enumerate(entries):
        _add_entry(rows, f"trial {i}", entry, entry.get("number"), entry.get("user_attrs"))
    values = [trial["value"] for trial in rows.trials if trial["value"] is not None and trial["state"] == "complete"]
    mode: Literal["max", "min"] = "max"
    if "direction" in content:
        mode = "min" if str(content["direction"]).rpartition(".")[2].casefold() == "minimize" else "max"
    elif values and finite(content.get("best_value")) is not None:
        mode = "min" if abs(content["best_value"] - min(values)) < abs(content["best_value"] - max(values)) else "max"
    return _search(rows, "value", mode)


def is_trial_folder(path: Path) -> bool:
    """Say whether a folder holds one JSON file a trial, as earlier tools wrote them."""
    first = next(iter(sorted(path.glob("*.json"))), None)
    if first is None:
        return False
    try:
        content = json.loads(first.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and {"trial_number", "params"} <= content.keys()


def read_trial_files(path: Path) -> SearchRecord:
    """Read a folder of files ``{trial_number, value, params, state, architecture}``.

    What a number of ``architecture`` says is kept as a metric of its name.

    Raises:
        DataError: A file is no trial.
    """
    rows = _Rows(path)
    for file in sorted(path.glob("*.json")):
        content = _json(file)
        if not isinstance(content, dict):
            raise DataError(f"`{file}` must hold one trial, but holds {type(content).__name__}.")
        _add_entry(rows, f"file {file.name}", content, content.get("trial_number"), content.get("architecture"))
    return _search(rows, "value", "max")


def _add_entry(rows: _Rows, where: str, entry: Mapping[str, Any], number: object, measured: object) -> None:
    params = entry.get("params")
    if not isinstance(params, dict):
        rows.faults.append(f"{where}: params is {type(params).__name__}, not a mapping")
        params = {}
    metrics = {name: finite(value) for name, value in (measured.items() if isinstance(measured, dict) else ())}
    found = {name: value for name, value in metrics.items() if value is not None}
    value = entry.get("value")
    if finite(value) is not None:
        found.setdefault("value", float(value or 0.0))
    params = {name: value for name, value in params.items() if value is not None}
    rows.add(where, number, entry.get("state"), value, params=params, metrics=found, sampled_by="")


def _search(rows: _Rows, metric: str, mode: Literal["max", "min"]) -> SearchRecord:
    """Return the search with whole numbers as such, and every option that was sampled at all."""
    rows.check()
    names = dict.fromkeys(name for trial in rows.trials for name in trial["params"])
    columns = {name: typed_column([_known(trial["params"].get(name)) for trial in rows.trials]) for name in names}
    trials = [
        SearchedTrial(
            number=trial["number"],
            params={name: column[i] for name, column in columns.items() if column[i] is not None},
            state=trial["state"] or ("failed" if trial["value"] is None else "complete"),
            value=trial["value"],
            metrics=trial["metrics"],
            sampled_by=trial["sampled_by"],
        )
        for i, trial in enumerate(rows.trials)
    ]
    sampled = {name: [value for value in column if value is not None] for name, column in columns.items()}
    options = [option_of(name, values) for name, values in sampled.items() if values]
    if metric == "value":  # the metric that the values are, where it is recorded beside them
        complete = [trial for trial in trials if trial.state == "complete" and trial.value is not None]
        named = [
            name for name in dict.fromkeys(name for trial in complete for name in trial.metrics) if name != "value"
        ]
        metric = next((n for n in named if all(t.metrics.get(n) == t.value for t in complete)), metric)
    ordered = tuple(sorted(trials, key=lambda trial: trial.number))
    return SearchRecord(rows.path.stem, rows.path, metric, mode, tuple(options), ordered)


def _known(value: Any) -> Any:  # noqa: ANN401  # whatever a trial tried
    """Return a value; None for a number that is not finite, which no trial can have tried."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _json(path: Path) -> Any:  # noqa: ANN401  # whatever the file holds
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"`{path}` must be JSON, but: {error}.") from error
