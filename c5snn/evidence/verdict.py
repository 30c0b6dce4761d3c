"""What a test result says, in words that are computed: one level, one sentence, and what it could have seen.

It speaks of Recall@20 alone, the metric named before anything was measured. Beating chance is not yet learning from the
history, because a fixed list of frequent parts beats chance on any history with unequal parts.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import floor, sqrt
from typing import Literal

from c5snn.errors import ConfigError
from c5snn.evidence.power import detectable_lift

__all__ = ["BETTER_BELOW", "POWER", "WEAK_BELOW", "Verdict", "captured_lift", "verdict"]

# One-sided p of Recall@20 below which a result is weak evidence, and below which it is better than chance. The second
# also judges the paired difference to the fixed list.
WEAK_BELOW = 0.05
BETTER_BELOW = 0.01

# The power at which the smallest detectable lift is stated, for a test at WEAK_BELOW.
POWER = 0.8

# An oracle that stands closer to chance than this many standard errors has no lift worth dividing by.
ORACLE_STANDARD_ERRORS = 5

Level = Literal["not distinguishable from chance", "weak", "better than chance"]


@dataclass(frozen=True)
class Verdict:
    """What a test result is worth.

    Attributes:
        level: how it stands to chance.
        learns_from_history: whether it is better than chance, better than the fixed list, and more than one ranking.
        sentence: all of it in words.
    """

    level: Level
    learns_from_history: bool
    sentence: str


def verdict(
    p_value: float,
    *,
    p_over_list: float,
    n_distinct: int,
    n_windows: int,
    variance: Fraction | float,
    captured: float | None = None,
) -> Verdict:
    """Return the verdict on one model's Recall@20 on test.

    Args:
        p_value: exact one-sided p against chance.
        p_over_list: one-sided p of the paired difference to the fixed list (``PairedDifference.p_greater``).
        n_distinct: number of distinct rankings.
        n_windows: number of windows.
        variance: variance of one window's Recall@20 under chance (``null_variance``).
        captured: share of the oracle's lift (``captured_lift``), said of a lift that is there; None when not known.

    Raises:
        ConfigError: if a p is not in (0, 1], or ``1 <= n_distinct <= n_windows`` does not hold.

    >>> result = verdict(0.03, p_over_list=0.4, n_distinct=9, n_windows=1752, variance=Fraction(447, 10_000))
    >>> print(result.sentence.split("; ")[0])
    Recall@20 is weak: one fair history in 33 scores this high (p = 0.03)
    """
    _check(p_value, p_over_list, n_distinct, n_windows)
    level = _level(p_value)
    # one window has one ranking, which says nothing about the input
    ignores_input = n_distinct == 1 and n_windows > 1
    beats_list = level == "better than chance" and p_over_list < BETTER_BELOW
    clauses = [_against_chance(level, p_value)]
    if ignores_input:
        clauses.append(f"the model ignores its input: all {n_windows:,} windows get the same ranking")
    elif level == "better than chance":
        clauses.append(_against_list(p_over_list, beats_list=beats_list))
    if captured is not None and level == "better than chance":
        clauses.append(f"it captures {captured:.0%} of the oracle's lift")
    lift = detectable_lift(n_windows, variance, alpha=WEAK_BELOW, power=POWER)
    clauses.append(
        f"the smallest lift that {n_windows:,} windows could have detected at {POWER:.0%} power is {lift:.4f} "
        f"(one-sided {WEAK_BELOW:.0%} test)"
    )
    return Verdict(level, beats_list and not ignores_input, "; ".join(clauses) + ".")


def captured_lift(
    model: float, oracle: float, chance: float, n_windows: int, variance: Fraction | float
) -> float | None:
    """Return ``(model - chance) / (oracle - chance)``, or None when the oracle's lift is below 5 standard errors.

    Args:
        model: the model's mean.
        oracle: the oracle's mean on the same windows.
        chance: exact chance level.
        n_windows: number of windows.
        variance: variance of one window's value under chance.

    Raises:
        ConfigError: if there is no window.

    >>> captured_lift(model=0.75, oracle=1.0, chance=0.5, n_windows=1752, variance=0.0447)
    0.5
    """
    if n_windows < 1:
        raise ConfigError(f"`n_windows >= 1` must hold, but got n_windows={n_windows}. Give the split more events.")
    if oracle - chance < ORACLE_STANDARD_ERRORS * sqrt(variance / n_windows):
        return None
    return (model - chance) / (oracle - chance)


def _level(p_value: float) -> Level:
    if p_value >= WEAK_BELOW:
        return "not distinguishable from chance"
    return "weak" if p_value >= BETTER_BELOW else "better than chance"


def _against_chance(level: Level, p_value: float) -> str:
    if level == "weak":
        return f"Recall@20 is weak: one fair history in {floor(1 / p_value)} scores this high (p = {p_value:.3g})"
    return f"Recall@20 is {level} (p = {p_value:.3g})"


def _against_list(p_over_list: float, *, beats_list: bool) -> str:
    if beats_list:
        return f"the model learns from the history: it also beats the fixed list (p = {p_over_list:.3g})"
    return (
        f"the model does not beat the fixed list (p = {p_over_list:.3g}, not below {BETTER_BELOW}): nothing shows "
        "that it uses more of the history than how often each part occurs"
    )


def _check(p_value: float, p_over_list: float, n_distinct: int, n_windows: int) -> None:
    if not (0 < p_value <= 1 and 0 < p_over_list <= 1):
        raise ConfigError(
            f"`0 < p <= 1` must hold, but got p_value={p_value}, p_over_list={p_over_list}. Take them from "
            "`p_value` and `paired_difference`."
        )
    if not 1 <= n_distinct <= n_windows:
        raise ConfigError(
            f"`1 <= n_distinct <= n_windows` must hold, but got n_distinct={n_distinct}, n_windows={n_windows}."
        )
