"""What is known without learning: how often each part has occurred, in train or lately.

A list that grows stale is beaten by any count that does not, on histories whose next event does not depend on the past
at all but whose parts wear. So a model is held against both.
"""

from math import inf
from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Float, Int64, Real

from c5snn.errors import require
from c5snn.evidence.listing import exact_weights, list_weights
from c5snn.evidence.paired import compare_paired

__all__ = [
    "HALF_LIVES",
    "CountingBaseline",
    "decayed_counts",
    "fit_counting_baseline",
    "p_beyond_counts",
    "popularity_weights",
]

HALF_LIVES: Final = (20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, inf)

# Means over windows that are equal on paper differ by less.
TIE_TOLERANCE = 1e-12


class CountingBaseline(NamedTuple):
    """Decayed counts with the half-life that validation prefers.

    Attributes:
        half_life: After how many events an occurrence counts half; infinite: never.
        val_recall: Mean Recall@K on validation.
        weights: How much of each part is listed for every event, from the events before it.
    """

    half_life: float
    val_recall: float
    weights: Float[np.ndarray, "events parts"]


def popularity_weights(events: Real[np.ndarray, "events parts"], n_train: int, k: int) -> Float[np.ndarray, " parts"]:
    """Return how much of each part is listed by its frequency in train; one list for every window.

    Args:
        events: 0/1 rows of the history.
        n_train: How many events are train: its targets and all before them.
        k: The length of the list.

    >>> popularity_weights(np.array([[1, 0, 0], [0, 1, 0], [1, 0, 0]]), n_train=3, k=1).tolist()
    [1.0, 0.0, 0.0]
    """
    return np.asarray(list_weights(events[:n_train].sum(axis=0, dtype=np.float64)[None], k)[0])


def decayed_counts(events: Real[np.ndarray, "events parts"], half_life: float) -> Float[np.ndarray, "events parts"]:
    """Return, for each event, the decayed counts of the parts in all events before it.

        c_t = r c_(t-1) + e_(t-1),  r = 2^(-1 / half_life),  c_0 = 0

    Args:
        events: 0/1 rows of the history.
        half_life: After how many events an occurrence counts half; above 0, may be infinite.

    >>> decayed_counts(np.array([[1.0], [0.0], [1.0], [0.0]]), half_life=1.0)[:, 0].tolist()
    [0.0, 1.0, 0.5, 1.25]
    """
    require("0 < half_life", holds=half_life > 0, half_life=half_life)
    rate, counts = 0.5 ** (1 / half_life), np.zeros(events.shape)
    for t in range(1, len(events)):
        np.multiply(counts[t - 1], rate, out=counts[t])
        counts[t] += events[t - 1]
    return counts


def fit_counting_baseline(
    events: Real[np.ndarray, "events parts"], val: slice | Int64[np.ndarray, " windows"], k: int
) -> CountingBaseline:
    """Return the counting baseline: of eight half-lives the best on validation, the longer one at a tie.

    Args:
        events: 0/1 rows of the whole history; each list uses the events before its own only.
        val: The events that are targets of validation, none of them empty.
        k: The length of the list.

    Raises:
        ConfigError: Validation is empty, or ``1 <= k < n_parts`` does not hold.

    >>> fit_counting_baseline(np.tile(np.eye(4), (10, 1)), slice(20, 30), k=2).half_life
    inf
    """
    n_val = len(events[val])
    require("1 <= n_val", holds=n_val >= 1, n_val=n_val, fix="Give the split more events.")
    best, best_recall = inf, -1.0
    for half_life in reversed(HALF_LIVES):
        listed = exact_weights(list_weights(decayed_counts(events, half_life)[val], k)) * events[val]
        recall = float((listed.sum(axis=1) / events[val].sum(axis=1)).mean())
        if recall > best_recall + TIE_TOLERANCE:
            best, best_recall = half_life, recall
    return CountingBaseline(best, best_recall, list_weights(decayed_counts(events, best), k))


def p_beyond_counts(
    recall: Real[np.ndarray, " windows"], events: Real[np.ndarray, "events parts"], test: slice, k: int
) -> float:
    """Return the p of "uses the past beyond counts": the largest paired p against the counts of any half-life.

    The half-life that validation prefers is not enough. Where the parts change after validation it is stale itself, and
    counts of another span were said to go beyond counts on one such history of seven. An intersection-union test: its
    level holds if one of the half-lives is as good as the model.

    Source: Berger (1982), Multiparameter hypothesis testing and acceptance sampling, Technometrics 24:295,
    doi:10.1080/00401706.1982.10487790.

    Args:
        recall: The model's Recall@K of each test window.
        events: 0/1 rows of the whole history.
        test: The events that are targets of test.
        k: The length of the list.

    >>> events = np.tile(np.eye(4), (10, 1))
    >>> p_beyond_counts(np.zeros(10), events, slice(30, 40), k=2)
    1.0
    """
    of_test = events[test]
    p_values = []
    for half_life in HALF_LIVES:
        listed = exact_weights(list_weights(decayed_counts(events, half_life)[test], k)) * of_test
        p_values.append(compare_paired(recall, listed.sum(axis=1) / of_test.sum(axis=1)).p_greater)
    return max(p_values)
