"""Configurations scored side by side: means over seeds, references, p-values over the whole comparison."""

from dataclasses import replace

import numpy as np
import pytest

from c5snn.errors import ConfigError
from c5snn.evidence import PermutedLabels, UniformSubset, family_p, list_weights, recall_of_rankings
from c5snn.files import write_json
from c5snn.records import commit_training, load_run, score_configurations, summarize
from c5snn.records.run_folder import TEST_ITEMS, TEST_METRICS
from c5snn.training.evaluation import test_run as score_run


def weights_of(rankings):
    return list_weights(-np.argsort(rankings, axis=1).astype(float), 20)


@pytest.fixture
def groups(make_run, rankings_of):
    """A lucky and a knowing configuration, two seeds each; validation prefers the second."""
    return {
        label: [
            make_run(f"{label}_{seed}", seed=seed, rankings=rankings_of(seed, share), val={"val_recall_at_20": val})
            for seed in (1, 2)
        ]
        for label, share, val in (("lucky", 0.0, 0.51), ("knowing", 0.5, 0.7))
    }


def test_validation_decides_the_order(groups):
    assert [entry.label for entry in score_configurations(groups, n_draws=500)] == ["knowing", "lucky"]


def test_p_is_that_of_the_rankings_of_all_seeds_together(groups, rankings_of, events):
    lists = [np.stack([weights_of(rankings_of(seed, share)) for seed in (1, 2)]) for share in (0.5, 0.0)]
    expected = family_p(UniformSubset(39, 5, 20), lists, events, n_draws=500)
    found = score_configurations(groups, n_draws=500)
    p_values = [(entry.p_value, entry.p_family, entry.p_worse, entry.p_worse_family) for entry in found]
    assert p_values == [tuple(p) for p in expected]


def test_the_interval_is_that_of_the_mean_over_seeds_in_each_window(groups, rankings_of, events):
    values = np.mean([recall_of_rankings(rankings_of(seed, 0.5), events, 20) for seed in (1, 2)], axis=0)
    half_width = 1.96 * values.std(ddof=1) / len(values) ** 0.5
    knowing = score_configurations(groups, n_draws=500)[0]
    assert knowing.interval == pytest.approx((values.mean() - half_width, values.mean() + half_width))
    assert knowing.standard_error == pytest.approx(half_width / 1.96)


def test_the_difference_to_a_reference_is_paired_over_all_seeds(groups, rankings_of, events):
    ones = np.mean([recall_of_rankings(rankings_of(seed, 0.5), events, 20) for seed in (1, 2)], axis=0)
    listed = (events <= 20).mean(axis=1)  # the list of the first twenty parts
    (reference,) = score_configurations(groups, n_draws=500)[0].references
    assert reference.difference == pytest.approx((ones - listed).mean())
    assert reference.p < 1e-6
    assert reference.value == pytest.approx(listed.mean())


def test_a_test_that_kept_no_reference_has_the_difference_without_an_interval(make_run, rankings_of, events):
    rankings = rankings_of(3, 0.5)
    (entry,) = score_configurations({"a": [make_run("a", rankings=rankings, keeps_reference=False)]}, n_draws=50)
    expected = (recall_of_rankings(rankings, events, 20) - (events <= 20).mean(axis=1)).mean()
    (reference,) = entry.references
    assert (reference.difference, reference.interval, reference.p) == (pytest.approx(expected), None, None)


def test_where_lower_is_better_the_order_the_lift_and_the_gain_turn_round(groups):
    def turned(run):
        headline = run.headline._replace(mode="min")
        write_json(run.folder / TEST_METRICS, replace(run.test, headline=headline).to_json())
        replace(run, headline=headline).save()
        commit_training(run.folder)
        return load_run(run.folder)

    upright = score_configurations(groups, n_draws=50)
    turned_round = score_configurations({name: list(map(turned, runs)) for name, runs in groups.items()}, n_draws=50)
    assert [entry.label for entry in turned_round] == [entry.label for entry in upright][::-1]
    for entry, other in zip(upright, turned_round[::-1], strict=True):
        assert other.lift == -entry.lift
        assert other.references[0].difference == pytest.approx(-entry.references[0].difference)


def test_one_ranking_for_all_windows_ignores_the_input(make_run, rankings_of):
    constant = np.tile(np.arange(1, 40, dtype=np.uint8), (300, 1))
    blind = make_run("blind", rankings=constant)
    seeing = make_run("seeing", rankings=rankings_of(1))
    found = {
        entry.label: entry.ignores_input for entry in score_configurations({"b": [blind], "s": [seeing]}, n_draws=50)
    }
    assert found == {"b": True, "s": False}


def test_from_99_of_100_windows_with_one_ranking_on_the_input_is_ignored(make_run, rankings_of):
    def nearly_constant(n_others):
        rankings = np.tile(np.arange(1, 40, dtype=np.uint8), (300, 1))
        rankings[:n_others] = rankings_of(1)[:n_others]
        return make_run(f"{n_others}", rankings=rankings)

    found = score_configurations({str(n): [nearly_constant(n)] for n in (3, 4)}, n_draws=50)
    assert {entry.label: entry.ignores_input for entry in found} == {"3": True, "4": False}


def test_origins_are_pooled_into_one_test(make_run, rankings_of, events):
    parts = [slice(0, 150), slice(150, 300)]
    rankings = rankings_of(4, 0.3)
    runs = [
        make_run(
            f"origin_{i}", rankings=rankings[part], events=events[part], facts={"last_target": f"2005-0{i + 1}-01"},
            data={"n_origins": 2, "origin": i, "n_items": {"train": 300, "val": 150, "test": 150}},
        )
        for i, part in enumerate(parts)
    ]  # fmt: skip
    (pooled,) = score_configurations({"a": runs}, n_draws=500)
    (whole,) = score_configurations({"a": [make_run("whole", rankings=rankings)]}, n_draws=500)
    assert pooled.value == pytest.approx(whole.value)
    assert (pooled.p_value, pooled.interval, pooled.references) == (whole.p_value, whole.interval, whole.references)


def test_runs_on_other_items_are_refused(make_run, rankings_of):
    here, there = (make_run(name, rankings=rankings_of(), data={"identity": name * 64}) for name in "ab")
    with pytest.raises(ConfigError, match="same test items"):
        score_configurations({"a": [here], "b": [there]})


@pytest.mark.parametrize("other", [{"headline": "Hit@20"}, {"null": PermutedLabels(((1,),), ((1,),))}])
def test_other_headlines_and_nulls_are_refused_in_one_ranking(make_run, rankings_of, other):
    here, there = (make_run(name, rankings=rankings_of()) for name in "ab")
    changed = {"headline": there.headline._replace(label="Hit@20")} if "headline" in other else other
    there = replace(there, test=replace(there.test, **changed))
    with pytest.raises(ConfigError, match="same headline and the same null"):
        score_configurations({"a": [here], "b": [there]})


def test_a_run_without_a_test_is_refused(make_run):
    with pytest.raises(ConfigError, match="c5snn test"):
        score_configurations({"a": [make_run("a")]})


def test_no_configuration_is_refused():
    with pytest.raises(ConfigError, match="needs a tested run"):
        score_configurations({})


def test_a_run_without_validation_stands_last(make_run, rankings_of):
    runs = [
        make_run(name, rankings=rankings_of(), val=val)
        for name, val in (("none", {}), ("low", {"val_recall_at_20": 0.1}))
    ]
    found = score_configurations({run.folder.name: [run] for run in runs}, n_draws=50)
    assert [entry.label for entry in found] == ["low", "none"]


def test_damaged_items_are_known_before_they_are_read(make_run, rankings_of):
    run = make_run("a", rankings=rankings_of())
    assert run.has_whole_items
    path = run.folder / TEST_ITEMS
    path.write_bytes(path.read_bytes()[:-40])
    assert not run.has_whole_items


def test_one_seed_has_no_spread():
    assert summarize([0.5]).std is None
    assert summarize([0.5, 0.7]).std == pytest.approx(0.1 * 2**0.5)


def test_a_real_test_keeps_the_reference_that_it_was_compared_with(workdir):
    run = score_run(["--config", "frequency.yaml", "--data.n_events", "600", "--data.window", "3"]).run
    (entry,) = score_configurations({"frequency": [run]}, n_draws=50)
    for found, recorded in zip(entry.references, run.test.references, strict=True):
        assert (found.difference, found.p) == (pytest.approx(recorded.difference), pytest.approx(recorded.p))
    assert workdir in run.folder.resolve().parents
