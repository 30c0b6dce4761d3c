"""What a result is worth: exact chance, intervals, paired and family-wise p-values, power and the verdict in words."""

from c5snn.evidence.answers import items_per_answer
from c5snn.evidence.baselines import (
    HALF_LIVES,
    CountingBaseline,
    decayed_counts,
    fit_counting_baseline,
    p_beyond_counts,
    popularity_weights,
)
from c5snn.evidence.block_sign_flips import MIN_BLOCKS, BlockSignFlips
from c5snn.evidence.configurations import ConfigurationDifference, compare_configurations, compare_options
from c5snn.evidence.diebold_mariano import DieboldMariano, diebold_mariano
from c5snn.evidence.independent_parts import conditional_inclusion
from c5snn.evidence.intervals import ANY_VALUE, SHARE, Interval, mean_interval, wilson
from c5snn.evidence.law import Law, hypergeometric_law, law_mean, law_variance, p_of_total, p_of_totals
from c5snn.evidence.listing import event_sizes, exact_weights, list_recall, list_weights
from c5snn.evidence.multiple_testing import ConfigurationP, family_p, holm_adjusted
from c5snn.evidence.null import Null, Predictions, Scale, null_from_json
from c5snn.evidence.outcomes import fair_outcomes
from c5snn.evidence.paired import PairedDifference, compare_paired
from c5snn.evidence.permuted_labels import PermutedLabels, law_of_matches
from c5snn.evidence.plackett_luce import expected_recall, expected_skill, inclusion_probabilities, skill_of_lists
from c5snn.evidence.power import Sensitivity, detectable_lift, largest_lift
from c5snn.evidence.rankings import (
    break_ties,
    distinct_rankings,
    fixed_list,
    hits_of_rankings,
    recall_of_rankings,
    reciprocal_ranks,
    windows_per_ranking,
)
from c5snn.evidence.rolling_origin import PooledChoice, choose_at_each_origin
from c5snn.evidence.simulation import N_DRAWS, SIMULATED_FLOOR, PValue
from c5snn.evidence.uniform_subset import UniformSubset
from c5snn.evidence.verdict import (
    BETTER_BELOW,
    CHANCE,
    CONFIDENCE,
    CONSTANT_SHARE,
    POWER,
    WEAK_BELOW,
    ReferenceP,
    Verdict,
    Words,
    is_worse_than_chance,
    judge_headline,
    skill,
)

__all__ = [
    "ANY_VALUE",
    "BETTER_BELOW",
    "CHANCE",
    "CONFIDENCE",
    "CONSTANT_SHARE",
    "HALF_LIVES",
    "MIN_BLOCKS",
    "N_DRAWS",
    "POWER",
    "SHARE",
    "SIMULATED_FLOOR",
    "WEAK_BELOW",
    "BlockSignFlips",
    "ConfigurationDifference",
    "ConfigurationP",
    "CountingBaseline",
    "DieboldMariano",
    "Interval",
    "Law",
    "Null",
    "PValue",
    "PairedDifference",
    "PermutedLabels",
    "PooledChoice",
    "Predictions",
    "ReferenceP",
    "Scale",
    "Sensitivity",
    "UniformSubset",
    "Verdict",
    "Words",
    "break_ties",
    "choose_at_each_origin",
    "compare_configurations",
    "compare_options",
    "compare_paired",
    "conditional_inclusion",
    "decayed_counts",
    "detectable_lift",
    "diebold_mariano",
    "distinct_rankings",
    "event_sizes",
    "exact_weights",
    "expected_recall",
    "expected_skill",
    "fair_outcomes",
    "family_p",
    "fit_counting_baseline",
    "fixed_list",
    "hits_of_rankings",
    "holm_adjusted",
    "hypergeometric_law",
    "inclusion_probabilities",
    "is_worse_than_chance",
    "items_per_answer",
    "judge_headline",
    "largest_lift",
    "law_mean",
    "law_of_matches",
    "law_variance",
    "list_recall",
    "list_weights",
    "mean_interval",
    "null_from_json",
    "p_beyond_counts",
    "p_of_total",
    "p_of_totals",
    "popularity_weights",
    "recall_of_rankings",
    "reciprocal_ranks",
    "skill",
    "skill_of_lists",
    "wilson",
    "windows_per_ranking",
]
