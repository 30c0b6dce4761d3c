"""On fair histories every p-value is uniform, whatever the ranking that it judges, as long as it uses only the past."""

import numpy as np
import pytest
from scipy import stats

from c5snn.evidence import (
    break_ties,
    fair_outcomes,
    fixed_list,
    p_value,
    paired_difference,
    recall_at_k,
    reciprocal_rank,
)

N_HISTORIES, N_WINDOWS = 200, 150


def list_of_train_counts(events: np.ndarray) -> np.ndarray:
    counts = np.bincount(events[:-N_WINDOWS].ravel(), minlength=40)[1:]
    return fixed_list(counts, N_WINDOWS)


def random_ranker(events: np.ndarray) -> np.ndarray:
    return break_ties(np.random.default_rng(int(events[0].sum())).random((N_WINDOWS, 39)), 0)


def counts_of_the_last_events(events: np.ndarray) -> np.ndarray:
    """Rank by occurrences in the last 21 events: it depends on earlier outcomes and is full of ties."""
    is_active = np.zeros((len(events), 39))
    np.put_along_axis(is_active, events.astype(int) - 1, 1, axis=1)
    total = np.vstack([np.zeros(39), is_active.cumsum(axis=0)])
    first = len(events) - N_WINDOWS
    counts = total[first:-1] - total[first - 21 : -22]
    return break_ties(counts, seed=int(events[0].sum()))


RANKERS = [list_of_train_counts, random_ranker, counts_of_the_last_events]


def fair_histories(seed: int) -> np.ndarray:
    return fair_outcomes(np.random.default_rng(seed), (N_HISTORIES, N_WINDOWS + 60))


@pytest.mark.parametrize("ranker", RANKERS)
def test_the_exact_p_of_recall_is_uniform_once_its_steps_are_smoothed(ranker, recall_null):
    generator = np.random.default_rng(1)
    smoothed = []
    for history in fair_histories(4):
        values = recall_at_k(ranker(history), history[-N_WINDOWS:], 20)
        p = p_value(values, recall_null)
        assert p > 0
        values[values.argmin()] += 0.2  # the p of the next higher total
        smoothed.append(p - generator.random() * (p - p_value(values, recall_null)))
    assert stats.kstest(smoothed, "uniform").pvalue > 0.01


@pytest.mark.parametrize("ranker", RANKERS)
def test_the_simulated_p_of_mrr_is_uniform(ranker, reciprocal_null):
    p_values = [
        p_value(reciprocal_rank(ranker(history), history[-N_WINDOWS:]), reciprocal_null, seed=i, n_draws=1000)
        for i, history in enumerate(fair_histories(2))
    ]
    assert stats.kstest(p_values, "uniform").pvalue > 0.01


def test_the_paired_p_of_a_ranker_against_the_fixed_list_is_valid():
    p_values = np.array(
        [
            paired_difference(
                recall_at_k(counts_of_the_last_events(history), history[-N_WINDOWS:], 20),
                recall_at_k(list_of_train_counts(history), history[-N_WINDOWS:], 20),
            ).p_greater
            for history in fair_histories(3)
        ]
    )
    for alpha in (0.05, 0.2, 0.5):
        assert stats.binomtest(int((p_values <= alpha).sum()), N_HISTORIES, alpha, "greater").pvalue > 0.01
