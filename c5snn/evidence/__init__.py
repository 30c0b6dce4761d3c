"""What a result is worth: exact chance, intervals, paired and family-wise p-values, power and the verdict in words."""

from c5snn.evidence.answers import items_per_answer
from c5snn.evidence.block_sign_flips import BlockSignFlips
from c5snn.evidence.family import FamilyP, family_p
from c5snn.evidence.holm import holm
from c5snn.evidence.intervals import Interval, mean_interval, wilson
from c5snn.evidence.law import Law, law_mean, law_variance, p_of_total
from c5snn.evidence.null import Null, Predictions, PValue, Scale, null_from_json
from c5snn.evidence.outcomes import fair_outcomes
from c5snn.evidence.paired import PairedDifference, paired_difference
from c5snn.evidence.permuted_labels import PermutedLabels, law_of_matches
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
from c5snn.evidence.uniform_subset import UniformSubset, hypergeometric_law, list_recall, list_weights
from c5snn.evidence.verdict import (
    BETTER_BELOW,
    CONSTANT_SHARE,
    POWER,
    WEAK_BELOW,
    ReferenceP,
    Verdict,
    Words,
    skill,
    verdict,
)

__all__ = [
    "BETTER_BELOW",
    "CONSTANT_SHARE",
    "POWER",
    "WEAK_BELOW",
    "BlockSignFlips",
    "FamilyP",
    "Interval",
    "Law",
    "Null",
    "PValue",
    "PairedDifference",
    "PermutedLabels",
    "Predictions",
    "ReferenceP",
    "Scale",
    "UniformSubset",
    "Verdict",
    "Words",
    "break_ties",
    "detectable_lift",
    "distinct_rankings",
    "fair_outcomes",
    "family_p",
    "fixed_list",
    "hit_at_k",
    "holm",
    "hypergeometric_law",
    "items_per_answer",
    "law_mean",
    "law_of_matches",
    "law_variance",
    "list_recall",
    "list_weights",
    "mean_interval",
    "null_from_json",
    "p_of_total",
    "paired_difference",
    "recall_at_k",
    "reciprocal_rank",
    "skill",
    "verdict",
    "wilson",
    "windows_needed",
    "windows_per_ranking",
]
