"""Many models at once: each contender's own p and the p that survives having picked the best of them.

Single-step maxT: fair outcomes are drawn for every window, all contenders are scored against the *same* outcomes, and
a contender's family-wise p is how often the best of them all does as well. Near-identical models thus count as little
more than one, where a Bonferroni correction would count each in full.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import sqrt
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int, Integer

from c5snn.errors import ConfigError
from c5snn.evidence.outcomes import fair_outcomes
from c5snn.evidence.rankings import check_events, check_rankings
from c5snn.evidence.simulation import TIE_TOLERANCE, simulated_p

__all__ = ["FamilyP", "family_p"]

# Up to here every whole number is a float32, so scores are exact and independent of the order of summation.
LARGEST_WHOLE_FLOAT32 = 2**24


class FamilyP(NamedTuple):
    """What one contender's score is worth, alone and among all contenders."""

    p_value: float
    p_family: float


def family_p(
    contenders: Sequence[Integer[np.ndarray, "_ _ _"]],
    events: Integer[np.ndarray, "targets active"],
    *,
    k: int = 20,
    seed: int = 0,
    n_draws: int = 10_000,
    draws_per_chunk: int = 16,
) -> list[FamilyP]:
    """Return each contender's one-sided p for Recall@K and its family-wise p over all contenders.

    A contender's score is its mean over seeds, recomputed for every drawn outcome; T is its score in units of its exact
    standard deviation under chance. With ``b`` over the draws and ``j`` over the contenders,

        p_value  = (1 + #{b: T_b >= T}) / (1 + n_draws)
        p_family = (1 + #{b: max_j T_bj >= T}) / (1 + n_draws).

    Both are simulated from the same draws, so ``p_family >= p_value`` always.

    Source: Westfall & Young (1993), Resampling-Based Multiple Testing, single-step maxT, ISBN 978-0-471-55761-6. Fair
    outcomes are drawn from their known law instead of resampled, with the rankings held fixed: exact for rankings that
    do not depend on the windows' outcomes, and an approximation of the joint law otherwise.

    Args:
        contenders: rankings of each contender, shape (seeds, windows, parts); the number of seeds may differ.
        events: numbers of the active parts, one row per window.
        k: length of the list.
        seed: seed of the outcomes.
        n_draws: number of drawn histories.
        draws_per_chunk: histories held in memory at a time; it does not change the result.

    Raises:
        ConfigError: if the contenders do not share windows and parts, or hold something else than rankings.
    """
    n_windows, n_parts = _shared_shape(contenders)
    check_events(events, n_windows=n_windows, n_parts=n_parts)
    _check_options(k, n_parts, draws_per_chunk)
    n_active = events.shape[1]
    counts = np.stack([_list_counts(rankings, k) for rankings in contenders])
    scale = _exact_scale(counts, [k * len(rankings) for rankings in contenders], n_active)
    weights = _as_exact_floats(counts.reshape(len(contenders), -1).T, largest_total=int(counts.max()) * events.size)
    observed = scale.standardise(_totals(events[None], weights))[0] - TIE_TOLERANCE
    generator = np.random.default_rng(seed)
    n_own, n_best = np.zeros((2, len(contenders)), dtype=np.int64)
    for start in range(0, n_draws, draws_per_chunk):
        shape = (min(draws_per_chunk, n_draws - start), n_windows)
        outcomes = fair_outcomes(generator, shape, n_parts=n_parts, n_active=n_active)
        drawn = scale.standardise(_totals(outcomes, weights))
        n_own += (drawn >= observed).sum(axis=0)
        n_best += (drawn.max(axis=1, keepdims=True) >= observed).sum(axis=0)
    return [
        FamilyP(simulated_p(own, n_draws), simulated_p(best, n_draws))
        for own, best in zip(n_own.tolist(), n_best.tolist(), strict=True)
    ]


class _Scale(NamedTuple):
    """The exact mean and standard deviation of each contender's total when outcomes are fair."""

    mean: Float[np.ndarray, " contenders"]
    sd: Float[np.ndarray, " contenders"]

    def standardise(self, totals: Float[np.ndarray, "draws contenders"]) -> Float[np.ndarray, "draws contenders"]:
        return np.asarray((totals - self.mean) / self.sd)


def _exact_scale(counts: Integer[np.ndarray, "contenders windows parts"], row_sums: list[int], n_active: int) -> _Scale:
    """Return the scale of totals, exact until its last rounding, so that equal contenders have equal scores.

    A window's total is the sum of m_p over a simple random sample of n of N parts, so with Σ m_p = s in each window

        mean = n s / N,  variance = n (N - n) / (N (N - 1)) · (Σ m_p² - s² / N).

    Source: Cochran (1977), Sampling Techniques, 3rd ed., theorem 2.2, ISBN 978-0-471-16240-7.
    """
    _, n_windows, n_parts = counts.shape
    sampling = Fraction(n_active * (n_parts - n_active), n_parts * (n_parts - 1))
    means, sds = [], []
    for contender, row_sum in zip(counts, row_sums, strict=True):
        squares = int((contender.astype(np.int64) ** 2).sum())
        variance = sampling * (squares - n_windows * Fraction(row_sum**2, n_parts))
        means.append(float(n_windows * Fraction(n_active * row_sum, n_parts)))
        # a contender whose seeds list every part equally often always scores its mean: T = 0, whatever the unit
        sds.append(sqrt(variance) or 1.0)
    return _Scale(np.array(means), np.array(sds))


def _shared_shape(contenders: Sequence[Integer[np.ndarray, "_ _ _"]]) -> tuple[int, int]:
    """Return the windows and parts that all contenders share, each ranking checked."""
    shapes = sorted({rankings.shape[1:] for rankings in contenders})
    if len(shapes) != 1 or any(rankings.size == 0 for rankings in contenders):
        raise ConfigError(
            f"All contenders must have a seed and a window and share (windows, parts), but got {shapes}. Only results "
            "on the same windows can be compared."
        )
    for rankings in contenders:
        check_rankings(rankings.reshape(-1, rankings.shape[2]))
    n_windows, n_parts = shapes[0]
    return n_windows, n_parts


def _check_options(k: int, n_parts: int, draws_per_chunk: int) -> None:
    if not (1 <= k < n_parts and draws_per_chunk >= 1):
        raise ConfigError(
            f"`1 <= k < n_parts` and `draws_per_chunk >= 1` must hold, but got k={k}, n_parts={n_parts}, "
            f"draws_per_chunk={draws_per_chunk}."
        )


def _list_counts(rankings: Integer[np.ndarray, "seeds windows parts"], k: int) -> Int[np.ndarray, "windows parts"]:
    """Return how many seeds list each part among their K best."""
    _, n_windows, n_parts = rankings.shape
    cells = rankings[:, :, :k].astype(np.int64) - 1 + np.arange(n_windows)[:, None] * n_parts
    return np.bincount(cells.reshape(-1), minlength=n_windows * n_parts).reshape(n_windows, n_parts)


def _as_exact_floats(counts: Int[np.ndarray, "cells contenders"], largest_total: int) -> Float[np.ndarray, "..."]:
    """Return the counts in the fastest type that sums them without rounding: equal scores must compare as equal."""
    return counts.astype(np.float32 if largest_total < LARGEST_WHOLE_FLOAT32 else np.float64)


def _totals(
    outcomes: Integer[np.ndarray, "draws windows active"], weights: Float[np.ndarray, "cells contenders"]
) -> Float[np.ndarray, "draws contenders"]:
    """Return each contender's total of listed active parts, summed over windows and seeds, for each drawn history."""
    n_draws, n_windows, _ = outcomes.shape
    first_cells = np.arange(n_windows) * (len(weights) // n_windows)
    cells = (outcomes.astype(np.int64) - 1 + first_cells[:, None]).reshape(n_draws, -1)
    is_active = np.zeros((n_draws, len(weights)), dtype=weights.dtype)
    np.put_along_axis(is_active, cells, 1, axis=1)
    return np.asarray(is_active @ weights, dtype=np.float64)
