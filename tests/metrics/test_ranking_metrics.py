"""Every ranking metric: ties, chance, null and invariances; a new subclass is tested by being there."""

from collections import Counter
from fractions import Fraction
from math import comb

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from c5snn.metrics import HitAtK, MeanReciprocalRank, RecallAtK

DEFINITIONS = {
    "recall": lambda best_first, active, k: len(active & set(best_first[:k])) / len(active),
    "hit": lambda best_first, active, k: float(bool(active & set(best_first[:k]))),
    "mrr": lambda best_first, active, _: 1 / (1 + min(best_first.index(part) for part in active)),
    "precision": lambda best_first, active, k: len(active & set(best_first[:k])) / k,
}


def test_a_strict_ranking_scores_what_the_definition_says(metric, events, every_ranking):
    scores = every_ranking[::7]
    targets = events(len(scores))
    best_first = scores.argsort(dim=1, descending=True).tolist()
    active = [set(row.nonzero()[:, 0].tolist()) for row in targets]
    define = DEFINITIONS[metric.short_name]
    expected = [define(ranking, parts, metric.k) for ranking, parts in zip(best_first, active, strict=True)]
    torch.testing.assert_close(
        metric.per_window(scores, targets), torch.tensor(expected, dtype=torch.float64), rtol=0, atol=1e-7
    )


def test_ties_score_the_mean_over_all_orders_of_the_tied_parts(metric, events, tied_scores, every_ranking):
    strict = every_ranking
    scores, targets = tied_scores(12), events(12)
    for tied, target in zip(scores, targets, strict=True):
        in_order = tied.gather(0, strict.argsort(dim=1, descending=True).flatten()).view_as(strict)
        breaks_the_ties = strict[(in_order.diff(dim=1) <= 0).all(dim=1)]
        expected = metric.per_window(breaks_the_ties, target.expand_as(breaks_the_ties)).mean()
        torch.testing.assert_close(metric.per_window(tied[None], target[None])[0], expected)


def test_the_mean_over_all_rankings_is_chance(metric, events, every_ranking):
    metric.update(every_ranking, events(1).expand(720, 6))
    assert metric.compute().item() == pytest.approx(metric.chance, abs=1e-11)


def test_the_frequencies_over_all_rankings_are_the_null(metric, events, every_ranking):
    values = metric.per_window(every_ranking, events(1).expand(720, 6)).tolist()
    counts = Counter(Fraction(value).limit_denominator(100) for value in values)
    assert {value: Fraction(count, 720) for value, count in counts.items()} == metric.null


@pytest.mark.parametrize("shape", [(39, 5), (39, 1), (10, 9), (21, 6)])
def test_the_null_of_any_shape_is_a_law_on_the_unit_interval(shape, every_metric):
    for metric in every_metric(*shape):
        assert sum(metric.null.values()) == 1
        assert all(0 <= value <= 1 and probability > 0 for value, probability in metric.null.items())


def test_recall_under_the_null_is_hypergeometric():
    counts = stats.hypergeom(39, 5, 20)
    for value, probability in RecallAtK(20).null.items():
        assert float(probability) == pytest.approx(counts.pmf(int(value * 5)))


def test_chance_agrees_with_its_closed_forms():
    assert RecallAtK(20).chance == 20 / 39
    assert HitAtK(5).chance == float(1 - Fraction(comb(34, 5), comb(39, 5)))
    longest = sum(Fraction(comb(39 - rank, 4), rank * comb(39, 5)) for rank in range(1, 36))
    assert MeanReciprocalRank().chance == float(longest)


@pytest.mark.parametrize(
    ("metric", "chance"),
    [
        (RecallAtK(20), 0.51282),
        (HitAtK(20), 0.97980),
        (RecallAtK(5), 0.12821),
        (HitAtK(5), 0.51671),
        (MeanReciprocalRank(), 0.31003),
    ],
)
@pytest.mark.parametrize("batch_size", [1, 7, 64])
def test_equal_scores_for_all_parts_score_exactly_chance(metric, chance, batch_size, events):
    metric.reset()
    for seed in range(3):
        metric.update(torch.full((batch_size, 39), -3.5), events(batch_size, 39, 5, seed))
    assert metric.compute().item() == pytest.approx(metric.chance, abs=1e-11)
    assert metric.chance == pytest.approx(chance, abs=5e-6)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000), scale=st.floats(0.01, 100), shift=st.floats(-100, 100))
def test_only_the_order_of_the_scores_matters(seed, scale, shift, every_metric, events, tied_scores):
    scores, targets = tied_scores(8, seed=seed), events(8, seed=seed)
    for metric in every_metric():
        transformed = torch.exp(scores.double()) * scale + shift
        assert torch.equal(metric.per_window(scores, targets), metric.per_window(transformed, targets))


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000), order=st.permutations(range(6)))
def test_the_numbering_of_the_parts_does_not_matter(seed, order, every_metric, events, tied_scores):
    scores, targets = tied_scores(8, seed=seed), events(8, seed=seed)
    for metric in every_metric():
        renumbered = metric.per_window(scores[:, order], targets[:, order])
        torch.testing.assert_close(renumbered, metric.per_window(scores, targets), rtol=0, atol=1e-14)


@settings(deadline=None, max_examples=8)
@given(seed=st.integers(0, 10_000), batch_size=st.integers(1, 40))
def test_the_batch_size_does_not_change_a_bit(seed, batch_size, every_metric, events, tied_scores):
    scores, targets = tied_scores(40, 39, seed=seed), events(40, 39, 5, seed)
    for whole, split in zip(every_metric(39, 5), every_metric(39, 5), strict=True):
        whole.update(scores, targets)
        for rows in torch.arange(40).split(batch_size):
            split.update(scores[rows], targets[rows])
        assert torch.equal(whole.compute(), split.compute())


def test_the_mean_over_windows_is_what_compute_returns(metric, events, tied_scores):
    scores, targets = tied_scores(50), events(50)
    metric.update(scores, targets)
    torch.testing.assert_close(metric.compute(), metric.per_window(scores, targets).mean(), rtol=0, atol=1e-11)
