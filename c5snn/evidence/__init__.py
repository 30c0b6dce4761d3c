"""What a result is worth: exact chance, intervals, paired and family-wise p-values, power and the verdict in words."""

from c5snn.evidence.family import FamilyP, family_p
from c5snn.evidence.holm import holm
from c5snn.evidence.intervals import Interval, mean_interval, wilson
from c5snn.evidence.null import Null, null_mean, null_variance, p_value
from c5snn.evidence.outcomes import fair_outcomes
from c5snn.evidence.paired import PairedDifference, paired_difference
from c5snn.evidence.power import detectable_lift, windows_needed
from c5snn.evidence.rankings import (
    break_ties,
    distinct_rankings,
    fixed_list,
    hit_at_k,
    recall_at_k,
    reciprocal_rank,
    windows_per_ranking,
)
from c5snn.evidence.verdict import BETTER_BELOW, POWER, WEAK_BELOW, Verdict, captured_lift, verdict

__all__ = [
    "BETTER_BELOW",
    "POWER",
    "WEAK_BELOW",
    "FamilyP",
    "Interval",
    "Null",
    "PairedDifference",
    "Verdict",
    "break_ties",
    "captured_lift",
    "detectable_lift",
    "distinct_rankings",
    "fair_outcomes",
    "family_p",
    "fixed_list",
    "hit_at_k",
    "holm",
    "mean_interval",
    "null_mean",
    "null_variance",
    "p_value",
    "paired_difference",
    "recall_at_k",
    "reciprocal_rank",
    "verdict",
    "wilson",
    "windows_needed",
    "windows_per_ranking",
]
