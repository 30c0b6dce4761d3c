"""The space of a study: ranges and choices, and the conditions under which an option is searched at all."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from c5snn.records.searched import is_multiple

__all__ = ["BASE", "Choice", "Domain", "Number", "Option", "Quota", "Range", "Space", "canonical"]

Number = int | float  # beartype takes `float` at its word

BASE = "base"  # the option that names the configuration a trial starts from


@dataclass(frozen=True)
class Range:
    """Numbers between two bounds, both included.

    Args:
        low: The lowest.
        high: The highest.
        log: Whether their logarithm is uniform.
        step: The distance of two neighbours; None: 1 for whole numbers, else none.
        is_int: Whether they are whole.
    """

    low: Number
    high: Number
    log: bool = False
    step: Number | None = None
    is_int: bool = False

    @property
    def n_values(self) -> Number:
        """How many values there are; infinite where they are continuous."""
        if not self.is_int and self.step is None:
            return math.inf
        return round((self.high - self.low) / (self.step or 1)) + 1

    @property
    def ends(self) -> tuple[Number, Number]:
        """The lowest and the highest value."""
        return self.low, self.high

    def has(self, value: object) -> bool:
        """Say whether a value lies within the range and on its steps."""
        if not isinstance(value, int | float) or isinstance(value, bool) or not self.low <= value <= self.high:
            return False
        step = self.step or (1 if self.is_int else None)
        return step is None or is_multiple(value - self.low, step)


@dataclass(frozen=True)
class Choice:
    """Some values of any kind.

    Args:
        values: The values.
    """

    values: tuple[Any, ...]

    @property
    def n_values(self) -> Number:
        """How many values there are."""
        return len(self.values)

    @property
    def ends(self) -> tuple[Any, ...]:
        """All values: none lies between others."""
        return self.values

    def has(self, value: object) -> bool:
        """Say whether a value is one of these."""
        return canonical(value) in {canonical(known) for known in self.values}


Domain = Range | Choice


@dataclass(frozen=True)
class Option:
    """An option that is searched.

    Args:
        name: As a flag names it.
        domain: Its values.
        when: For each parent the values under which the option is searched; all have to hold.
    """

    name: str
    domain: Domain
    when: Mapping[str, tuple[Any, ...]]

    def is_active(self, values: Mapping[str, Any]) -> bool:
        """Say whether the option is searched.

        Args:
            values: The values of the options before it; a parent that is not among them is not searched itself.
        """
        return all(
            parent in values and canonical(values[parent]) in {canonical(value) for value in allowed}
            for parent, allowed in self.when.items()
        )


@dataclass(frozen=True)
class Quota:
    """The option that splits a study into branches.

    Args:
        option: Its name.
        values: Its values.
        shares: The share of the trials of each; they sum to 1.
    """

    option: str
    values: tuple[Any, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True)
class Space:
    """What a study searches.

    Args:
        options: The searched options, parents first; without the one that has the quota.
        quota: The option that splits the study into branches; None: there is one branch.
        fixed: The values of options that are not searched but that conditions name, for each base.
        shown: The names of all options of the space in the order in which they are written, fixed ones included.
    """

    options: tuple[Option, ...]
    quota: Quota | None
    fixed: Mapping[str, Mapping[str, Any]]
    shown: tuple[str, ...]

    @property
    def branches(self) -> tuple[Mapping[str, Any], ...]:
        """What each branch fixes."""
        return tuple({self.quota.option: value} for value in self.quota.values) if self.quota else ({},)

    def given(self, params: Mapping[str, Any], base: str) -> dict[str, Any]:
        """Return the values that conditions see: those of a configuration and the fixed ones of its base."""
        return {**self.fixed[base], BASE: base, **params}

    def corners(self, base: str, branch: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield every combination of the ends of ranges and of choices, conditions held.

        Args:
            base: The base to start from, where it is not searched.
            branch: What the branch fixes.
        """
        yield from self._corners(dict(branch), base, self.options)

    def _corners(self, params: dict[str, Any], base: str, options: Sequence[Option]) -> Iterator[dict[str, Any]]:
        if not options:
            yield params
            return
        first, *rest = options
        if not first.is_active(self.given(params, params.get(BASE, base))):
            yield from self._corners(params, base, rest)
            return
        for value in first.domain.ends:
            yield from self._corners({**params, first.name: value}, base, rest)

    def n_configurations(self, base: str) -> Number:
        """Return how many configurations there are; infinite where an option is continuous.

        Args:
            base: The base to start from, where it is not searched.
        """
        return sum(self._size(dict(branch), base, self.options) for branch in self.branches)

    def _size(self, params: dict[str, Any], base: str, options: Sequence[Option]) -> Number:
        if not options:
            return 1
        first, *rest = options
        if not first.is_active(self.given(params, params.get(BASE, base))):
            return self._size(params, base, rest)
        if isinstance(first.domain, Range) and not any(first.name in option.when for option in rest):
            return first.domain.n_values * self._size(params, base, rest)
        if isinstance(first.domain, Range) and math.isinf(first.domain.n_values):
            return math.inf
        return sum(self._size({**params, first.name: value}, base, rest) for value in values_of(first.domain))


def values_of(domain: Domain) -> list[Any]:
    """Return the values of a domain that has finitely many."""
    if isinstance(domain, Choice):
        return list(domain.values)
    step = domain.step or 1
    return [domain.low + n * step for n in range(int(domain.n_values))]


def canonical(value: object) -> str:
    """Return a value as text; numbers that are equal have equal texts, and `true` is no number.

    >>> canonical(2) == canonical(2.0), canonical(1) == canonical(True)
    (True, False)
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True)
