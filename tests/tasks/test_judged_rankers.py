"""Value, interval and p of one row say the same of every ranker, whatever its ties."""

import inspect

import numpy as np
import pytest
import torch
from scipy import stats

import c5snn.models
from c5snn.data import EventDataModule, Skew, UniformSizes
from c5snn.evidence import UniformSubset
from c5snn.tasks.next_event import NextEventModule

RANKERS = [
    exported
    for exported in vars(c5snn.models).values()
    if isinstance(exported, type) and issubclass(exported, NextEventModule)
]
SMALL = {"window": 9, "hidden_size": 8, "hidden_sizes": (8, 8), "n_channels": 8, "d_model": 8}
NULL = UniformSubset(39, 5, 20)
# how far a normal approximation of the total's law may lie from the exact p, in standard errors
NEAR = 0.25


def judged(model_class, data, seed):
    """Return what the test of an untrained model says; counts are taken on train."""
    torch.manual_seed(seed)
    names = inspect.signature(model_class).parameters
    model = model_class(**{name: value for name, value in SMALL.items() if name in names}).eval()
    model.fit_directly(data)
    with torch.inference_mode():
        outputs = torch.cat([model(windows) for windows, _ in data.test_dataloader()])
    return model.judge(outputs, data)


def drawn(data_seed, **options):
    data = EventDataModule(n_events=220, window=9, data_seed=data_seed, **options)
    data.setup()
    return data


@pytest.mark.parametrize(
    "n_histories", [2, pytest.param(12, marks=pytest.mark.slow), pytest.param(40, marks=pytest.mark.long)]
)
@pytest.mark.parametrize("ranker", RANKERS)
def test_value_interval_and_p_of_a_row_agree(ranker, n_histories):
    for data_seed in range(n_histories):
        data = drawn(data_seed, strength=data_seed % 3 / 2)
        record, items, _ = judged(ranker, data, data_seed)
        row = record.score
        assert row.value == pytest.approx(items.scores.mean(), abs=1e-12)
        assert row.interval.low <= row.value <= row.interval.high
        scale = NULL.scale([items.predictions[None]], items.outcomes)
        assert scale.mean[0] == pytest.approx(row.chance * 5 * len(items.scores))
        surprise = (row.value - row.chance) * 5 * len(items.scores) / scale.sd[0]
        if abs(surprise) < 1e-6:
            assert row.p > 0.4  # equal scores: 1
        assert stats.norm.ppf(np.clip(1 - row.p, 1e-6, 1 - 1e-6)) < surprise + NEAR
        assert stats.norm.ppf(np.clip(1 - row.p, 1e-6, 1 - 1e-6)) > surprise - NEAR or row.p == 1


def test_the_p_of_reciprocal_ranks_alone_is_recorded_as_simulated():
    data = drawn(0)
    scores = torch.rand(len(data.targets("test")), 39, generator=torch.Generator().manual_seed(0))
    metrics = c5snn.models.LagKernel(window=9).judge(scores, data).record.metrics
    assert {name: entry.is_exact for name, entry in metrics.items() if entry.p is not None} == {
        "recall_at_20": True, "hit_at_20": True, "mrr": False, "recall_at_5": True, "hit_at_5": True,
    }  # fmt: skip


@pytest.mark.parametrize("data_seed", range(5))
def test_scores_that_are_all_equal_are_chance_with_p_one_on_a_skewed_history(data_seed):
    data = drawn(data_seed, signal=Skew())
    model = c5snn.models.LagKernel(window=9)  # it starts with equal scores
    record = model.judge(torch.zeros(len(data.targets("test")), 39), data).record
    assert record.score.value == pytest.approx(0.512821, abs=1e-6)
    assert record.score.interval == pytest.approx((0.512821, 0.512821), abs=1e-6)
    assert record.score.p == 1
    assert record.verdict.level == "not distinguishable from chance"


@pytest.mark.parametrize("options", [{}, {"n_active": "varies", "sizes": UniformSizes(2, 7)}])
def test_the_test_keeps_when_each_window_was_and_what_was_listed_and_came(options):
    data = drawn(3, **options)
    _, items, _ = judged(c5snn.models.FrequencyBaseline, data, 3)
    details, events = items.details, data.targets("test")
    assert details["item_dates"].tolist() == [str(date) for date in data.target_dates("test")]
    assert details["answer_names"].tolist() == [str(part) for part in range(1, 40)]
    for part in range(1, 40):
        came = np.array([part in event for event in events.tolist()])
        listed = items.predictions[:, part - 1]
        assert details["answer_occurred"][part - 1] == came.sum()
        assert details["answer_predicted"][part - 1] == pytest.approx(listed.sum())
        assert details["answer_hits"][part - 1] == pytest.approx(listed[came].sum())
    assert details["answer_predicted"].sum() == pytest.approx(data.k * len(events))
