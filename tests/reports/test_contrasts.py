"""Configurations against each other, options against each other, and what so many windows could have shown."""

from statistics import NormalDist

import numpy as np
import pytest

from c5snn.cli import main
from c5snn.evidence import (
    Sensitivity,
    UniformSubset,
    compare_configurations,
    compare_options,
    compare_paired,
    recall_of_rankings,
)
from c5snn.reports.collection import collect
from c5snn.reports.comparison import compare
from c5snn.reports.configurations import group_runs
from c5snn.reports.effects import effects_of
from c5snn.reports.effects_section import effects_section
from c5snn.reports.pairs import pairs_sentence, pairs_with_first
from c5snn.reports.report import make_report
from c5snn.reports.uncertainty import power_of, power_section

VARIANCE = UniformSubset(39, 5, 20).variance


@pytest.fixture
def recall(rankings_of, events):
    """Recall@20 of three trainings, a row a seed, in each window."""
    return {
        name: recall_of_rankings(rankings_of(seed, share), events, 20)[None]
        for seed, (name, share) in enumerate([("best", 0.6), ("good", 0.3), ("lucky", 0.0)])
    }


def test_the_first_is_paired_with_every_other_on_the_same_windows(recall):
    good, lucky = pairs_with_first(["best", "good", "lucky"], recall)
    assert good.difference == pytest.approx((recall["best"] - recall["good"]).mean())
    expected = compare_paired(recall["best"][0], recall["lucky"][0])
    assert (lucky.interval, lucky.p_two_sided) == (expected.interval, expected.p_two_sided)


def test_the_p_of_a_pair_is_corrected_for_the_number_of_pairs(recall):
    pairs = pairs_with_first(["best", "good", "lucky"], recall)
    smallest = min(pairs, key=lambda pair: pair.p_two_sided)
    assert smallest.p_corrected == pytest.approx(2 * smallest.p_two_sided)


@pytest.fixture
def several(rankings_of, events):
    """The same configurations with three seeds each, and one that differs from the best in its seeds alone."""
    shares = {"best": 0.6, "good": 0.3, "lucky": 0.0, "twin": 0.6}
    return {
        name: np.stack([recall_of_rankings(rankings_of(10 * i + seed, share), events, 20) for seed in range(3)])
        for i, (name, share) in enumerate(shares.items())
    }


def test_the_sentence_says_whom_the_first_leads_by_how_much_and_whom_it_cannot_be_distinguished_from(several):
    sentence = pairs_sentence(pairs_with_first(list(several), several))
    lead = (several["best"] - several["good"]).mean()
    assert f"ahead of 2 others (good by +{lead:.4f}" in sentence
    assert "cannot be distinguished from 1 other" in sentence


def test_a_first_that_loses_on_test_is_said_to_be_behind(several):
    assert "is behind 1 other (best by −" in pairs_sentence(pairs_with_first(["lucky", "best"], several))


def test_the_spread_over_seeds_is_part_of_the_p_of_a_pair(several):
    (pair,) = pairs_with_first(["best", "good"], several)
    expected = compare_configurations(several["best"], several["good"])
    assert (pair.kind, pair.p_two_sided, pair.interval) == ("configurations", expected.p, expected.interval)
    assert pair.p_two_sided > compare_paired(several["best"].mean(0), several["good"].mean(0)).p_two_sided


def test_with_one_seed_of_either_two_trainings_differ_and_no_configuration_is_ahead(several):
    one_seed = {name: scores[:1] for name, scores in several.items()}
    sentence = pairs_sentence(pairs_with_first(["best", "good"], one_seed))
    assert sentence.startswith("With one seed of either, these two trainings differ: best from good by +")
    assert "ahead" not in sentence


def test_a_mean_over_seeds_against_one_training_is_not_called_two_trainings(several):
    sentence = pairs_sentence(pairs_with_first(["best", "good"], {**several, "good": several["good"][:1]}))
    assert sentence.startswith(
        "With one seed of either, these trainings differ, a mean over seeds among them: best from good by +"
    )
    assert "ahead" not in sentence


def test_the_first_is_the_best_of_those_that_were_validated(make_run, rankings_of):
    runs = [
        make_run(name, model=name, rankings=rankings_of(i), val=val)
        for i, (name, val) in enumerate({"gru": {"val_recall_at_20": 0.6}, "frequency": {}}.items())
    ]
    (pair,) = compare(group_runs(runs), n_draws=50).pairs
    assert (pair.first, pair.order) == ("gru", "partly")


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
    recall = {entry.label: values[None] for entry, values in zip(found, windows, strict=True)}
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
    assert (size.test[0].kind, size.test[0].p) == ("trainings", compare_paired(mean, np.zeros(300)).p_two_sided)


def test_effects_on_test_hold_for_other_seeds_and_are_corrected_for_all_of_them(make_run, rankings_of, events):
    shares = {(64, 0.5): 0.1, (64, 0.9): 0.2, (128, 0.5): 0.5, (128, 0.9): 0.6}
    runs = [
        make_run(f"{size}_{beta}_{seed}", seed=seed, arguments={"hidden_size": size, "beta": beta})
        for size, beta in shares
        for seed in (1, 2)
    ]
    found = group_runs(runs)
    recall = {
        entry.label: np.stack([recall_of_rankings(rankings_of(2 * i + seed, share), events, 20) for seed in (1, 2)])
        for i, (entry, share) in enumerate(zip(found, shares.values(), strict=True))
    }
    effects = effects_of(found, recall)
    size, beta = (effect.test[0] for effect in effects)
    expected = compare_options([recall[e.label] for e in found[2:]], [recall[e.label] for e in found[:2]])
    assert (size.kind, size.n_pairs, size.p, size.interval) == ("configurations", 2, expected.p, expected.interval)
    smaller, larger = sorted((size, beta), key=lambda effect: effect.p)
    assert (smaller.p_corrected, larger.p_corrected) == (2 * smaller.p, max(larger.p, 2 * smaller.p))
    section = effects_section(effects, "Recall@20")
    assert {"p, two-sided", "p, corrected", "95 % interval"} <= set(section.tables[1].columns)
    assert "of 2 differences" in section.sentences[0]


def test_a_value_is_compared_with_the_first_tested_one_before_it(make_run, rankings_of):
    untested = make_run("0.5", arguments={"beta": 0.5})
    tested = [
        make_run(f"{beta}", arguments={"beta": beta}, rankings=rankings_of(i)) for i, beta in enumerate((0.9, 0.8))
    ]
    found = group_runs([untested, *tested, make_run("fast", arguments={"beta": 0.5}, chosen={"optimizer.lr": 0.1})])
    scores = {entry.label: np.arange(300)[None] * 0.1 for entry in found if entry.tested}
    effect = next(effect for effect in effects_of(found, scores) if effect.option == "model.beta")
    assert [(entry.value, entry.reference) for entry in effect.test] == [("0.9", "0.8")]


def test_an_option_of_which_no_two_configurations_share_a_value_has_no_effect(make_run):
    found = group_runs([make_run(f"{beta}", arguments={"beta": beta}) for beta in (0.5, 0.8)])
    assert effects_of(found, {}) == []
    found = group_runs([make_run("more", arguments={"beta": 0.8, "skip": True}), *(entry.runs[0] for entry in found)])
    assert [effect.option for effect in effects_of(found, {})] == ["model.beta", "model.skip"]


def test_the_detectable_lift_is_found_at_the_stated_power(events):
    power = power_of(Sensitivity(len(events), VARIANCE), [0.01, 0.003])
    error = (VARIANCE / len(events)) ** 0.5
    assert power.standard_error == pytest.approx(error)
    for lift, alpha in ((power.lift_alone, 0.01), (power.lift_in_family, 0.005)):
        threshold = NormalDist().inv_cdf(1 - alpha) * error
        assert NormalDist(lift, error).cdf(threshold) == pytest.approx(0.2)


@pytest.mark.parametrize("lifts", [[0.01], [0.01, -0.02, 0.003]])
def test_the_upper_limit_of_the_lift_holds_for_all_configurations_together(lifts):
    error = (VARIANCE / 300) ** 0.5
    limit = power_of(Sensitivity(300, VARIANCE), lifts).largest_lift
    # a lift at the limit would have shown a smaller value than the largest one in 5 % of tests, over all of them
    assert len(lifts) * NormalDist(limit, error).cdf(max(lifts)) == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("lifts", "said"), [([0.1], "80 % power."), ([0.1, 0.2], "after correction for 2 configurations.")]
)
def test_a_correction_is_named_where_there_is_one(lifts, said):
    (first, limit) = power_section(power_of(Sensitivity(300, VARIANCE), lifts), "window", "chance").sentences
    assert first.endswith(said)
    assert "a one-sided 1 % test" in first
    assert ("corrected for 2" in limit) == (len(lifts) == 2)


def test_a_report_of_a_sparse_list_says_what_its_test_says(workdir):
    sparse = ["n_events=100", "n_parts=16", "n_active=1", "k=1", "window=5", "data_seed=2", "strength=0"]
    assert main(["test", "--config", "frequency.yaml", *(f"--data.{option}" for option in sparse)]) == 0
    comparison = make_report(collect([workdir / "lightning_logs"]), n_draws=50).comparisons[0]
    [run] = comparison.configurations[0].runs
    # no hit in 15 windows: a share of hits of at most 0.181, and 3 hits or fewer in 97.5 of 100 tests by luck
    assert comparison.power.largest_lift == run.test.verdict.largest_lift == pytest.approx(0.181 - 1 / 16, abs=5e-4)
    assert comparison.power.lift_alone == run.test.verdict.smallest_lift == pytest.approx(0.3451, abs=5e-5)
    assert comparison.chance_band == pytest.approx((0.0, 3 / 15))
