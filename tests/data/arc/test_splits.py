"""The splits are stratified, and those of the earlier study and of the folds are what they are said to be."""

from collections import Counter
from fractions import Fraction
from random import Random

import pytest

from c5snn.data.arc.splits import Fold, check_fold, fold_splits, reference_splits, stratified_splits
from c5snn.errors import ConfigError

COUNTS = [52, 38, 108, 99, 28, 7, 21, 5, 28]
CATEGORIES = [category for category, n in enumerate(COUNTS) for _ in range(n)]
SHARES = (Fraction(3, 5), Fraction(1, 5), Fraction(1, 5))


def counts_of(items):
    found = Counter(CATEGORIES[item] for item in items)
    return [found[category] for category in range(9)]


def test_the_reference_split_is_that_of_the_earlier_study():
    splits = reference_splits(CATEGORIES, seed=42)
    assert (len(splits.train), len(splits.val), len(splits.test)) == (313, 73, 0)
    assert counts_of(splits.val) == [10, 7, 21, 19, 5, 1, 4, 1, 5]


def test_a_category_is_shuffled_with_its_own_seed():
    splits = reference_splits(CATEGORIES, seed=42)
    items = list(range(52, 90))
    Random(43).shuffle(items)  # noqa: S311  # as it is said
    assert [item for item in splits.val if CATEGORIES[item] == 1] == items[:7]


@pytest.mark.parametrize("seed", [0, 42])
def test_every_item_is_in_one_split(seed):
    cuts = [stratified_splits(CATEGORIES, SHARES, seed), *(fold_splits(CATEGORIES, Fold(5, i), seed) for i in range(5))]
    for cut in cuts:
        assert sorted([*cut.train, *cut.val, *cut.test]) == list(range(386))


def test_each_category_has_its_share_in_each_split():
    splits = stratified_splits(CATEGORIES, SHARES, seed=42)
    assert counts_of(splits.val) == counts_of(splits.test) == [n // 5 for n in COUNTS]


@pytest.mark.parametrize("n_folds", [2, 5, 7])
def test_the_folds_of_test_are_disjoint_equal_and_stratified(n_folds):
    tests = [fold_splits(CATEGORIES, Fold(n_folds, fold), seed=42).test for fold in range(n_folds)]
    assert sorted(item for test in tests for item in test) == list(range(386))
    assert max(map(len, tests)) - min(map(len, tests)) <= 1
    for of_category in zip(*map(counts_of, tests), strict=True):
        assert max(of_category) - min(of_category) <= 1


def test_val_of_a_fold_is_a_fifth_of_the_rest_within_each_category():
    splits = fold_splits(CATEGORIES, Fold(5, 2), seed=42)
    rest = [n - k for n, k in zip(COUNTS, counts_of(splits.test), strict=True)]
    assert counts_of(splits.val) == [round(n / 5) for n in rest]


def test_another_seed_is_another_split():
    assert set(reference_splits(CATEGORIES, seed=1).val) != set(reference_splits(CATEGORIES, seed=2).val)


@pytest.mark.parametrize(("folds", "fold"), [(1, 0), (5, 5), (5, -1), (None, 1)])
def test_a_fold_that_is_not_there_is_refused(folds, fold):
    with pytest.raises(ConfigError, match="must hold"):
        check_fold(folds, fold)
