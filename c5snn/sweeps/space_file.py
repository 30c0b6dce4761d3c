"""Reads the space of a study as it is written, and names everything that is wrong with it."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from c5snn.records.searched import is_multiple
from c5snn.sweeps.faults import Faults
from c5snn.sweeps.space import BASE, Choice, Domain, Number, Option, Quota, Range, canonical

__all__ = ["SpaceParts", "as_number", "in_order", "read_space"]

RANGE_KEYS = {"low", "high", "log", "step", "when"}
CHOICE_KEYS = {"values", "when"}
SHARES_SUM_TO = 1e-6


class SpaceParts:
    """The space as far as it can be read without knowing any model. Final.

    Attributes:
        options: The searched options, as they are written.
        quotas: The options with weights; more than one is a fault.
        fixed: The options with one value.
    """

    def __init__(self) -> None:
        self.options: list[Option] = []
        self.quotas: list[Quota] = []
        self.fixed: dict[str, Any] = {}


def read_space(space: Mapping[str, Any], bases: Sequence[str], faults: Faults) -> SpaceParts:
    """Read every entry of a space.

    Args:
        space: As it is written.
        bases: The configurations of the sweep; where there are several and the space is silent, they are a choice.
        faults: Takes what is wrong.
    """
    parts = SpaceParts()
    if len(bases) > 1 and BASE not in space:
        parts.options.append(Option(BASE, Choice(tuple(bases)), {}))
    for name, entry in space.items():
        where = f"space.{name}"
        if isinstance(entry, Mapping) and "weights" in entry:
            quota = _quota(name, entry, faults)
            if quota is not None:
                parts.quotas.append(quota)
        elif _is_one_value(entry):
            parts.fixed[name] = entry["values"][0]
        elif isinstance(entry, list) or (isinstance(entry, Mapping) and (RANGE_KEYS | CHOICE_KEYS) & entry.keys()):
            option = _option(name, entry, where, faults)
            if option is not None:
                parts.options.append(option)
        else:
            parts.fixed[name] = entry
    _check_bases(parts, bases, faults)
    if len(parts.quotas) > 1:
        names = [quota.option for quota in parts.quotas]
        faults.check("space", "at most one option has weights", holds=False, options=names)
    return parts


def as_number(value: object) -> object:
    """Return a number that YAML 1.1 reads as a string, such as ``1e-7``, as the number; anything else as it is.

    >>> as_number("1e-7"), as_number("adam"), as_number(3)
    (1e-07, 'adam', 3)
    """
    if not isinstance(value, str):
        return value
    try:
        return float(value)
    except ValueError:
        return value


def in_order(options: Sequence[Option], faults: Faults) -> list[Option]:
    """Return the options with parents before their children, otherwise as they are written; a circle is a fault."""
    left, ordered = list(options), list[Option]()
    while left:
        names = {option.name for option in left}
        free = next((option for option in left if not names & option.when.keys()), None)
        if free is None:
            circle = sorted(option.name for option in left if option.when.keys() & names)
            faults.check("space", "conditions form no circle", holds=False, options=circle)
            return ordered
        left.remove(free)
        ordered.append(free)
    return ordered


def _is_one_value(entry: object) -> bool:
    """Say whether an entry is ``{values: [one]}`` without a condition, as a value that is a list has to be written."""
    values = entry["values"] if isinstance(entry, Mapping) and entry.keys() == {"values"} else None
    return isinstance(values, list) and len(values) == 1


def _option(name: str, entry: Any, where: str, faults: Faults) -> Option | None:  # noqa: ANN401  # as written
    fields = {"values": entry} if isinstance(entry, list) else entry
    is_range = "low" in fields or "high" in fields
    allowed = RANGE_KEYS if is_range else CHOICE_KEYS
    for key in sorted(fields.keys() - allowed):
        faults.check(where, f"keys are {', '.join(sorted(allowed))}", holds=False, key=key)
    when = {} if fields.get("when") is None else fields["when"]
    least = 1 if when else 2  # one value under a condition is that of the base elsewhere
    domain = _range(fields, where, faults) if is_range else _choice(fields.get("values"), where, faults, least=least)
    if not isinstance(when, Mapping):
        faults.check(f"{where}.when", "when maps options to values", holds=False, when=when)
        when = {}
    conditions = {
        parent: tuple(map(as_number, values if isinstance(values, list) else [values]))
        for parent, values in when.items()
    }
    for parent in [parent for parent, values in conditions.items() if not values]:
        faults.check(f"{where}.when", "a condition has a value", holds=False, parent=parent, values=[])
    return None if domain is None else Option(name, domain, conditions)


def _range(fields: Mapping[str, Any], where: str, faults: Faults) -> Domain | None:
    log = fields.get("log", False)
    if not faults.check(where, "log is true or false", holds=isinstance(log, bool), log=log):
        return None
    low, high = _number(fields, "low", where, faults), _number(fields, "high", where, faults)
    step = _number(fields, "step", where, faults) if fields.get("step") is not None else None
    if low is None or high is None or (step is None and fields.get("step") is not None):
        return None
    is_right = faults.check(where, "low < high", holds=low < high, low=low, high=high)
    is_right &= faults.check(where, "0 < low where log is true", holds=not log or low > 0, low=low)
    is_right &= faults.check(where, "step or log, not both", holds=step is None or not log, step=step, log=log)
    if step is not None and faults.check(where, "0 < step", holds=step > 0, step=step):
        divides = is_multiple(high - low, step)
        is_right &= faults.check(where, "step divides high - low", holds=divides, low=low, high=high, step=step)
    is_int = isinstance(low, int) and isinstance(high, int) and (step is None or isinstance(step, int))
    return Range(low, high, log, step, is_int) if is_right else None


def _number(fields: Mapping[str, Any], key: str, where: str, faults: Faults) -> Number | None:
    value = as_number(fields.get(key))
    if isinstance(value, bool) or not isinstance(value, int | float):
        faults.add(where, f"`{key} is a number` must hold, but got {key}={value!r}.")
        return None
    if not math.isfinite(value):
        faults.add(where, f"`{key} is finite` must hold, but got {key}={value!r}.")
        return None
    return value


def _choice(values: object, where: str, faults: Faults, *, least: int) -> Domain | None:
    if not isinstance(values, list):
        faults.check(where, "a choice is a list", holds=False, values=values)
        return None
    values = [as_number(value) for value in values]
    is_choice = len(values) >= least
    faults.check(
        where, "a choice has at least two values", holds=is_choice, values=values, fix="Write one value alone."
    )
    are_finite = all(math.isfinite(value) for value in values if isinstance(value, float))
    faults.check(where, "numbers are finite", holds=are_finite, values=values)
    distinct = {canonical(value) for value in values}
    faults.check(where, "no value is there twice", holds=len(distinct) == len(values), values=values)
    return Choice(tuple(values)) if values else None


def _quota(name: str, entry: Mapping[str, Any], faults: Faults) -> Quota | None:
    where, weights = f"space.{name}.weights", entry["weights"]
    for key in sorted(entry.keys() - {"weights"}):
        faults.check(f"space.{name}", "an option with weights has nothing else", holds=False, key=key)
    if not isinstance(weights, Mapping) or len(weights) < 2:  # noqa: PLR2004  # one value leaves nothing to split
        faults.check(where, "weights map at least two values to shares", holds=False, weights=weights)
        return None
    shares = [as_number(value) for value in weights.values()]
    are_shares = all(isinstance(s, int | float) and not isinstance(s, bool) and 0 < s < 1 for s in shares)
    total = sum(share for share in shares if isinstance(share, int | float))
    if not faults.check(
        where, "weights are shares: above 0, of sum 1", holds=are_shares and abs(total - 1) < SHARES_SUM_TO,
        weights=dict(weights),
    ):  # fmt: skip
        return None
    return Quota(name, tuple(weights), tuple(float(str(share)) for share in shares))


def _check_bases(parts: SpaceParts, bases: Sequence[str], faults: Faults) -> None:
    """Hold the values of ``base`` to the list of the sweep."""
    values = [value for quota in parts.quotas if quota.option == BASE for value in quota.values]
    for option in parts.options:
        if option.name == BASE:
            values += list(option.domain.ends)
            faults.check(f"space.{BASE}", "a base has no condition", holds=not option.when, when=dict(option.when))
    for value in values:
        faults.check(f"space.{BASE}", f"bases are {', '.join(bases)}", holds=value in bases, base=value)
