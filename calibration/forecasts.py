"""Two equally good forecasts of a slow series: how often is one called better than the other?"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float64
from numpy.lib.stride_tricks import sliding_window_view

from benchmarks.table import Table
from c5snn.evidence import BlockSignFlips, compare_paired, diebold_mariano, wilson
from calibration.effort import Effort
from calibration.words import percent, percent_interval, yes_or_no

__all__ = ["calibrate_forecasts", "equal_losses"]

DECAY = 0.9
HORIZON = 24
N_WINDOWS = 960
LEVEL, HIGHEST_RATE = 0.05, 0.08
FIRST_SEED = 40_000

NOTE = (
    "Each forecast is the conditional mean of an AR(1) series (φ 0.9) plus an AR(1) error of its own, as large for the "
    "other; windows of 24 steps start at every row, so their losses overlap. The claim is for sign flips of blocks; "
    "sign flips of single windows, which take overlapping windows for independent, show what blocks are for."
)


class _Called(NamedTuple):
    """The one-sided p of a comparison by each test."""

    blocks: float
    diebold_mariano: float
    windows: float


def calibrate_forecasts(effort: Effort) -> list[Table]:
    """Compare two equally good forecasts on each of many series."""
    called = effort.for_each(_compare, effort.n_fair)
    names = {
        "blocks": f"sign flips of blocks of {2 * HORIZON}",
        "diebold_mariano": "Diebold–Mariano, corrected",
        "windows": "sign flips of windows",
    }
    rows = [_row(name, field, [getattr(entry, field) for entry in called]) for field, name in names.items()]
    return [Table(f"Two equally good forecasts on {effort.n_fair} slow series of {N_WINDOWS} windows", rows, NOTE)]


def equal_losses(seed: int) -> tuple[Float64[np.ndarray, " windows"], Float64[np.ndarray, " windows"]]:
    """Return the losses of both forecasts on each window."""
    random = np.random.default_rng(seed)
    series, first, second = _slow(random.normal(size=(3, N_WINDOWS + HORIZON)))
    futures = sliding_window_view(series[1:], HORIZON)
    means = series[: len(futures), None] * DECAY ** np.arange(1, HORIZON + 1)
    errors = (sliding_window_view(error[1:], HORIZON) for error in (first, second))
    one, other = (((means + error - futures) ** 2).mean(axis=1)[:N_WINDOWS] for error in errors)
    return one, other


def _compare(number: int) -> _Called:
    one, other = equal_losses(FIRST_SEED + number)
    null = BlockSignFlips.of(one, other, 2 * HORIZON)
    return _Called(
        null.p_value(one, other).p,
        diebold_mariano(one, other, HORIZON).p,
        compare_paired(-one, -other, n_draws=10_000).p_greater,
    )


def _slow(luck: Float64[np.ndarray, "series rows"]) -> Float64[np.ndarray, "series rows"]:
    rows = luck.copy()
    for t in range(1, rows.shape[1]):
        rows[:, t] += DECAY * rows[:, t - 1]
    return rows


def _row(name: str, field: str, p_values: list[float]) -> dict[str, str | int | float]:
    n_low, n = sum(p < LEVEL for p in p_values), len(p_values)
    is_claimed = field == "blocks"
    return {
        "test": name,
        f"p < {LEVEL}": percent(n_low / n),
        "95 % interval": percent_interval(wilson(n_low, n)),
        "claim": f"at most {percent(HIGHEST_RATE)}" if is_claimed else "none",
        "holds": yes_or_no(holds=n_low / n <= HIGHEST_RATE or not is_claimed),
    }
