"""Whether one forecast is better than another, by the autocovariances of the differences of their losses."""

from math import sqrt
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from c5snn.errors import require

__all__ = ["DieboldMariano", "diebold_mariano"]


class DieboldMariano(NamedTuple):
    """The statistic, above 0 where the first forecast is better, and its one-sided p."""

    statistic: float
    p: float


def diebold_mariano(
    losses: Float[np.ndarray, " items"], reference: Float[np.ndarray, " items"], horizon: int
) -> DieboldMariano | None:
    """Return the statistic of Diebold and Mariano with the correction of Harvey, Leybourne and Newbold.

    With ``d = reference - losses`` and its autocovariances γ_k,

        DM = mean(d) / √((γ_0 + 2 Σ_{k<h} γ_k) / n) · √((n + 1 − 2h + h(h − 1)/n) / n)

    is held against Student's t with n − 1 degrees of freedom.

    Source: Diebold & Mariano (1995), Comparing predictive accuracy, JBES 13:253, doi:10.1080/07350015.1995.10524599;
    Harvey, Leybourne & Newbold (1997), Testing the equality of prediction mean squared errors, IJF 13:281,
    doi:10.1016/S0169-2070(96)00719-4.

    Args:
        losses: Of the first forecast, one an item in the order of time.
        reference: Of the other one on the same items.
        horizon: How many steps a forecast covers (h).

    Returns:
        The test; None where the sum of the autocovariances is not above 0, as it may happen for a long horizon.

    Raises:
        ConfigError: The lengths differ, or there are not more items than steps.

    >>> losses = np.array([1.0, 2.0, 1.0, 3.0, 2.0])
    >>> diebold_mariano(losses, losses + np.array([1.0, 0.0, 2.0, 1.0, 1.0]), horizon=1).p < 0.05
    True
    """
    n, n_others = len(losses), len(reference)
    holds = n == n_others and 1 <= horizon < n
    require("1 <= horizon < len(losses) == len(reference)", holds=holds, horizon=horizon, n=n, n_others=n_others)
    differences = reference - losses
    mean = float(differences.mean())
    centred = differences - mean
    covariances = [float(centred[k:] @ centred[: n - k]) / n for k in range(horizon)]
    variance = (covariances[0] + 2 * sum(covariances[1:])) / n
    if variance <= 0:
        return None
    from scipy.special import stdtr

    statistic = mean / sqrt(variance) * sqrt((n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n)
    return DieboldMariano(statistic, float(stdtr(n - 1, -statistic)))
