"""How large an event is: so many active parts out of so many parts."""

from dataclasses import dataclass
from typing import final

from c5snn.errors import ConfigError

__all__ = ["EventShape"]


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
