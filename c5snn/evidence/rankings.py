"""Rankings without ties: for counting the distinct ones, and for results that were saved as rankings.

A ranking holds the part numbers 1 … n_parts, best first; an event holds the numbers of its active parts in any order.
"""

import numpy as np
from jaxtyping import Float, Int, Integer, Real

from c5snn.errors import ConfigError

__all__ = [
    "break_ties",
    "check_events",
    "check_rankings",
    "distinct_rankings",
    "fixed_list",
    "hits_of_rankings",
    "recall_of_rankings",
    "reciprocal_ranks",
    "windows_per_ranking",
]


def break_ties(scores: Real[np.ndarray, "windows parts"], seed: int) -> Integer[np.ndarray, "windows parts"]:
    """Rank the parts of each window by score, with tied parts in one seeded random order.

    The order is drawn once and serves every window, so equal scores in all windows stay one ranking. It serves to count
    distinct rankings and nothing else: as a list it would be a hidden choice of parts (``list_weights`` lists ties).

    Args:
        scores: one score per part, higher is better.
        seed: seed of the order of tied parts.

    Raises:
        ConfigError: if a score is NaN or infinite.

    Returns:
        part numbers, best first; uint8 up to 255 parts.

    >>> break_ties(np.array([[0.1, 0.7, 0.2]]), seed=0).tolist()
    [[2, 3, 1]]
    >>> distinct_rankings(break_ties(np.zeros((4, 39)), seed=0))
    1
    """
    is_faulty = ~np.isfinite(scores).all(axis=1)
    if is_faulty.any():
        raise ConfigError(
            f"`isfinite(scores)` must hold, but {is_faulty.sum()} of {len(scores)} windows have NaN or infinite scores."
        )
    order = np.random.default_rng(seed).permutation(scores.shape[1])
    negated = -scores[:, order].astype(np.float64)
    return _part_numbers(order[np.argsort(negated, axis=1, kind="stable")])


def fixed_list(part_counts: Real[np.ndarray, " parts"], n_windows: int) -> Integer[np.ndarray, "windows parts"]:
    """Return the ranking by how often each part occurs in train, the same for every window.

    Equally frequent parts stand in the order of their numbers.

    Args:
        part_counts: occurrences of each part in train.
        n_windows: number of windows to rank.

    >>> fixed_list(np.array([3, 9, 3]), n_windows=2).tolist()
    [[2, 1, 3], [2, 1, 3]]
    """
    ranking = _part_numbers(np.argsort(-part_counts.astype(np.float64), kind="stable"))
    return np.tile(ranking, (n_windows, 1))


def distinct_rankings(rankings: Integer[np.ndarray, "windows parts"]) -> int:
    """Return how many different rankings there are; 1 means that the model ignores its input.

    >>> distinct_rankings(np.array([[1, 2, 3], [1, 2, 3], [1, 3, 2]]))
    2
    """
    return len(windows_per_ranking(rankings))


def windows_per_ranking(rankings: Integer[np.ndarray, "windows parts"]) -> Int[np.ndarray, " rankings"]:
    """Return how many windows share each of the different rankings.

    >>> windows_per_ranking(np.array([[1, 2, 3], [1, 2, 3], [1, 3, 2]])).tolist()
    [2, 1]
    """
    # a row as one opaque value: sorting rows field by field is fifty times slower where they are equal
    row = np.dtype((np.void, rankings.shape[1] * rankings.itemsize))
    return np.unique(np.ascontiguousarray(rankings).view(row), return_counts=True)[1]


def recall_of_rankings(
    rankings: Integer[np.ndarray, "windows parts"], events: Integer[np.ndarray, "targets active"], k: int
) -> Float[np.ndarray, " windows"]:
    """Return the share of each event's active parts among the K best-ranked.

    >>> recall_of_rankings(np.array([[4, 2, 3, 1]]), np.array([[1, 2]]), k=2).tolist()
    [0.5]
    """
    return np.asarray((_ranks(rankings, events) <= k).mean(axis=1))


def hits_of_rankings(
    rankings: Integer[np.ndarray, "windows parts"], events: Integer[np.ndarray, "targets active"], k: int
) -> Float[np.ndarray, " windows"]:
    """Return 1 where any active part is among the K best-ranked and 0 elsewhere.

    >>> hits_of_rankings(np.array([[4, 2, 3, 1]]), np.array([[1, 2]]), k=1).tolist()
    [0.0]
    """
    return np.asarray((_ranks(rankings, events) <= k).any(axis=1), dtype=np.float64)


def reciprocal_ranks(
    rankings: Integer[np.ndarray, "windows parts"], events: Integer[np.ndarray, "targets active"]
) -> Float[np.ndarray, " windows"]:
    """Return one over the rank of each event's best-ranked active part.

    >>> reciprocal_ranks(np.array([[4, 2, 3, 1]]), np.array([[1, 2]])).tolist()
    [0.5]
    """
    return np.asarray(1.0 / _ranks(rankings, events).min(axis=1))


def check_rankings(rankings: Integer[np.ndarray, "windows parts"]) -> None:
    """Refuse rows that do not hold each part number once.

    Raises:
        ConfigError: if a row is not a permutation of 1 … n_parts.
    """
    is_ranking = (np.sort(rankings, axis=1) == np.arange(1, rankings.shape[1] + 1)).all(axis=1)
    if not is_ranking.all():
        raise ConfigError(
            f"Every ranking must hold 1 … {rankings.shape[1]} once each, but row {is_ranking.argmin()} and "
            f"{(~is_ranking).sum() - 1} others do not."
        )


def check_events(events: Integer[np.ndarray, "targets active"], *, n_windows: int, n_parts: int) -> None:
    """Refuse events that are not one set of part numbers per window.

    Raises:
        ConfigError: if the number of events differs, or one holds a number outside 1 … n_parts or twice.
    """
    if len(events) != n_windows:
        raise ConfigError(f"`len(events) == n_windows` must hold, but got {len(events)} events, n_windows={n_windows}.")
    ordered = np.sort(events, axis=1).astype(np.int64)
    is_set = (np.diff(ordered, axis=1) > 0).all(axis=1) & (ordered >= 1).all(axis=1) & (ordered <= n_parts).all(axis=1)
    if not is_set.all():
        raise ConfigError(
            f"Every event must hold different numbers of 1 … {n_parts}, but row {is_set.argmin()} holds "
            f"{events[is_set.argmin()].tolist()}."
        )


def _ranks(
    rankings: Integer[np.ndarray, "windows parts"], events: Integer[np.ndarray, "targets active"]
) -> Int[np.ndarray, "windows active"]:
    """Return the rank, from 1, of each active part."""
    check_rankings(rankings)
    check_events(events, n_windows=len(rankings), n_parts=rankings.shape[1])
    return np.take_along_axis(np.argsort(rankings, axis=1), events.astype(np.int64) - 1, axis=1) + 1


def _part_numbers(indices: Int[np.ndarray, "*shape parts"]) -> Integer[np.ndarray, "*shape parts"]:
    n_parts = indices.shape[-1]
    return (indices + 1).astype(np.min_scalar_type(n_parts))
