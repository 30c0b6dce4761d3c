"""Null hypotheses: what a headline would be by luck alone, and how to draw it for many configurations at once.

A null knows three things: the exact law of one training's total, the mean and standard deviation of any configuration's
total, and how to draw the totals of all configurations from the *same* drawn luck. Everything that compares results
(own p, family-wise p, power) is written against this interface and knows no task.

*Predictions* hold one row an item: list weights, class numbers or losses. *Outcomes* hold what came, one row an item.
A configuration's *total* is the sum of its headline over items and seeds, in a unit of the null's choice, oriented so
that greater is better.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from jaxtyping import Float, Shaped

from c5snn.errors import require
from c5snn.evidence.intervals import ANY_VALUE, Interval
from c5snn.evidence.simulation import PValue
from c5snn.evidence.total_law import Terms

__all__ = ["Null", "Predictions", "Scale", "check_items", "null_from_json"]

# the predictions of one configuration: its seeds, the items, and whatever one item's prediction holds
Predictions = Shaped[np.ndarray, "_seeds _items ..."]


class Scale(NamedTuple):
    """The mean and standard deviation of each configuration's total under the null."""

    mean: Float[np.ndarray, " configurations"]
    sd: Float[np.ndarray, " configurations"]

    def standardize(
        self, totals: Float[np.ndarray, "draws configurations"]
    ) -> Float[np.ndarray, "draws configurations"]:
        """Return the totals in units of their standard deviation from their mean."""
        return np.asarray((totals - self.mean) / self.sd)


@dataclass(frozen=True)
class Null(ABC):
    """What luck alone would do. Abstract; a subclass is a final frozen dataclass of plain values.

    Attributes:
        is_sequential: Whether a prediction may follow the outcomes of earlier items, so that draws with all predictions
            held fixed are an approximation of the joint law of several configurations.
    """

    is_sequential: ClassVar[bool] = False

    @property
    @abstractmethod
    def mean(self) -> float:
        """The mean of the headline of one item."""

    @property
    @abstractmethod
    def variance(self) -> float:
        """The variance of the headline's mean over items, times the number of items."""

    @property
    def chance(self) -> float | None:
        """The headline's level under the null; None where the null is about differences and has no level of its own."""
        return self.mean

    @property
    def possible(self) -> Interval:
        """What the headline can be at all, to which its interval is clipped; any number unless a subclass knows."""
        return ANY_VALUE

    def units(self, values: Float[np.ndarray, "... items"]) -> Float[np.ndarray, "... units"]:
        """Return numbers of the items as numbers of independent units, with the same mean; here each item is one."""
        return values

    def is_decidable(self, n_items: int) -> bool:
        """Return whether so many items are enough for p and intervals."""
        del n_items
        return True

    def terms(self, n_items: int) -> list[Terms]:
        """Return the independent terms whose sum over so many items is the headline; none where they have no law."""
        del n_items
        return []

    @abstractmethod
    def p_value(
        self, predictions: Shaped[np.ndarray, "items ..."], outcomes: Shaped[np.ndarray, "items ..."]
    ) -> PValue:
        """Return how often luck does as well as one training, or better."""

    @abstractmethod
    def p_worse(self, predictions: Shaped[np.ndarray, "items ..."], outcomes: Shaped[np.ndarray, "items ..."]) -> float:
        """Return how often luck does as badly as one training, or worse; exact where :meth:`p_value` is."""

    @abstractmethod
    def totals(
        self, predictions: Sequence[Predictions], outcomes: Shaped[np.ndarray, "items ..."]
    ) -> Float[np.ndarray, " configurations"]:
        """Return the total of each configuration with the outcomes that came."""

    @abstractmethod
    def scale(self, predictions: Sequence[Predictions], outcomes: Shaped[np.ndarray, "items ..."]) -> Scale:
        """Return the exact mean and standard deviation of each configuration's total."""

    @abstractmethod
    def draws(
        self,
        predictions: Sequence[Predictions],
        outcomes: Shaped[np.ndarray, "items ..."],
        generator: np.random.Generator,
        n: int,
    ) -> Iterator[Float[np.ndarray, "draws configurations"]]:
        """Yield the totals of all configurations under the same drawn luck, a few draws at a time, ``n`` in all."""

    def to_json(self) -> dict[str, Any]:
        """Return the null as plain values."""
        return {"class": type(self).__name__, **asdict(self)}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> "Null":
        """Return the null of these values; lists become tuples."""
        return cls(**{name: _frozen(value) for name, value in fields.items()})


def check_items(predictions: Sequence[Predictions], item_shape: tuple[int, ...]) -> None:
    """Refuse configurations that do not share their items.

    Args:
        predictions: Of each configuration.
        item_shape: The number of items, and the shape of what one item's prediction holds.

    Raises:
        ConfigError: A configuration has another shape, or no seed.
    """
    shapes = [entry.shape for entry in predictions]
    require(
        "all configurations share their items",
        holds=all(shape[0] >= 1 and shape[1:] == item_shape for shape in shapes),
        shapes=shapes,
        items=item_shape,
        fix="Only results on the same items can be compared.",
    )


def null_from_json(fields: Mapping[str, Any]) -> Null:
    """Return the null that :meth:`Null.to_json` wrote.

    Raises:
        ConfigError: There is no such null.
    """
    arguments = dict(fields)
    name = arguments.pop("class", None)
    found = {null.__name__: null for null in Null.__subclasses__()}
    require("null in known nulls", holds=name in found, null=name, known=sorted(found))
    return found[name].from_json(arguments)


def _frozen(value: object) -> object:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
