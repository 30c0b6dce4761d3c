"""A choice by validation at several origins: what the *procedure* of choosing got, and nothing else, has a p.

Validation of one origin is test of the origin before. A choice by the mean validation over all origins has therefore
seen most test windows, and its test values carry no p. A choice at each origin on its own validation has not.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float, Int, Shaped

from c5snn.errors import require

__all__ = ["PooledChoice", "choose_at_each_origin"]


class PooledChoice(NamedTuple):
    """What a choice at each origin got, test blocks one after another, ready for ``Null.p_value``.

    Attributes:
        chosen: Which configuration each origin chose.
        predictions: Its predictions on the origin's test items.
        outcomes: What came.
    """

    chosen: Int[np.ndarray, " origins"]
    predictions: Shaped[np.ndarray, "items ..."]
    outcomes: Shaped[np.ndarray, "items ..."]


def choose_at_each_origin(
    val: Float[np.ndarray, "origins configurations"],
    predictions: Sequence[Shaped[np.ndarray, "_configurations _items ..."]],
    outcomes: Sequence[Shaped[np.ndarray, "_items ..."]],
    *,
    mode: Literal["max", "min"] = "max",
) -> PooledChoice:
    """Return the pooled test results of the configuration that each origin's own validation prefers.

    Args:
        val: The headline on validation; the first of equal ones is chosen.
        predictions: Of each origin, what every configuration predicts of its test items.
        outcomes: Of each origin, what came.
        mode: Which direction of the headline is better.

    Raises:
        ConfigError: The numbers of origins or configurations differ.

    >>> lists = [np.array([[[1.0, 0.0]], [[0.0, 1.0]]]), np.array([[[1.0, 0.0]], [[0.0, 1.0]]])]
    >>> choose_at_each_origin(np.array([[0.1, 0.2], [0.2, 0.1]]), lists, [np.array([[1]]), np.array([[1]])]).chosen
    array([1, 0])
    """
    shape = (len(predictions), *{len(of_origin) for of_origin in predictions})
    holds = val.shape == shape and len(outcomes) == len(val)
    require("origins and configurations agree", holds=holds, val=val.shape, predictions=shape, outcomes=len(outcomes))
    chosen = val.argmax(axis=1) if mode == "max" else val.argmin(axis=1)
    of_chosen = [of_origin[index] for of_origin, index in zip(predictions, chosen.tolist(), strict=True)]
    return PooledChoice(chosen, np.concatenate(of_chosen), np.concatenate(list(outcomes)))
