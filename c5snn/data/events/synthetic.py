"""Synthetic histories: drawn from a planted signal, with the oracle that drew them.

Each event is drawn without replacement by the Plackett-Luce model with log-weights theta, by the Gumbel top-k trick:
the ``n_active`` parts with the largest ``theta_p + G_p``, G_p standard Gumbel. Ranking the parts by theta is
Bayes-optimal in expectation for Recall@K, so theta is the history's oracle.

Source: Yellott (1977), J. Math. Psychol. 15, doi:10.1016/0022-2496(77)90026-8.
"""

from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Float64

from c5snn.data.events.history import EventHistory
from c5snn.data.events.shape import EventShape
from c5snn.data.events.signals import Signal
from c5snn.errors import ConfigError, require

__all__ = ["SyntheticHistory", "synthesize"]

MAX_CELLS = 40_000_000  # of events × parts: less than 1 GB with the oracle
FIRST_DAY: Final = "2000-01-01"


class SyntheticHistory(NamedTuple):
    """A history and what drew it.

    Attributes:
        history: The events, one a day.
        oracle: The log-weights theta that drew each event.
    """

    history: EventHistory
    oracle: Float64[np.ndarray, "events parts"]


def synthesize(
    signal: Signal, *, strength: float, n_events: int, data_seed: int, n_parts: int = 39, n_active: int = 5
) -> SyntheticHistory:
    """Draw a history.

    Args:
        signal: What the history repeats.
        strength: Multiplies the signal's weights; 0 is the fair lottery, whatever the signal.
        n_events: How many events to draw; a longer history begins with the shorter one.
        data_seed: Makes the history, and nothing else does; at least 0.
        n_parts: How many parts there are.
        n_active: How many of them are active in every event.

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
    # two streams: what the signal draws does not move the lottery's own chance, so strengths can be compared
    for_signal, for_events = map(np.random.default_rng, np.random.SeedSequence(data_seed).spawn(2))
    weights = signal.start(n_events, shape, for_signal)
    chance = for_events.gumbel(size=(n_events, n_parts))
    events = np.zeros((n_events, n_parts), dtype=bool)
    oracle = np.empty((n_events, n_parts))
    for t in range(n_events):
        oracle[t] = strength * weights(events[:t])
        events[t, np.argpartition(oracle[t] + chance[t], -n_active)[-n_active:]] = True
    parts = np.nonzero(events)[1].reshape(n_events, n_active) + 1
    return SyntheticHistory(EventHistory(np.datetime64(FIRST_DAY) + np.arange(n_events), parts, n_parts), oracle)


def _check(strength: float, n_events: int, data_seed: int) -> None:
    if not 0 <= strength < float("inf"):
        raise ConfigError(f"`0 <= strength < inf` must hold, but got strength={strength}.")
    if n_events < 1:
        raise ConfigError(f"`1 <= n_events` must hold, but got n_events={n_events}.")
    if data_seed < 0:
        raise ConfigError(f"`0 <= data_seed` must hold, but got data_seed={data_seed}.")
