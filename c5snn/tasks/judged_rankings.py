"""The judgement of a model's rankings of the test windows, from scores, events and the exact null alone."""

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Float, Integer
from torch import Tensor

from c5snn.data import EventDataModule
from c5snn.evidence import (
    Interval,
    UniformSubset,
    Words,
    break_ties,
    fixed_list,
    list_weights,
    mean_interval,
    p_of_total,
    wilson,
)
from c5snn.metrics import HitAtK, RankingMetric, RankingMetrics
from c5snn.records import Headline, MetricScore, TestItems
from c5snn.tasks.judging import ItemTable, Judgement, ReferenceWords, judge_items

__all__ = ["TIE_SEED", "K", "judge_rankings"]

# the length of the list of the headline
K = 20

# breaks the ties of the rankings that p-values are computed from; any constant makes a valid randomised test
TIE_SEED = 0

LISTED_PARTS = 20

POPULARITY = ReferenceWords(
    "popularity_baseline", "popularity baseline", "parts by their frequency in train", "learns from the history"
)


def judge_rankings(
    scores: Float[np.ndarray, "windows parts"], data: EventDataModule, metrics: RankingMetrics, headline: Headline
) -> Judgement:
    """Judge a model's scores on the test split.

    Args:
        scores: One score per part and test window, in the order of time.
        data: The data module, set up.
        metrics: The metrics, the headline first.
        headline: The metric of the verdict.

    Raises:
        ConfigError: A score is NaN or infinite.
    """
    rankings = break_ties(scores, TIE_SEED)
    ranked = {name: metric for name, metric in metrics.items(keep_base=True) if isinstance(metric, RankingMetric)}
    windows = {name: _per_window(metric, scores, data) for name, metric in ranked.items()}
    judged = {name: _per_window(metric, _scores(rankings), data) for name, metric in ranked.items()}
    popular = fixed_list(data.train_part_counts(), len(rankings))
    planted = data.oracle_scores("test")
    main = ranked[headline.name]
    items = TestItems(
        scores=judged[headline.name],
        references={POPULARITY.name: _per_window(main, _scores(popular), data)},
        predictions=list_weights(_scores(rankings), K),
        outcomes=data.targets("test").astype(np.min_scalar_type(data.n_parts)),
    )
    return judge_items(
        items,
        UniformSubset(data.n_parts, data.n_active, K),
        headline=headline,
        words=Words(headline.label, "window", "ranking", "fair history"),
        references=(POPULARITY,),
        answers=rankings,
        metrics={name: _score(metric, windows[name], judged[name]) for name, metric in ranked.items()},
        oracle=None if planted is None else float(_per_window(main, planted, data).mean()),
        table=_table(rankings, windows, data),
    )


def _per_window(
    metric: RankingMetric, scores: Float[np.ndarray, "windows parts"], data: EventDataModule
) -> Float[np.ndarray, " windows"]:
    targets: Tensor = torch.zeros(scores.shape).scatter_(1, torch.from_numpy(data.targets("test")) - 1, 1.0)
    return np.asarray(metric.per_window(torch.from_numpy(scores), targets).double().numpy())


def _score(
    metric: RankingMetric, values: Float[np.ndarray, " windows"], judged: Float[np.ndarray, " windows"]
) -> MetricScore:
    """Value and interval with ties in expectation, p with ties broken: its null is that of a ranking without ties."""
    return MetricScore(float(values.mean()), _interval(metric, values), metric.chance, p_of_total(judged, metric.null))


def _interval(metric: RankingMetric, values: Float[np.ndarray, " windows"]) -> Interval | None:
    # ties make a hit fractional; rounding their sum moves the interval by less than one window
    return wilson(round(values.sum()), len(values)) if isinstance(metric, HitAtK) else mean_interval(values)


def _scores(rankings: Integer[np.ndarray, "windows parts"]) -> Float[np.ndarray, "windows parts"]:
    """Return scores that rank the parts in this order."""
    return -np.argsort(rankings, axis=1).astype(np.float64)


def _table(
    rankings: Integer[np.ndarray, "windows parts"],
    windows: Mapping[str, Float[np.ndarray, " windows"]],
    data: EventDataModule,
) -> ItemTable:
    active = [f"m_{i}" for i in range(1, data.n_active + 1)]
    columns = ["date", *active, *(f"top_{i}" for i in range(1, LISTED_PARTS + 1)), *windows]
    values = np.column_stack(list(windows.values()))
    rows = zip(data.target_dates("test"), data.targets("test"), rankings[:, :LISTED_PARTS], values, strict=True)
    return ItemTable(
        columns,
        [[date, *event, *ranking, *(f"{value:.6g}" for value in scores)] for date, event, ranking, scores in rows],
    )
