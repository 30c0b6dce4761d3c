"""What counting alone knows: decayed counts that see the past only, with a half-life that validation chose."""

from math import inf

import numpy as np
import pytest

from c5snn.errors import ConfigError
from c5snn.evidence import (
    HALF_LIVES,
    compare_paired,
    decayed_counts,
    fit_counting_baseline,
    list_weights,
    p_beyond_counts,
    popularity_weights,
)


def drawn(rng, n_events, popularity):
    """Return 0/1 rows of 5 parts drawn by log-weights of their own for each event."""
    scores = np.broadcast_to(popularity, (n_events, popularity.shape[-1])) + rng.gumbel(size=(n_events, 39))
    events = np.zeros(scores.shape)
    np.put_along_axis(events, np.argsort(-scores, axis=1)[:, :5], 1, axis=1)
    return events


@pytest.mark.parametrize("half_life", [1.0, 20.0, inf])
def test_counts_are_the_decayed_sum_of_all_events_before(half_life):
    events = drawn(np.random.default_rng(0), 60, np.zeros(39))
    counts = decayed_counts(events, half_life)
    for t in (0, 1, 7, 59):
        ages = np.arange(t - 1, -1, -1)
        expected = (0.5 ** (ages / half_life)) @ events[:t] if t else np.zeros(39)
        np.testing.assert_allclose(counts[t], expected, rtol=1e-12, atol=1e-12)


def test_an_event_does_not_reach_its_own_counts_nor_earlier_ones():
    events = drawn(np.random.default_rng(1), 80, np.zeros(39))
    changed = events.copy()
    changed[40:] = 1 - changed[40:]
    before, after = (decayed_counts(each, 50.0) for each in (events, changed))
    assert (before[:41] == after[:41]).all()
    assert (before[41:] != after[41:]).any()


def test_the_half_life_is_the_best_on_validation():
    events = drawn(np.random.default_rng(2), 1_200, np.random.default_rng(3).normal(0, 1, (4, 39)).repeat(300, axis=0))
    fitted = fit_counting_baseline(events, slice(600, 900), 20)
    recalls = {
        half_life: ((list_weights(decayed_counts(events, half_life), 20) * events)[600:900].sum() / 5 / 300)
        for half_life in HALF_LIVES
    }
    assert fitted.half_life == max(recalls, key=recalls.get)
    assert fitted.val_recall == pytest.approx(max(recalls.values()), rel=1e-6)
    assert (fitted.weights == list_weights(decayed_counts(events, fitted.half_life), 20)).all()


def test_a_machine_that_changes_prefers_a_short_memory_and_a_steady_one_a_long_one():
    rng = np.random.default_rng(4)
    steady = drawn(rng, 3_000, rng.normal(0, 0.5, 39))
    restless = drawn(rng, 3_000, rng.normal(0, 1, (60, 39)).repeat(50, axis=0))
    assert fit_counting_baseline(steady, slice(2_000, 2_500), 20).half_life >= 1_000
    assert fit_counting_baseline(restless, slice(2_000, 2_500), 20).half_life <= 50


def test_the_longer_half_life_wins_a_tie():
    events = np.zeros((40, 6))
    events[:, :2] = 1
    assert fit_counting_baseline(events, slice(20, 30), 3).half_life == inf


def test_test_events_do_not_choose_the_half_life():
    events = drawn(np.random.default_rng(5), 900, np.zeros(39))
    changed = events.copy()
    changed[600:] = drawn(np.random.default_rng(6), 300, np.linspace(0, 3, 39))
    first, second = (fit_counting_baseline(each, slice(400, 600), 20) for each in (events, changed))
    assert (first.half_life, first.val_recall) == (second.half_life, second.val_recall)
    assert (first.weights[:601] == second.weights[:601]).all()


def test_to_go_beyond_counts_every_half_life_must_be_beaten():
    rng = np.random.default_rng(8)
    events = drawn(rng, 900, np.concatenate([np.zeros((600, 39)), np.repeat(rng.normal(0, 2, (1, 39)), 300, axis=0)]))
    test = slice(500, 900)
    lists = {half_life: list_weights(decayed_counts(events, half_life)[test], 20) for half_life in (50.0, inf)}
    short, whole = ((weights * events[test]).sum(axis=1) / 5 for weights in lists.values())
    assert compare_paired(short, whole).p_greater < 0.01
    assert p_beyond_counts(short, events, test, 20) > 0.4
    assert p_beyond_counts(np.ones(400), events, test, 20) < 1e-10


def test_popularity_counts_train_alone():
    events = np.zeros((10, 4))
    events[:6, 2], events[6:, 0] = 1, 1
    assert popularity_weights(events, 6, 1).tolist() == [0, 0, 1, 0]


def test_an_empty_validation_and_a_half_life_of_zero_are_refused():
    events = drawn(np.random.default_rng(7), 30, np.zeros(39))
    with pytest.raises(ConfigError, match="1 <= n_val"):
        fit_counting_baseline(events, slice(10, 10), 20)
    with pytest.raises(ConfigError, match="0 < half_life"):
        decayed_counts(events, 0.0)
