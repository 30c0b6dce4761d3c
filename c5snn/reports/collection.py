"""What lies in the folders of a report: the runs that count, and what has to be reported of the others."""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from c5snn.records import RunRecord, find_runs

__all__ = ["Collection", "Failure", "collect"]

# a sweep's files, as c5snn.sweeps writes them
TRIALS, TRIALS_TABLE, FAILURE = "trials", "trials.csv", "failure.json"


@dataclass(frozen=True)
class Failure:
    """A trial that left no result.

    Args:
        folder: Its folder.
        status: How it failed: ``oom``, ``diverged``, ``timeout``, ``killed``, ``failed``, ``stopped``.
        message: Why, in one line.
    """

    folder: str
    status: str
    message: str


@dataclass(frozen=True)
class Collection:
    """The content of the report's folders.

    Args:
        runs: Runs that finished, and runs that were stopped and then tested.
        failures: Runs and trials without a result.
        stale: Number of trials that their sweep's table does not list, by the sweep's folder.
        same_as: Number of configurations that compute what another one computes and were not run again, by the
            sweep's folder.
        damaged: Runs whose test cannot be read any more; they count as not tested.
        bases: The base that a sweep's trial started from, by the trial's folder.
    """

    runs: list[RunRecord]
    failures: list[Failure]
    stale: dict[str, int]
    same_as: dict[str, int]
    damaged: list[str] = field(default_factory=list)
    bases: dict[Path, str] = field(default_factory=dict)


def collect(paths: Sequence[str | Path]) -> Collection:
    """Read every run below the folders, each once.

    Args:
        paths: Runs' folders, sweeps' folders, folders of them.

    Raises:
        ConfigError: A folder holds no run.
    """
    found = {run.folder.resolve(): run for path in paths for run in find_runs(path)}
    sweeps = {_sweep(run.folder) for run in found.values()} | {Path(path) for path in paths}
    tables = {sweep: table for sweep in sweeps if sweep is not None and (table := _table(sweep)) is not None}
    listed = {sweep: {row["key"] for row in table} for sweep, table in tables.items()}
    current, stale = [], dict.fromkeys(map(str, listed), 0)
    for run in found.values():
        sweep = _sweep(run.folder)
        if sweep in listed and run.folder.name not in listed[sweep]:
            stale[str(sweep)] += 1
        else:
            current.append(run)
    damaged = {run.folder for run in current if run.test is not None and not run.has_whole_items}
    current = [replace(run, test=None) if run.folder in damaged else run for run in current]
    return Collection(
        damaged=sorted(map(str, damaged)),
        runs=[run for run in current if _counts(run)],
        failures=_failures([run for run in current if not _counts(run)], [sweep for sweep in sweeps if sweep]),
        stale={sweep: n for sweep, n in stale.items() if n},
        same_as={str(sweep): n for sweep, table in tables.items() if (n := _n_same(table))},
        bases={sweep / TRIALS / key: base for sweep, table in tables.items() for key, base in _bases(table).items()},
    )


def _sweep(folder: Path) -> Path | None:
    """Return the sweep's folder of a trial; None for a run of its own."""
    return folder.parent.parent if folder.parent.name == TRIALS else None


def _table(sweep: Path) -> list[dict[str, str]] | None:
    try:
        with (sweep / TRIALS_TABLE).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, ValueError, csv.Error):  # damaged, or not written yet, or a run's folder
        return None
    return rows if rows and "key" in rows[0] else None


def _bases(table: Sequence[dict[str, str]]) -> dict[str, str]:
    """Return the base of each trial by its key; the first one where configurations of several bases are equal."""
    return {row["key"]: row["base"] for row in reversed(table) if row.get("base")}


def _n_same(table: Sequence[dict[str, str]]) -> int:
    return len({row.get("config_id") for row in table if row.get("same_as")})


def _counts(run: RunRecord) -> bool:
    return run.status == "finished" or run.test is not None


def _failures(unfinished: Sequence[RunRecord], sweeps: Sequence[Path]) -> list[Failure]:
    found = {str(run.folder): Failure(str(run.folder), run.status, f"{run.n_epochs} epochs") for run in unfinished}
    for record in sorted(record for sweep in sweeps for record in (sweep / TRIALS).glob(f"[!.]*/{FAILURE}")):
        try:
            content = json.loads(record.read_text(encoding="utf-8"))
            found[str(record.parent)] = Failure(str(record.parent), content["status"], content["message"])
        except (OSError, ValueError, KeyError, TypeError):
            found[str(record.parent)] = Failure(str(record.parent), "failed", "its record is damaged")
    return list(found.values())
