"""The word that a table says: yes to p-values that keep their promise, no to those that break it."""

from functools import partial

import numpy as np
import pytest

from c5snn.evidence import wilson
from calibration.beyond_counts import FOLLOWS, REPEATS, USES, _Claims
from calibration.beyond_counts import _row as _claims_row
from calibration.effort import Effort
from calibration.folds import CLASSIFIERS, _judge
from calibration.folds import _row as _folds_row
from calibration.judging import JudgedP
from calibration.procedures import Pair, _Choice, _choice_rows, pair_row
from calibration.trained import _row
from calibration.untrained import _family_row, _judge_history, _Judged, _uniform_row


def histories(distort=lambda p: p, *, n_histories: int = 200) -> list[_Judged]:
    """Histories of twelve rankers whose p-values are uniform numbers, distorted."""
    found = []
    for uniform in np.random.default_rng(5).random((n_histories, 12)):
        judged = [JudgedP(p, p) for p in distort(uniform).tolist()]
        family_wise = 1 - (1 - uniform.min()) ** 12  # the law of the smallest of twelve
        own = {"a": distort(uniform).tolist()}
        found.append(_Judged({"a": judged}, {"a": [1]}, own, {"a": float(distort(family_wise))}, 300))
    return found


def test_uniform_p_values_hold():
    assert _uniform_row("a", histories())["holds"] == "yes"


@pytest.mark.parametrize("distort", [lambda p: p**1.3, lambda p: p**0.7, lambda p: np.maximum(p - 0.1, 0.001)])
def test_p_values_that_are_too_small_or_too_large_do_not_hold(distort):
    assert _uniform_row("a", histories(distort))["holds"] == "no"


def test_the_family_wise_rate_holds_where_the_correction_is_right_and_only_there():
    assert _family_row("a", histories())["holds"] == "yes"
    assert _family_row("a", histories(lambda p: p / 2))["holds"] == "no"


def test_the_family_row_counts_histories_in_which_the_best_is_significant():
    made = histories()
    row = _family_row("a", made)
    n_uncorrected = sum(min(history.uncorrected["a"]) < 0.05 for history in made)
    n_bonferroni = sum(min(history.uncorrected["a"]) * 12 < 0.05 for history in made)
    n_corrected = sum(history.family_wise["a"] < 0.05 for history in made)
    low, high = wilson(n_corrected, 200)
    assert (row["own p"], row["Bonferroni"], row["maxT"], row["95 % interval"]) == (
        f"{n_uncorrected / 2:.1f} %",
        f"{n_bonferroni / 2:.1f} %",
        f"{n_corrected / 2:.1f} %",
        f"{100 * low:.1f} to {100 * high:.1f} %",
    )


def test_a_test_p_should_be_uniform_and_a_val_p_should_not():
    uniform = [JudgedP(p, p) for p in np.random.default_rng(6).random(60).tolist()]
    small = [JudgedP(p.reported**2, p.randomised**2) for p in uniform]
    assert _row("test", uniform, should_be_uniform=True)["holds"] == "yes"
    assert _row("test", small, should_be_uniform=True)["holds"] == "no"
    assert _row("val", uniform, should_be_uniform=False)["holds"] == "no"
    assert _row("val", small, should_be_uniform=False)["holds"] == "yes"


def test_claims_beyond_counts_hold_at_five_percent_on_machines_and_in_the_majority_on_a_signal():
    def said(n_beyond):
        return [
            _Claims(beats_popularity=True, beats_one_half_life=True, claim=USES if i < n_beyond else FOLLOWS)
            for i in range(200)
        ]

    assert _claims_row("worn", "counts", said(12))["holds"] == "yes"
    assert _claims_row("worn", "counts", said(22))["holds"] == "no"
    assert _claims_row(REPEATS, "counts", said(150))["holds"] == "yes"
    assert _claims_row(REPEATS, "counts", said(70))["holds"] == "no"
    assert _claims_row("worn", "counts", said(20))["follows"] == "90.0 %"


def test_pairs_hold_at_one_percent():
    pairs = [Pair(0.001, 0.001 if i < 8 else 0.5) for i in range(400)]
    assert pair_row("fair", pairs)["holds"] == "yes"
    assert pair_row("fair", [Pair(0.001, 0.001 if i < 14 else 0.5) for i in range(400)])["holds"] == "no"
    assert pair_row("fair", pairs)["windows alone"] == "100.0 %"


def test_choices_hold_when_the_honest_one_is_nominal_and_the_other_is_not():
    choices = [_Choice(p, p / 3) for p in np.random.default_rng(7).random(300).tolist()]
    assert [row["holds"] for row in _choice_rows(choices)] == ["yes", "yes"]
    assert [row["holds"] for row in _choice_rows([_Choice(c.by_the_mean, c.at_each_origin) for c in choices])] == [
        "no",
        "no",
    ]


def test_one_fold_holds_at_five_percent_and_all_folds_at_what_is_said_of_them():
    p_values = [0.001] * 2 + [0.03] * 5 + [0.5] * 93
    assert _folds_row("a", "one", p_values)["holds"] == "yes"
    assert _folds_row("a", "one", [0.03] * 12 + p_values)["holds"] == "no"
    assert _folds_row("a", "all", p_values)["holds"] == "yes"
    assert _folds_row("a", "all", [0.03] * 12 + p_values)["holds"] == "no"
    assert _folds_row("a", "all", [0.001] * 2 + p_values)["holds"] == "no"


@pytest.mark.parametrize("classify", CLASSIFIERS.values(), ids=["item", "mean"])
def test_a_classifier_of_features_that_say_nothing_has_p_around_a_half(classify):
    judged = [_judge(classify, number) for number in range(40)]
    assert 0.3 < np.mean([p.one for p in judged]) < 0.8
    assert 0.3 < np.mean([p.all for p in judged]) < 0.8


@pytest.mark.long
def test_the_number_of_workers_changes_no_result():
    small = {"n_events": 260, "n_draws": 20}
    one, two = (Effort(**small, n_workers=n) for n in (1, 2))
    assert one.for_each(partial(_judge_history, one), 3) == two.for_each(partial(_judge_history, one), 3)
