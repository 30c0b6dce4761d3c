"""Synthetic histories: drawn from a planted signal, with the oracle that drew them.

Each event is drawn without replacement by the Plackett-Luce model with log-weights theta, by the Gumbel top-k trick:
the ``n_active`` parts with the largest ``theta_p + G_p``, G_p standard Gumbel. Ranking the parts by theta is
Bayes-optimal in expectation for Recall@K, so theta is the history's oracle. Where a law of sizes is given, each event's
size is drawn first, from random numbers of its own.

Source: Yellott (1977), J. Math. Psychol. 15, doi:10.1016/0022-2496(77)90026-8.

How random numbers become a history has a version, which is part of what a history is. In version 1 one data seed gave
the lottery the same luck whatever the signal and its strength, so that the rows of a comparison shared it.
"""

from hashlib import sha256
from typing import Final, Literal, NamedTuple

import numpy as np
from jaxtyping import Float64, Int64

from c5snn.data.events.history import EventHistory
from c5snn.data.events.ragged import RaggedHistory
from c5snn.data.events.shape import EventShape
from c5snn.data.events.signals import Signal
from c5snn.data.events.sizes import SizeLaw
from c5snn.errors import require

__all__ = [
    "GENERATOR_VERSION",
    "GeneratorVersion",
    "RandomStreams",
    "SyntheticHistory",
    "check_size",
    "random_streams",
    "synthesize",
]

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

    history: EventHistory | RaggedHistory
    oracle: Float64[np.ndarray, "events parts"]


def check_size(n_events: int, n_parts: int) -> None:
    """Refuse a history that does not fit into memory, before a network of its size is built.

    Raises:
        ConfigError: It is too long, or has too many parts.
    """
    require(
        "n_events * n_parts <= 40_000_000",
        holds=n_events * n_parts <= MAX_CELLS,
        n_events=n_events,
        n_parts=n_parts,
        fix="A longer history needs more memory than a machine has.",
    )


def synthesize(
    signal: Signal,
    *,
    strength: float,
    n_events: int,
    data_seed: int,
    n_parts: int = 39,
    n_active: int = 5,
    sizes: SizeLaw | None = None,
    version: GeneratorVersion = GENERATOR_VERSION,
) -> SyntheticHistory:
    """Draw a history.

    Args:
        signal: What the history repeats.
        strength: Multiplies the signal's weights; 0 is the fair lottery, whatever the signal.
        n_events: How many events to draw; a longer history begins with the shorter one.
        data_seed: Makes the history, with the signal and its strength; at least 0.
        n_parts: How many parts there are.
        n_active: How many of them are active in every event; not used where ``sizes`` says it of each.
        sizes: The law of the sizes of events; None where all have ``n_active`` parts.
        version: How random numbers become a history; 1 for the histories of release 0.1.0.

    Raises:
        ConfigError: An argument is out of its range.
    """
    shape = EventShape(n_parts, n_active if sizes is None else 1)
    _check(strength, n_events, data_seed)
    check_size(n_events, n_parts)
    streams = random_streams(signal, strength, data_seed, version)
    drawn = np.full(n_events, n_active) if sizes is None else _draw_sizes(sizes, n_events, n_parts, data_seed)
    if sizes is not None:
        shape = EventShape(n_parts, min(max(1, round(float(drawn.mean()))), n_parts - 1))
    weights = signal.start(n_events, shape, streams.signal)
    chance = streams.events.gumbel(size=(n_events, n_parts))
    events = np.zeros((n_events, n_parts), dtype=bool)
    oracle = np.empty((n_events, n_parts))
    for t, size in enumerate(drawn.tolist()):
        oracle[t] = strength * weights(events[:t])
        events[t, np.argpartition(oracle[t] + chance[t], -size)[n_parts - size :]] = True
    dates, parts = np.datetime64(FIRST_DAY) + np.arange(n_events), np.nonzero(events)[1] + 1
    if sizes is None:
        return SyntheticHistory(EventHistory(dates, parts.reshape(n_events, n_active), n_parts), oracle)
    return SyntheticHistory(RaggedHistory(dates, parts, np.concatenate([[0], drawn.cumsum()]), n_parts), oracle)


def _draw_sizes(sizes: SizeLaw, n_events: int, n_parts: int, data_seed: int) -> Int64[np.ndarray, " events"]:
    # neither the signal nor its strength changes them, so that rows of one data seed have events of equal sizes
    name = (type(sizes).__name__, *(float(value) for value in vars(sizes).values()))
    return sizes.draw(n_events, n_parts, np.random.default_rng(_seed(data_seed, "sizes", *name)))


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
