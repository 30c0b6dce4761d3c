"""A multivariate time series: one row a point in time, equal steps between them, one column a channel."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np
from jaxtyping import Float64, Shaped

from c5snn.data.events.times import n_until, spell_times
from c5snn.errors import ConfigError, require

__all__ = ["Series"]


@final
@dataclass(frozen=True, eq=False)
class Series:
    """Values at equal steps of time.

    Args:
        times: The time of each row, ascending in equal steps.
        channels: The names of the columns.
        values: The values, in the units of the file.

    Raises:
        ConfigError: There are fewer than two rows, or the shapes differ.
    """

    times: Shaped[np.ndarray, " rows"]
    channels: tuple[str, ...]
    values: Float64[np.ndarray, "rows channels"]

    def __post_init__(self) -> None:
        """Check the shapes."""
        shape = (len(self.times), len(self.channels))
        require("values.shape == (n_rows, n_channels)", holds=self.values.shape == shape, shape=self.values.shape)
        require("2 <= n_rows", holds=len(self) > 1, n_rows=len(self))

    def __len__(self) -> int:
        return len(self.values)

    @property
    def step(self) -> np.timedelta64:
        """The time from one row to the next."""
        step: np.timedelta64 = self.times[1] - self.times[0]
        return step

    @property
    def rows_per_day(self) -> int | None:
        """How many rows make a day; None where a day is no whole number of at least two rows."""
        n_rows, rest = divmod(np.timedelta64(1, "D"), self.step)
        return int(n_rows) if n_rows > 1 and not rest else None

    @cached_property
    def sha256(self) -> str:
        """Hash of the names, times and values, whatever the layout of their file."""
        words = "\n".join([*self.channels, *spell_times(self.times)])
        return hashlib.sha256(words.encode() + np.ascontiguousarray(self.values, "<f8").tobytes()).hexdigest()

    def channel(self, name: str | None) -> int:
        """Return the number of a channel; None: of the last one.

        Raises:
            ConfigError: There is no such channel.
        """
        if name is None:
            return len(self.channels) - 1
        if name not in self.channels:
            raise ConfigError(
                f"`target_column in columns` must hold, but {name} is none of {', '.join(self.channels)}."
            )
        return self.channels.index(name)

    def n_until(self, as_of: str) -> int:
        """Return how many rows there are up to a time; a day without a time of day means its end."""
        return n_until(self.times, as_of)

    def time_after(self, n_rows: int, steps: int) -> str:
        """Return the time so many steps after the first rows, which may lie beyond the series."""
        return str(self.times[n_rows - 1] + steps * self.step)
