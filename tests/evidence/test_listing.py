"""Ties are listed fractionally: what a list holds, and that its exact law keeps its digits in any tail."""

from collections import defaultdict
from fractions import Fraction
from itertools import permutations
from math import lcm

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from c5snn.errors import ConfigError
from c5snn.evidence import (
    UniformSubset,
    exact_weights,
    fair_outcomes,
    family_p,
    hypergeometric_law,
    list_recall,
    list_weights,
    p_of_total,
)
from c5snn.evidence.lattice import convolution_power, upper_tail
from c5snn.evidence.listed_total import ListedTotal
from c5snn.evidence.tilting import LatticeLaw, tail_of_sum


@settings(deadline=None, max_examples=25)
@given(scores=st.lists(st.integers(0, 2), min_size=5, max_size=5), k=st.integers(1, 4))
def test_a_weight_is_how_often_a_part_is_listed_over_all_orders_of_the_tied(scores, k):
    row = np.array([scores], dtype=float)
    orders = [order for order in permutations(range(5)) if all(np.diff(row[0, list(order)]) <= 0)]
    expected = [sum(part in order[:k] for order in orders) / len(orders) for part in range(5)]
    np.testing.assert_allclose(exact_weights(list_weights(row, k))[0], expected, rtol=1e-12)


def test_lists_are_stored_as_float32_and_read_without_its_rounding():
    weights = list_weights(np.zeros((1, 39)), 20)
    assert weights.dtype == np.float32
    assert exact_weights(weights)[0, 0] == 20 / 39


@pytest.mark.parametrize("fault", [np.nan, np.inf])
def test_scores_that_are_not_finite_are_refused(fault):
    with pytest.raises(ConfigError, match="n_faulty=1, n_items=2"):
        list_weights(np.array([[0.0, 1.0], [0.0, fault]]), 1)


@pytest.mark.parametrize("k", [0, 39])
def test_a_list_that_leaves_no_part_out_is_refused(k):
    with pytest.raises(ConfigError, match="1 <= k < n_parts"):
        list_weights(np.zeros((1, 39)), k)


def test_an_event_without_parts_is_refused():
    with pytest.raises(ConfigError, match="n_empty=1"):
        list_recall(np.zeros((2, 3)), np.array([[1, 2], [0, 0]]))


def sum_in_fractions(laws: list[tuple[dict, int]]) -> dict[Fraction, Fraction]:
    """Return the law of a sum by convolving whole numbers one item at a time."""
    unit = lcm(*(Fraction(value).denominator for law, _ in laws for value in law))
    ways, n_ways = {0: 1}, 1
    for law, count in laws:
        denominator = lcm(*(p.denominator for p in law.values()))
        steps = [(int(value * unit), int(p * denominator)) for value, p in law.items()]
        for _ in range(count):
            sums: dict[int, int] = defaultdict(int)
            for so_far, n in ways.items():
                for step, m in steps:
                    sums[so_far + step] += n * m
            ways, n_ways = sums, n_ways * denominator
    return {Fraction(step, unit): Fraction(n, n_ways) for step, n in ways.items()}


def tail_in_fractions(of_sum: dict[Fraction, Fraction], total: Fraction) -> float:
    return float(sum(p for value, p in of_sum.items() if value >= total))


def tied_scores(n: int) -> np.ndarray:
    """Return scores of lists without a tie at the cut, with 3 tied for 2 places, and with 13 tied for 8."""
    rng = np.random.default_rng(0)
    rows = [rng.random(39), np.r_[np.full(18, 2.0), np.ones(3), np.zeros(18)]]
    rows.append(np.r_[np.full(12, 2.0), np.ones(13), np.zeros(14)])
    return np.stack([rng.permuted(rows[item % 3]) for item in range(n)])


@pytest.fixture(scope="module")
def exact_sum() -> dict[Fraction, Fraction]:
    """The exact law of the total of the 42 lists of ``tied_scores``."""
    total = ListedTotal.of(list_weights(tied_scores(42), 20), fair_outcomes(np.random.default_rng(1), (42,)))
    assert len(total.counts) == 3
    return sum_in_fractions([(kind.law(39), count) for kind, count in total.counts.items()])


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 0.95, 1.0])
def test_the_tail_of_tied_lists_is_the_exact_rational_one_down_to_1e_minus_60(share, exact_sum):
    n = 42
    scores = tied_scores(n)
    events = fair_outcomes(np.random.default_rng(1), (n,))
    is_good = np.arange(n) < share * n
    events[is_good] = np.argsort(-scores[is_good], axis=1)[:, :5] + 1
    total = ListedTotal.of(list_weights(scores, 20), events)
    expected = tail_in_fractions(exact_sum, total.observed)
    assert total.upper_tail() == pytest.approx(expected, rel=1e-10)
    assert share < 1 or expected < 1e-60


@pytest.mark.parametrize("n_below", [0, 1, 2, 7])
def test_a_tail_beside_the_greatest_total_keeps_its_digits(n_below):
    laws = [
        ({0: Fraction(1, 3), 2: Fraction(1, 2), 7: Fraction(1, 6)}, 30),
        ({1: Fraction(9, 10), 4: Fraction(1, 10)}, 20),
    ]
    on_lattice = [LatticeLaw(np.array(list(law)), np.array([float(p) for p in law.values()]), n) for law, n in laws]
    least = 30 * 7 + 20 * 4 - n_below
    expected = tail_in_fractions(sum_in_fractions(laws), Fraction(least))
    assert tail_of_sum(on_lattice, least) == pytest.approx(expected, rel=1e-10)


@settings(deadline=None, max_examples=40)
@given(least=st.integers(-3, 8_770), n=st.sampled_from([1, 40, 1752]))
def test_tilting_agrees_with_convolution_at_every_total(least, n):
    law = np.array([float(p) for p in hypergeometric_law(39, 5, 20).values()])
    p = tail_of_sum([LatticeLaw(np.arange(6), law, n)], least)
    assert p == pytest.approx(upper_tail(convolution_power(law, n), least), rel=1e-9)


def test_without_ties_the_p_is_that_of_the_hypergeometric_total():
    rng = np.random.default_rng(2)
    weights, events = list_weights(rng.random((1752, 39)), 20), fair_outcomes(rng, (1752,))
    expected = p_of_total(list_recall(weights, events), hypergeometric_law(39, 5, 20)).p
    assert UniformSubset(39, 5, 20).p_value(weights, events).p == pytest.approx(expected, rel=1e-10)


def test_the_simulated_p_agrees_with_the_exact_one():
    scores, events = tied_scores(60), fair_outcomes(np.random.default_rng(5), (60,))
    total = ListedTotal.of(list_weights(scores, 20), events)
    exact = total.upper_tail()
    simulated = total.simulated_tail(np.random.default_rng(0), 100_000)
    assert simulated == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 100_000))


def test_random_ties_of_a_real_size_are_simulated_and_never_below_the_floor():
    rng = np.random.default_rng(6)
    scores = rng.integers(0, 4, (1752, 39))
    null, weights = UniformSubset(39, 5, 20), list_weights(scores, 20)
    assert not null.p_value(weights, fair_outcomes(rng, (1752,))).is_exact
    best = np.argsort(-scores, axis=1)[:, :5] + 1
    assert null.p_value(weights, best) == (1 / 100_001, False)


@pytest.mark.parametrize(("n_parts", "n_active", "k"), [(5, 2, 3), (16, 1, 8), (10, 3, 5)])
def test_small_games_have_a_p(n_parts, n_active, k):
    rng = np.random.default_rng(7)
    weights = list_weights(rng.integers(0, 3, (200, n_parts)), k)
    events = fair_outcomes(rng, (200,), n_parts=n_parts, n_active=n_active)
    null = UniformSubset(n_parts, n_active, k)
    [drawn] = family_p(null, [weights[None]], events, n_draws=4_000)
    assert null.p_value(weights, events).p == pytest.approx(drawn.p_value, abs=0.03)


def test_a_certain_item_changes_no_p():
    law = LatticeLaw(np.array([0, 3]), np.array([0.25, 0.75]), 10)
    certain = LatticeLaw(np.array([4]), np.array([1.0]), 5)
    assert tail_of_sum([law, certain], 20 + 24) == pytest.approx(tail_of_sum([law], 24), rel=1e-12)
    assert tail_of_sum([certain], 20) == 1
