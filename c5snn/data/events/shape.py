"""The shape of an event, and the columns of the file that holds events of this shape."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, final

from c5snn.errors import ConfigError

__all__ = ["EventShape", "Keys", "Layout", "column_names", "keys_of", "layout_of"]

Layout = Literal["parts", "matrix", "sets"]
Keys = tuple[str, ...]


@final
@dataclass(frozen=True)
class EventShape:
    """A k-of-n event, valid by construction.

    Args:
        n_parts: How many parts there are; they are numbered 1 to ``n_parts``.
        n_active: How many of them are active in every event.

    Raises:
        ConfigError: Unless ``1 <= n_active < n_parts``.
    """

    n_parts: int = 39
    n_active: int = 5

    def __post_init__(self) -> None:
        if not 1 <= self.n_active < self.n_parts:
            raise ConfigError(
                f"`1 <= n_active < n_parts` must hold, but got n_active={self.n_active}, n_parts={self.n_parts}."
            )


def column_names(layout: Layout, shape: EventShape, keys: Keys = ("date",)) -> list[str]:
    """Return the header of a layout.

    >>> column_names("matrix", EventShape(n_parts=3, n_active=2))
    ['date', 'm_1', 'm_2', 'P_1', 'P_2', 'P_3']
    >>> column_names("sets", EventShape(n_parts=3, n_active=2), ("date", "n"))
    ['date', 'n', 'parts']
    """
    if layout == "sets":
        return [*keys, "parts"]
    names = [*keys, *(f"m_{place}" for place in range(1, shape.n_active + 1))]
    if layout == "matrix":
        names += [f"P_{part}" for part in range(1, shape.n_parts + 1)]
    return names


def layout_of(names: Sequence[str]) -> Layout:
    """Return the layout that a header means: only the matrix has columns ``P_…``, only sets have ``parts``."""
    if "parts" in names:
        return "sets"
    return "matrix" if any(name.startswith("P_") for name in names) else "parts"


def keys_of(names: Sequence[str]) -> Keys:
    """Return the key columns that a header means; a date, where there is none of them."""
    if list(names[:2]) == ["date", "n"]:
        return ("date", "n")
    return ("n",) if names and names[0] == "n" and "date" not in names else ("date",)
