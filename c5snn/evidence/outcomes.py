"""Fair outcomes: events drawn as uniform subsets of the parts, many histories at a time."""

import numpy as np
from jaxtyping import Int

from c5snn.errors import ConfigError

__all__ = ["fair_outcomes"]


def fair_outcomes(
    generator: np.random.Generator, shape: tuple[int, ...], *, n_parts: int = 39, n_active: int = 5
) -> Int[np.ndarray, "*shape active"]:
    """Return uniform ``n_active``-subsets of the part numbers, in no particular order.

    Floyd's algorithm, for all subsets at once: for j = n_parts - n_active + 1, …, n_parts draw t uniform on 1 … j and
    take t, or j when t is taken already. Each subset consumes ``n_active`` doubles in turn, so the same generator gives
    the same outcomes however they are cut into calls.

    Source: Bentley & Floyd (1987), A sample of brilliance, CACM 30(9):754, doi:10.1145/30401.315746.

    Args:
        generator: source of the randomness.
        shape: number of subsets along each axis, such as (histories, windows).
        n_parts: number of parts.
        n_active: number of active parts of an event.

    Raises:
        ConfigError: unless ``1 <= n_active < n_parts``.

    >>> fair_outcomes(np.random.default_rng(0), (2,), n_parts=4, n_active=3).tolist()
    [[2, 1, 4], [1, 3, 4]]
    """
    if not 1 <= n_active < n_parts:
        raise ConfigError(f"`1 <= n_active < n_parts` must hold, but got n_active={n_active}, n_parts={n_parts}.")
    largest = np.arange(n_parts - n_active + 1, n_parts + 1)
    outcomes = (generator.random((*shape, n_active)) * largest).astype(np.int32) + 1
    for i in range(1, n_active):
        drawn = outcomes[..., i]
        is_taken = outcomes[..., 0] == drawn
        for earlier in range(1, i):  # several times faster than `any` along an axis this short
            is_taken |= outcomes[..., earlier] == drawn
        drawn[is_taken] = largest[i]
    return outcomes
