"""The rows of the ladder: planted signals, each with what its tests are made of."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from c5snn.records import DataRecord, Fact
from c5snn.reports.words import fact_text

__all__ = ["Rung", "history_order", "is_planted", "rungs_of"]

# facts that tell the histories of a row apart, or are the row itself; a window alone makes no other test
OF_ROW = ("signal", "strength", "n_events", "data_seed", "window")


@dataclass(frozen=True)
class Rung:
    """A row of the ladder: tests on histories that differ only in their data seed.

    Args:
        signal: The signal's class.
        arguments: Its arguments.
        strength: How strong it is.
        n_events: How many events each history has.
        test: Which test of these histories, from 1: with another split, window or list length the same history is
            tested another time.
    """

    signal: str
    arguments: tuple[tuple[str, Fact], ...]
    strength: float
    n_events: int
    test: int = 1

    @classmethod
    def of(cls, data: DataRecord) -> "Rung":
        """Return the row that planted data belongs to."""
        signal = dict(_signal(data))
        name = str(signal.pop("class"))
        return cls(name, tuple(signal.items()), float(_number(data, "strength")), int(_number(data, "n_events")))

    @property
    def lag(self) -> int | None:
        """How far back the signal lies; None for a signal without a lag."""
        lag = dict(self.arguments).get("lag")
        return lag if isinstance(lag, int) else None

    @property
    def name(self) -> str:
        """The signal with its arguments."""
        return fact_text({"class": self.signal, **dict(self.arguments)})

    @property
    def order(self) -> tuple[str, str, float, int, int]:
        """Where it stands among others: by name, by the arguments' values, by strength, by length, by its test."""
        values = [f"{value:020.6f}" if isinstance(value, int | float) else str(value) for _, value in self.arguments]
        return self.signal, " ".join(values), self.strength, self.n_events, self.test

    def __str__(self) -> str:
        return f"{self.name} × {self.strength:g}{f', test {self.test}' if self.test > 1 else ''}"


def is_planted(data: DataRecord) -> bool:
    """Return whether data was drawn with a signal, and all is recorded that a row and a history need.

    Several origins of one history make no row: validation of one is test of another, and a row chooses by validation.
    """
    numbers = [data.facts.get(name) for name in ("strength", "n_events", "data_seed")]
    return (
        bool(data.facts.get("signal"))
        and data.n_origins == 1
        and all(isinstance(number, int | float) for number in numbers)
    )


def history_order(data: DataRecord) -> tuple[object, int]:
    """Return where a planted history stands among others: that of its row, then its data seed."""
    return Rung.of(data).order, int(_number(data, "data_seed"))


def rungs_of(data: Sequence[DataRecord]) -> list[Rung]:
    """Return the row of each planted data: one row where they differ in nothing but their data seeds.

    Args:
        data: Of each comparison.
    """
    tests: dict[Rung, list[str]] = {}
    found = []
    for record in data:
        rung, test = Rung.of(record), _test(record)
        known = tests.setdefault(rung, [])
        if test not in known:
            known.append(test)
        found.append(replace(rung, test=known.index(test) + 1))
    return found


def _test(data: DataRecord) -> str:
    """Return what a test is made of beside its history's seed."""
    others = {name: fact for name, fact in data.facts.items() if name not in OF_ROW}
    # the items of test alone may differ by the events that are empty
    return json.dumps([others, data.n_items["train"], data.n_items["val"]], sort_keys=True, default=str)


def _signal(data: DataRecord) -> dict[str, Any]:
    signal = data.facts["signal"]
    return signal if isinstance(signal, dict) else {"class": signal}


def _number(data: DataRecord, name: str) -> int | float:
    return cast("int | float", data.facts[name])
