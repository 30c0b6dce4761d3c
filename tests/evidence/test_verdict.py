"""Every sentence of the verdict is computed from the numbers, and claims no more than they show."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from c5snn.errors import ConfigError
from c5snn.evidence import Verdict, captured_lift, verdict
from c5snn.evidence.verdict import BETTER_BELOW, WEAK_BELOW


def judge(p_value: float = 0.001, **changes: float | None) -> Verdict:
    known = {"p_over_list": 0.001, "n_distinct": 900, "n_windows": 1752, "variance": 0.0447}
    return verdict(p_value, **{**known, **changes})


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
    result = judge(p_value)
    assert result.level == level
    assert f"Recall@20 is {level}" in result.sentence


@pytest.mark.parametrize(("p_value", "one_in"), [(0.03, 33), (0.02, 50), (0.01, 100), (0.0499, 20)])
def test_a_weak_result_says_how_many_fair_histories_do_as_well(p_value, one_in):
    sentence = judge(p_value).sentence
    assert sentence.startswith(f"Recall@20 is weak: one fair history in {one_in} scores this high")


def test_a_model_that_beats_chance_and_the_list_learns_from_the_history():
    result = judge()
    assert result.learns_from_history
    assert "learns from the history: it also beats the fixed list (p = 0.001)" in result.sentence


def test_a_model_that_beats_chance_alone_is_told_so():
    result = judge(p_over_list=0.01)
    assert not result.learns_from_history
    assert "does not beat the fixed list (p = 0.01, not below 0.01): nothing shows that it uses more" in result.sentence


def test_a_single_ranking_ignores_its_input_however_good_it_is():
    result = judge(n_distinct=1)
    assert not result.learns_from_history
    assert "ignores its input: all 1,752 windows get the same ranking" in result.sentence


def test_a_single_window_does_not_show_that_the_input_is_ignored():
    assert "ignores its input" not in judge(n_distinct=1, n_windows=1).sentence


@given(
    p_value=st.floats(1e-300, 1),
    p_over_list=st.floats(1e-300, 1),
    n_distinct=st.integers(1, 50),
    captured=st.none() | st.floats(-2, 2),
)
def test_learning_is_claimed_only_when_all_three_conditions_hold(p_value, p_over_list, n_distinct, captured):
    result = judge(p_value, p_over_list=p_over_list, n_distinct=n_distinct, n_windows=50, captured=captured)
    expected = p_value < BETTER_BELOW and p_over_list < BETTER_BELOW and n_distinct > 1
    assert result.learns_from_history == expected
    assert ("learns from the history" in result.sentence) == expected
    assert ("weak" in result.sentence) == (BETTER_BELOW <= p_value < WEAK_BELOW)


def test_the_share_of_the_oracles_lift_is_told_when_known():
    assert "captures 41% of the oracle's lift" in judge(captured=0.408).sentence


def test_a_lift_that_may_not_be_there_has_no_share():
    assert "captures" not in judge(0.2, captured=0.408).sentence
    assert "oracle" not in judge().sentence


@pytest.mark.parametrize("p_value", [0.5, 0.03, 0.001])
def test_the_smallest_detectable_lift_comes_last(p_value):
    last = judge(p_value, captured=0.2).sentence.split("; ")[-1]
    assert last == (
        "the smallest lift that 1,752 windows could have detected at 80% power is 0.0126 (one-sided 5% test)."
    )


def test_fewer_windows_raise_the_smallest_detectable_lift():
    assert "100 windows could have detected at 80% power is 0.0526" in judge(n_distinct=50, n_windows=100).sentence


def test_a_verdict_is_a_value():
    assert judge() == judge()
    assert replace(judge(), level="weak") != judge()


@pytest.mark.parametrize("changes", [{"p_value": 0.0}, {"p_value": 1.1}, {"p_over_list": 0.0}, {"n_distinct": 0}])
def test_numbers_that_cannot_be_are_refused(changes):
    with pytest.raises(ConfigError, match="must hold"):
        judge(**changes)


def test_more_rankings_than_windows_are_refused():
    with pytest.raises(ConfigError, match="n_distinct <= n_windows"):
        judge(n_distinct=11, n_windows=10)


def test_captured_lift_is_the_models_share_of_the_oracles_lift():
    assert captured_lift(0.56, 0.61, 0.51, 1752, 0.0447) == pytest.approx(0.5)
    assert captured_lift(0.46, 0.61, 0.51, 1752, 0.0447) == pytest.approx(-0.5)


def test_an_oracle_within_five_standard_errors_of_chance_has_no_lift_to_share():
    standard_error = np.sqrt(0.04 / 400)
    assert captured_lift(0.6, 0.5 + 4.99 * standard_error, 0.5, 400, 0.04) is None
    assert captured_lift(0.6, 0.5 + 5.01 * standard_error, 0.5, 400, 0.04) is not None
    assert captured_lift(0.6, 0.3, 0.5, 400, 0.04) is None


def test_captured_lift_of_no_windows_is_refused():
    with pytest.raises(ConfigError, match="n_windows >= 1"):
        captured_lift(0.6, 0.7, 0.5, 0, 0.04)
