"""What lies in the folders of a report: the runs that count, and what has to be reported of the others."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from c5snn.errors import ConfigError
from c5snn.records import RunRecord, find_runs, read_commit
from c5snn.records.run_folder import RESULT, TEST_ITEMS, trial_key_of
from c5snn.reports.words import count

__all__ = ["Collection", "Damage", "Failure", "collect"]

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
class Damage:
    """Files that are not those that were committed, or cannot be read.

    Args:
        folder: Their folder.
        files: Their names.
        part: What is left out for it: a ``run``, its ``test``, or a sweep's ``table`` of its trials.
    """

    folder: str
    files: tuple[str, ...]
    part: Literal["run", "test", "table"]


@dataclass(frozen=True)
class Collection:
    """The content of the report's folders.

    Args:
        runs: Runs that finished, and runs that were stopped and then tested.
        failures: Runs and trials without a result.
        stale: Number of trials that their sweep's table does not list, by the sweep's folder.
        same_as: Number of configurations that compute what another one computes and were not run again, by the
            sweep's folder.
        damaged: What is left out because its files are damaged.
        bases: The base that a sweep's trial started from, by the trial's folder.
        other_code: Folders of trials that other code has made, which their sweep was told to keep.
    """

    runs: list[RunRecord]
    failures: list[Failure]
    stale: dict[str, int]
    same_as: dict[str, int]
    damaged: list[Damage] = field(default_factory=list)
    bases: dict[Path, str] = field(default_factory=dict)
    other_code: frozenset[Path] = frozenset()


def collect(paths: Sequence[str | Path]) -> Collection:
    """Read every run below the folders, each once.

    Args:
        paths: Runs' folders, sweeps' folders, folders of them.

    Raises:
        ConfigError: A folder holds no run, or none whose files are whole.
    """
    found, damaged = _found(paths)
    sweeps = {_sweep(run.folder) for run in found} | {Path(path) for path in paths}
    torn = {sweep for sweep in sweeps if sweep is not None and _is_torn(sweep)}
    damaged += [Damage(str(sweep), (TRIALS_TABLE,), "table") for sweep in sorted(torn)]
    tables = {sweep: table for sweep in sweeps - torn if sweep is not None and (table := _table(sweep)) is not None}
    listed = {sweep: {row["key"] for row in table} for sweep, table in tables.items()}
    current, stale = [], dict.fromkeys(map(str, listed), 0)
    for run in found:
        sweep = _sweep(run.folder)
        if sweep in listed and trial_key_of(run.folder) not in listed[sweep]:
            stale[str(sweep)] += run.status != "failed"  # such as one that memory ran out for, run again with less
        else:
            current.append(run)
    current = list(map(_without_torn_test, current))
    damaged += [Damage(str(run.folder), run.damaged_test, "test") for run in current if run.damaged_test]
    return Collection(
        damaged=damaged,
        runs=[run for run in current if _counts(run)],
        failures=_failures([run for run in current if not _counts(run)], [sweep for sweep in sweeps if sweep]),
        stale={sweep: n for sweep, n in stale.items() if n},
        same_as={str(sweep): n for sweep, table in tables.items() if (n := _n_same(table))},
        bases=_of_runs(current, {sweep: _bases(table) for sweep, table in tables.items()}),
        other_code=frozenset(
            _of_runs(
                current,
                {sweep: {row["key"]: "" for row in table if row.get("other_code")} for sweep, table in tables.items()},
            )
        ),
    )


def _found(paths: Sequence[str | Path]) -> tuple[list[RunRecord], list[Damage]]:
    """Return the runs below the folders, each once, and those that cannot be read."""
    runs: dict[Path, RunRecord] = {}
    damaged: dict[Path, Damage] = {}
    for path in paths:
        whole, errors = find_runs(path)
        runs |= {run.folder.resolve(): run for run in whole}
        damaged |= {error.folder.resolve(): Damage(str(error.folder), error.files, "run") for error in errors}
    if not runs:
        named = "; ".join(f"{entry.folder} ({', '.join(entry.files)})" for entry in damaged.values())
        raise ConfigError(
            f"A report needs a run whose files are as they were committed, but of these none is: {named}."
        )
    return list(runs.values()), list(damaged.values())


def _without_torn_test(run: RunRecord) -> RunRecord:
    """Return the run as not tested where no commit record covers its test and its items cannot be read."""
    if run.test is None or run.is_committed or run.has_whole_items:
        return run
    return replace(run, test=None, damaged_test=(TEST_ITEMS,))


def _is_torn(sweep: Path) -> bool:
    """Say whether a sweep's table is not the one that was committed."""
    record = read_commit(sweep) if not (sweep / RESULT).exists() else None
    return record is not None and bool(record.changed(sweep, [TRIALS_TABLE]))


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


def _of_runs(runs: Sequence[RunRecord], of_trials: Mapping[Path, Mapping[str, str]]) -> dict[Path, str]:
    """Return what the tables of sweeps state of trials, by key, by the folders of the runs."""
    found = {}
    for run in runs:
        stated = of_trials.get(_sweep(run.folder) or Path(), {})
        if trial_key_of(run.folder) in stated:
            found[run.folder] = stated[trial_key_of(run.folder)]
    return found


def _bases(table: Sequence[dict[str, str]]) -> dict[str, str]:
    """Return the base of each trial by its key; the first one where configurations of several bases are equal."""
    return {row["key"]: row["base"] for row in reversed(table) if row.get("base")}


def _n_same(table: Sequence[dict[str, str]]) -> int:
    return len({row.get("config_id") for row in table if row.get("same_as")})


def _counts(run: RunRecord) -> bool:
    return run.status == "finished" or run.test is not None


def _failures(unfinished: Sequence[RunRecord], sweeps: Sequence[Path]) -> list[Failure]:
    found = {str(run.folder): Failure(str(run.folder), run.status, count(run.n_epochs, "epoch")) for run in unfinished}
    for record in sorted(record for sweep in sweeps for record in (sweep / TRIALS).glob(f"[!.]*/{FAILURE}")):
        found[str(record.parent)] = _failure(record)
    return list(found.values())


def _failure(record: Path) -> Failure:
    committed = read_commit(record.parent)
    if not (committed and committed.changed(record.parent, [FAILURE])):
        try:
            content = json.loads(record.read_text(encoding="utf-8"))
            return Failure(str(record.parent), content["status"], content["message"])
        except (OSError, ValueError, KeyError, TypeError):  # without a commit record, damage shows only here
            pass
    return Failure(str(record.parent), "failed", "its record is damaged")
