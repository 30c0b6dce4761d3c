"""Lists of a split's windows, judged as the product does: ties listed fractionally, Recall@20, its p."""

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Integer
from torch import Tensor

from c5snn.evidence import UniformSubset, list_weights
from c5snn.evidence.lattice import convolution_power, upper_tail
from c5snn.evidence.listed_total import ListedTotal
from c5snn.tasks import NextEventModule

__all__ = ["NULL", "JudgedP", "K", "judge", "lists_of", "size_of_test"]

K = 20
NULL = UniformSubset(n_parts=39, n_active=5, k=K)


class JudgedP(NamedTuple):
    """The p of one model's lists.

    A total of recalls takes one of finitely many values, so an exact p is uniform on these alone: ``P(p <= x) <= x``,
    with equality where x is one of them. The randomised p, ``p - u P(total = observed)`` with u uniform on [0, 1), is
    uniform on the whole interval under chance, and can be held against it.

    Attributes:
        reported: As the product reports it.
        randomised: As it is compared with the uniform law.
    """

    reported: float
    randomised: float


def lists_of(model: NextEventModule, batches: Iterable[tuple[Tensor, Tensor]]) -> Float[np.ndarray, "windows parts"]:
    """Return a model's lists of a split, as in ``c5snn test``."""
    with torch.inference_mode():
        scores = torch.cat([model.eval()(windows) for windows, _ in batches])
    return list_weights(scores.double().numpy(), K)


def judge(
    weights: Float[np.ndarray, "windows parts"], events: Integer[np.ndarray, "windows active"], uniform: float
) -> JudgedP:
    """Return the p of a model's lists.

    Args:
        weights: How much of each part is listed for each window.
        events: Its active parts.
        uniform: The number u in [0, 1) of the randomised p.
    """
    p = NULL.p_value(weights, events)
    if not p.is_exact:  # so many values that no single one has a probability to speak of
        return JudgedP(p.p, p.p)
    total = ListedTotal.of(weights, events)
    more = replace(total, observed=total.observed + Fraction(1, total.unit))
    highest = sum(max(kind.law(NULL.n_parts)) * count for kind, count in total.counts.items())
    p_of_more = more.upper_tail() if more.observed <= highest else 0.0
    return JudgedP(p.p, p.p - uniform * (p.p - p_of_more))


def size_of_test(n_windows: int, level: float) -> float:
    """Return how often chance reaches a p below a level: the largest of the finitely many p-values that is below.

    It is that of lists without ties, which have the fewest values.
    """
    of_total = convolution_power(np.array([float(probability) for probability in NULL.law.values()]), n_windows)
    return next(p for p in (upper_tail(of_total, total) for total in range(len(of_total))) if p < level)
