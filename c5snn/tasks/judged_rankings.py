"""The judgement of a model's rankings of the test windows, from scores, events and the exact null alone."""

from collections import Counter

import numpy as np
import torch
from jaxtyping import Float, Int, Integer, Shaped
from torch import Tensor

from c5snn.data import EventDataModule
from c5snn.evidence import (
    HALF_LIVES,
    SHARE,
    Interval,
    PValue,
    UniformSubset,
    Words,
    break_ties,
    conditional_inclusion,
    decayed_counts,
    event_sizes,
    expected_skill,
    fit_counting_baseline,
    list_recall,
    list_weights,
    mean_interval,
    p_of_total,
    p_of_totals,
    popularity_weights,
    skill_of_lists,
    wilson,
)
from c5snn.metrics import HitAtK, RankingMetric, RankingMetrics
from c5snn.records import Headline, MetricScore, TestItems
from c5snn.tasks.judging import ItemTable, Judgement, Oracle, ReferenceWords, judge_items

__all__ = ["TIE_SEED", "judge_rankings"]

# one order of tied parts, for counting distinct rankings and for the table of windows; no p-value depends on it
TIE_SEED = 0

LISTED_PARTS = 20

TIED = "tied scores make its value an expectation, whose law is known for Recall alone"

# of a metric that is computed in single precision
_ROUNDING = 1e-6

POPULARITY = ReferenceWords(
    "popularity_baseline",
    "popularity baseline",
    "parts by their frequency in train",
    "follows which parts have been frequent lately",
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
    weights, events = list_weights(scores, metrics.k), data.targets("test")
    sizes = event_sizes(events)
    rankings = break_ties(scores, TIE_SEED)
    windows = {name: _per_window(metric, scores, data) for name, metric in _ranking_metrics(metrics).items()}
    windows[headline.name] = list_recall(weights, events)
    references, words = _references(data, metrics.k)
    items = TestItems(
        scores=windows[headline.name],
        references={name: list_recall(lists, events) for name, lists in references.items()},
        predictions=weights,
        outcomes=events.astype(np.min_scalar_type(data.n_parts)),
        details=_details(weights, events, data),
    )
    return judge_items(
        items,
        _null(data, sizes, metrics.k),
        headline=headline,
        words=Words(headline.label, "window", "ranking", "fair history"),
        references=(POPULARITY, words),
        answers=rankings,
        metrics={name: _score(metric, windows[name], sizes) for name, metric in _ranking_metrics(metrics).items()},
        oracle=_oracle(weights, data, metrics.k),
        table=_table(rankings, windows, data),
    )


def _details(
    weights: Float[np.ndarray, "windows parts"], events: Integer[np.ndarray, "windows active"], data: EventDataModule
) -> dict[str, Shaped[np.ndarray, "..."]]:
    """Return when each window was, and how often each part was listed, came, and was listed when it came."""
    came = np.zeros((len(events), data.n_parts + 1), dtype=bool)
    came[np.arange(len(events))[:, None], events] = True  # an event of fewer parts is padded with 0
    return {
        "item_dates": np.array([str(date) for date in data.target_dates("test")]),
        "answer_noun": np.array("part"),
        "answer_names": np.array(data.label_parts(np.arange(1, data.n_parts + 1))),
        "answer_predicted": weights.sum(axis=0),
        "answer_occurred": came[:, 1:].sum(axis=0),
        "answer_hits": (weights * came[:, 1:]).sum(axis=0),
    }


def _references(data: EventDataModule, k: int) -> tuple[dict[str, Float[np.ndarray, "windows parts"]], ReferenceWords]:
    """Return the lists of both references on test, those of every half-life of the second, and its words."""
    history, train = data.history.multi_hot(), data.events("train")
    val, test = data.scored_events("val"), data.events("test")
    counting = fit_counting_baseline(history, val, k)
    lists = {
        POPULARITY.name: np.tile(popularity_weights(history, int(train[-1]) + 1, k), (len(test), 1)),
        "counting_baseline": counting.weights[test],
    }
    # the half-life that validation prefers may be stale itself: to go beyond counts is to beat those of each
    others = {f"counts_{half_life:g}": half_life for half_life in HALF_LIVES}
    lists |= {name: list_weights(decayed_counts(history, value)[test], k) for name, value in others.items()}
    words = ReferenceWords(
        "counting_baseline",
        "counting baseline",
        f"{_half_life(counting.half_life)} by validation",
        "uses the past beyond counts",
        tuple(others),
    )
    return lists, words


def _half_life(events: float) -> str:
    counts = "counts up to the last event"
    return f"{counts}, without decay" if events == np.inf else f"decayed {counts}, half-life {events:g} events"


def _oracle(weights: Float[np.ndarray, "windows parts"], data: EventDataModule, k: int) -> Oracle | None:
    """Return what the planted signal itself reaches; None for a history that nobody planted."""
    theta = data.oracle_scores("test")
    if theta is None:
        return None
    best, events = list_weights(theta, k), data.targets("test")
    value = float(list_recall(best, events).mean())
    n_active = event_sizes(events) if data.n_active == "varies" else data.n_active
    if data.path is not None:  # the oracle of a recording: parts are independent of one another
        sizes = event_sizes(events)
        return Oracle(value, skill_of_lists(weights, best, conditional_inclusion(theta, sizes), sizes))
    return Oracle(value, expected_skill(weights, best, theta, n_active))


def _ranking_metrics(metrics: RankingMetrics) -> dict[str, RankingMetric]:
    return {name: metric for name, metric in metrics.items(keep_base=True) if isinstance(metric, RankingMetric)}


def _per_window(
    metric: RankingMetric, scores: Float[np.ndarray, "windows parts"], data: EventDataModule
) -> Float[np.ndarray, " windows"]:
    events = data.targets("test")
    targets: Tensor = torch.zeros(len(events), data.n_parts + 1).scatter_(1, torch.from_numpy(events), 1.0)[:, 1:]
    return np.asarray(metric.per_window(torch.from_numpy(scores), targets).double().numpy())


def _null(data: EventDataModule, sizes: Int[np.ndarray, " windows"], k: int) -> UniformSubset:
    if data.n_active == "varies":
        return UniformSubset.of_sizes(data.n_parts, sizes, k)
    return UniformSubset(data.n_parts, data.n_active, k)


def _score(
    metric: RankingMetric, values: Float[np.ndarray, " windows"], sizes: Int[np.ndarray, " windows"]
) -> MetricScore:
    chance = metric.chance if metric.n_active else metric.chance_of(Counter(sizes.tolist()))
    value, interval, found = float(values.mean()), _interval(metric, values), _p_value(metric, values, sizes)
    if found is None:
        return MetricScore(value, interval, chance, no_p=TIED)
    return MetricScore(value, interval, chance, found.p, found.is_exact)


def _p_value(
    metric: RankingMetric, values: Float[np.ndarray, " windows"], sizes: Int[np.ndarray, " windows"]
) -> PValue | None:
    """Return the p of a metric whose law is known without ties only; None where ties make a value fractional."""
    of_size = {0: metric} if metric.n_active else {size: metric.of_size(size) for size in np.unique(sizes).tolist()}
    groups = [(values if size == 0 else values[sizes == size], metric.null) for size, metric in of_size.items()]
    is_known = all(
        (np.abs(found[:, None] - np.array([float(value) for value in law])).min(axis=1) <= _ROUNDING).all()
        for found, law in groups
    )
    if not is_known:
        return None
    return p_of_total(*groups[0]) if metric.n_active else p_of_totals(groups)


def _interval(metric: RankingMetric, values: Float[np.ndarray, " windows"]) -> Interval | None:
    # ties make a hit fractional: it is the probability of one in a random order of the tied parts
    if isinstance(metric, HitAtK) and np.isin(values, (0.0, 1.0)).all():
        return wilson(round(values.sum()), len(values))
    return mean_interval(values, possible=SHARE)


def _table(
    rankings: Integer[np.ndarray, "windows parts"],
    windows: dict[str, Float[np.ndarray, " windows"]],
    data: EventDataModule,
) -> ItemTable:
    varies, named = data.n_active == "varies", data.label_parts
    active = ["parts"] if varies else [f"m_{i}" for i in range(1, data.targets("test").shape[1] + 1)]
    listed = rankings[:, :LISTED_PARTS]
    columns = ["date", *active, *(f"top_{i}" for i in range(1, listed.shape[1] + 1)), *windows]
    values = np.column_stack(list(windows.values()))
    apart = "; " if data.part_names else " "
    events = [[apart.join(named(event[event > 0]))] if varies else event for event in data.targets("test")]
    rows = zip(data.target_dates("test"), events, map(named, listed), values, strict=True)
    return ItemTable(
        columns,
        [[date, *event, *ranking, *(f"{value:.6g}" for value in scores)] for date, event, ranking, scores in rows],
    )
