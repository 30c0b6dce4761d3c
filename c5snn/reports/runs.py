"""The runs of a report: where the files of each lie, and the command that trains it again."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from c5snn.records import RunRecord
from c5snn.records.run_folder import CONFIG, RESULT
from c5snn.reports.configurations import Configuration
from c5snn.reports.document import Section, Table
from c5snn.reports.words import MISSING, count, listed

__all__ = ["RunPlace", "places_of", "runs_section", "title_of"]

TRIALS = "trials"  # a sweep's folder of them, as c5snn.sweeps names it


@dataclass(frozen=True)
class RunPlace:
    """Where a run lies, and what makes it again.

    Args:
        label: Its configuration.
        seed: Its seed.
        origin: Its origin, from 0; None where the comparison has one origin.
        folder: Its folder.
        is_tested: Whether it was tested.
        command: The command that trains the same again; empty where the run went on with changed options, which no
            single command repeats.
    """

    label: str
    seed: int
    origin: int | None
    folder: Path
    is_tested: bool
    command: str


def places_of(configurations: Sequence[Configuration]) -> list[RunPlace]:
    """Return the runs of all configurations, in order."""
    return [
        RunPlace(
            label=entry.label,
            seed=run.seed,
            origin=run.data.origin if run.data.n_origins > 1 else None,
            folder=run.folder,
            is_tested=run.test is not None,
            command=_command(run),
        )
        for entry in configurations
        for run in entry.runs
    ]


def runs_section(places: Sequence[RunPlace]) -> Section:
    """Return the table of the runs.

    Args:
        places: At least one.
    """
    has_origins = any(place.origin is not None for place in places)
    rows = [
        [_name(place.folder), place.label, str(place.seed),
         *([MISSING if place.origin is None else str(place.origin)] if has_origins else []),
         "yes" if place.is_tested else "no", place.command or MISSING]
        for place in places
    ]  # fmt: skip
    columns = ["run", "configuration", "seed", *(["origin"] if has_origins else []), "tested", "command"]
    n_changed = sum(not place.command for place in places)
    changed = f" {count(n_changed, 'run')} went on with changed options, which no single command repeats." * (
        n_changed > 0
    )
    return Section(
        "Runs",
        level=2,
        tables=[Table(columns, rows, 2, folders=tuple(place.folder for place in places), n_code=1)],
        note=(
            "A command trains the run again with the configuration that it recorded, in a folder of its own; "
            f"`c5snn test RUN` scores it on test.{changed}"
        ),
    )


def title_of(runs: Sequence[RunRecord]) -> str:
    """Return what a report is about: its sweeps and runs, their data, and the day of the newest result."""
    names = listed(list(dict.fromkeys(_subject(run.folder) for run in runs)))
    data = listed(list(dict.fromkeys(run.data.source for run in runs)))
    days = [day for run in runs if (day := _day(run.folder / RESULT))]
    return f"{names} on {data}{f', {max(days)}' if days else ''}"


def _command(run: RunRecord) -> str:
    if len(run.segments) > 1:
        return ""
    verb = "fit" if run.n_parameters else "test"
    return f"c5snn {verb} --config {shlex.quote((run.folder / CONFIG).as_posix())}"


def _name(folder: Path) -> str:
    """Return a trial's name, or a run's with that of its model's folder."""
    return folder.name if folder.parent.name == TRIALS else "/".join(folder.parts[-2:])


def _subject(folder: Path) -> str:
    """Return the name of a trial's sweep, or of a run."""
    return folder.parent.parent.name if folder.parent.name == TRIALS else _name(folder)


def _day(file: Path) -> str:
    """Return the day on which a file was written, in UTC; empty where it is gone."""
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC).date().isoformat()
    except OSError:
        return ""
