"""Lists of the first K parts, with ties listed fractionally, and what they are worth against the events that came.

Tied parts share the places that are left: each is listed by ``w = clamp((K - above) / tied, 0, 1)``. w is known before
the outcome and Recall@K is linear in it, so the null stays exact and nothing is random.
"""

import numpy as np
from jaxtyping import Float, Int, Integer, Real

from c5snn.errors import require

__all__ = ["event_sizes", "exact_weights", "list_recall", "list_weights"]


def list_weights(scores: Real[np.ndarray, "items parts"], k: int) -> Float[np.ndarray, "items parts"]:
    """Return how much of each part is listed among the first K: ``clamp((K - above) / tied, 0, 1)``, float32.

    Only parts that tie with the K-th best score are listed by a fraction; all-equal scores list every part by K / N.

    Source: McSherry & Najork (2008), Computing information retrieval performance measures efficiently in the presence
    of tied scores, ECIR, doi:10.1007/978-3-540-78646-7_38.

    Args:
        scores: One score per part, higher is better.
        k: The length of the list.

    Raises:
        ConfigError: A score is NaN or infinite, or a list of k parts leaves none out.

    >>> list_weights(np.array([[3.0, 1.0, 1.0, 0.0]]), k=2).tolist()
    [[1.0, 0.5, 0.5, 0.0]]
    """
    require("1 <= k < n_parts", holds=1 <= k < scores.shape[1], k=k, n_parts=scores.shape[1])
    is_faulty = ~np.isfinite(scores).all(axis=1)
    require("isfinite(scores)", holds=not is_faulty.any(), n_faulty=int(is_faulty.sum()), n_items=len(scores))
    values = scores.astype(np.float64)
    at_cut = np.partition(values, scores.shape[1] - k, axis=1)[:, [scores.shape[1] - k]]
    is_above, is_tied = values > at_cut, values == at_cut
    share = (k - is_above.sum(axis=1, keepdims=True)) / is_tied.sum(axis=1, keepdims=True)
    return np.asarray(is_above + is_tied * share, dtype=np.float32)


def exact_weights(weights: Float[np.ndarray, "*batch parts"]) -> Float[np.ndarray, "*batch parts"]:
    """Return list weights in double precision: those between 0 and 1 share a whole number of places equally.

    A third as a float32 is off by 1e-8, which is enough to tear totals apart that are equal on paper.

    >>> float(exact_weights(np.array([[1 / 3, 1 / 3, 1 / 3]], dtype=np.float32))[0, 0]) == 1 / 3
    True
    """
    is_tied = (weights > 0) & (weights < 1)
    n_tied = is_tied.sum(axis=-1, keepdims=True)
    places = np.rint((weights * is_tied).sum(axis=-1, keepdims=True, dtype=np.float64))
    return np.where(is_tied, places / np.maximum(n_tied, 1), weights.astype(np.float64))


def list_recall(
    weights: Float[np.ndarray, "items parts"], outcomes: Integer[np.ndarray, "items active"]
) -> Float[np.ndarray, " items"]:
    """Return the share of each event's active parts that is listed.

    Args:
        weights: How much of each part is listed.
        outcomes: Numbers of the active parts from 1, padded with 0 where events differ in size.

    >>> list_recall(np.array([[1.0, 0.5, 0.5, 0.0]], dtype=np.float32), np.array([[1, 2]])).tolist()
    [0.75]
    """
    listed = np.take_along_axis(exact_weights(weights), np.maximum(outcomes.astype(np.int64) - 1, 0), axis=1)
    return np.asarray((listed * (outcomes > 0)).sum(axis=1) / event_sizes(outcomes))


def event_sizes(outcomes: Integer[np.ndarray, "items active"]) -> Int[np.ndarray, " items"]:
    """Return how many parts are active in each event.

    Raises:
        ConfigError: An event has no active part.
    """
    sizes = np.asarray((outcomes > 0).sum(axis=1))
    n_empty = int((sizes == 0).sum())
    require("1 <= active parts of every event", holds=n_empty == 0, n_empty=n_empty, fix="Drop empty events.")
    return sizes
