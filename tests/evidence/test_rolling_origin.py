"""A choice at each origin has an honest p; a choice by the mean over origins does not."""

import numpy as np
import pytest
from scipy import stats

from c5snn.errors import ConfigError
from c5snn.evidence import UniformSubset, choose_at_each_origin, fair_outcomes, list_recall, list_weights

N_ORIGINS, N_CONFIGURATIONS, N_WINDOWS = 4, 8, 60
NULL = UniformSubset(39, 5, 20)


def fair_history(rng):
    """Return blocks of windows, each the test of one origin and the validation of the next, and what each gets."""
    blocks = [fair_outcomes(rng, (N_WINDOWS,)) for _ in range(N_ORIGINS + 1)]
    lists = [np.stack([list_weights(rng.random((N_WINDOWS, 39)), 20) for _ in range(N_CONFIGURATIONS)]) for _ in blocks]
    recall = np.array(
        [[list_recall(w, block).mean() for w in of_block] for of_block, block in zip(lists, blocks, strict=True)]
    )
    return blocks, lists, recall


@pytest.mark.slow
def test_the_p_of_choosing_at_each_origin_is_nominal_and_that_of_the_mean_choice_is_not():
    rng = np.random.default_rng(0)
    procedure, mean_choice = [], []
    for _ in range(300):
        blocks, lists, recall = fair_history(rng)
        pooled = choose_at_each_origin(recall[:-1], lists[1:], blocks[1:])
        procedure.append(NULL.p_value(pooled.predictions, pooled.outcomes).p)
        best = int(recall[:-1].mean(axis=0).argmax())
        chosen = np.concatenate([of_block[best] for of_block in lists[1:]])
        mean_choice.append(NULL.p_value(chosen, np.concatenate(blocks[1:])).p)
    assert np.mean(np.array(procedure) < 0.05) <= 0.075
    assert stats.binomtest(int(np.sum(np.array(mean_choice) < 0.05)), 300, 0.05, "greater").pvalue < 1e-6


def test_each_origin_chooses_by_its_own_validation_in_the_direction_of_the_headline():
    predictions = [np.arange(6.0).reshape(2, 3), 10 + np.arange(4.0).reshape(2, 2)]
    outcomes = [np.zeros(3), np.ones(2)]
    val = np.array([[0.3, 0.1], [0.2, 0.4]])
    most, least = (choose_at_each_origin(val, predictions, outcomes, mode=mode) for mode in ("max", "min"))
    assert (most.chosen.tolist(), least.chosen.tolist()) == ([0, 1], [1, 0])
    assert most.predictions.tolist() == [0, 1, 2, 12, 13]
    assert least.predictions.tolist() == [3, 4, 5, 10, 11]
    assert most.outcomes.tolist() == [0, 0, 0, 1, 1]


def test_origins_with_other_configurations_are_refused():
    with pytest.raises(ConfigError, match="origins and configurations agree"):
        choose_at_each_origin(np.zeros((2, 3)), [np.zeros((3, 4)), np.zeros((2, 4))], [np.zeros(4)] * 2)
