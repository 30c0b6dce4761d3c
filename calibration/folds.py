"""A cross-validation with random labels: how often is a classifier that learned nothing called better than luck?"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from scipy import stats

from benchmarks.table import Row, Table
from c5snn.data.arc.splits import Fold, fold_splits
from c5snn.evidence import BETTER_BELOW, WEAK_BELOW, PermutedLabels, wilson
from calibration.effort import Effort
from calibration.words import SURPRISE, percent, percent_interval, yes_or_no

__all__ = ["calibrate_folds"]

FIRST_SEED = 70_000
N_ITEMS = 60
N_CLASSES = 3
N_FOLDS = 5
N_FEATURES = 8
# What docs/calibration.md says of all folds together, whose p is called approximate.
HIGHEST_WEAK, HIGHEST_BETTER = 0.1, 0.03

NOTE = f"""{N_ITEMS} items of {N_CLASSES} equal classes with {N_FEATURES} normal features that say nothing of the class,
cut as `arc` data with `folds: {N_FOLDS}`; a classifier knows the train and val items of a fold and is tested on the
others. `one`: the p of the first fold, which the permuted labels make exact. `all`: the p of the five together, as a
report has it, which takes folds for independent, though each one's labels train the models of the others. `holds`: for
one fold, the share of p < {WEAK_BELOW} is no surprise at 5 % (one-sided binomial p above {SURPRISE}); for all, at most
{percent(HIGHEST_WEAK)} of p < {WEAK_BELOW} and {percent(HIGHEST_BETTER)} of p < {BETTER_BELOW}, as the claim is."""

Features = Float[np.ndarray, "items features"]
Labels = Int[np.ndarray, " items"]
Classifier = Callable[[Features, Labels, Features], Labels]


class _Judged(NamedTuple):
    """The p of one set of items: of its first fold, and of all."""

    one: float
    all: float


def calibrate_folds(effort: Effort) -> list[Table]:
    """Return the table of classifiers by folds."""
    rows: list[Row] = []
    for name, classify in CLASSIFIERS.items():
        judged = effort.for_each(partial(_judge, classify), effort.n_folded)
        rows += [_row(name, "one", [p.one for p in judged]), _row(name, "all", [p.all for p in judged])]
    return [Table(f"Classifiers by {N_FOLDS} folds on {effort.n_folded:,} sets with random labels", rows, NOTE)]


def _judge(classify: Classifier, number: int) -> _Judged:
    random = np.random.default_rng(FIRST_SEED + number)
    features = random.normal(size=(N_ITEMS, N_FEATURES))
    labels = random.permutation(np.arange(N_ITEMS) % N_CLASSES)
    predicted, fold_of = np.empty_like(labels), np.empty_like(labels)
    for fold in range(N_FOLDS):
        split = fold_splits(labels.tolist(), Fold(N_FOLDS, fold), FIRST_SEED + number)
        known = split.train + split.val
        predicted[split.test] = classify(features[known], labels[known], features[split.test])
        fold_of[split.test] = fold
    is_first = fold_of == 0
    outcomes = np.column_stack([labels, fold_of])
    return _Judged(_p(predicted[is_first], outcomes[is_first]), _p(predicted, outcomes))


def _p(predicted: Labels, outcomes: Int[np.ndarray, "items 2"]) -> float:
    return PermutedLabels.of(predicted, outcomes, N_CLASSES).p_value(predicted, outcomes).p


def _nearest_item(known: Features, labels: Labels, asked: Features) -> Labels:
    return np.asarray(labels[_nearest(known, asked)])


def _nearest_mean(known: Features, labels: Labels, asked: Features) -> Labels:
    return _nearest(np.stack([known[labels == label].mean(axis=0) for label in range(N_CLASSES)]), asked)


def _nearest(known: Features, asked: Features) -> Int[np.ndarray, " asked"]:
    return np.asarray(((asked[:, None] - known[None]) ** 2).sum(axis=-1).argmin(axis=1))


CLASSIFIERS: dict[str, Classifier] = {"class of the nearest item": _nearest_item, "nearest class mean": _nearest_mean}


def _row(classifier: str, folds: str, p_values: list[float]) -> Row:
    n, n_weak, n_better = (
        len(p_values), sum(p < WEAK_BELOW for p in p_values), sum(p < BETTER_BELOW for p in p_values),
    )  # fmt: skip
    if folds == "one":
        holds = bool(stats.binomtest(n_weak, n, WEAK_BELOW, "greater").pvalue > SURPRISE)
    else:
        holds = n_weak / n <= HIGHEST_WEAK and n_better / n <= HIGHEST_BETTER
    return {
        "classifier": classifier,
        "folds": folds,
        "p < 0.05": percent(n_weak / n),
        "95 % interval": percent_interval(wilson(n_weak, n)),
        "p < 0.01": percent(n_better / n),
        "95 % interval of that": percent_interval(wilson(n_better, n)),
        "holds": yes_or_no(holds=holds),
    }
