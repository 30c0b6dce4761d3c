"""The learning curve on disk: ``metrics.csv``, one row an epoch."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from c5snn.files import write_text

__all__ = ["Row", "read_curves", "write_curves"]

Row = dict[str, int | float]  # beartype takes `float` at its word


def read_curves(path: Path) -> list[Row]:
    """Read the rows of a ``metrics.csv``; empty where there is no file.

    Raises:
        ValueError: The table is damaged.
    """
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        try:
            return [
                {name: int(value) if name == "epoch" else float(value) for name, value in row.items() if value}
                for row in csv.DictReader(file)
            ]
        except (TypeError, csv.Error) as error:  # a row with more cells than the head, a NUL byte
            raise ValueError(f"`{path}` is no table: {error}") from error


def write_curves(path: Path, rows: Sequence[Row]) -> None:
    """Write all rows, whole or not at all; a value that an epoch lacks is an empty cell."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue())
