"""Contenders against each other: the one that validation chose, paired with every other on the same windows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from c5snn.evidence import Interval, holm, paired_difference

__all__ = ["Pair", "pairs_with_first"]


@dataclass(frozen=True)
class Pair:
    """The contender that validation ranks first against another one.

    Args:
        first: The label of the first.
        other: The label of the other.
        difference: Recall@20 of the first minus that of the other, mean over windows and seeds.
        interval: Its 95 % interval; None for one window.
        p_two_sided: Two-sided sign-flip p.
        p_corrected: The same after Holm's correction for all pairs of the comparison.
    """

    first: str
    other: str
    difference: float
    interval: Interval | None
    p_two_sided: float
    p_corrected: float


def pairs_with_first(labels: Sequence[str], recall: Mapping[str, Float[np.ndarray, " windows"]]) -> list[Pair]:
    """Pair the first contender with every other one.

    The first is the choice of validation, never of test: the best on test against the rest would flatter itself.

    Args:
        labels: The contenders, the best mean on validation first.
        recall: Recall@20 of each in each window, mean over seeds.
    """
    first, *others = labels
    differences = [paired_difference(recall[first], recall[other]) for other in others]
    corrected = holm([difference.p_two_sided for difference in differences])
    return [
        Pair(first, other, difference.mean, difference.interval, difference.p_two_sided, p)
        for other, difference, p in zip(others, differences, corrected, strict=True)
    ]
