"""How well logits rank the parts of an event, each metric with the exact law it has when the event is pure chance."""

from c5snn.metrics.collection import RankingMetrics
from c5snn.metrics.hit import HitAtK
from c5snn.metrics.ranking import RankingMetric
from c5snn.metrics.recall import RecallAtK
from c5snn.metrics.reciprocal_rank import MeanReciprocalRank

__all__ = ["HitAtK", "MeanReciprocalRank", "RankingMetric", "RankingMetrics", "RecallAtK"]
