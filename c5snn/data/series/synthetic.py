"""A synthetic series with its oracle: two seasons, a slow level and autocorrelated noise, every channel its own.

    y[t] = mean + scale · (season[t] + level[t] + noise[t])

``season`` is a sine of a day and one of a week (24 and 168 rows), ``level`` and ``noise`` are AR(1) processes, a slow and
a fast one. Only their sum is seen, so the best forecast filters it: the oracle is the mean of the future given the past
and the parameters, by the Kalman filter, and no model that sees the past alone has a lower expected squared error.

Source: Kalman (1960), A new approach to linear filtering and prediction problems, J. Basic Eng. 82:35,
doi:10.1115/1.3662552.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple, final

import numpy as np
from jaxtyping import Float64, Int64

from c5snn.data.series.series import Series
from c5snn.errors import require, require_positive

__all__ = ["Oracle", "SyntheticSeries", "synthesize_series"]

FIRST_HOUR: Final = "2000-01-01T00"
MAX_VALUES: Final = 40_000_000

DAY, WEEK = 24, 168
# decay and standard deviation of the two processes; the deviations are those of any one moment
LEVEL, NOISE = (0.999, 0.7), (0.9, 0.5)


@final
@dataclass(frozen=True, eq=False)
class Oracle:
    """What the generator knows at each row: the season, and the best guess of level and noise from the past.

    Args:
        season: Mean and season of each row, in the units of the series.
        level: The level given all rows up to this one.
        noise: The noise given the same.
    """

    season: Float64[np.ndarray, "rows channels"]
    level: Float64[np.ndarray, "rows channels"]
    noise: Float64[np.ndarray, "rows channels"]

    def forecasts(self, starts: Int64[np.ndarray, " windows"], horizon: int) -> Float64[np.ndarray, "windows h c"]:
        """Return the mean of the rows from each start on, given all rows before it.

        Args:
            starts: The first row that is forecast, at least 1.
            horizon: How many rows.
        """
        steps = np.arange(horizon)
        level, noise = (decay ** (steps + 1.0) for decay, _ in (LEVEL, NOISE))
        before = starts - 1
        future = level[:, None] * self.level[before, None] + noise[:, None] * self.noise[before, None]
        return np.asarray(self.season[starts[:, None] + steps] + future)


class SyntheticSeries(NamedTuple):
    """A series and what drew it."""

    series: Series
    oracle: Oracle


def synthesize_series(n_rows: int, n_channels: int = 7, *, data_seed: int = 1) -> SyntheticSeries:
    """Draw a series of hourly rows.

    Args:
        n_rows: How many rows; a longer series begins with the shorter one.
        n_channels: How many channels.
        data_seed: Makes the series; at least 0.

    Raises:
        ConfigError: An argument is out of its range.
    """
    require_positive(n_rows=n_rows, n_channels=n_channels)
    require("0 <= data_seed", holds=data_seed >= 0, data_seed=data_seed)
    fits = n_rows * n_channels <= MAX_VALUES
    require("n_rows * n_channels <= 40_000_000", holds=fits, n_rows=n_rows, n_channels=n_channels)
    of_channels, of_rows = map(np.random.default_rng, np.random.SeedSequence(data_seed).spawn(2))
    mean, scale = of_channels.uniform(0, 20, n_channels), of_channels.uniform(1, 10, n_channels)
    season = scale * _season(n_rows, n_channels, of_channels)
    level, noise = _processes(of_rows.normal(size=(n_rows, 2, n_channels)))
    known = _filtered(level + noise)
    times = np.datetime64(FIRST_HOUR, "s") + np.arange(n_rows) * np.timedelta64(1, "h")
    names = tuple(f"channel_{i + 1}" for i in range(n_channels))
    series = Series(times, names, mean + season + scale * (level + noise))
    return SyntheticSeries(series, Oracle(mean + season, *(scale * part for part in known)))


def _season(n_rows: int, n_channels: int, random: np.random.Generator) -> Float64[np.ndarray, "rows channels"]:
    t = np.arange(n_rows)[:, None]
    total = np.zeros((n_rows, n_channels))
    for period, strength in ((DAY, 1.0), (WEEK, 0.5)):
        height, phase = random.uniform(0.5, 1.5, n_channels), random.uniform(0, 2 * np.pi, n_channels)
        total += strength * height * np.sin(2 * np.pi * t / period + phase)
    return total


def _processes(luck: Float64[np.ndarray, "rows 2 channels"]) -> Float64[np.ndarray, "2 rows channels"]:
    """Return level and noise; both start as at any other moment."""
    decay, sd = (np.array(pair)[:, None] for pair in zip(LEVEL, NOISE, strict=True))
    steps = sd * np.sqrt(1 - decay**2) * luck
    state = sd * luck[0]
    states = [state]
    for step in steps[1:]:
        state = decay * state + step
        states.append(state)
    return np.stack(states, axis=1)


def _filtered(seen: Float64[np.ndarray, "rows channels"]) -> Float64[np.ndarray, "2 rows channels"]:
    """Return the mean of level and noise at each row given their sum up to it; the gains are the same for all."""
    decay, variance = np.array([LEVEL[0], NOISE[0]]), np.array([LEVEL[1], NOISE[1]]) ** 2
    innovation = np.diag(variance * (1 - decay**2))
    state, spread = np.zeros((2, seen.shape[1])), np.diag(variance)
    states = np.empty((2, *seen.shape))
    for t, row in enumerate(seen):
        gain = spread.sum(axis=1) / spread.sum()
        state = state + gain[:, None] * (row - state.sum(axis=0))
        states[:, t] = state
        spread = spread - np.outer(gain, gain) * spread.sum()
        state, spread = decay[:, None] * state, np.outer(decay, decay) * spread + innovation
    return states
