"""What a ranking is expected to reach when each part is active by a chance of its own, as units of a network spike.

Given how many parts are active, the event follows the conditional Bernoulli law: each set of that size has a
probability in proportion to the product of its parts' odds ``p / (1 - p)``.
"""

import numpy as np
from jaxtyping import Float, Integer

__all__ = ["conditional_inclusion"]

_ITEMS_PER_CHUNK = 256


def conditional_inclusion(
    log_odds: Float[np.ndarray, "items parts"], sizes: Integer[np.ndarray, " items"]
) -> Float[np.ndarray, "items parts"]:
    """Return how likely each part is active given how many are; rows sum to ``sizes``.

    With o the odds and ``e_k`` the elementary symmetric function of degree k,

        P(p active | k active) = o_p e_(k-1)(o without p) / e_k(o).

    The functions of all parts but one are joined from those of the parts to its left and to its right.

    Source: Chen & Liu (1997), Statistical applications of the Poisson-binomial and conditional Bernoulli distributions,
    Statistica Sinica 7:875.

    Args:
        log_odds: ``log(p / (1 - p))`` of each part.
        sizes: How many parts are active, at least 1.

    >>> conditional_inclusion(np.log([[3.0, 1.0]]), np.array([1])).round(6).tolist()
    [[0.75, 0.25]]
    """
    probabilities = np.empty(log_odds.shape)
    order = np.argsort(sizes, kind="stable")  # a chunk is as deep as its largest event
    for start in range(0, len(order), _ITEMS_PER_CHUNK):
        rows = order[start : start + _ITEMS_PER_CHUNK]
        probabilities[rows] = _of_chunk(log_odds[rows], sizes[rows])
    return probabilities


def _of_chunk(
    log_odds: Float[np.ndarray, "rows parts"], sizes: Integer[np.ndarray, " rows"]
) -> Float[np.ndarray, "rows parts"]:
    n_rows, n_parts = log_odds.shape
    odds = np.exp(log_odds - log_odds.max(axis=1, keepdims=True)).T  # the unit of odds cancels
    most = int(sizes.max())
    left = np.zeros((n_parts, most, n_rows))  # of the parts before each, degrees 0 ... most - 1
    left[0, 0] = 1
    for part in range(1, n_parts):
        left[part] = _joined(left[part - 1], odds[part - 1])
    right = np.zeros((most, n_rows))
    right[0] = 1
    degrees, rows = sizes - 1, np.arange(n_rows)
    shares = np.empty((n_rows, n_parts))
    for part in reversed(range(n_parts)):
        both = np.zeros((most, n_rows))
        for degree in range(most):
            both[degree:] += left[part, degree] * right[: most - degree]
        shares[:, part] = odds[part] * both[degrees, rows]
        right = _joined(right, odds[part])
    return np.asarray(shares * (sizes[:, None] / shares.sum(axis=1, keepdims=True)))


def _joined(symmetric: Float[np.ndarray, "degrees rows"], odds: Float[np.ndarray, " rows"]) -> Float[np.ndarray, "_ _"]:
    joined = symmetric.copy()
    joined[1:] += symmetric[:-1] * odds
    return joined
