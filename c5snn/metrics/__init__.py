"""Metrics: rankings of parts, each with the exact law it has when the event is pure chance; errors of forecasts."""

from c5snn.metrics.collection import RANKING_METRICS, RankingMetrics, default_k
from c5snn.metrics.expected_skill import ExpectedSkill
from c5snn.metrics.ranking import RankingMetric
from c5snn.metrics.recall import HitAtK, RecallAtK
from c5snn.metrics.reciprocal_rank import MeanReciprocalRank

__all__ = [
    "RANKING_METRICS",
    "ExpectedSkill",
    "HitAtK",
    "MeanReciprocalRank",
    "RankingMetric",
    "RankingMetrics",
    "RecallAtK",
    "default_k",
]
