"""A ranking of a split's windows, judged as the product does: ties broken, Recall@20, its exact p."""

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Integer
from torch import Tensor

from c5snn.evidence import WEAK_BELOW, break_ties, p_value, recall_at_k
from c5snn.evidence.lattice import convolution_power, upper_tail
from c5snn.metrics import RecallAtK
from c5snn.tasks import NextEventModule
from c5snn.training.scoring import TIE_SEED

__all__ = ["JudgedP", "K", "judge", "null", "rankings_of", "size_of_test"]

K = 20


class JudgedP(NamedTuple):
    """The p of one ranking.

    A total of recalls is a multiple of 1/5, so an exact p takes one of finitely many values and is uniform on these
    alone: ``P(p <= x) <= x``, with equality where x is one of them. The randomised p, ``p - u P(total = observed)``
    with u uniform on [0, 1), is uniform on the whole interval under chance, and can be held against it.

    Attributes:
        exact: As the product reports it.
        randomised: As it is compared with the uniform law.
    """

    exact: float
    randomised: float


def null() -> dict[Fraction, Fraction]:
    """Return the law of one window's Recall@20 under chance."""
    return RecallAtK(K).null


def rankings_of(
    model: NextEventModule, batches: Iterable[tuple[Tensor, Tensor]]
) -> Integer[np.ndarray, "windows parts"]:
    """Return a model's rankings of a split, ties broken as in ``c5snn test``."""
    with torch.inference_mode():
        scores = torch.cat([model.eval()(windows) for windows, _ in batches])
    return break_ties(scores.double().numpy(), TIE_SEED)


def judge(
    rankings: Integer[np.ndarray, "windows parts"], events: Integer[np.ndarray, "windows active"], uniform: float
) -> JudgedP:
    """Return the p of a ranking.

    Args:
        rankings: Of each window.
        events: Its active parts.
        uniform: The number u in [0, 1) of the randomised p.
    """
    values = recall_at_k(rankings, events, K)
    exact = p_value(values, null())
    return JudgedP(exact, exact - uniform * (exact - _p_of_one_more(values)))


def size_of_test(n_windows: int) -> float:
    """Return how often chance reaches a p below 0.05: the largest of the finitely many p-values that is below."""
    of_total = convolution_power(np.array([float(null()[Fraction(j, 5)]) for j in range(6)]), n_windows)
    return next(p for p in (upper_tail(of_total, total) for total in range(len(of_total))) if p < WEAK_BELOW)


def _p_of_one_more(values: Float[np.ndarray, " windows"]) -> float:
    """Return the p of a total that holds one active part more."""
    lowest = values.argmin()
    if values[lowest] == 1:
        return 0.0
    raised = values.copy()
    raised[lowest] += 1 / 5
    return p_value(raised, null())
