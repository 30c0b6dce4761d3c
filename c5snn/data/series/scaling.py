"""The scale of a series as models see it: each channel in standard deviations of train from its mean in train."""

from dataclasses import dataclass
from typing import final

import numpy as np
from jaxtyping import Float64

from c5snn.data.series.series import Series
from c5snn.errors import DataError

__all__ = ["Scaling", "deviations"]


@final
@dataclass(frozen=True, eq=False)
class Scaling:
    """A linear map of each channel.

    Args:
        mean: What becomes 0.
        sd: What becomes 1 above it.
    """

    mean: Float64[np.ndarray, " channels"]
    sd: Float64[np.ndarray, " channels"]

    @classmethod
    def of(cls, series: Series, train: range) -> "Scaling":
        """Return the scaling by mean and population standard deviation of train.

        Raises:
            DataError: A channel does not change in train.
        """
        seen = series.values[train.start : train.stop]
        mean, sd = seen.mean(axis=0), deviations(seen)
        constant = [name for name, value in zip(series.channels, sd.tolist(), strict=True) if value == 0]
        if constant:
            raise DataError(f"Every column must change in train, but {', '.join(constant)} does not; leave it out.")
        return cls(mean, sd)

    @classmethod
    def none(cls, series: Series) -> "Scaling":
        """Return the scaling that changes nothing."""
        n = len(series.channels)
        return cls(np.zeros(n), np.ones(n))

    def scaled(self, values: Float64[np.ndarray, "... channels"]) -> Float64[np.ndarray, "... channels"]:
        """Return values of the series as models see them."""
        return np.asarray((values - self.mean) / self.sd)

    def unscaled(self, values: Float64[np.ndarray, "... channels"]) -> Float64[np.ndarray, "... channels"]:
        """Return what models say in the units of the series."""
        return np.asarray(values * self.sd + self.mean)


def deviations(values: Float64[np.ndarray, "rows *channels"]) -> Float64[np.ndarray, "*channels"]:
    """Return the population standard deviation of each channel or of one; exactly 0 where all values are the same.

    >>> float(deviations(np.full(120, 0.1))), bool(np.full(120, 0.1).std() == 0)
    (0.0, False)
    """
    return np.asarray(np.where((values == values[0]).all(axis=0), 0.0, values.std(axis=0)))
