"""One ARC task: its demonstration pairs; and the categories that tasks are sorted into."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Final, final

from c5snn.data.arc.grids import Pair

__all__ = ["CATEGORIES", "CATEGORY_NAMES", "ArcTask"]

CATEGORY_NAMES: Final = {
    "S1": "geometric transform",
    "S2": "geometric composition",
    "S3": "topological",
    "C1": "colour transform",
    "C2": "template matching",
    "K1": "scaling",
    "L1": "set operations",
    "A1": "iterative refinement",
    "A2": "spatial packing",
}
CATEGORIES: Final = tuple(CATEGORY_NAMES)


@final
@dataclass(frozen=True, eq=False)
class ArcTask:
    """A task and, where it is known, its category.

    Args:
        name: Its id, such as ``007bbfb7``.
        pairs: Its demonstrations, at least one.
        category: Index into :data:`CATEGORIES`; None where it is not known.
    """

    name: str
    pairs: tuple[Pair, ...]
    category: int | None = None

    @cached_property
    def height(self) -> int:
        """The height of its highest grid."""
        return max(len(grid) for pair in self.pairs for grid in pair)

    @cached_property
    def width(self) -> int:
        """The width of its widest grid."""
        return max(len(grid[0]) for pair in self.pairs for grid in pair)

    @cached_property
    def content(self) -> bytes:
        """SHA-256 of its grids, whatever its name and category."""
        found = hashlib.sha256()
        for pair in self.pairs:
            for grid in pair:
                found.update(bytes(grid.shape) + grid.tobytes())
        return found.digest()

    def chosen(self, n_demos: int) -> list[Pair]:
        """Return its first demonstrations; the last one repeats where there are too few."""
        return [self.pairs[min(demo, len(self.pairs) - 1)] for demo in range(n_demos)]
