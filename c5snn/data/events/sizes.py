"""Laws of the size of an event: how many parts are active, where that differs from event to event."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import final

import numpy as np
from jaxtyping import Int64

from c5snn.errors import require

__all__ = ["PoissonSizes", "SizeLaw", "UniformSizes"]


class SizeLaw(ABC):
    """How many parts are active in each event, independently of the parts and of the past.

    Abstract. A subclass is a final frozen dataclass of its arguments, each with a default, and defines ``draw``.
    """

    @abstractmethod
    def draw(self, n_events: int, n_parts: int, random: np.random.Generator) -> Int64[np.ndarray, " events"]:
        """Return the size of each event, from 0 to ``n_parts``.

        Args:
            n_events: How many events; a longer history begins with the sizes of the shorter one.
            n_parts: How many parts there are.
            random: The only source of what is random.
        """


@final
@dataclass(frozen=True)
class PoissonSizes(SizeLaw):
    """A Poisson law, cut at ``n_parts``: as many as independent rare parts would be.

    Args:
        mean: The mean of the law before it is cut; above 0.

    Raises:
        ConfigError: ``mean`` is not above 0, or not finite.
    """

    mean: float = 5.0

    def __post_init__(self) -> None:
        require("0 < mean <= 1_000_000", holds=0 < self.mean <= 1_000_000, mean=self.mean)  # noqa: PLR2004

    def draw(self, n_events: int, n_parts: int, random: np.random.Generator) -> Int64[np.ndarray, " events"]:
        """Draw each size."""
        return np.minimum(random.poisson(self.mean, n_events), n_parts)


@final
@dataclass(frozen=True)
class UniformSizes(SizeLaw):
    """Each size from ``least`` to ``most``, both included, is equally likely.

    Args:
        least: The smallest size, at least 0.
        most: The largest size; no event has more than all parts.

    Raises:
        ConfigError: Unless ``0 <= least <= most`` and ``1 <= most``.
    """

    least: int = 1
    most: int = 9

    def __post_init__(self) -> None:
        holds = 0 <= self.least <= self.most and self.most >= 1
        require("0 <= least <= most and 1 <= most", holds=holds, least=self.least, most=self.most)

    def draw(self, n_events: int, n_parts: int, random: np.random.Generator) -> Int64[np.ndarray, " events"]:
        """Draw each size."""
        return np.minimum(random.integers(self.least, self.most, n_events, endpoint=True), n_parts)
