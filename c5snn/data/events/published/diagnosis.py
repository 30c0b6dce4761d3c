"""Why a file is no history of ours: what it is instead, and the command that imports it."""

import shlex
from dataclasses import replace
from pathlib import Path
from typing import Final

from c5snn.data.events.delimited import read_text
from c5snn.data.events.history import EventHistory
from c5snn.data.events.published.conversion import Imported, import_events
from c5snn.data.events.published.mapping import Wishes
from c5snn.data.events.shape import EventShape
from c5snn.data.events.times import is_dated
from c5snn.errors import C5Error, ConfigError

__all__ = ["explain", "warn_of_day_first"]

# so many days in a row without one above 12 are one fair calendar in a hundred million
_MANY_DAYS: Final = 20
# the beginning of a file shows how it is written
SAMPLE_BYTES: Final = 2**18
_OUR_DATES: Final = ("%Y-%m-%d", "%m/%d/%Y", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")


def explain(path: Path, shape: EventShape) -> str:
    """Return what makes a file another one than a history, and the command that imports it; "" where nothing does.

    Args:
        path: A file that breaks rules.
        shape: The size of events that was asked for.
    """
    target = shlex.join(["c5snn", "data", "import", str(path), "NEW.csv"])
    try:
        imported = import_events(path, Wishes(), most_bytes=SAMPLE_BYTES)
    except ConfigError as error:
        return f"`{target}` reads other files than ours; of this one it asks: {error}"
    except C5Error:  # it breaks the rules of any history
        return ""
    causes = _causes(imported)
    found = imported.history
    if not causes:
        is_other = found.n_active != shape.n_active or found.n_parts > shape.n_parts
        size = f"--n-parts {found.n_parts} --n-active {found.n_active}"
        return f"Its events are of {found.n_active} parts up to {found.n_parts}: say {size}." if is_other else ""
    mapping = replace(imported.mapping, n_parts=None)  # the whole file may hold a higher number than its beginning
    command = mapping.command(str(path), "NEW.csv", imported.table)
    return f"The cause: {'; '.join(causes)}. This imports it:\n{command}"


def warn_of_day_first(path: Path, history: EventHistory) -> str:
    """Return a warning when a file's dates, read month first, have no day above 12; "" when they have."""
    lines = read_text(path).split(b"\n", 2)
    if not is_dated(history.dates) or len(history) < _MANY_DAYS or len(lines) < 2 or b"/" not in lines[1]:  # noqa: PLR2004
        return ""
    days = history.dates.astype("datetime64[D]")
    if (days - days.astype("datetime64[M]")).astype(int).max() >= len("JFMAMJJASOND"):
        return ""
    command = shlex.join(["c5snn", "data", "import", str(path), "NEW.csv", "--date-format", "%d/%m/%Y"])
    return f"Warning: no date has a day above 12, read as month/day/year. If the day stands first: {command}"


def _causes(imported: Imported) -> list[str]:
    mapping, table = imported.mapping, imported.table
    written, used = mapping.written, [*mapping.date, *mapping.numbers]
    names = ["date", *(f"m_{place}" for place in range(1, imported.history.n_active + 1))]
    found = {
        f"it is in {written.encoding}, not in UTF-8": not str(written.encoding).startswith("utf-8"),
        f"its cells are delimited by {written.delimiter}, not by commas": written.delimiter != ",",
        "it has no header": not written.has_header,
        "its newest event stands first": mapping.order == "newest-first",
        "its rows are in no order of time": mapping.order == "by-date",
        f"its dates are written as {mapping.date_format}": mapping.date_format not in {None, *_OUR_DATES},
        "its numbers stand in one cell": len(mapping.numbers) == 1 < imported.history.n_active,
        "it has more columns than the date and the numbers": len(table.names) > len(used),
        f"its columns have other names than {', '.join(names[:2])}, ...": written.has_header
        and [table.names[place] for place in used] != names,
        f"line {table.dropped[0].line if table.dropped else 0} is no row": any(
            dropped.what != "a blank line" for dropped in table.dropped
        ),
    }
    return [cause for cause, holds in found.items() if holds]
