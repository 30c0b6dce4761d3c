"""What a section of the benchmark found: rows of numbers, printed as Markdown and kept as JSON."""

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from os import cpu_count
from pathlib import Path

import torch

__all__ = ["Row", "Table", "conditions"]

Row = dict[str, str | int | float]


@dataclass(frozen=True)
class Table:
    """One table.

    Args:
        title: What was measured.
        rows: Its rows, all with the same columns.
        note: How to read it.
    """

    title: str
    rows: Sequence[Row]
    note: str

    def to_markdown(self) -> str:
        """Return the table under its title, the note below."""
        columns = list(self.rows[0])
        lines = [columns, ["---"] * len(columns), *([_cell(row[column]) for column in columns] for row in self.rows)]
        body = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        return f"### {self.title}\n\n{body}\n\n{self.note}\n"


def conditions() -> dict[str, str]:
    """Return when, on what and with which versions this is measured."""
    names = ("torch", "lightning", "snntorch", "numba", "norse", "spikingjelly", "c5snn")
    versions = {name: version(name) if find_spec(name) else "none" for name in names}
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{_processor()}, {cpu_count()} cores, {torch.backends.cpu.get_cpu_capability()}",
        "threads": str(torch.get_num_threads()),
        "python": platform.python_version(),
        **versions,
    }


def _cell(value: str | float) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
