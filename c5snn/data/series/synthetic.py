"""A synthetic series with its oracle: two seasons, a slow level and autocorrelated noise, every channel its own.

    y[t] = mean + scale · (season[t] + level[t] + noise[t])

``season`` is a sine of a day and one of a week (24 and 168 rows), ``level`` and ``noise`` are AR(1) processes, a slow
and a fast one. Only their sum is seen, so the best forecast filters it: the oracle is the mean of the future given the
past and the parameters, by the Kalman filter, and no model that sees the past alone has a lower expected squared error.

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
N_PATHS: Final = 1_000

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
        scale: Of each channel, by which the unit processes are multiplied.
        doubt: The standard deviation of the level given the same, at a scale of 1; that of the noise is equal.
    """

    season: Float64[np.ndarray, "rows channels"]
    level: Float64[np.ndarray, "rows channels"]
    noise: Float64[np.ndarray, "rows channels"]
    scale: Float64[np.ndarray, " channels"]
    doubt: Float64[np.ndarray, " rows"]

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

    def rises(
        self, starts: Int64[np.ndarray, " windows"], horizon: int, channel: int, rise: float
    ) -> Float64[np.ndarray, " windows"]:
        """Return the probability that a channel rises by so much within the horizon, given all rows before each start.

        It is the share of 1,000 seeded paths, the same luck for every window, half a path away from 0 and 1.

        Args:
            starts: The first row of each horizon, at least 1.
            horizon: How many rows.
            channel: The number of the channel.
            rise: How far above the last row, in the units of the series.
        """
        random, steps = np.random.default_rng(0), np.arange(horizon) + 1.0
        guess = random.normal(size=(N_PATHS, 1)) * (LEVEL[0] ** steps - NOISE[0] ** steps) * self.scale[channel]
        walks = self.scale[channel] * _walks(random.normal(size=(2, N_PATHS, horizon)))
        before = starts - 1
        last = (self.season + self.level + self.noise)[before, channel]
        means = self.forecasts(starts, horizon)[:, :, channel] - last[:, None]
        found = [
            float(((mean + doubt * guess + walks).max(axis=1) >= rise).mean())
            for mean, doubt in zip(means, self.doubt[before], strict=True)
        ]
        return np.asarray(np.clip(found, 0.5 / N_PATHS, 1 - 0.5 / N_PATHS))


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
    states, doubt = _filtered(level + noise)
    times = np.datetime64(FIRST_HOUR, "s") + np.arange(n_rows) * np.timedelta64(1, "h")
    names = tuple(f"channel_{i + 1}" for i in range(n_channels))
    series = Series(times, names, mean + season + scale * (level + noise))
    return SyntheticSeries(series, Oracle(mean + season, scale * states[0], scale * states[1], scale, doubt))


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


def _walks(luck: Float64[np.ndarray, "2 paths steps"]) -> Float64[np.ndarray, "paths steps"]:
    """Return the sum of both processes on paths that start at 0, by what comes new at each step."""
    total = np.zeros(luck.shape[1:])
    for (decay, sd), steps in zip((LEVEL, NOISE), luck, strict=True):
        state = np.zeros(len(total))
        for k in range(steps.shape[1]):
            state = decay * state + sd * np.sqrt(1 - decay**2) * steps[:, k]
            total[:, k] += state
    return total


def _filtered(
    seen: Float64[np.ndarray, "rows channels"],
) -> tuple[Float64[np.ndarray, "2 rows channels"], Float64[np.ndarray, " rows"]]:
    """Return the mean of level and noise at each row given their sum up to it, and the deviation of the level.

    The gains are the same for all channels.
    """
    decay, variance = np.array([LEVEL[0], NOISE[0]]), np.array([LEVEL[1], NOISE[1]]) ** 2
    innovation = np.diag(variance * (1 - decay**2))
    state, spread = np.zeros((2, seen.shape[1])), np.diag(variance)
    states, doubt = np.empty((2, *seen.shape)), np.empty(len(seen))
    for t, row in enumerate(seen):
        gain = spread.sum(axis=1) / spread.sum()
        state = state + gain[:, None] * (row - state.sum(axis=0))
        states[:, t] = state
        spread = spread - np.outer(gain, gain) * spread.sum()
        doubt[t] = np.sqrt(max(spread[0, 0], 0.0))
        state, spread = decay[:, None] * state, np.outer(decay, decay) * spread + innovation
    return states, doubt
