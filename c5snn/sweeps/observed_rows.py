"""Reads what ``observed`` names: a table, or a folder of one JSON file a trial, as an earlier tool wrote them."""

import csv
import json
from pathlib import Path

from c5snn.errors import DataError
from c5snn.records.foreign_searches import is_trial_folder, read_trial_files
from c5snn.sweeps.faults import Faults

__all__ = ["read_observed"]

WHERE = "search.observed"
LISTED = 5


def read_observed(name: object, faults: Faults) -> list[dict[str, str]]:
    """Return the rows of earlier trials, each with its ``value``; of a folder those that are complete.

    Args:
        name: A CSV file, or a folder of files ``{trial_number, value, params, state}``; None for no trials.
        faults: Takes what is wrong.
    """
    if name is None:
        return []
    path = Path(str(name))
    try:
        rows = _of_folder(path) if path.is_dir() else _of_table(path)
    except (OSError, UnicodeDecodeError, csv.Error, DataError) as error:
        faults.add(WHERE, f"`{name}` must be a table, or a folder of trials as JSON: {error}")
        return []
    holds = bool(rows) and "value" in rows[0]
    faults.check(WHERE, "it has a column value", holds=holds, columns=list(rows[0]) if rows else [])
    return rows


def _of_table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    uneven = [str(i) for i, row in enumerate(rows, 2) if None in row or None in row.values()]
    if uneven:
        raise DataError(f"each row must have the length of the head, but rows {', '.join(uneven[:LISTED])} have not.")
    return rows


def _of_folder(path: Path) -> list[dict[str, str]]:
    if not is_trial_folder(path):
        raise DataError(f"`{path}` holds no file with trial_number and params.")
    return [
        {
            **{
                option: value if isinstance(value, str) else json.dumps(value) for option, value in trial.params.items()
            },
            "value": repr(trial.value),
        }
        for trial in read_trial_files(path).trials
        if trial.state == "complete" and trial.value is not None
    ]
