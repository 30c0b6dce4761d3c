"""A sweep in a notebook: its trials as a table."""

import csv
from pathlib import Path
from typing import Any, final

from c5snn.errors import ConfigError
from c5snn.notebook.display import html_table, html_text
from c5snn.reports.document import Table
from c5snn.reports.words import count, number

__all__ = ["LoadedSweep", "load_sweep"]

TRIALS = "trials.csv"
MOST_SHOWN = 10


def load_sweep(path: str | Path) -> "LoadedSweep":
    """Return a sweep.

    Args:
        path: Its folder, such as ``sweeps/phase_b``.

    Raises:
        ConfigError: There is no table of trials.
    """
    folder = Path(path)
    if not (folder / TRIALS).is_file():
        raise ConfigError(f"A sweep must be a folder with a `{TRIALS}`, but `{path}` is none; `c5snn sweep` makes one.")
    return LoadedSweep(folder)


@final
class LoadedSweep:
    """A sweep.

    Args:
        folder: Its folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def rows(self) -> list[dict[str, Any]]:
        """Return the trials as they are now, one mapping each; numbers are numbers, empty cells None."""
        with (self.folder / TRIALS).open(encoding="utf-8", newline="") as file:
            return [{name: _typed(cell) for name, cell in row.items()} for row in csv.DictReader(file)]

    def table(self) -> Any:  # noqa: ANN401  # pandas is optional and known here alone
        """Return the trials as a data frame.

        Raises:
            ConfigError: pandas is not installed; :meth:`rows` needs none.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise ConfigError(
                "A data frame needs pandas, which is not installed: `pip install 'c5snn[notebook]'`. `rows()` returns "
                "the same as mappings."
            ) from error
        return pd.DataFrame(self.rows())

    def __repr__(self) -> str:
        return f"c5snn.load_sweep({str(self.folder)!r})"

    def _repr_html_(self) -> str:
        rows = self.rows()
        columns = [name for name in (rows[0] if rows else {}) if any(row[name] is not None for row in rows)]
        cells = [[_shown(row[name]) for name in columns] for row in rows[:MOST_SHOWN]]
        lead = f"{self.folder.name}: {count(len(rows), 'trial')}{', the first are' * (len(rows) > MOST_SHOWN)}"
        return "\n".join([html_text([lead]), html_table(Table(columns, cells, n_text=0))])


def _typed(cell: str | None) -> int | float | bool | str | None:
    if not cell:
        return None
    if cell in {"True", "False"}:
        return cell == "True"
    for kind in (int, float):
        try:
            return kind(cell)
        except ValueError:
            continue
    return cell


def _shown(value: object) -> str:
    return number(value) if isinstance(value, float) else "" if value is None else str(value)
