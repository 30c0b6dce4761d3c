"""The violations of a table: every one is counted, the first ones are put into words."""

from collections.abc import Callable, Iterable
from itertools import islice
from operator import attrgetter
from typing import Final, NamedTuple, final

import numpy as np
from jaxtyping import Int64

__all__ = ["Violation", "Violations", "quote"]

# A file of garbage breaks a rule in each of its millions of cells; nobody reads more of them than this.
MOST_WORDED: Final = 100


class Violation(NamedTuple):
    """One broken rule: where it was broken and what it says.

    Attributes:
        row: The row as an editor counts it; the header is row 1.
        column: The name of the column.
        words: The rule and the value that breaks it.
    """

    row: int
    column: str
    words: str

    def __str__(self) -> str:
        return f"row {self.row}, column {self.column}: {self.words}"


@final
class Violations:
    """Collects violations; its length is the number of all of them.

    >>> violations = Violations()
    >>> violations.add(3, "m_1", "`1 <= part <= 39` must hold, but got 40.")
    >>> len(violations), str(violations.first(1)[0])
    (1, 'row 3, column m_1: `1 <= part <= 39` must hold, but got 40.')
    """

    def __init__(self) -> None:
        self._count = 0
        self._worded: list[Violation] = []

    def __len__(self) -> int:
        return self._count

    def add(self, row: int, column: str, words: str) -> None:
        """Add one violation."""
        self._count += 1
        self._worded.append(Violation(row, column, words))

    def add_all(self, count: int, violations: Iterable[Violation]) -> None:
        """Add many violations of one rule.

        Args:
            count: How many they are.
            violations: They, from the top of the file; only the first ones are taken, so let them be made lazily.
        """
        self._count += count
        self._worded.extend(islice(violations, MOST_WORDED))

    def add_rows(self, rows: Int64[np.ndarray, " rows"], word: Callable[[int], Violation]) -> None:
        """Add one violation a row.

        Args:
            rows: The rows, from the top of the file.
            word: Puts the violation of a row into words; only the first ones are.
        """
        self.add_all(len(rows), (word(row) for row in rows[:MOST_WORDED].tolist()))

    def first(self, limit: int = MOST_WORDED) -> list[Violation]:
        """Return the first violations from the top of the file, at most ``limit`` and at most 100."""
        return sorted(self._worded, key=attrgetter("row"))[: min(limit, MOST_WORDED)]

    def report(self, name: str, limit: int = 20, *, what: str = "history of events") -> str:
        """Return the message of an error: one line per violation, up to ``limit`` lines."""
        lines = [f"`{name}` must be a valid {what}, but {_counted(len(self))} found; nothing was repaired:"]
        lines += [f"  {violation}" for violation in self.first(limit)]
        if len(self) > limit:
            lines.append(f"  ... and {len(self) - limit:,} more.")
        return "\n".join(lines)


def quote(text: str, longest: int = 24) -> str:
    """Return a value as it stands in a file, in quotes and shortened: a broken cell may hold megabytes.

    >>> quote("nan"), quote("x" * 1000, longest=3)
    ("'nan'", "'xxx...'")
    """
    return repr(text if len(text) <= longest else text[:longest] + "...")


def _counted(count: int) -> str:
    return "1 violation was" if count == 1 else f"{count:,} violations were"
