"""Planted signals: what a synthetic history repeats, so that a model can be held against a known answer.

The next event is drawn with log-weights ``strength * w_t`` (:mod:`c5snn.data.events.synthetic`); a signal is ``w_t``,
one number per part, from the events before. A signal is a value: what is random comes from the history's generator.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, final

import numpy as np
from jaxtyping import Bool, Float64

from c5snn.data.events.shape import EventShape
from c5snn.errors import ConfigError

__all__ = ["Cycle", "Drift", "Parity", "Repeat", "Signal", "Skew", "Successor", "Weights"]

# once every two events is the fastest rhythm that single events can show (Nyquist)
SHORTEST_PERIOD: Final = 2.0

Weights = Callable[[Bool[np.ndarray, "past parts"]], Float64[np.ndarray, " parts"]]


class Signal(ABC):
    """What a history repeats.

    Abstract. A subclass is a final frozen dataclass of its arguments, each with a default, and defines ``start``.
    """

    @abstractmethod
    def start(self, n_events: int, shape: EventShape, random: np.random.Generator) -> Weights:
        """Draw what is fixed throughout one history and return its function ``weights(past) -> w``.

        The function is pure: ``past`` holds the 0/1 rows of all events before the next one, oldest first, and the same
        past always gives the same weights. Without enough past they are zero, the fair lottery.

        Args:
            n_events: How long the history will be at most.
            shape: The size of its events; the mean of the sizes where they vary.
            random: The history's generator, the only source of what is random.
        """


@final
@dataclass(frozen=True)
class Skew(Signal):
    """``w_t[p] = z_p`` with fixed z_p ~ N(0, 1): some parts are popular; the popularity baseline solves it."""

    def start(self, n_events: int, shape: EventShape, random: np.random.Generator) -> Weights:
        """Draw the popularity of each part."""
        del n_events
        popularity = random.standard_normal(shape.n_parts)
        return lambda _: popularity


@final
@dataclass(frozen=True)
class Repeat(Signal):
    """``w_t[p] = [p in e_(t-lag)]``: an earlier event comes again; it asks for one lag, kept.

    Args:
        lag: How many events back, at least 1.

    Raises:
        ConfigError: ``lag`` is below 1.
    """

    lag: int = 1

    def __post_init__(self) -> None:
        if self.lag < 1:
            raise ConfigError(f"`1 <= lag` must hold, but got lag={self.lag}.")

    def start(self, n_events: int, shape: EventShape, random: np.random.Generator) -> Weights:
        """Draw nothing."""
        del n_events, random
        nothing = np.zeros(shape.n_parts)
        return lambda past: past[-self.lag].astype(np.float64) if len(past) >= self.lag else nothing


@final
@dataclass(frozen=True)
class Drift(Signal):
    """``w_t[p]`` wanders: an AR(1) popularity of each part, stationary with unit variance; it asks for averaging.

    ``w_t = r w_(t-1) + sqrt(1 - r^2) N(0, 1)`` with ``r = 2^(-1 / half_life)``. It does not depend on the events, so a
    model sees it through them alone and cannot reach the oracle.

    Args:
        half_life: After how many events the correlation has fallen to one half; above 0.

    Raises:
        ConfigError: ``half_life`` is not above 0, or not finite.
    """

    half_life: float = 50.0

    def __post_init__(self) -> None:
        if not 0 < self.half_life < float("inf"):
            raise ConfigError(f"`0 < half_life < inf` must hold, but got half_life={self.half_life}.")

    def start(self, n_events: int, shape: EventShape, random: np.random.Generator) -> Weights:
        """Draw the whole walk of each part."""
        correlation = 0.5 ** (1 / self.half_life)
        walk = random.standard_normal((n_events, shape.n_parts))
        walk[1:] *= np.sqrt(1 - correlation**2)
        for t in range(1, n_events):
            walk[t] += correlation * walk[t - 1]
        return lambda past: walk[len(past)]


@final
@dataclass(frozen=True)
class Successor(Signal):
    """``w_t[p] = [p in map(e_(t-1))]``: each part calls another one; it asks for a learned map, and counts are useless.

    The map is a fixed random permutation of the parts that maps none to itself.
    """

    def start(self, n_events: int, shape: EventShape, random: np.random.Generator) -> Weights:
        """Draw the map."""
        del n_events
        parts = np.arange(shape.n_parts)
        caller = random.permutation(shape.n_parts)
        while (caller == parts).any():  # about two draws in three map some part to itself
            caller = random.permutation(shape.n_parts)
        nothing = np.zeros(shape.n_parts)
        return lambda past: past[-1][caller].astype(np.float64) if len(past) else nothing


@final
@dataclass(frozen=True)
class Parity(Signal):
    """``w_t[p] = v_p (+1 if b_(t-a) != b_(t-b) else -1)``: it asks for a nonlinear memory of two events.

    ``b_t`` says whether most parts of event t lie in a fixed random half of the parts, and ``v_p`` is +1 for a fixed
    random half of the parts and -1 for the others; of an odd number, the half is the larger one. Counts, fixed lists
    and sums over lags are at chance.

    Args:
        a: How many events back the first bit is, at least 1.
        b: How many events back the second bit is, at least 1 and not ``a``.

    Raises:
        ConfigError: ``a`` or ``b`` is below 1, or they are equal.
    """

    a: int = 1
    b: int = 2

    def __post_init__(self) -> None:
        if min(self.a, self.b) < 1 or self.a == self.b:
            raise ConfigError(f"`1 <= a`, `1 <= b` and `a != b` must hold, but got a={self.a}, b={self.b}.")

    def start(self, n_events: int, shape: EventShape, random: np.random.Generator) -> Weights:
        """Draw the half that makes the bits and the signs of the parts."""
        del n_events
        half, favoured = (random.permutation(shape.n_parts) < (shape.n_parts + 1) // 2 for _ in range(2))
        signs = np.where(favoured, 1.0, -1.0)
        nothing = np.zeros(shape.n_parts)

        def weights(past: Bool[np.ndarray, "past parts"]) -> Float64[np.ndarray, " parts"]:
            if len(past) < max(self.a, self.b):
                return nothing
            first, second = (
                2 * np.count_nonzero(past[-lag][half]) > np.count_nonzero(past[-lag]) for lag in (self.a, self.b)
            )
            return signs if first != second else -signs

        return weights


@final
@dataclass(frozen=True)
class Cycle(Signal):
    """``w_t[p] = sqrt(2) cos(2 pi t / period + phase_p)``: each part has its season; it asks for the phase.

    Args:
        period: After how many events it begins again; at least 2, because a shorter one cannot be seen.

    Raises:
        ConfigError: ``period`` is below 2, or not finite.
    """

    period: float = 7.0

    def __post_init__(self) -> None:
        if not SHORTEST_PERIOD <= self.period < float("inf"):
            raise ConfigError(f"`2 <= period < inf` must hold, but got period={self.period}.")

    def start(self, n_events: int, shape: EventShape, random: np.random.Generator) -> Weights:
        """Draw the phase of each part."""
        del n_events
        phases = random.uniform(0, 2 * np.pi, shape.n_parts)
        return lambda past: np.sqrt(2) * np.cos(2 * np.pi * len(past) / self.period + phases)
