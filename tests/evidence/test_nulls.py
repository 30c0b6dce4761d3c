"""What every null promises, held against all outcomes that luck can give; a new subclass of Null needs a case here."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations, permutations, product

import numpy as np
import pytest
from scipy import stats

from c5snn.errors import ConfigError
from c5snn.evidence import (
    BlockSignFlips,
    Null,
    PermutedLabels,
    UniformSubset,
    fair_outcomes,
    family_p,
    list_recall,
    list_weights,
    null_from_json,
)
from c5snn.evidence.total_law import TotalLaw


@dataclass(frozen=True)
class Case:
    """Results of two configurations, of one and of three seeds, small enough that all luck can be enumerated.

    ``totals_of_all_luck`` holds one row for each equally likely outcome, written here without the null. ``unit`` is how
    much of its total is one item's headline.
    """

    null: Null
    predictions: list[np.ndarray]
    outcomes: np.ndarray
    totals_of_all_luck: np.ndarray
    headline: Callable[[np.ndarray, np.ndarray], np.ndarray]
    unit: float


def subsets(sizes: tuple[int, ...], *, decimals: int | None = None) -> Case:
    rng = np.random.default_rng(sum(sizes))
    n_parts, k, n_items = 5, 2, len(sizes)
    scores = [rng.random((seeds, n_items, n_parts)) for seeds in (1, 3)]
    if decimals is not None:
        scores = [np.round(entry, decimals) for entry in scores]
    weights = [np.stack([list_weights(seed, k) for seed in entry]) for entry in scores]
    events = [list(combinations(range(1, n_parts + 1), size)) for size in sizes]
    histories = [
        np.array([[*event, *[0] * (max(sizes) - len(event))] for event in history]) for history in product(*events)
    ]
    unit = 1.0 if len(set(sizes)) > 1 else float(sizes[0])

    def total(entry, history):
        return unit * sum(
            sum(float(seed[item][part - 1]) for part in event if part) / sum(part > 0 for part in event)
            for seed in entry
            for item, event in enumerate(history)
        )

    totals = np.array([[total(entry, history) for entry in weights] for history in histories])
    null = UniformSubset(n_parts, max(sizes), k)
    return Case(null, weights, histories[len(histories) // 3], totals, list_recall, unit)


def labels(strata: tuple[int, ...]) -> Case:
    rng = np.random.default_rng(len(strata))
    stratum = np.repeat(np.arange(len(strata)), strata)
    n = len(stratum)
    outcomes = np.stack([rng.integers(0, 3, n), stratum], axis=1)
    predictions = [rng.integers(0, 3, (seeds, n)) for seeds in (1, 3)]
    predictions[1][:, : n // 2] = outcomes[: n // 2, 0]
    within = [list(permutations(np.flatnonzero(stratum == s))) for s in range(len(strata))]
    orders = [np.concatenate(parts) for parts in product(*within)]
    totals = np.array([[(entry == outcomes[order, 0]).sum() for entry in predictions] for order in orders])
    null = PermutedLabels.of(predictions[0][0], outcomes, n_classes=3)
    return Case(null, predictions, outcomes, totals, lambda p, o: (p == o[:, 0]).astype(float), 1.0)


def blocks(n_items: int, block: int, ends: list[int]) -> Case:
    rng = np.random.default_rng(n_items)
    outcomes = rng.random(n_items)
    predictions = [rng.random((seeds, n_items)) for seeds in (1, 3)]
    differences = np.stack([(outcomes - entry).sum(axis=0) for entry in predictions])
    sums = np.stack([part.sum(axis=1) for part in np.split(differences, ends, axis=1)], axis=1)
    totals = np.array(list(product([-1, 1], repeat=sums.shape[1]))) @ sums.T
    null = BlockSignFlips.of(predictions[0][0], outcomes, block)
    return Case(null, predictions, outcomes, totals, lambda p, o: o - p, 1.0)


CASES = {
    "subsets": lambda: subsets((2, 2, 2)),
    "subsets with ties": lambda: subsets((2, 2, 2), decimals=0),
    "subsets of several sizes with ties": lambda: subsets((2, 1, 3), decimals=0),
    "subsets of several sizes": lambda: subsets((1, 3, 2)),
    "labels": lambda: labels((7,)),
    "labels in strata": lambda: labels((4, 3)),
    "blocks": lambda: blocks(27, 3, list(range(3, 27, 3))),
    "blocks and a short rest": lambda: blocks(28, 3, list(range(3, 27, 3))),
    "blocks and a long rest": lambda: blocks(29, 3, list(range(3, 29, 3))),
}


@pytest.fixture(params=CASES)
def case(request) -> Case:
    return CASES[request.param]()


def test_every_null_has_a_case():
    assert {type(build().null) for build in CASES.values()} == set(Null.__subclasses__())


def test_the_p_of_one_training_is_the_share_of_all_luck_that_does_as_well(case):
    expected = np.mean(case.totals_of_all_luck[:, 0] >= observed(case)[0] - 1e-6)
    p = case.null.p_value(case.predictions[0][0], case.outcomes)
    assert p.is_exact
    assert p.p == pytest.approx(expected, rel=1e-10)


def test_the_p_of_doing_badly_is_the_share_of_all_luck_that_does_no_better(case):
    expected = np.mean(case.totals_of_all_luck[:, 0] <= observed(case)[0] + 1e-6)
    assert case.null.p_worse(case.predictions[0][0], case.outcomes) == pytest.approx(expected, rel=1e-10)


def test_the_lowest_result_of_a_few_items_is_not_rare():
    labels = np.array([[number, 0] for number in range(9)])
    wrong = (labels[:, 0] + 1) % 9
    null = PermutedLabels.of(wrong, labels, 9)
    assert null.p_value(wrong, labels).p == 1
    assert null.p_worse(wrong, labels) == pytest.approx(133_496 / 362_880)  # a deal without a fixed point


def observed(case: Case) -> np.ndarray:
    return case.null.totals(case.predictions, case.outcomes)


@pytest.mark.parametrize("name", ["subsets", "subsets of several sizes", "labels", "labels in strata"])
def test_the_terms_sum_to_all_luck_of_one_training(name):
    case = CASES[name]()
    null = case.null
    if name == "subsets of several sizes":
        null = UniformSubset.of_sizes(5, (case.outcomes > 0).sum(axis=1), 2)
    law = TotalLaw.of(null.terms(len(case.outcomes)), n_items=1)
    totals = case.totals_of_all_luck[:, 0] / case.unit * law.n_steps_of_one
    for total in range(law.least, law.greatest + 1):
        assert law.at_least(total) == pytest.approx(np.mean(totals >= total - 1e-6), rel=1e-9)
    assert totals.max() == pytest.approx(law.greatest)
    assert totals.mean() == pytest.approx(law.mean() * law.n_steps_of_one)


def test_totals_are_the_headline_of_all_items_and_seeds(case):
    expected = [sum(case.headline(seed, case.outcomes).sum() for seed in entry) for entry in case.predictions]
    np.testing.assert_allclose(observed(case), case.unit * np.array(expected), rtol=1e-6, atol=1e-9)


def test_the_scale_is_the_mean_and_deviation_of_all_luck(case):
    scale = case.null.scale(case.predictions, case.outcomes)
    np.testing.assert_allclose(scale.mean, case.totals_of_all_luck.mean(axis=0), rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(scale.sd, case.totals_of_all_luck.std(axis=0), rtol=1e-6)


def test_draws_have_the_joint_law_of_all_luck(case):
    n = 20_000
    drawn = np.concatenate(list(case.null.draws(case.predictions, case.outcomes, np.random.default_rng(0), n)))
    assert drawn.shape == (n, 2)
    every = case.totals_of_all_luck
    np.testing.assert_allclose(drawn.mean(axis=0), every.mean(axis=0), atol=5 * (every.std(axis=0) / np.sqrt(n)).max())
    np.testing.assert_allclose(np.cov(drawn.T), np.cov(every.T, ddof=0), atol=0.05 * every.var(axis=0).max())
    for of_configuration, of_all in zip(drawn.T, every.T, strict=True):
        for cut in np.quantile(of_all, [0.1, 0.5, 0.9]):
            share = np.mean(of_all >= cut - 1e-6)
            assert np.mean(of_configuration >= cut - 1e-6) == pytest.approx(share, abs=0.02)


def test_the_family_wise_p_is_that_of_all_luck(case):
    scaled = (case.totals_of_all_luck - case.totals_of_all_luck.mean(axis=0)) / case.totals_of_all_luck.std(axis=0)
    mine = (observed(case) - case.totals_of_all_luck.mean(axis=0)) / case.totals_of_all_luck.std(axis=0)
    results = family_p(case.null, case.predictions, case.outcomes, n_draws=20_000)
    for value, of_configuration, result in zip(mine, scaled.T, results, strict=True):
        assert result.p_value == pytest.approx(np.mean(of_configuration >= value - 1e-6), abs=0.015)
        assert result.p_family == pytest.approx(np.mean(scaled.max(axis=1) >= value - 1e-6), abs=0.015)
        assert result.p_worse == pytest.approx(np.mean(of_configuration <= value + 1e-6), abs=0.015)
        assert result.p_worse_family == pytest.approx(np.mean(scaled.min(axis=1) <= value + 1e-6), abs=0.015)


def test_the_p_from_draws_agrees_with_the_exact_one(case):
    [result] = family_p(case.null, case.predictions[:1], case.outcomes, n_draws=20_000)
    assert result.p_value == pytest.approx(case.null.p_value(case.predictions[0][0], case.outcomes).p, abs=0.015)
    assert result.p_family == result.p_value


def test_the_headline_has_the_nulls_mean(case):
    one_seed = case.totals_of_all_luck[:, 0] / case.unit / len(case.outcomes)
    assert case.null.mean == pytest.approx(one_seed.mean(), abs=1e-7)


def test_a_null_survives_json(case):
    assert null_from_json(json.loads(json.dumps(case.null.to_json()))) == case.null


def test_configurations_on_other_items_are_refused(case):
    cut = [case.predictions[0], case.predictions[1][:, :-1]]
    with pytest.raises(ConfigError, match="share"):
        family_p(case.null, cut, case.outcomes)


def test_an_unknown_null_is_refused_with_the_known_ones():
    with pytest.raises(ConfigError, match=r"null='Nothing'.*PermutedLabels"):
        null_from_json({"class": "Nothing"})


# larger results, where all luck cannot be enumerated


def drawn_subsets(rng, n_levels):
    n = 80
    outcomes = fair_outcomes(rng, (n,))
    weights = list_weights(rng.integers(0, n_levels, (n, 39)), 20)
    return UniformSubset(39, 5, 20).p_value(weights, outcomes)


def drawn_labels(rng):
    stratum, classes = np.repeat([0, 1], 30), np.tile(np.repeat(np.arange(4), [9, 8, 7, 6]), 2)
    drawn = np.concatenate([rng.permutation(classes[stratum == s]) for s in (0, 1)])
    predictions = np.repeat(np.arange(4), [30, 15, 10, 5])
    outcomes = np.stack([drawn, stratum], axis=1)
    return PermutedLabels.of(predictions, outcomes, 4).p_value(predictions, outcomes)


def drawn_blocks(rng, n_blocks):
    reference, model = rng.normal(size=(2, n_blocks * 5))
    return BlockSignFlips.of(model, reference, 5).p_value(model, reference)


LUCK = {
    "subsets": (lambda rng: drawn_subsets(rng, 2**40), 400, True),
    "subsets with ties": (lambda rng: drawn_subsets(rng, 4), 100, False),
    "labels in strata": (drawn_labels, 400, True),
    "14 blocks": (lambda rng: drawn_blocks(rng, 14), 300, True),
    "30 blocks": (lambda rng: drawn_blocks(rng, 30), 60, False),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LUCK)
def test_p_is_uniform_under_luck_once_its_steps_are_smoothed(name):
    draw, n, is_exact = LUCK[name]
    rng = np.random.default_rng(7)
    drawn = [draw(rng) for _ in range(n)]
    assert all(p.is_exact == is_exact for p in drawn)
    p_values = np.array([p.p for p in drawn])
    attained = np.concatenate([[0.0], np.unique(p_values)])
    # the next smaller p that was seen stands for that of the next higher total
    below = attained[np.searchsorted(attained, p_values) - 1]
    randomised = p_values - rng.random(n) * np.minimum(p_values - below, 0.2)
    assert stats.kstest(randomised, "uniform").pvalue > 0.01


@pytest.mark.slow
def test_two_equally_good_forecasts_of_a_slow_series_differ_at_the_stated_rate():
    rng = np.random.default_rng(0)
    n_series, n, horizon = 200, 1_000, 20
    noise = rng.normal(size=(n_series, 2, n))
    for t in range(1, n):
        noise[..., t] += 0.9 * noise[..., t - 1]
    p_values = [BlockSignFlips.of(a, b, 2 * horizon).p_value(a, b).p for a, b in noise**2]
    assert np.mean(np.array(p_values) < 0.05) <= 0.08


def test_what_blocks_could_show_does_not_follow_what_they_showed():
    ours, theirs = np.random.default_rng(0).random((2, 80))
    null = BlockSignFlips.of(ours, theirs, 10)
    better = BlockSignFlips.of(ours - 5, theirs, 10)
    assert better.variance == pytest.approx(null.variance)
    means = (theirs - ours).reshape(8, 10).mean(axis=1)
    assert null.variance / 80 == pytest.approx(np.var(means, ddof=1) / 8)
    assert better.p_value(ours - 5, theirs).p < null.p_value(ours, theirs).p


def test_fewer_than_eight_blocks_have_no_p():
    losses = np.random.default_rng(0).random((2, 70))
    null = BlockSignFlips.of(*losses, block=10)
    assert null.n_blocks(70) == 7
    with pytest.raises(ConfigError, match="too few independent stretches"):
        null.p_value(*losses)


def test_permuted_labels_of_a_real_size_are_exact_and_match_their_draws():
    rng = np.random.default_rng(3)
    outcomes = np.stack([rng.integers(0, 9, 386), np.zeros(386, dtype=int)], axis=1)
    predictions = np.where(rng.random(386) < 0.05, outcomes[:, 0], rng.integers(0, 9, 386))
    null = PermutedLabels.of(predictions, outcomes, 9)
    exact = null.p_value(predictions, outcomes).p
    [result] = family_p(null, [predictions[None]], outcomes, n_draws=4_000)
    assert result.p_value == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 4_000) + 1e-3)
