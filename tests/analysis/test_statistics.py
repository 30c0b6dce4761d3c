"""Statistics of trials against scipy, enumeration, and what must hold of them."""

import itertools
from math import comb, factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from c5snn.analysis.cautions import confounded, idle_options
from c5snn.analysis.directions import directions_of
from c5snn.analysis.elites import boundary_hits, elite_choices, elites_of
from c5snn.analysis.findings import analyze_search
from c5snn.analysis.importances import importances_of, missing_sentence
from c5snn.analysis.reading import ReadSearch
from c5snn.analysis.statistics import (
    bounded_scores,
    cramers_v,
    difference,
    false_discovery,
    interval_of_rho,
    rank_effect,
    spearman,
    tail_share,
)
from c5snn.analysis.steps import importance_sentences, steps_document
from c5snn.analysis.summary import summary_sentences
from tests.analysis.conftest import a_range, make_search

RANDOM = np.random.default_rng(5)


def test_values_between_the_steps_of_a_range_are_outside_of_it():
    option = a_range("x", 16, 64, is_int=True, step=16)
    assert [option.has(value) for value in (16, 24, 32.0, 64, 80)] == [True, False, True, True, False]
    assert not a_range("x", 1, 3, is_int=True).has(1.5)
    assert a_range("x", 0.1, 0.7, step=0.1).has(0.3)
    search = make_search(RANDOM.normal(size=12), x=[16, 24, 32, 40, 48, 64] * 2, options=[option])
    assert importances_of(search, directions_of(search))[0].ped_anova is not None


def test_rank_correlations_are_those_of_scipy():
    x, y = RANDOM.integers(0, 5, 30).tolist(), RANDOM.normal(size=30).tolist()
    expected = stats.spearmanr(x, y)
    assert spearman(x, y) == (pytest.approx(expected.statistic), pytest.approx(expected.pvalue), 30)


@pytest.mark.parametrize("n", [3, 4, 9])
def test_pairs_in_line_have_the_p_of_two_orders_among_all(n):
    assert spearman(range(n), range(n)) == (1, pytest.approx(2 / factorial(n)), n)
    assert spearman(range(n), range(n, 0, -1)) == (-1, pytest.approx(2 / factorial(n)), n)


def test_the_strength_of_two_groups_is_the_rank_correlation_with_them():
    groups = RANDOM.normal(size=12).tolist(), RANDOM.normal(1, size=9).tolist()
    rho = stats.spearmanr([0] * 12 + [1] * 9, [*groups[0], *groups[1]]).statistic
    assert rank_effect(groups) == pytest.approx(abs(rho))


def test_groups_are_compared_as_scipy_does():
    a, b, c = (RANDOM.normal(i, size=6).tolist() for i in range(3))
    assert difference([a, b]).p == pytest.approx(stats.mannwhitneyu(a, b).pvalue)
    assert difference([a, b]).value == pytest.approx(np.mean(a) - np.mean(b))
    assert difference([a, b, c]).p == pytest.approx(stats.kruskal(a, b, c).pvalue)
    assert difference([[1.0, 1.0], [1.0]]).p == 1.0


@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=12))
def test_false_discoveries_are_controlled_as_scipy_does(p):
    assert false_discovery(p) == pytest.approx(stats.false_discovery_control(p).tolist())


def test_an_interval_of_a_correlation_covers_it_about_as_often_as_it_says():
    generator, covered = np.random.default_rng(1), 0
    truth = 6 / np.pi * np.arcsin(0.5 / 2)  # of normal pairs with correlation .5
    for _ in range(40):
        x = generator.normal(size=40)
        y = 0.5 * x + np.sqrt(0.75) * generator.normal(size=40)
        ends = interval_of_rho(x.tolist(), y.tolist())
        covered += ends.low <= truth <= ends.high
    assert 34 <= covered <= 40


def test_few_trials_have_no_interval():
    assert interval_of_rho([1, 2, 3], [1, 2, 3]) is None


def test_shares_of_elites_are_counted():
    marked = [1, 1, 1, 0, 0, 0, 0]
    draws = [sum(chosen) for chosen in itertools.combinations(marked, 4)]
    for k in range(4):
        assert tail_share(k, 4, 3, 7) == pytest.approx(sum(n >= k for n in draws) / comb(7, 4))
        assert tail_share(k, 4, 3, 7, is_upper=False) == pytest.approx(sum(n <= k for n in draws) / comb(7, 4))
        assert tail_share(k, 4, 3, 7) == pytest.approx(stats.hypergeom.sf(k - 1, 7, 3, 4))


def test_association_of_choices_is_that_of_scipy():
    x, y = RANDOM.integers(0, 3, 50).tolist(), RANDOM.integers(0, 2, 50).tolist()
    table = stats.contingency.crosstab(x, y).count
    assert cramers_v(x, y).value == pytest.approx(stats.contingency.association(table))
    assert cramers_v(x, y).p == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue)


def test_a_pruned_trial_counts_by_its_bound_alone():
    search = make_search([3, 1, 2, 0], states=["complete", "complete", "pruned", "pruned"], x=[1, 2, 3, 4])
    assert bounded_scores(search) == {0: 1.0, 1: -2.0, 2: 1.0, 3: 0.0}
    lower = make_search([3, 1, 2, 5], mode="min", states=["complete", "complete", "pruned", "pruned"], x=[1, 2, 3, 4])
    assert bounded_scores(lower) == {0: -2.0, 1: 1.0, 2: 1.0, 3: 0.0}


def test_an_option_is_judged_where_it_was_sampled_and_on_random_trials_beside():
    x = [1.0, 2.0, 3.0, 4.0, 5.0, None, None, None]
    sources = ["random", "random", "random", "sampler", "sampler", "random", "random", "sampler"]
    search = make_search([1, 2, 3, 5, 4, 9, 9, 9], sampled_by=sources, x=x, flag=[True, False] * 4)
    first, second = directions_of(search)
    assert (first.n, first.random.n, first.random.value) == (5, 3, 1.0)
    assert first.effect == pytest.approx(stats.spearmanr(x[:5], [1, 2, 3, 5, 4]).statistic)
    true, false = [1, 3, 4, 9], [2, 5, 9, 9]
    assert second.effect == pytest.approx(np.mean(true) - np.mean(false))
    assert {choice.value: choice.mean for choice in second.choices} == {True: np.mean(true), False: np.mean(false)}
    assert [first.p_corrected, second.p_corrected] == pytest.approx(false_discovery([first.p, second.p]))


@pytest.mark.parametrize("mode", ["max", "min"])
def test_best_and_worst_are_among_the_choices_that_were_tested(mode):
    values = [0.5 + i / 100 for i in range(10)] + [0.4 + i / 100 for i in range(10)] + [9.0, -9.0]
    search = make_search(values, mode=mode, c=["a"] * 10 + ["b"] * 10 + ["high", "low"])
    (found,) = directions_of(search)
    best, worst = (choice.value for choice in found.extremes)
    assert (best, worst) == (("a", "b") if mode == "max" else ("b", "a"))
    assert (found.n, found.n_tested, found.bounded.n) == (22, 20, 20)
    assert found.p == pytest.approx(stats.mannwhitneyu(values[:10], values[10:20]).pvalue)
    findings = analyze_search(ReadSearch(search, search))
    table = next(s for s in steps_document(findings).sections if s.title == "Differences").tables[0]
    assert table.rows[0][1:3] == [best, worst]
    assert directions_of(search, min_samples=11)[0].extremes is None


def test_options_that_hang_together_are_named():
    size = [8, 16, 32, 64] * 6
    free = RANDOM.permutation(24).tolist()
    search = make_search(RANDOM.normal(size=24), size=size, scheduler=[s < 32 for s in size], free=free)
    found = confounded(search)
    assert [(entry.first, entry.second) for entry in found] == [("size", "scheduler")]
    assert found[0].strength == pytest.approx(abs(stats.spearmanr(size, [s < 32 for s in size]).statistic))


def test_four_trials_are_too_few_to_hang_together():
    assert confounded(make_search([1, 2, 3, 4], a=[1, 2, 3, 4], b=[1, 2, 3, 4])) == []


def test_constant_and_inert_options_are_named():
    rows = [(a, b) for a in (1, 2, 3) for b in ("x", "y")] * 4
    search = make_search(
        [a for a, _ in rows], a=[a for a, _ in rows], inert=[b for _, b in rows], constant=[0.5] * 23 + [0.7],
    )  # fmt: skip
    assert {entry.option: entry.kind for entry in idle_options(search)} == {"inert": "inert", "constant": "constant"}


def test_a_metric_that_is_the_same_everywhere_makes_no_option_inert():
    rows = [(a, b) for a in ("x", "y") for b in (2, 4)] * 4
    search = make_search([0.5] * 16, a=[a for a, _ in rows], b=[b for _, b in rows])
    assert idle_options(search) == []
    findings = analyze_search(ReadSearch(search, search))
    assert {entry.decision for entry in findings.decisions} == {"keep"}
    assert importance_sentences(findings) == [
        "All 16 complete trials have the same score, so no importance can be computed."
    ]
    assert any("nothing is learned of any option" in sentence for sentence in summary_sentences(findings))


@pytest.mark.parametrize(
    ("values", "reason"), [([1, 2, 3], "5 complete trials, but there are 3"), (list(range(12)), "0 for every option")]
)
def test_a_missing_importance_has_its_reason(values, reason):
    search = make_search(values, x=["a"] * len(values))
    assert reason in missing_sentence(search)


def test_elites_are_the_best_quarter_with_all_that_tie():
    values = [9, 8, 7, 6, 5, 5, 5, *range(4), *[0] * 9]
    assert [trial.number for trial in elites_of(make_search(values, x=list(range(20))))] == [0, 1, 2, 3, 4, 5, 6]
    assert len(elites_of(make_search(list(range(40)), x=list(range(40))))) == 10
    lowest = elites_of(make_search(list(range(40)), mode="min", x=list(range(40))))
    assert [trial.number for trial in lowest] == list(range(10))


def test_elites_near_a_bound_are_compared_with_all_trials_near_it():
    x = [0.1**n for n in np.linspace(0, 4, 40)]
    search = make_search(x, x=x, options=[a_range("x", 1e-4, 1.0, is_log=True)])
    low, high = boundary_hits(search, elites_of(search))
    assert (low.n_elite, high.n_elite, high.n_all_elite) == (0, 2, 10)
    near = sum(np.log10(value) >= -0.2 for value in x)
    assert high.n == near
    assert high.p == pytest.approx(stats.hypergeom.sf(1, 40, near, 10))
    assert [low.p_corrected, high.p_corrected] == false_discovery([low.p, high.p])


def test_choices_among_elites_are_compared_with_all_trials():
    search = make_search(list(range(20)), c=["a"] * 10 + ["b"] * 10)
    a, b = elite_choices(search, elites_of(search))
    assert (a.n_elite, b.n_elite) == (0, 5)
    assert a.p_fewer == b.p_more == pytest.approx(stats.hypergeom.sf(4, 20, 10, 5))


def test_importance_finds_what_moves_the_metric_where_a_rank_cannot():
    x = RANDOM.uniform(0, 1, 120).tolist()
    free = RANDOM.uniform(0, 1, 120).tolist()
    search = make_search([-((v - 0.5) ** 2) for v in x], x=x, free=free)
    importances = importances_of(search, directions_of(search))
    assert importances[0].option == "x"
    assert importances[0].ped_anova > 0.9
    assert importances[0].strength < 0.3
