"""What is recorded of the data that a run has seen."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["DataRecord", "Fact", "test_identity"]

# what a task may record besides: plain values, and mappings and lists of them
Fact = str | int | float | bool | None | list[Any] | dict[str, Any]


@dataclass(frozen=True)
class DataRecord:
    """The data of a run.

    Args:
        source: What it is, in one line, for readers; nothing is ever read out of it.
        item: What one item is called, such as ``window``.
        n_items: How many items train, val and test have.
        identity: Hash of the data's content, whatever its layout.
        test_identity: Hash of the items of all splits: results with equal ones can be compared.
        n_origins: At how many points in time (or folds) the comparison is made that the run belongs to.
        origin: Which of them the run is, from 0, the earliest.
        facts: What the task knows of its data, such as ``signal`` and ``strength``; shown in tables, and what a
            report's own sections for the task are made of.
        choices: Arguments of the data module that choose the data and its cut into origins: what is chosen is known by
            its identity, not by them.
    """

    source: str
    item: str
    n_items: dict[str, int]
    identity: str
    test_identity: str
    n_origins: int = 1
    origin: int = 0
    facts: dict[str, Fact] = field(default_factory=dict)
    choices: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the record as plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> "DataRecord":
        """Return the record of these values."""
        return cls(**{**fields, "choices": tuple(fields.get("choices", ()))})


def test_identity(*parts: object) -> str:
    """Return one hash of what makes two tests comparable: the data's identity, and where its splits lie.

    >>> test_identity("a", {"test": 3}) == test_identity("a", {"test": 3})
    True
    """
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


test_identity.__test__ = False  # type: ignore[attr-defined]  # its name is no test's
