"""What a model's scores on the test split are worth, computed from nothing but scores, events and the exact null."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from jaxtyping import Float, Integer

from c5snn.data import EventDataModule
from c5snn.evidence import (
    Interval,
    PairedDifference,
    Verdict,
    break_ties,
    captured_lift,
    distinct_rankings,
    fixed_list,
    mean_interval,
    null_variance,
    p_value,
    paired_difference,
    verdict,
    wilson,
)
from c5snn.metrics import HitAtK, RankingMetric, RankingMetrics

__all__ = ["HEADLINE", "MetricScore", "TestScore", "score_test_split"]

# named in advance: the verdict speaks of this metric alone
HEADLINE = "recall_at_20"

METRIC_ORDER = (HEADLINE, "hit_at_20", "mrr", "recall_at_5", "hit_at_5")

# breaks the ties of the rankings that p-values are computed from; any constant makes a valid randomised test
TIE_SEED = 0


@dataclass(frozen=True)
class MetricScore:
    """One metric on test: its value beside chance.

    Args:
        value: The mean over windows, ties in expectation.
        interval: Its 95 % interval; None for a single window.
        chance: The exact mean under chance.
        p_value: The exact one-sided p, ties broken once.
    """

    value: float
    interval: Interval | None
    chance: float
    p_value: float

    @property
    def lift(self) -> float:
        """The value above chance."""
        return self.value - self.chance


@dataclass(frozen=True)
class TestScore:
    """Everything that the test says of one model.

    Args:
        metrics: By name; ``recall_at_20`` first.
        per_window: Each metric's value in each window.
        rankings: Part numbers 1 … n_parts of each window, best first.
        fixed_list: The headline metric of the parts ranked by their frequency in train.
        listed: These parts, most frequent first.
        over_list: The paired difference of the model to the fixed list.
        oracle: The headline metric of the ranking by the signal itself; None for a history that nobody planted.
        captured: The share of the oracle's lift; None where it is undefined.
        n_distinct: Distinct rankings among the windows.
        verdict: What it is worth, in words.
    """

    __test__ = False  # its name is no test's

    metrics: dict[str, MetricScore]
    per_window: dict[str, Float[np.ndarray, " windows"]]
    rankings: Integer[np.ndarray, "windows parts"]
    fixed_list: float
    listed: Integer[np.ndarray, " parts"]
    over_list: PairedDifference
    oracle: float | None
    captured: float | None
    n_distinct: int
    verdict: Verdict

    def to_json(self) -> dict[str, Any]:
        """Return the numbers as ``test_metrics.json`` holds them."""
        metrics = {
            name: {
                "value": entry.value,
                "interval": entry.interval and list(entry.interval),
                "chance": entry.chance,
                "lift": entry.lift,
                "p_value": entry.p_value,
            }
            for name, entry in self.metrics.items()
        }
        difference = self.over_list
        return {
            "metrics": metrics,
            "fixed_list": {
                HEADLINE: self.fixed_list,
                "difference": difference.mean,
                "interval": difference.interval and list(difference.interval),
                "p_value": difference.p_greater,
            },
            "distinct_rankings": self.n_distinct,
            "n_windows": len(self.rankings),
            "oracle": self.oracle if self.oracle is None else {HEADLINE: self.oracle},
            "captured_lift": self.captured,
            "verdict": {
                "level": self.verdict.level,
                "learns_from_history": self.verdict.learns_from_history,
                "sentence": self.verdict.sentence,
            },
        }


def score_test_split(scores: Float[np.ndarray, "windows parts"], data: EventDataModule) -> TestScore:
    """Judge a model's scores on the test split.

    Args:
        scores: One score per part and test window, in the order of time.
        data: The data module, set up.

    Raises:
        ConfigError: A score is NaN or infinite.
    """
    metrics = _metrics(data)
    null = metrics[HEADLINE].null
    rankings = break_ties(scores, TIE_SEED)
    per_window = _per_window(scores, metrics, data)
    judged = _per_window(_as_scores(rankings), metrics, data)
    entries = {name: _score(metric, per_window[name], judged[name]) for name, metric in metrics.items()}
    by_frequency = fixed_list(data.train_part_counts(), len(rankings))
    listed = _per_window(_as_scores(by_frequency), metrics, data)[HEADLINE]
    over_list = paired_difference(judged[HEADLINE], listed)
    planted = data.oracle_scores("test")
    oracle = None if planted is None else float(_per_window(planted, metrics, data)[HEADLINE].mean())
    value, chance, variance = entries[HEADLINE].value, metrics[HEADLINE].chance, null_variance(null)
    captured = None if oracle is None else captured_lift(value, oracle, chance, len(rankings), variance)
    n_distinct = distinct_rankings(rankings)
    return TestScore(
        metrics=entries,
        per_window=per_window,
        rankings=rankings,
        fixed_list=float(listed.mean()),
        listed=by_frequency[0],
        over_list=over_list,
        oracle=oracle,
        captured=captured,
        n_distinct=n_distinct,
        verdict=verdict(
            entries[HEADLINE].p_value,
            p_over_list=over_list.p_greater,
            n_distinct=n_distinct,
            n_windows=len(rankings),
            variance=variance,
            captured=captured,
        ),
    )


def _metrics(data: EventDataModule) -> dict[str, RankingMetric]:
    collection = RankingMetrics(data.n_parts, data.n_active)
    return {name: cast(RankingMetric, collection[name]) for name in METRIC_ORDER}


def _per_window(
    scores: Float[np.ndarray, "windows parts"], metrics: Mapping[str, RankingMetric], data: EventDataModule
) -> dict[str, Float[np.ndarray, " windows"]]:
    targets = torch.zeros(scores.shape).scatter_(1, torch.from_numpy(data.targets("test")) - 1, 1.0)
    tensor = torch.from_numpy(scores)
    return {name: metric.per_window(tensor, targets).double().numpy() for name, metric in metrics.items()}


def _score(
    metric: RankingMetric, values: Float[np.ndarray, " windows"], judged: Float[np.ndarray, " windows"]
) -> MetricScore:
    """Value and interval with ties in expectation, p with ties broken: its null is that of a ranking without ties."""
    interval = _interval(metric, values)
    return MetricScore(float(values.mean()), interval, metric.chance, p_value(judged, metric.null))


def _interval(metric: RankingMetric, values: Float[np.ndarray, " windows"]) -> Interval | None:
    # ties make a hit fractional; rounding their sum moves the interval by less than one window
    return wilson(round(values.sum()), len(values)) if isinstance(metric, HitAtK) else mean_interval(values)


def _as_scores(rankings: Integer[np.ndarray, "windows parts"]) -> Float[np.ndarray, "windows parts"]:
    """Return scores that rank the parts in this order."""
    return -np.argsort(rankings, axis=1).astype(np.float64)
