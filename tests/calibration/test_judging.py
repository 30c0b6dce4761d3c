"""The p of one ranking: exact as the product's, randomised as scipy's law of the total says."""

import numpy as np
import pytest
import torch
from c5snn.training.scoring import score_test_split
from scipy import stats

from c5snn.data import EventDataModule
from c5snn.evidence import fair_outcomes
from c5snn.models import FrequencyBaseline
from calibration.judging import judge, rankings_of, size_of_test


def law_of_total(n_windows: int) -> np.ndarray:
    law = np.ones(1)
    for _ in range(n_windows):
        law = np.convolve(law, stats.hypergeom(39, 5, 20).pmf(np.arange(6)))
    return law


@pytest.mark.parametrize("n_listed", range(6))
@pytest.mark.parametrize("uniform", [0.0, 0.25, 0.99])
def test_the_randomised_p_is_the_chance_of_more_and_a_share_of_that_of_as_many(n_listed, uniform):
    ranking = np.arange(1, 40)[None].repeat(3, axis=0)
    event = np.concatenate([np.arange(1, n_listed + 1), np.arange(35, 40)])[:5]
    judged = judge(ranking, event[None].repeat(3, axis=0), uniform)
    law = law_of_total(3)
    more, as_many = law[3 * n_listed + 1 :].sum(), law[3 * n_listed]
    assert judged.exact == pytest.approx(more + as_many)
    assert judged.randomised == pytest.approx(more + (1 - uniform) * as_many, abs=1e-12)


@pytest.mark.parametrize("n_windows", [2, 37, 372])
def test_the_size_of_the_test_is_the_largest_attainable_p_below_five_percent(n_windows):
    tails = law_of_total(n_windows)[::-1].cumsum()
    assert size_of_test(n_windows) == pytest.approx(tails[tails < 0.05].max())


def test_randomised_p_values_of_a_fixed_list_are_uniform_and_exact_ones_of_few_windows_are_not():
    generator = np.random.default_rng(0)
    ranking = np.arange(1, 40)[None].repeat(2, axis=0)
    judged = [judge(ranking, events, generator.random()) for events in fair_outcomes(generator, (500, 2))]
    assert stats.kstest([p.randomised for p in judged], "uniform").pvalue > 0.01
    assert stats.kstest([p.exact for p in judged], "uniform").pvalue < 1e-6


def test_the_p_is_the_one_that_a_test_reports():
    data, model = EventDataModule(n_events=300, strength=0.5), FrequencyBaseline(decay=0.0)
    data.setup()
    scores = torch.cat([model(windows) for windows, _ in data.test_dataloader()]).double().numpy()
    judged = judge(rankings_of(model, data.test_dataloader()), data.targets("test"), 0.0)
    assert judged.exact == score_test_split(scores, data).metrics["recall_at_20"].p_value
