"""Configurations against each other, options against each other, and what so many windows could have shown."""

from statistics import NormalDist

import numpy as np
import pytest

from c5snn.evidence import UniformSubset, compare_paired, recall_of_rankings
from c5snn.reports.configurations import group_runs
from c5snn.reports.effects import effects_of
from c5snn.reports.pairs import pairs_sentence, pairs_with_first
from c5snn.reports.uncertainty import power_of, power_section

VARIANCE = UniformSubset(39, 5, 20).variance


@pytest.fixture
def recall(rankings_of, events):
    """Recall@20 in each window of three rankings."""
    return {
        name: recall_of_rankings(rankings_of(seed, share), events, 20)
        for seed, (name, share) in enumerate([("best", 0.6), ("good", 0.3), ("lucky", 0.0)])
    }


def test_the_first_is_paired_with_every_other_on_the_same_windows(recall):
    good, lucky = pairs_with_first(["best", "good", "lucky"], recall)
    assert good.difference == pytest.approx((recall["best"] - recall["good"]).mean())
    expected = compare_paired(recall["best"], recall["lucky"])
    assert (lucky.interval, lucky.p_two_sided) == (expected.interval, expected.p_two_sided)


def test_the_p_of_a_pair_is_corrected_for_the_number_of_pairs(recall):
    pairs = pairs_with_first(["best", "good", "lucky"], recall)
    smallest = min(pairs, key=lambda pair: pair.p_two_sided)
    assert smallest.p_corrected == pytest.approx(2 * smallest.p_two_sided)


def test_the_sentence_says_whom_the_first_leads_by_how_much_and_whom_it_cannot_be_distinguished_from(recall):
    twins = {**recall, "twin": recall["best"]}
    sentence = pairs_sentence(pairs_with_first(["best", "good", "lucky", "twin"], twins))
    lead = (recall["best"] - recall["good"]).mean()
    assert f"ahead of 2 others (good by +{lead:.4f}" in sentence
    assert "cannot be distinguished from 1 other" in sentence


def test_a_first_that_loses_on_test_is_said_to_be_behind(recall):
    assert "is behind 1 other (best by −" in pairs_sentence(pairs_with_first(["lucky", "best"], recall))


def test_validation_means_are_taken_over_the_other_options_and_the_shared_seed(make_run):
    values = {(64, 0.5): 0.50, (64, 0.9): 0.52, (128, 0.5): 0.60, (128, 0.9): 0.64}
    runs = [
        make_run(f"{size}_{beta}", arguments={"hidden_size": size, "beta": beta}, val={"val_recall_at_20": value})
        for (size, beta), value in values.items()
    ]
    other_seed = make_run("again", seed=7, arguments={"hidden_size": 64, "beta": 0.5}, val={"val_recall_at_20": 0.9})
    size, beta = effects_of(group_runs([*runs, other_seed]), {})
    assert (size.option, size.seeds) == ("model.hidden_size", [42])
    assert [(entry.value, entry.n, entry.mean) for entry in size.val] == [
        ("64", 2, pytest.approx(0.51)),
        ("128", 2, pytest.approx(0.62)),
    ]
    assert [(entry.low, entry.high) for entry in beta.val] == [(0.50, 0.60), (0.52, 0.64)]
    assert size.test == []


def test_on_test_configurations_are_paired_that_differ_in_one_option_alone(make_run, rankings_of, events):
    grid = [(size, beta) for size in (64, 128) for beta in (0.5, 0.9)]
    runs = [
        make_run(f"{size}_{beta}", arguments={"hidden_size": size, "beta": beta}, rankings=rankings_of(i))
        for i, (size, beta) in enumerate(grid)
    ]
    found = group_runs(runs)
    windows = [recall_of_rankings(rankings_of(i), events, 20) for i in range(4)]
    recall = {entry.label: values for entry, values in zip(found, windows, strict=True)}
    size, _ = effects_of(found[:3], recall)
    (effect,) = size.test  # 128 with beta 0.9 is missing, so one pair is left
    difference = windows[2] - windows[0]
    assert (effect.value, effect.reference, effect.n_pairs) == ("128", "64", 1)
    assert effect.difference == pytest.approx(difference.mean())
    size, _ = effects_of(found, recall)
    mean = (difference + windows[3] - windows[1]) / 2
    half_width = 1.96 * mean.std(ddof=1) / len(mean) ** 0.5
    assert size.test[0].n_pairs == 2
    assert size.test[0].interval == pytest.approx((mean.mean() - half_width, mean.mean() + half_width))


def test_a_value_is_compared_with_the_first_tested_one_before_it(make_run, rankings_of):
    untested = make_run("0.5", arguments={"beta": 0.5})
    tested = [
        make_run(f"{beta}", arguments={"beta": beta}, rankings=rankings_of(i)) for i, beta in enumerate((0.9, 0.8))
    ]
    found = group_runs([untested, *tested])
    (effect,) = effects_of(found, {entry.label: np.arange(300) * 0.1 for entry in found[1:]})
    assert [(entry.value, entry.reference) for entry in effect.test] == [("0.9", "0.8")]


def test_the_detectable_lift_is_found_at_the_stated_power(events):
    power = power_of(len(events), VARIANCE, [0.01, 0.003])
    error = (VARIANCE / len(events)) ** 0.5
    assert power.standard_error == pytest.approx(error)
    for lift, alpha in ((power.lift_alone, 0.05), (power.lift_in_family, 0.025)):
        threshold = NormalDist().inv_cdf(1 - alpha) * error
        assert NormalDist(lift, error).cdf(threshold) == pytest.approx(0.2)
    assert power.observed_lift == 0.01
    assert power.items_for_observed > len(events)


def test_no_number_of_windows_shows_a_lift_below_zero():
    assert power_of(300, VARIANCE, [-0.01]).items_for_observed is None


@pytest.mark.parametrize(
    ("lifts", "said"), [([0.1], "80 % power."), ([0.1, 0.2], "after correction for 2 configurations.")]
)
def test_a_correction_is_named_where_there_is_one(lifts, said):
    (first, _) = power_section(power_of(300, VARIANCE, lifts), "window", "chance").sentences
    assert first.endswith(said)
