"""Rankings without ties: how they are made, counted and scored."""

from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from c5snn.errors import ConfigError
from c5snn.evidence import (
    break_ties,
    distinct_rankings,
    fair_outcomes,
    fixed_list,
    hits_of_rankings,
    recall_of_rankings,
    reciprocal_ranks,
)
from c5snn.metrics import HitAtK, MeanReciprocalRank, RecallAtK


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 1000))
def test_a_better_score_is_a_better_rank_and_every_part_is_ranked_once(seed):
    scores = np.random.default_rng(seed).integers(0, 5, (6, 39)).astype(float)
    rankings = break_ties(scores, seed)
    assert (np.sort(rankings, axis=1) == np.arange(1, 40)).all()
    in_order = np.take_along_axis(scores, rankings.astype(int) - 1, axis=1)
    assert (np.diff(in_order, axis=1) <= 0).all()


def test_every_order_of_tied_parts_is_equally_likely():
    rankings = [tuple(break_ties(np.array([[1.0, 1.0, 1.0, 2.0]]), seed)[0].tolist()) for seed in range(1200)]
    counts = Counter(rankings)
    assert len(counts) == 6
    assert all(ranking[0] == 4 for ranking in counts)
    assert max(abs(count - 200) for count in counts.values()) < 5 * np.sqrt(200)


def test_the_same_seed_breaks_ties_alike_and_another_does_not():
    scores = np.zeros((3, 39))
    assert (break_ties(scores, 1) == break_ties(scores, 1)).all()
    assert (break_ties(scores, 1) != break_ties(scores, 2)).any()


def test_equal_scores_in_all_windows_are_one_ranking():
    scores = np.tile([3.0, 1.0, 1.0, 1.0, 0.0], (50, 1))
    assert distinct_rankings(break_ties(scores, 0)) == 1


@pytest.mark.parametrize(("n_parts", "dtype"), [(39, np.uint8), (255, np.uint8), (256, np.uint16)])
def test_part_numbers_take_the_smallest_type_that_holds_them(n_parts, dtype):
    rankings = break_ties(np.zeros((1, n_parts)), 0)
    assert rankings.dtype == dtype
    assert rankings.max() == n_parts


def test_whole_numbers_rank_like_floats():
    counts = np.array([[0, 255, 7]], dtype=np.int32)
    assert break_ties(counts, 0).tolist() == [[2, 3, 1]]


@pytest.mark.parametrize("fault", [np.nan, np.inf])
def test_scores_that_are_not_finite_have_no_ranking(fault):
    with pytest.raises(ConfigError, match="1 of 2 windows"):
        break_ties(np.array([[0.0, 1.0], [0.0, fault]]), 0)


def test_the_fixed_list_ranks_by_count_then_by_number_in_every_window():
    assert fixed_list(np.array([2, 5, 2, 9]), 3).tolist() == [[4, 2, 1, 3]] * 3


def test_distinct_rankings_are_counted_once():
    rankings = np.array([[1, 2, 3], [3, 2, 1], [1, 2, 3], [2, 1, 3]], dtype=np.uint8)
    assert distinct_rankings(rankings) == 3


def test_rankings_score_what_the_metrics_score():
    generator = np.random.default_rng(0)
    scores = generator.random((60, 39))
    rankings, events = break_ties(scores, 0), fair_outcomes(generator, (60,))
    targets = torch.zeros(60, 39).scatter(1, torch.as_tensor(events).long() - 1, 1.0)
    as_tensor = torch.as_tensor(scores)
    np.testing.assert_allclose(recall_of_rankings(rankings, events, 20), RecallAtK(20).per_window(as_tensor, targets))
    np.testing.assert_allclose(hits_of_rankings(rankings, events, 5), HitAtK(5).per_window(as_tensor, targets))
    np.testing.assert_allclose(reciprocal_ranks(rankings, events), MeanReciprocalRank().per_window(as_tensor, targets))


def test_breaking_ties_keeps_the_metric_in_expectation():
    generator = np.random.default_rng(1)
    scores = generator.integers(0, 4, (1, 39)).astype(float)
    events = fair_outcomes(generator, (1,))
    target = torch.zeros(1, 39).scatter(1, torch.as_tensor(events).long() - 1, 1.0)
    expected = RecallAtK(20).per_window(torch.as_tensor(scores), target).item()
    broken = [recall_of_rankings(break_ties(scores, seed), events, 20)[0] for seed in range(600)]
    assert np.mean(broken) == pytest.approx(expected, abs=5 * np.std(broken) / np.sqrt(600))


@pytest.mark.parametrize("events", [[[0, 1]], [[1, 4]], [[2, 2]], [[1, 2], [1, 2]]])
def test_events_that_do_not_fit_the_rankings_are_refused(events):
    with pytest.raises(ConfigError, match="event"):
        recall_of_rankings(np.array([[1, 2, 3]]), np.array(events), 2)


@pytest.mark.parametrize("ranking", [[1, 1, 3], [0, 1, 2], [2, 3, 4]])
def test_a_row_that_is_no_ranking_is_refused(ranking):
    with pytest.raises(ConfigError, match="Every ranking"):
        reciprocal_ranks(np.array([ranking]), np.array([[1, 2]]))
