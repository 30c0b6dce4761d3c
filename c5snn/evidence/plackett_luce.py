"""The expected recall of a list when the weights that draw the event are known: skill without the luck of the draw.

Drawing n parts without replacement by log-weights theta is a race: part p arrives at an exponential time of rate
``w_p = exp(theta_p)``, and the first n to arrive are the event. So part p is drawn with probability

    π_p = ∫ w_p exp(-w_p t) P(at most n - 1 others have arrived by t) dt.
"""

from math import log

import numpy as np
from jaxtyping import Float

from c5snn.errors import require
from c5snn.evidence.listing import exact_weights

__all__ = ["expected_recall", "expected_skill", "inclusion_probabilities"]

# The trapezoidal rule in log t, whose error falls exponentially with the step.
STEP = 0.35
# Outside of the grid nothing happens: no part has arrived before exp(EARLIEST) / Σ w, and after LATEST mean times of
# the slowest parts that may be the last of the event it is complete.
EARLIEST = -19.0
LATEST = 40.0
ITEMS_PER_CHUNK = 128
# Below it an oracle has no lift to share.
SMALLEST_LIFT = 1e-9


def inclusion_probabilities(theta: Float[np.ndarray, "items parts"], n_active: int) -> Float[np.ndarray, "items parts"]:
    """Return how likely each part is in the event, to 1e-7; rows sum to ``n_active``.

    The integral is summed by the trapezoidal rule in log t. How many others have arrived is Poisson-binomial: products
    of ``(1 - F_q) + F_q x`` up to ``x^(n-1)``, from the left and from the right, leave each part out in turn.

    Source: Efraimidis & Spirakis (2006), Weighted random sampling with a reservoir, doi:10.1016/j.ipl.2005.11.003, for
    the race; Trefethen & Weideman (2014), The exponentially convergent trapezoidal rule, doi:10.1137/130932132.

    Args:
        theta: Log-weights of the parts.
        n_active: How many parts are drawn.

    Raises:
        ConfigError: Unless ``1 <= n_active < n_parts`` and all log-weights are finite.

    >>> inclusion_probabilities(np.zeros((1, 4)), n_active=2).round(6).tolist()
    [[0.5, 0.5, 0.5, 0.5]]
    >>> inclusion_probabilities(np.log([[3.0, 1.0]]), n_active=1).round(6).tolist()
    [[0.75, 0.25]]
    """
    n_parts = theta.shape[1]
    require("1 <= n_active < n_parts", holds=1 <= n_active < n_parts, n_active=n_active, n_parts=n_parts)
    require("isfinite(theta)", holds=bool(np.isfinite(theta).all()))
    order = theta.argsort(axis=1)  # who has which weight does not matter: many signals have few different sets of them
    in_order = np.take_along_axis(theta, order, axis=1)
    weights = np.exp(in_order - in_order[:, [-1]])
    weights /= weights.sum(axis=1, keepdims=True)
    rows, inverse = np.unique(weights, axis=0, return_inverse=True)
    chunks = [_race(rows[start : start + ITEMS_PER_CHUNK], n_active) for start in range(0, len(rows), ITEMS_PER_CHUNK)]
    probabilities = np.empty(theta.shape)
    np.put_along_axis(probabilities, order, np.concatenate(chunks)[inverse.reshape(-1)], axis=1)
    return probabilities


def expected_recall(
    weights: Float[np.ndarray, "items parts"], theta: Float[np.ndarray, "items parts"], n_active: int
) -> Float[np.ndarray, " items"]:
    """Return the expected Recall@K of lists given what draws the events: ``Σ_p weight_p π_p / n_active``.

    Args:
        weights: How much of each part is listed (``list_weights``).
        theta: Log-weights that draw each event.
        n_active: How many parts are drawn.

    >>> expected_recall(np.array([[1.0, 0.0]]), np.log([[3.0, 1.0]]), n_active=1).round(6).tolist()
    [0.75]
    """
    return np.asarray((exact_weights(weights) * inclusion_probabilities(theta, n_active)).sum(axis=1) / n_active)


def expected_skill(
    weights: Float[np.ndarray, "items parts"],
    oracle: Float[np.ndarray, "items parts"],
    theta: Float[np.ndarray, "items parts"],
    n_active: int,
) -> float | None:
    """Return ``(model - chance) / (oracle - chance)`` of the expected recalls, or None where the oracle has no lift.

    It has the same mean as the skill of what came, and none of the luck of the draw (Rao–Blackwell).

    Args:
        weights: The model's lists.
        oracle: The oracle's lists, of the same length: ``list_weights(theta, k)``.
        theta: Log-weights that draw each event.
        n_active: How many parts are drawn.

    >>> theta = np.array([[2.0, 0.0, 0.0, 0.0]])
    >>> half, best = np.full((1, 4), 0.5), np.array([[1.0, 1 / 3, 1 / 3, 1 / 3]], dtype=np.float32)
    >>> round(abs(expected_skill(half, best, theta, n_active=2)), 9), expected_skill(best, best, theta, n_active=2)
    (0.0, 1.0)
    """
    probabilities = inclusion_probabilities(theta, n_active)
    # a list of chance draws every part by K / N, which leaves n K / N of the active ones
    above = probabilities - probabilities.mean(axis=1, keepdims=True)
    lifts = [float((exact_weights(lists) * above).sum(axis=1).mean()) / n_active for lists in (weights, oracle)]
    return None if lifts[1] < SMALLEST_LIFT else lifts[0] / lifts[1] + 0.0


def _race(weights: Float[np.ndarray, "rows parts"], n_active: int) -> Float[np.ndarray, "rows parts"]:
    times = _times(weights, n_active)  # (rows, nodes)
    arrived = -np.expm1(-weights.T[:, :, None] * times)  # (parts, rows, nodes)
    left = [_nobody(times, n_active)]
    for share in arrived[:-1]:
        left.append(_joined(left[-1], share))
    right = _nobody(times, n_active)
    probabilities = np.empty_like(weights)
    for part in reversed(range(weights.shape[1])):
        few = _at_most(left[part], right)
        density = weights[:, [part]] * times * (1 - arrived[part])  # of log t
        probabilities[:, part] = STEP * (density * few).sum(axis=1)
        right = _joined(right, arrived[part])
    return np.asarray(probabilities * (n_active / probabilities.sum(axis=1, keepdims=True)))


def _times(weights: Float[np.ndarray, "rows parts"], n_active: int) -> Float[np.ndarray, "rows nodes"]:
    """Return times evenly spaced in their logarithm, from before the first arrival to after the last of the event."""
    slowest = np.sort(weights, axis=1)[:, : weights.shape[1] - n_active + 1].sum(axis=1)
    n_nodes = int(np.ceil((log(LATEST) - np.log(slowest.min()) - EARLIEST) / STEP))
    grid = np.exp(EARLIEST + STEP * np.arange(n_nodes))
    return np.broadcast_to(grid, (len(weights), n_nodes))


def _nobody(times: Float[np.ndarray, "rows nodes"], n_active: int) -> Float[np.ndarray, "counts rows nodes"]:
    law = np.zeros((n_active, *times.shape))
    law[0] = 1
    return law


def _joined(
    law: Float[np.ndarray, "counts rows nodes"], share: Float[np.ndarray, "rows nodes"]
) -> Float[np.ndarray, "counts rows nodes"]:
    """Return the law of how many have arrived, cut at n - 1, with one part more."""
    joined: Float[np.ndarray, "counts rows nodes"] = law * (1 - share)
    joined[1:] += law[:-1] * share
    return joined


def _at_most(
    left: Float[np.ndarray, "counts rows nodes"], right: Float[np.ndarray, "counts rows nodes"]
) -> Float[np.ndarray, "rows nodes"]:
    """Return the probability that left and right together are at most n - 1."""
    at_most = right.cumsum(axis=0)
    return np.asarray((left * at_most[::-1]).sum(axis=0))
