"""Synthetic histories: drawn from a planted signal, with the oracle that drew them.

Each event is drawn without replacement by the Plackett-Luce model with log-weights theta, by the Gumbel top-k trick:
the ``n_active`` parts with the largest ``theta_p + G_p``, G_p standard Gumbel. Ranking the parts by theta is
Bayes-optimal in expectation for Recall@K, so theta is the history's oracle.

Source: Yellott (1977), J. Math. Psychol. 15, doi:10.1016/0022-2496(77)90026-8.

How random numbers become a history has a version, which is part of what a history is. In version 1 one data seed gave
the lottery the same luck whatever the signal and its strength, so that the rows of a comparison shared it.
"""

from hashlib import sha256
from typing import Final, Literal, NamedTuple

import numpy as np
from jaxtyping import Float64

from c5snn.data.events.history import EventHistory
from c5snn.data.events.shape import EventShape
from c5snn.data.events.signals import Signal
from c5snn.errors import require

__all__ = ["GENERATOR_VERSION", "GeneratorVersion", "RandomStreams", "SyntheticHistory", "random_streams", "synthesize"]

MAX_CELLS = 40_000_000  # of events × parts: less than 1 GB with the oracle
FIRST_DAY: Final = "2000-01-01"

GeneratorVersion = Literal[1, 2]
GENERATOR_VERSION: Final[GeneratorVersion] = 2


class RandomStreams(NamedTuple):
    """Where the random numbers of a history come from.

    Attributes:
        signal: What is fixed throughout the history, such as a map or phases.
        events: The luck of each event.
    """

    signal: np.random.Generator
    events: np.random.Generator


class SyntheticHistory(NamedTuple):
    """A history and what drew it.

    Attributes:
        history: The events, one a day.
        oracle: The log-weights theta that drew each event.
    """

    history: EventHistory
    oracle: Float64[np.ndarray, "events parts"]


def synthesize(
    signal: Signal,
    *,
    strength: float,
    n_events: int,
    data_seed: int,
    n_parts: int = 39,
    n_active: int = 5,
    version: GeneratorVersion = GENERATOR_VERSION,
) -> SyntheticHistory:
    """Draw a history.

    Args:
        signal: What the history repeats.
        strength: Multiplies the signal's weights; 0 is the fair lottery, whatever the signal.
        n_events: How many events to draw; a longer history begins with the shorter one.
        data_seed: Makes the history, with the signal and its strength; at least 0.
        n_parts: How many parts there are.
        n_active: How many of them are active in every event.
        version: How random numbers become a history; 1 for the histories of release 0.1.0.

    Raises:
        ConfigError: An argument is out of its range.
    """
    shape = EventShape(n_parts, n_active)
    _check(strength, n_events, data_seed)
    require(
        "n_events * n_parts <= 40_000_000",
        holds=n_events * n_parts <= MAX_CELLS,
        n_events=n_events,
        n_parts=n_parts,
        fix="A longer history needs more memory than a machine has.",
    )
    streams = random_streams(signal, strength, data_seed, version)
    weights = signal.start(n_events, shape, streams.signal)
    chance = streams.events.gumbel(size=(n_events, n_parts))
    events = np.zeros((n_events, n_parts), dtype=bool)
    oracle = np.empty((n_events, n_parts))
    for t in range(n_events):
        oracle[t] = strength * weights(events[:t])
        events[t, np.argpartition(oracle[t] + chance[t], -n_active)[-n_active:]] = True
    parts = np.nonzero(events)[1].reshape(n_events, n_active) + 1
    return SyntheticHistory(EventHistory(np.datetime64(FIRST_DAY) + np.arange(n_events), parts, n_parts), oracle)


def random_streams(
    signal: Signal, strength: float, data_seed: int, version: GeneratorVersion = GENERATOR_VERSION
) -> RandomStreams:
    """Return the generators of a history.

    In version 2 what is fixed follows from the data seed and the signal, so that strengths of one signal can be
    compared, and the luck of the events from the data seed, the signal and its strength, so that no two rows share it.
    In version 1 both follow from the data seed alone.

    Args:
        signal: What the history repeats.
        strength: How strongly.
        data_seed: At least 0.
        version: How random numbers become a history.
    """
    if version == 1:
        seeds = np.random.SeedSequence(data_seed).spawn(2)
    else:
        # equal signals have equal words, whether an argument was written 50 or 50.0
        arguments = [float(value) if isinstance(value, int) else value for value in vars(signal).values()]
        name = (type(signal).__name__, *arguments)
        seeds = [_seed(data_seed, "signal", *name), _seed(data_seed, "events", *name, float(strength))]
    return RandomStreams(*map(np.random.default_rng, seeds))


def _seed(data_seed: int, *words: object) -> np.random.SeedSequence:
    digest = sha256(repr(words).encode()).digest()
    return np.random.SeedSequence([data_seed, *np.frombuffer(digest, dtype="<u4").tolist()])


def _check(strength: float, n_events: int, data_seed: int) -> None:
    require("0 <= strength < inf", holds=0 <= strength < float("inf"), strength=strength)
    require("1 <= n_events", holds=n_events >= 1, n_events=n_events)
    require("0 <= data_seed", holds=data_seed >= 0, data_seed=data_seed)
