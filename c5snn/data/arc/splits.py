"""Train, val and test, drawn within each category: one cut, a fold of a cross-validation, or the earlier study's.

All draws are those of Python's ``random.Random``, whose shuffle is the same in every version since 3.2.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import floor
from random import Random
from typing import NamedTuple

from c5snn.errors import require

__all__ = ["ArcSplits", "Fold", "check_fold", "fold_splits", "reference_splits", "stratified_splits"]

REFERENCE_VAL_SHARE = Fraction(1, 5)
FOLD_VAL_SHARE = Fraction(1, 5)
FEWEST_FOLDS = 2


class ArcSplits(NamedTuple):
    """The indices of each split's items, category by category."""

    train: list[int]
    val: list[int]
    test: list[int]


class Fold(NamedTuple):
    """A fold of a cross-validation.

    Attributes:
        n_folds: How many there are, at least 2.
        fold: Which one is test, from 0.
    """

    n_folds: int
    fold: int


def check_fold(folds: int | None, fold: int) -> Fold | None:
    """Return the fold; None without cross-validation.

    Raises:
        ConfigError: There is no such fold.
    """
    if folds is None:
        require("folds is not None", holds=fold == 0, folds=folds, fold=fold, fix="Say how many `folds` there are.")
        return None
    require("2 <= folds", holds=folds >= FEWEST_FOLDS, folds=folds)
    require("0 <= fold < folds", holds=0 <= fold < folds, fold=fold, folds=folds)
    return Fold(folds, fold)


def stratified_splits(categories: Sequence[int], shares: tuple[Fraction, ...], seed: int) -> ArcSplits:
    """Cut each category by itself: the first of its shuffled items to val, the next to test, the others to train.

    Args:
        categories: The category of each item; the items in the order of their names.
        shares: Those of train, val and test; val and test are rounded down.
        seed: Category k is shuffled with ``Random(seed + k)``.
    """
    splits = ArcSplits([], [], [])
    for items in _shuffled(categories, seed):
        n_val, n_test = (floor(share * len(items)) for share in shares[1:])
        splits.val.extend(items[:n_val])
        splits.test.extend(items[n_val : n_val + n_test])
        splits.train.extend(items[n_val + n_test :])
    return splits


def reference_splits(categories: Sequence[int], seed: int) -> ArcSplits:
    """Return the cut of an earlier study: a fifth of each category, rounded down, is val, and there is no test."""
    return stratified_splits(categories, (1 - REFERENCE_VAL_SHARE, REFERENCE_VAL_SHARE, Fraction(0)), seed)


def fold_splits(categories: Sequence[int], fold: Fold, seed: int) -> ArcSplits:
    """Return the splits of one fold.

    The shuffled items of all categories, one category after another, are dealt to the folds in turn, so folds differ by
    at most one item in each category and in all. Val is a fifth of the rest, to the nearest, within each category.

    Args:
        categories: The category of each item; the items in the order of their names.
        fold: Which fold is test.
        seed: Category k is shuffled with ``Random(seed + k)``; val is drawn with ``Random(seed + fold)``.
    """
    groups = _shuffled(categories, seed)
    splits, random, n_dealt = ArcSplits([], [], []), Random(seed + fold.fold), 0  # noqa: S311  # no secret
    for items in groups:
        is_test = [(n_dealt + i) % fold.n_folds == fold.fold for i in range(len(items))]
        n_dealt += len(items)
        rest = sorted(item for item, is_out in zip(items, is_test, strict=True) if not is_out)
        random.shuffle(rest)
        n_val = round(FOLD_VAL_SHARE * len(rest))
        splits.test.extend(item for item, is_out in zip(items, is_test, strict=True) if is_out)
        splits.val.extend(rest[:n_val])
        splits.train.extend(rest[n_val:])
    return splits


def _shuffled(categories: Sequence[int], seed: int) -> list[list[int]]:
    """Return the items of each category, in the order of a seeded shuffle."""
    groups = []
    for category in sorted(set(categories)):
        items = [item for item, other in enumerate(categories) if other == category]
        Random(seed + category).shuffle(items)  # noqa: S311  # no secret
        groups.append(items)
    return groups
