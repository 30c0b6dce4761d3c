"""Events of several sizes: every law is held against the enumeration of all events of these sizes."""

from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest

from c5snn.evidence import (
    UniformSubset,
    conditional_inclusion,
    expected_skill,
    inclusion_probabilities,
    list_recall,
    list_weights,
    null_from_json,
    p_of_total,
    p_of_totals,
    skill_of_lists,
)

SIZES = np.array([1, 4, 2, 3, 1])


def test_mean_and_variance_are_those_of_all_events_of_these_sizes():
    null = UniformSubset.of_sizes(5, SIZES, 2)
    variances = []
    for size in SIZES.tolist():
        recalls = [len({1, 2} & set(event)) / size for event in combinations(range(1, 6), size)]
        assert np.mean(recalls) == pytest.approx(null.mean)
        variances.append(np.var(recalls))
    assert null.variance == pytest.approx(np.mean(variances))


def test_full_events_say_nothing_of_a_ranking():
    outcomes = np.tile(np.arange(1, 5), (3, 1))
    weights = list_weights(np.random.default_rng(0).random((3, 4)), 2)
    null = UniformSubset.of_sizes(4, np.full(3, 4), 2)
    assert (list_recall(weights, outcomes) == 0.5).all()
    assert null.p_value(weights, outcomes) == (1.0, True)
    drawn = np.concatenate(list(null.draws([weights[None]], outcomes, np.random.default_rng(0), 20)))
    assert (drawn == drawn[0]).all()


def test_the_record_of_a_null_of_sizes_is_read_as_it_was():
    null = UniformSubset.of_sizes(5, SIZES, 2)
    assert null_from_json({**null.to_json(), "n_active": [[1, 2], [2, 1], [3, 1], [4, 1]]}) == null


@pytest.mark.parametrize("unit", [Fraction(1), Fraction(1, 10_007)])
def test_the_p_of_several_laws_is_the_share_of_all_outcomes(unit):
    laws = [
        {Fraction(0): Fraction(1, 3), Fraction(1): Fraction(2, 3)},
        {Fraction(0): Fraction(1, 2), unit: Fraction(1, 4), Fraction(1): Fraction(1, 4)},
    ]
    if unit == 1:
        laws[1] = {Fraction(0): Fraction(3, 4), Fraction(1): Fraction(1, 4)}
    values = [np.array([1.0, 1.0]), np.array([0.0, float(unit)])]
    items = [laws[0], laws[0], laws[1], laws[1]]
    observed = sum(map(sum, values))
    expected = sum(
        np.prod([float(law[value]) for law, value in zip(items, outcome, strict=True)])
        for outcome in product(*items)
        if float(sum(outcome)) >= observed - 1e-9
    )
    found, is_exact = p_of_totals(list(zip(values, laws, strict=True)))
    assert is_exact == (unit == 1)
    assert found == pytest.approx(expected, rel=1e-10 if unit == 1 else 0.02)


def test_one_law_in_two_groups_is_one_law():
    law = {Fraction(0): Fraction(1, 3), Fraction(1): Fraction(2, 3)}
    values = np.array([1.0, 1.0, 0.0, 1.0])
    assert p_of_totals([(values[:1], law), (values[1:], law)]).p == pytest.approx(p_of_total(values, law).p)


def test_independent_parts_are_as_likely_as_among_all_sets_of_that_size():
    log_odds = np.random.default_rng(1).normal(-1, 2, (6, 5))
    sizes = np.array([1, 2, 3, 4, 5, 2])
    found = conditional_inclusion(log_odds, sizes)
    for row, size in enumerate(sizes.tolist()):
        sets = [list(chosen) for chosen in combinations(range(5), size)]
        chances = np.exp([log_odds[row, chosen].sum() for chosen in sets])
        expected = [
            sum(p for p, s in zip(chances, sets, strict=True) if part in s) / chances.sum() for part in range(5)
        ]
        assert found[row] == pytest.approx(expected, abs=1e-9)


def test_inclusion_of_several_sizes_is_that_of_each():
    theta = np.random.default_rng(2).normal(size=(4, 5))
    found = inclusion_probabilities(theta, np.array([1, 5, 3, 1]))
    assert (found[1] == 1).all()
    for row, size in ((0, 1), (2, 3), (3, 1)):
        assert found[row] == pytest.approx(inclusion_probabilities(theta[[row]], size)[0])


def test_skill_weighs_each_event_by_its_own_size():
    theta = np.random.default_rng(3).normal(size=(4, 5))
    best, other = list_weights(theta, 2), list_weights(theta[::-1].copy(), 2)
    sizes = np.array([1, 2, 4, 1])
    pi = inclusion_probabilities(theta, sizes)
    lifts = [np.mean(((lists * pi).sum(axis=1)) / sizes - 2 / 5) for lists in (other, best)]
    assert expected_skill(other, best, theta, sizes) == pytest.approx(lifts[0] / lifts[1])
    assert skill_of_lists(best, best, pi, sizes) == pytest.approx(1.0)
