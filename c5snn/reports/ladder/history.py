"""A planted history, told by its one line: which signal, how strong, how long, and drawn with which seed."""

import re
from dataclasses import dataclass

__all__ = ["Rung", "is_planted", "read_source"]

# as c5snn.data describes a history that it has drawn
SOURCE = re.compile(
    r"synthetic history (?P<signal>.+), strength (?P<strength>[^,]+), (?P<n_events>[\d,]+) events, "
    r"data seed (?P<data_seed>\d+)"
)
REPEAT = re.compile(r"Repeat\(lag=(\d+)\)")


@dataclass(frozen=True)
class Rung:
    """A row of the ladder: histories that differ in their data seed alone.

    Args:
        signal: The signal with its arguments.
        strength: How strong it is.
        n_events: How many events each history has.
    """

    signal: str
    strength: float
    n_events: int

    @property
    def lag(self) -> int | None:
        """How far back the signal lies; None for any but ``Repeat``."""
        found = REPEAT.fullmatch(self.signal)
        return int(found[1]) if found else None

    @property
    def order(self) -> tuple[str, list[float], float, int]:
        """Where it stands among others: by name, by the arguments' values, by strength, by length."""
        values = [float(value) for value in re.findall(r"\d+(?:\.\d+)?", self.signal)]
        return self.signal.partition("(")[0], values, self.strength, self.n_events

    def __str__(self) -> str:
        return f"{self.signal.removesuffix('()')} × {self.strength:g}"


def is_planted(source: str) -> bool:
    """Say whether a history was drawn with a signal."""
    return SOURCE.fullmatch(source) is not None


def read_source(source: str) -> tuple[Rung, int]:
    """Return the rung and the data seed of a planted history.

    >>> read_source("synthetic history Repeat(lag=5), strength 0.5, 2,000 events, data seed 3")
    (Rung(signal='Repeat(lag=5)', strength=0.5, n_events=2000), 3)
    """
    found = SOURCE.fullmatch(source)
    if found is None:
        raise ValueError(f"`{source}` was not drawn with a signal.")
    n_events = int(found["n_events"].replace(",", ""))
    return Rung(found["signal"], float(found["strength"]), n_events), int(found["data_seed"])
