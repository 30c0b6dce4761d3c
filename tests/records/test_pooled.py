"""Tests pooled over origins: the windows of all blocks in the order of time, one valid test of one configuration."""

from dataclasses import replace
from functools import cache
from itertools import count, product
from statistics import NormalDist

import numpy as np
import pytest
import torch
from scipy import stats

from c5snn.cli import main
from c5snn.data import EventDataModule, Repeat
from c5snn.errors import ConfigError
from c5snn.evidence import (
    UniformSubset,
    break_ties,
    choose_at_each_origin,
    family_p,
    fixed_list,
    list_recall,
    recall_of_rankings,
)
from c5snn.models import FrequencyBaseline
from c5snn.records import Block, RunRecord, choice_at_each_origin, load_run, pool_origins, score_configurations
from c5snn.training.evaluation import test_run as score_run
from c5snn.training.run import train
from tests.records.written import record_of, write_test

N_ORIGINS = 4


def opened(origin: int, n_origins: int = N_ORIGINS, **arguments) -> EventDataModule:
    data = EventDataModule(**({"n_events": 320, "window": 21} | arguments), n_origins=n_origins, origin=origin)
    data.setup()
    return data


def at_every_origin(**arguments) -> list[EventDataModule]:
    return [opened(origin, **arguments) for origin in range(N_ORIGINS)]


def ranked(data: EventDataModule, split: str, **arguments) -> np.ndarray:
    model = FrequencyBaseline(**arguments)
    return break_ties(torch.cat([model(windows) for windows, _ in getattr(data, f"{split}_dataloader")()]).numpy(), 0)


@pytest.fixture
def saved(tmp_path):
    """A function that leaves a tested run behind which has these rankings."""
    numbers = count()

    def save(data: EventDataModule, rankings: np.ndarray, seed: int = 1, *, is_tested: bool = True) -> RunRecord:
        folder = tmp_path / f"run_{next(numbers)}"
        folder.mkdir()
        record_of(folder, "frequency", data.describe(), 0, {"seed": seed}).save()
        (folder / "config.yaml").touch()
        if is_tested:
            listed = fixed_list(data.train_part_counts(), 1)[0]
            write_test(folder, rankings, data.targets("test").astype(np.uint8), reference=listed)
        return load_run(folder)

    return save


def lists_of(rankings: np.ndarray) -> np.ndarray:
    """Return 1 for each part among the first 20."""
    return (np.argsort(rankings, axis=1) < 20).astype(np.float32)


def test_the_windows_of_all_origins_stand_in_the_order_of_time_whatever_the_order_of_the_runs(saved):
    origins = at_every_origin()
    rankings = {
        (origin, seed): ranked(data, "test", decay=seed / 10)
        for (origin, data), seed in product(enumerate(origins), (1, 2))
    }
    runs = [saved(origins[origin], ranking, seed) for (origin, seed), ranking in rankings.items()]
    pooled = pool_origins([runs[i] for i in (5, 0, 7, 2, 1, 6, 3, 4)])
    for place, seed in enumerate((1, 2)):
        expected = np.concatenate([rankings[origin, seed] for origin in range(N_ORIGINS)])
        np.testing.assert_array_equal(pooled.predictions[place], lists_of(expected))
        np.testing.assert_allclose(pooled.scores[place], recall_of_rankings(expected, pooled.outcomes, 20))
    n_windows = pooled.scores.shape[1]
    np.testing.assert_array_equal(pooled.outcomes, origins[0].history.parts[-n_windows:])
    assert pooled.references["popularity_baseline"].shape == (n_windows,)
    assert [[(run.data.origin, run.seed) for run in of_seed] for of_seed in pooled.runs] == [
        [(origin, seed) for origin in range(N_ORIGINS)] for seed in (1, 2)
    ]
    assert pooled.blocks == [Block(data.describe().test_identity, len(data.targets("test"))) for data in origins]


def test_a_metrics_mean_over_origins_is_its_mean_over_all_windows(saved):
    pooled = pool_origins([saved(data, ranked(data, "test")) for data in at_every_origin()])
    [mean] = pooled.per_seed(lambda run: run.test.score.value)
    assert mean == pytest.approx(pooled.score.mean())
    assert mean == pytest.approx(list_recall(pooled.predictions[0], pooled.outcomes).mean())


def test_a_single_origin_is_the_test_as_it_was_saved(saved):
    data = opened(0, n_origins=1)
    pooled = pool_origins(
        [saved(data, ranked(data, "test", decay=decay), seed) for seed, decay in ((3, 0.3), (5, 0.5))]
    )
    np.testing.assert_array_equal(pooled.predictions[1], lists_of(ranked(data, "test", decay=0.5)))
    np.testing.assert_array_equal(pooled.outcomes, data.targets("test"))


def test_the_interval_of_a_share_stays_among_the_shares(saved):
    data = opened(0, n_origins=1)
    pooled = pool_origins([saved(data, ranked(data, "test"))])
    rarely = replace(pooled, scores=0.9 * np.eye(1, pooled.scores.shape[1]))
    assert rarely.interval.low == 0
    assert replace(pooled, scores=1 - rarely.scores).interval.high == 1


def test_an_origin_counts_by_its_items(saved):
    data = opened(0, n_origins=1)
    pooled = replace(pool_origins([saved(data, ranked(data, "test"))]), blocks=[Block("a", 10), Block("b", 90)])
    assert pooled.over_origins([0.9, 0.4]) == pytest.approx(0.45)
    assert replace(pooled, blocks=[Block("a", 10), Block("b", 10)]).over_origins([0.9, 0.4]) == 0.65


def test_an_origin_that_lacks_a_seed_is_named(saved):
    runs = [saved(data, ranked(data, "test"), seed) for data in at_every_origin() for seed in (1, 2)]
    with pytest.raises(ConfigError, match=r"origin 1: seeds \[1\]; origin 2: seeds \[1, 2\]"):
        pool_origins([run for run in runs if (run.data.origin, run.seed) != (1, 2)])


def test_runs_of_different_comparisons_are_not_pooled(saved):
    of_four, alone = opened(3), opened(0, n_origins=1)
    with pytest.raises(ConfigError, match=r"number of origins, but got \[1, 4\]"):
        pool_origins([saved(data, ranked(data, "test")) for data in (of_four, alone)])


def test_runs_of_other_events_are_not_pooled(saved):
    runs = [saved(opened(0, n_origins=1, data_seed=seed), np.tile(np.arange(1, 40), (46, 1)), seed) for seed in (1, 2)]
    with pytest.raises(ConfigError, match="2 different tests"):
        pool_origins(runs)


def test_a_run_without_a_test_is_not_pooled(saved):
    data = opened(0, n_origins=1)
    with pytest.raises(ConfigError, match="1 of 1 are not"):
        pool_origins([saved(data, ranked(data, "test"), is_tested=False)])


def test_a_choice_at_each_origin_pools_what_each_origins_validation_prefers_with_an_exact_p(saved):
    origins = at_every_origin()
    val = np.array([[0.5, 0.6], [0.7, 0.6], [0.5, 0.9], [0.3, 0.2]])
    ranks = [[ranked(data, "test", decay=decay) for decay in (0.1, 0.9)] for data in origins]
    groups = {
        str(i): [
            replace(saved(data, ranks[origin][i]), val={"val_recall_at_20": val[origin, i]})
            for origin, data in enumerate(origins)
        ]
        for i in range(2)
    }
    found = choice_at_each_origin(score_configurations(groups, n_draws=50))
    expected = choose_at_each_origin(
        val, [np.stack(list(map(lists_of, lists))) for lists in ranks], [data.targets("test") for data in origins]
    )
    assert found.chosen == ["1", "0", "1", "0"] == [str(i) for i in expected.chosen]
    assert found.scored.p_value == UniformSubset(39, 5, 20).p_value(expected.predictions, expected.outcomes).p
    assert found.scored.value == pytest.approx(list_recall(expected.predictions, expected.outcomes).mean())
    assert [reference.p is None for reference in found.scored.references] == [False]


def test_a_choice_of_equal_validation_does_not_go_by_that_of_other_origins(saved):
    """Both are equal at the first two origins; the second one is ahead at the others, which the choice cannot know."""
    val = np.array([[0.5, 0.5], [0.6, 0.6], [0.5, 0.9], [0.3, 0.4]])
    groups = {
        str(i): [
            replace(saved(data, ranked(data, "test", decay=(0.1, 0.9)[i])), val={"val_recall_at_20": val[origin, i]})
            for origin, data in enumerate(at_every_origin())
        ]
        for i in range(2)
    }
    entries = score_configurations(groups, n_draws=50)
    assert [entry.label for entry in entries] == ["1", "0"]  # by the mean over origins
    assert choice_at_each_origin(entries).chosen == ["0", "0", "1", "1"]


def test_one_configuration_or_one_origin_leaves_nothing_to_choose(saved):
    one = score_configurations({"a": [saved(data, ranked(data, "test")) for data in at_every_origin()]})
    assert choice_at_each_origin(one) is None
    data = opened(0, n_origins=1)
    several = {name: [saved(data, ranked(data, "test"))] for name in "ab"}
    assert choice_at_each_origin(score_configurations(several, n_draws=50)) is None


def best_on_validation(data: EventDataModule) -> np.ndarray:
    """Return the test rankings of the counter that validation likes best: what a trained network's best epoch is."""
    events = data.targets("val")
    best = max((0.0, 0.5, 0.9, 1.0), key=lambda d: recall_of_rankings(ranked(data, "val", decay=d), events, 20).sum())
    return ranked(data, "test", decay=best)


def listed(data: EventDataModule) -> np.ndarray:
    return fixed_list(data.train_part_counts(), len(data.splits.test))


@cache
def law_of_chance(n_windows: int) -> np.ndarray:
    law = np.ones(1)
    for _ in range(n_windows):
        law = np.convolve(law, stats.hypergeom(39, 5, 20).pmf(np.arange(6)))
    return law


def randomised_p(recall: np.ndarray, uniform: float) -> float:
    """Return P(more) + u P(as many) active parts among the 20 best, which chance makes uniform."""
    law, n_listed = law_of_chance(len(recall)), round(5 * recall.sum())
    return float(law[n_listed + 1 :].sum() + uniform * law[n_listed])


@pytest.mark.long
def test_the_pooled_p_is_uniform_on_fair_histories_though_a_test_block_is_the_next_origins_validation(saved):
    p_values, smallest = [], []
    for data_seed in range(60):
        origins = at_every_origin(strength=0.0, data_seed=data_seed)
        chosen, fixed = (
            pool_origins([saved(data, rank(data)) for data in origins]) for rank in (best_on_validation, listed)
        )
        p_values.append(randomised_p(chosen.score, np.random.default_rng(data_seed).random()))
        lists = [chosen.predictions, fixed.predictions]
        family = family_p(UniformSubset(39, 5, 20), lists, chosen.outcomes, seed=data_seed, n_draws=199)
        smallest.append(min(p.p_family for p in family))
    assert stats.kstest(p_values, "uniform").pvalue > 0.01
    assert stats.binomtest(sum(p <= 0.05 for p in smallest), 60, 0.05, "greater").pvalue > 0.01


@pytest.mark.slow
def test_all_origins_together_detect_a_planted_lift_as_often_as_so_many_windows_should(saved):
    null, strength, n_histories = UniformSubset(39, 5, 20), 0.6, 60
    found, lifts = [], []
    for data_seed in range(n_histories):
        origins = at_every_origin(signal=Repeat(lag=1), strength=strength, data_seed=data_seed)
        pooled = pool_origins([saved(data, ranked(data, "test", frequency_weight=0.0, decay=0.0)) for data in origins])
        values, lists = pooled.score, pooled.predictions[0]
        n_last = len(values) // N_ORIGINS
        p_of_last = null.p_value(lists[-n_last:], pooled.outcomes[-n_last:]).p
        found.append((p_of_last < 0.05, null.p_value(lists, pooled.outcomes).p < 0.05))
        lifts.append(values.mean() - 20 / 39)
    n_by_one, n_by_all = np.sum(found, axis=0)
    standardised = np.mean(lifts) / np.sqrt(null.variance / len(values))
    power = 1 - NormalDist().cdf(NormalDist().inv_cdf(0.95) - standardised)
    assert stats.binomtest(int(n_by_all), n_histories, power).pvalue > 0.01
    assert n_by_all > 1.5 * n_by_one


@pytest.mark.slow
def test_a_network_is_trained_and_tested_at_an_origin_and_its_record_says_which(small):
    run = train([*small, "--data.n_origins", "3", "--data.origin", "1"])
    tested = score_run([str(run.folder)]).run
    assert (tested.data.n_origins, tested.data.origin) == (3, 1)
    assert tested.chosen["data.origin"] == 1
    blocks = tested.items.outcomes
    data = EventDataModule(n_events=260, window=5)
    data.setup()
    np.testing.assert_array_equal(blocks, data.history.parts[-2 * len(blocks) : -len(blocks)])


@pytest.mark.slow
def test_a_network_is_not_tested_at_an_origin_whose_test_it_may_have_been_trained_on(small, capsys):
    folder = train([*small, "--data.n_origins", "3", "--data.origin", "2"]).folder
    assert main(["test", str(folder), "--data.origin", "0"]) == 2
    assert "other splits" in capsys.readouterr().err
    assert load_run(folder).test is None


@pytest.mark.slow
def test_a_network_does_not_go_on_at_an_origin_whose_test_it_may_have_been_trained_on(small, capsys):
    words = [*small, "--data.n_origins", "3"]
    train([*words, "--data.origin", "2"])
    assert main(["fit", *words, "--data.origin", "0", "--ckpt_path", "last"]) == 2
    assert "other splits" in capsys.readouterr().err
