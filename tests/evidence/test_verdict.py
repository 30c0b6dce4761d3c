"""Every sentence of the verdict is computed from the numbers, and claims no more than they show."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from c5snn.errors import ConfigError
from c5snn.evidence import (
    ReferenceP,
    Sensitivity,
    UniformSubset,
    Verdict,
    Words,
    judge_headline,
    skill,
)
from c5snn.evidence.verdict import BETTER_BELOW, CONSTANT_SHARE, WEAK_BELOW

WORDS = Words("Recall@20", "window", "ranking", "fair history")
FOLLOWS = "follows which parts have been frequent lately"
USES = "uses the past beyond counts"


def judge(p_value: float | None = 0.001, p_popularity: float = 0.001, p_counting: float = 0.001, **changes) -> Verdict:
    references = [
        ReferenceP("popularity baseline", FOLLOWS, p_popularity),
        ReferenceP("counting baseline", USES, p_counting),
    ]
    known = {"lift": 0.02, "same_share": 0.1, "sensitivity": Sensitivity(1752, 0.0447)}
    return judge_headline(p_value, WORDS, references, **{**known, **changes})


@pytest.mark.parametrize(
    ("p_value", "level"),
    [
        (1.0, "not distinguishable from chance"),
        (0.05, "not distinguishable from chance"),
        (np.nextafter(0.05, 0), "weak"),
        (0.01, "weak"),
        (np.nextafter(0.01, 0), "better than chance"),
        (1e-300, "better than chance"),
    ],
)
def test_the_level_changes_at_the_thresholds(p_value, level):
    assert judge(p_value).level == level


def test_the_sentence_begins_with_the_headline_and_its_level():
    assert judge(0.3).sentence.startswith("Recall@20 is not distinguishable from chance (p = 0.3); ")


@pytest.mark.parametrize(("p_value", "one_in"), [(0.03, 33), (0.02, 50), (0.01, 100), (0.0499, 20)])
def test_a_weak_result_says_how_many_fair_histories_do_as_well(p_value, one_in):
    sentence = judge(p_value).sentence
    assert sentence.startswith(f"Weak evidence against chance: one fair history in {one_in} scores this high")


def test_a_simulated_p_is_not_printed_below_what_its_draws_resolve():
    assert judge(1e-5, is_exact=False).sentence.startswith("Recall@20 is better than chance (p < 0.0001); ")
    assert judge(2e-4, is_exact=False).sentence.startswith("Recall@20 is better than chance (p = 0.0002); ")
    assert judge(1e-5).sentence.startswith("Recall@20 is better than chance (p = 1e-05); ")


@pytest.mark.parametrize(("is_exact", "said"), [(True, "(p = 1e-05)"), (False, "(p < 0.0001)")])
def test_the_simulated_p_of_a_reference_is_not_printed_below_its_floor_either(is_exact, said):
    reference = ReferenceP("popularity baseline", FOLLOWS, 1e-5, is_exact)
    windows = Sensitivity(n_items=9, variance=0.04)
    sentence = judge_headline(0.001, WORDS, [reference], lift=0.1, same_share=0.1, sensitivity=windows).sentence
    assert f"it also beats the popularity baseline {said}" in sentence


def test_below_chance_is_reported():
    result = judge(0.997, p_worse=0.005, lift=-0.02)
    assert result.level == "worse than chance"
    assert "is worse than chance (p = 0.005 of doing as badly): a sign may be wrong, or the opp" in result.sentence
    assert judge(1.0, p_worse=0.36, lift=-0.2).level == "not distinguishable from chance"
    assert judge(1.0, lift=-0.2).level == "not distinguishable from chance"


@pytest.mark.parametrize(
    ("null", "n_items", "said"),
    [
        (UniformSubset(39, 5, 20), 1, "on 1 window not even the greatest possible lift would be found (p < 0.01)"),
        (UniformSubset(16, 1, 8), 6, "on 6 windows not even the greatest possible lift would be found (p < 0.01)"),
        (UniformSubset(16, 1, 8), 7, "on 7 windows a lift of 0.4686 is found with 80% power (p < 0.01)"),
        (UniformSubset(16, 1, 8), 10, "on 10 windows a lift of 0.4779 is found with 80% power (p < 0.01)"),
    ],
)
def test_the_p_of_a_perfect_model_decides_whether_any_lift_is_found(null, n_items, said):
    perfect = np.zeros((n_items, null.n_parts), np.float32)
    perfect[:, : null.k] = 1
    p = null.p_value(perfect, np.tile(np.arange(1, null.n_active + 1), (n_items, 1))).p
    result = judge(p, lift=1 - null.mean, sensitivity=Sensitivity.of([(null, n_items)]))
    assert said in result.sentence
    assert (result.smallest_lift is None) == (p >= BETTER_BELOW)
    assert result.largest_lift == pytest.approx(1 - null.mean)


@pytest.mark.parametrize(("hits", "limit"), [(0, 0.1185), (4, 0.4483)])
def test_the_limit_of_a_sparse_list_is_that_of_clopper_and_pearson(hits, limit):
    # the upper 95 % limits of 0 and 4 hits of 15 are 0.1810 and 0.5108, against a chance of 1 of 16
    result = judge(0.3, lift=hits / 15 - 1 / 16, sensitivity=Sensitivity.of([(UniformSubset(16, 1, 1), 15)]))
    assert f"the lift is at most {limit:.4f} (upper 95% limit)" in result.sentence


def test_a_model_that_beats_both_references_uses_the_past_beyond_counts():
    result = judge()
    assert result.learns
    assert result.claim == USES
    assert "the model uses the past beyond counts: it also beats the counting baseline (p = 0.001)" in result.sentence
    assert FOLLOWS not in result.sentence


def test_a_model_that_beats_popularity_alone_follows_what_is_frequent_lately():
    result = judge(p_counting=0.01)
    assert not result.learns
    assert result.claim == FOLLOWS
    assert f"the model {FOLLOWS}: it also beats the popularity baseline (p = 0.001)" in result.sentence
    assert f"does not beat the counting baseline (p = 0.01, not below 0.01): nothing shows that it {USES}" in (
        result.sentence
    )


def test_to_beat_counting_without_popularity_shows_nothing():
    result = judge(p_popularity=0.2)
    assert result.claim == ""
    assert USES not in result.sentence
    assert f"nothing shows that it {FOLLOWS}" in result.sentence


def test_a_model_that_gives_one_ranking_ignores_its_input_however_good_it_is():
    result = judge(same_share=1.0)
    assert not result.learns
    assert result.ignores_input
    assert result.claim == ""
    assert "the model ignores its input: all 1,752 windows get the same ranking" in result.sentence


@pytest.mark.parametrize(("same_share", "ignores"), [(0.98, False), (0.99, True)])
def test_a_model_ignores_its_input_from_99_percent_on(same_share, ignores):
    assert judge(same_share=same_share).ignores_input == ignores


def test_a_single_window_does_not_show_that_the_input_is_ignored():
    assert not judge(same_share=1.0, sensitivity=Sensitivity(1, 0.0447)).ignores_input


@given(
    p_value=st.floats(1e-300, 1),
    p_popularity=st.floats(1e-300, 1),
    p_counting=st.floats(1e-300, 1),
    same_share=st.floats(0.01, 1),
    known=st.none() | st.floats(-2, 2),
)
def test_the_past_is_claimed_only_when_all_conditions_hold(p_value, p_popularity, p_counting, same_share, known):
    result = judge(p_value, p_popularity, p_counting, same_share=same_share, skill=known)
    is_all = max(p_value, p_popularity, p_counting) < BETTER_BELOW and same_share < CONSTANT_SHARE
    assert result.learns == is_all
    assert (f"the model {USES}" in result.sentence) == is_all
    assert ("Weak" in result.sentence) == (BETTER_BELOW <= p_value < WEAK_BELOW)


def test_a_model_without_references_learns_nothing_that_is_claimed():
    result = judge_headline(0.001, WORDS, [], lift=0.1, same_share=0.1, sensitivity=Sensitivity(100, 0.04))
    assert (result.learns, result.claim) == (False, "")


def test_skill_is_said_of_a_lift_that_is_there():
    assert "its skill is 0.41 (0: chance, 1: the oracle)" in judge(skill=0.408).sentence
    assert "skill" not in judge(0.2, skill=0.408).sentence
    assert "skill" not in judge().sentence


@pytest.mark.parametrize("p_value", [0.5, 0.03, 0.001])
def test_what_would_have_been_found_and_what_is_not_excluded_come_last(p_value):
    result = judge(p_value, lift=0.001, skill=0.2)
    assert result.sentence.endswith(
        "on 1,752 windows a lift of 0.0160 is found with 80% power (p < 0.01); "
        "the lift is at most 0.0093 (upper 95% limit)."
    )
    assert result.smallest_lift == pytest.approx(0.0160, abs=5e-5)
    assert result.largest_lift == pytest.approx(0.0093, abs=5e-5)


def test_too_few_independent_items_have_no_p_and_no_claim():
    result = judge(None)
    assert (result.level, result.learns, result.claim) == ("undecided", False, "")
    assert result.sentence == "Recall@20 has no p-value: the windows are too few independent stretches."
    assert result.smallest_lift is result.largest_lift is None


def test_the_words_are_the_tasks_own():
    words = Words("accuracy", "task", "class", "permutation of the labels")
    result = judge_headline(0.03, words, [], lift=0.1, same_share=0.1, sensitivity=Sensitivity(80, 0.2))
    assert "one permutation of the labels in 33 scores this high in accuracy" in result.sentence
    assert "on 80 tasks" in result.sentence


def test_a_verdict_is_a_value():
    assert judge() == judge()
    assert replace(judge(), level="weak") != judge()
    assert Verdict(**vars(judge())) == judge()


@pytest.mark.parametrize(
    "changes",
    [
        {"p_value": 0.0},
        {"p_value": 1.1},
        {"p_counting": 0.0},
        {"same_share": 0.0},
        {"sensitivity": Sensitivity(0, 0.0447)},
    ],
)
def test_numbers_that_cannot_be_are_refused(changes):
    with pytest.raises(ConfigError, match="must hold"):
        judge(**changes)


def test_skill_is_the_models_share_of_the_oracles_lift():
    assert skill(0.56, 0.61, 0.51, 1752, 0.0447) == pytest.approx(0.5)
    assert skill(0.46, 0.61, 0.51, 1752, 0.0447) == pytest.approx(-0.5)


def test_an_oracle_within_five_standard_errors_of_chance_has_no_lift_to_share():
    standard_error = np.sqrt(0.04 / 400)
    assert skill(0.6, 0.5 + 4.99 * standard_error, 0.5, 400, 0.04) is None
    assert skill(0.6, 0.5 + 5.01 * standard_error, 0.5, 400, 0.04) is not None
    assert skill(0.6, 0.3, 0.5, 400, 0.04) is None


def test_the_skill_of_no_items_is_refused():
    with pytest.raises(ConfigError, match="1 <= n_items"):
        skill(0.6, 0.7, 0.5, 0, 0.04)
