"""Many models at once: each configuration's own p and the p that survives having picked the best of them.

Single-step maxT: luck is drawn, all configurations are scored against the *same* draw, and a configuration's
family-wise p is how often the best of them all does as well. Near-identical models thus count as little more than one,
where a Bonferroni correction would count each in full. Holm's correction serves where nothing is known of how p-values
hang together.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Shaped

from c5snn.errors import require
from c5snn.evidence.null import Null, Predictions
from c5snn.evidence.simulation import TIE_TOLERANCE, simulated_p

__all__ = ["ConfigurationP", "family_p", "holm_adjusted"]


class ConfigurationP(NamedTuple):
    """What one configuration's score is worth: how often luck does as well, and as badly, alone and among all."""

    p_value: float
    p_family: float
    p_worse: float
    p_worse_family: float


def family_p(
    null: Null,
    predictions: Sequence[Predictions],
    outcomes: Shaped[np.ndarray, "items ..."],
    *,
    seed: int = 0,
    n_draws: int = 10_000,
) -> list[ConfigurationP]:
    """Return each configuration's one-sided p of its headline, the p of doing as badly, and both family-wise.

    A configuration's score is its mean over seeds, recomputed for every draw; T is its score in units of its exact
    standard deviation under the null. With ``b`` over the draws and ``j`` over the configurations,

        p_value        = (1 + #{b: T_b >= T}) / (1 + n_draws)
        p_family       = (1 + #{b: max_j T_bj >= T}) / (1 + n_draws)
        p_worse        = (1 + #{b: T_b <= T}) / (1 + n_draws)
        p_worse_family = (1 + #{b: min_j T_bj <= T}) / (1 + n_draws).

    All are simulated from the same draws, so ``p_family >= p_value`` always.

    Source: Westfall & Young (1993), Resampling-Based Multiple Testing, single-step maxT, ISBN 978-0-471-55761-6. Luck
    is drawn from its known law instead of resampled, with the predictions held fixed: exact for predictions that do
    not depend on the items' outcomes, and an approximation of the joint law otherwise.

    Args:
        null: What luck would do.
        predictions: Of each configuration, shape (seeds, items, …); the number of seeds may differ.
        outcomes: What came, one row an item.
        seed: Seed of the draws.
        n_draws: Number of draws.

    Raises:
        ConfigError: There is no configuration, one has no seed or no item, or they do not share their items.
    """
    is_whole = bool(predictions) and all(entry.size for entry in predictions)
    require("1 <= n_configurations, n_seeds, n_items", holds=is_whole, shapes=[entry.shape for entry in predictions])
    require("1 <= n_draws", holds=n_draws >= 1, n_draws=n_draws)
    scale = null.scale(predictions, outcomes)
    observed = scale.standardize(null.totals(predictions, outcomes)[None])[0]
    n_own, n_best, n_worse, n_worst = np.zeros((4, len(predictions)), dtype=np.int64)
    for totals in null.draws(predictions, outcomes, np.random.default_rng(seed), n_draws):
        drawn = scale.standardize(totals)
        n_own += (drawn >= observed - TIE_TOLERANCE).sum(axis=0)
        n_best += (drawn.max(axis=1, keepdims=True) >= observed - TIE_TOLERANCE).sum(axis=0)
        n_worse += (drawn <= observed + TIE_TOLERANCE).sum(axis=0)
        n_worst += (drawn.min(axis=1, keepdims=True) <= observed + TIE_TOLERANCE).sum(axis=0)
    counts = np.stack([n_own, n_best, n_worse, n_worst], axis=1).tolist()
    return [ConfigurationP(*(simulated_p(count, n_draws) for count in of_one)) for of_one in counts]


def holm_adjusted(p_values: Sequence[float]) -> list[float]:
    """Return each p-value corrected for all of them, in the order given.

    With the p-values in rising order, ``p'_(i) = max over j <= i of min(1, (n - j + 1) p_(j))``; to call every
    ``p' < alpha`` a finding makes one false finding or more with probability alpha at most, however they depend.

    Source: Holm (1979), A simple sequentially rejective multiple test procedure, Scand. J. Statist. 6:65,
    https://www.jstor.org/stable/4615733.

    Args:
        p_values: One p-value per test.

    Raises:
        ConfigError: A p-value is not in (0, 1].

    >>> holm_adjusted([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    require("0 < p <= 1", holds=all(0 < p <= 1 for p in p_values), p_values=list(p_values))
    corrected, highest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda index: p_values[index])):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        corrected[index] = highest
    return corrected
