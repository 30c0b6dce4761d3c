"""New bounds of a range: wider at a side, or narrower around the best."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from c5snn.errors import ConfigError
from c5snn.records.searched import SearchedOption
from c5snn.sweeps.space import Number

__all__ = ["Limits", "expanded", "narrowed", "read_limits"]

GROWTH = 0.5  # of the span is added: x 1.5
MARGIN = 0.1  # of the span beside the elites
DIGITS = 3


class Limits(NamedTuple):
    """Bounds that no range may leave; None for none."""

    low: float | None
    high: float | None


def read_limits(written: object) -> dict[str, Limits]:
    """Read ``hard_limits`` of a sweep's file: ``option: [low, high]``, each a number or null.

    Raises:
        ConfigError: An entry is none.
    """
    if not isinstance(written, dict):
        raise ConfigError(f"`hard_limits` must map options to [low, high], but is {written!r}.")
    found = {}
    for name, ends in written.items():
        are_ends = isinstance(ends, list) and len(ends) == 2  # noqa: PLR2004
        if not are_ends or not all(end is None or _is_number(end) for end in ends):
            raise ConfigError(f"`hard_limits` must map options to [low, high], but `{name}` is {ends!r}.")
        found[name] = Limits(*(None if end is None else float(end) for end in ends))
    return found


def expanded(option: SearchedOption, sides: Sequence[str], limits: Limits | None) -> dict[str, Number] | None:
    """Return the bounds with half of the span added at some sides, on the range's scale; None where nothing changes.

    Without limits a bound keeps its sign, and a range of shares (0 to 1) stays one.

    Args:
        option: The range.
        sides: ``low``, ``high`` or both.
        limits: Bounds that it may not leave.
    """
    low, high = float(option.low or 0.0), float(option.high or 0.0)
    limits = limits or _natural_limits(option, low, high)
    found: dict[str, Number] = {}
    if option.is_log:
        factor = (high / low) ** GROWTH
        wider = {"low": low / factor, "high": high * factor}
    else:
        wider = {"low": low - GROWTH * (high - low), "high": high + GROWTH * (high - low)}
    for side in sides:
        limit = limits.low if side == "low" else limits.high
        value = wider[side]
        if limit is not None:
            value = max(value, limit) if side == "low" else min(value, limit)
        value = _on_steps(option, value, side)
        if limit is not None:
            value = _within(option, value, limit, side)
        if value != (option.low if side == "low" else option.high):
            found[side] = value
    return found or None


def narrowed(option: SearchedOption, low: float, high: float) -> dict[str, Number]:
    """Return bounds around the elites: their quantiles and a tenth of the range's span beside them, within the range.

    Args:
        option: The range.
        low: The low quantile.
        high: The high one.
    """
    ends = float(option.low or 0.0), float(option.high or 0.0)
    if option.is_log:
        factor = (ends[1] / ends[0]) ** MARGIN
        inner = low / factor, high * factor
    else:
        margin = MARGIN * (ends[1] - ends[0])
        inner = low - margin, high + margin
    new = [_on_steps(option, value, side) for value, side in zip(inner, ("low", "high"), strict=True)]
    new = [max(new[0], option.low or 0), min(new[1], option.high or 0)]
    if new[0] >= new[1]:  # whole numbers or steps leave no room
        new = [option.low or 0, option.high or 0]
    return {"low": new[0], "high": new[1]}


def _within(option: SearchedOption, value: Number, limit: float, side: str) -> Number:
    """Return a bound that rounding may have moved past its limit, back within it."""
    if option.step is not None:
        while value < limit if side == "low" else value > limit:
            value += option.step if side == "low" else -option.step
        return value
    inside = max(value, limit) if side == "low" else min(value, limit)
    if not option.is_int:
        return inside
    return math.ceil(inside) if side == "low" else math.floor(inside)


def _natural_limits(option: SearchedOption, low: float, high: float) -> Limits:
    if low >= 0 and high < 1 and not option.is_log and not option.is_int:
        return Limits(0.0, high + (1 - high) / 2)
    least = 1.0 if option.is_int and low >= 1 else 0.0
    return Limits(least if low >= 0 else None, None)


def _on_steps(option: SearchedOption, value: float, side: str) -> Number:
    """Return a bound as the range can have it: whole, a number of steps from the old bound, or with three digits."""
    low, step = option.low or 0, option.step
    outwards = math.floor if side == "low" else math.ceil
    if step is not None:
        n = outwards((value - low) / step)
        return low + n * step if option.is_int else round(low + n * step, 12)
    if option.is_int:
        return outwards(round(value, 9))
    return 0.0 if value == 0 else round(value, DIGITS - 1 - math.floor(math.log10(abs(value))))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
