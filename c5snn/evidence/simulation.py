"""p-values, exact and simulated: what counts as high, how a count becomes a p, and how a p is printed."""

from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Float

from c5snn.errors import ConfigError

__all__ = [
    "MOST_ENUMERATED",
    "N_DRAWS",
    "SIMULATED_FLOOR",
    "TIE_TOLERANCE",
    "PValue",
    "all_totals",
    "count_as_high",
    "simulated_p",
]

# Sums of doubles that are equal on paper differ by less; calling them ties makes p larger, never smaller.
TIE_TOLERANCE = 1e-9

# Up to so many differences all sign patterns are enumerated.
MOST_ENUMERATED = 20

# Draws of a p of one training that cannot be computed.
N_DRAWS: Final = 100_000

# Below it a p of so many draws rests on fewer than ten of them.
SIMULATED_FLOOR: Final = 0.0001


class PValue(NamedTuple):
    """A p-value, and whether it is exact; otherwise it is simulated by seeded draws, or an approximation."""

    p: float
    is_exact: bool

    @property
    def text(self) -> str:
        """As a table prints it: one that is not exact no lower than its draws resolve.

        >>> PValue(1e-05, is_exact=True).text, PValue(1e-05, is_exact=False).text
        ('1e-05', '< 0.0001')
        """
        return f"{self.p:.3g}" if self._is_resolved else f"< {SIMULATED_FLOOR}"

    @property
    def equation(self) -> str:
        """As a sentence prints it.

        >>> PValue(0.0321, is_exact=False).equation, PValue(1e-05, is_exact=False).equation
        ('p = 0.0321', 'p < 0.0001')
        """
        return f"p = {self.text}" if self._is_resolved else f"p {self.text}"

    @property
    def _is_resolved(self) -> bool:
        return self.is_exact or self.p >= SIMULATED_FLOOR


def all_totals(differences: Float[np.ndarray, " items"]) -> Float[np.ndarray, " patterns"]:
    """Return the total under each of the 2^n sign patterns.

    >>> sorted(all_totals(np.array([1.0, 2.0])).tolist())
    [-3.0, -1.0, 1.0, 3.0]
    """
    totals = np.zeros(1)
    for size in differences.tolist():
        totals = np.concatenate([totals + size, totals - size])
    return totals


def count_as_high(totals: Float[np.ndarray, " draws"], observed: float) -> int:
    """Return how many simulated totals reach the observed one.

    >>> count_as_high(np.array([0.1 + 0.2, 0.2, 0.4]), observed=0.3)
    2
    """
    return int(np.count_nonzero(totals >= observed - TIE_TOLERANCE))


def simulated_p(n_as_high: int, n_draws: int) -> float:
    """Return ``(1 + n_as_high) / (1 + n_draws)``, valid for any number of draws because the data count as one of them.

    Source: Phipson & Smyth (2010), Permutation p-values should never be zero, SAGMB 9:39, doi:10.2202/1544-6115.1585.

    Args:
        n_as_high: simulated values that reach the observed one.
        n_draws: simulated values.

    Raises:
        ConfigError: if there is no draw.

    >>> simulated_p(4, 99)
    0.05
    """
    if n_draws < 1:
        raise ConfigError(f"`n_draws >= 1` must hold, but got n_draws={n_draws}.")
    return (1 + n_as_high) / (1 + n_draws)
