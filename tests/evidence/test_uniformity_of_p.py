"""On fair histories every p-value is uniform, whatever the lists that it judges, as long as they use only the past."""

import numpy as np
import pytest
from scipy import stats

from c5snn.evidence import (
    UniformSubset,
    break_ties,
    compare_paired,
    fair_outcomes,
    list_recall,
    list_weights,
    p_of_total,
    popularity_weights,
    reciprocal_ranks,
)

N_HISTORIES, N_WINDOWS = 200, 150
NULL = UniformSubset(39, 5, 20)


def multi_hot(events: np.ndarray) -> np.ndarray:
    is_active = np.zeros((len(events), 39))
    np.put_along_axis(is_active, events.astype(int) - 1, 1, axis=1)
    return is_active


def popularity_of_train(events: np.ndarray) -> np.ndarray:
    return np.repeat(popularity_weights(multi_hot(events), len(events) - N_WINDOWS, 20)[None], N_WINDOWS, axis=0)


def random_scores(events: np.ndarray) -> np.ndarray:
    return np.random.default_rng(int(events[0].sum())).random((N_WINDOWS, 39))


def counts_of_the_last_events(events: np.ndarray) -> np.ndarray:
    """Score by occurrences in the last 21 events: it depends on earlier outcomes and is full of ties."""
    total = np.vstack([np.zeros(39), multi_hot(events).cumsum(axis=0)])
    first = len(events) - N_WINDOWS
    return total[first:-1] - total[first - 21 : -22]


RANKERS = [popularity_of_train, random_scores, counts_of_the_last_events]


def fair_histories(seed: int) -> np.ndarray:
    return fair_outcomes(np.random.default_rng(seed), (N_HISTORIES, N_WINDOWS + 60))


@pytest.mark.slow
@pytest.mark.parametrize("ranker", RANKERS)
def test_the_exact_p_of_recall_is_uniform_once_its_steps_are_smoothed(ranker, recall_null):
    generator = np.random.default_rng(1)
    smoothed = []
    for history in fair_histories(4):
        weights, events = list_weights(ranker(history), 20), history[-N_WINDOWS:]
        p = NULL.p_value(weights, events).p
        values = list_recall(weights, events)
        step = 0.0
        if ((weights == 0) | (weights == 1)).all():  # without ties the p of the next higher total is known
            values[values.argmin()] += 0.2
            step = p - p_of_total(values, recall_null).p
        smoothed.append(p - generator.random() * step)
    assert stats.kstest(smoothed, "uniform").pvalue > 0.01


@pytest.mark.slow
@pytest.mark.parametrize("ranker", RANKERS)
def test_the_simulated_p_of_mrr_is_uniform(ranker, reciprocal_null):
    p_values = [
        p_of_total(
            reciprocal_ranks(break_ties(ranker(history), i), history[-N_WINDOWS:]),
            reciprocal_null,
            seed=i,
            n_draws=1000,
        ).p
        for i, history in enumerate(fair_histories(2))
    ]
    assert stats.kstest(p_values, "uniform").pvalue > 0.01


@pytest.mark.slow
def test_the_paired_p_of_a_ranker_against_the_popularity_baseline_is_valid():
    p_values = []
    for history in fair_histories(3):
        lists = [list_weights(ranker(history), 20) for ranker in (counts_of_the_last_events, popularity_of_train)]
        values = [list_recall(weights, history[-N_WINDOWS:]) for weights in lists]
        p_values.append(compare_paired(*values, n_draws=2_000).p_greater)
    for alpha in (0.05, 0.2, 0.5):
        n_below = int((np.array(p_values) <= alpha).sum())
        assert stats.binomtest(n_below, N_HISTORIES, alpha, "greater").pvalue > 0.01
