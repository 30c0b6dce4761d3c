"""The law of the total Recall@K of one training's lists, when every event is a uniform subset of its size.

Items whose lists have as many parts listed whole and by a fraction share a law. A total is the sum of all of them.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import comb, lcm
from typing import NamedTuple, final

import numpy as np
from jaxtyping import Float, Integer

from c5snn.evidence.law import Law
from c5snn.evidence.listing import event_sizes
from c5snn.evidence.simulation import count_as_high, simulated_p
from c5snn.evidence.tilting import LatticeLaw, tail_of_sum

__all__ = ["ListKind", "ListedTotal"]


class ListKind(NamedTuple):
    """What decides the law of one item's recall.

    Attributes:
        n_whole: Parts that are listed whole.
        n_tied: Parts that share the places that are left.
        places: How many places they share.
        n_active: Active parts of the event.
    """

    n_whole: int
    n_tied: int
    places: int
    n_active: int

    @property
    def unit(self) -> int:
        """The least common denominator of all values."""
        return self.n_active * (Fraction(self.places, self.n_tied).denominator if self.n_tied else 1)

    def value(self, n_whole_hits: int, n_tied_hits: int) -> Fraction:
        """Return the total recall of so many active parts that are listed whole and by a fraction."""
        tied = Fraction(n_tied_hits * self.places, self.n_tied) if self.n_tied else Fraction(0)
        return (n_whole_hits + tied) / self.n_active

    def law(self, n_parts: int) -> Law:
        """Return the exact law of one item's recall: how many active parts of each sort is hypergeometric."""
        n_events, n_out = comb(n_parts, self.n_active), n_parts - self.n_whole - self.n_tied
        law: dict[Fraction, Fraction] = {}
        for whole in range(min(self.n_whole, self.n_active) + 1):
            for tied in range(min(self.n_tied, self.n_active - whole) + 1):
                ways = comb(self.n_whole, whole) * comb(self.n_tied, tied)
                ways *= comb(n_out, self.n_active - whole - tied)
                value = self.value(whole, tied)
                law[value] = law.get(value, Fraction(0)) + Fraction(ways, n_events)
        return {value: probability for value, probability in sorted(law.items()) if probability}


@final
@dataclass(frozen=True)
class ListedTotal:
    """The total recall of one training, and its law.

    Args:
        n_parts: How many parts there are.
        counts: How many items are of each kind.
        observed: The total that came.
    """

    n_parts: int
    counts: Mapping[ListKind, int]
    observed: Fraction

    @classmethod
    def of(
        cls, weights: Float[np.ndarray, "items parts"], outcomes: Integer[np.ndarray, "items active"]
    ) -> "ListedTotal":
        """Return the total of lists beside the events that came, both as in ``list_recall``."""
        is_part, places = outcomes > 0, np.maximum(outcomes.astype(np.int64) - 1, 0)
        listed = np.take_along_axis(weights, places, axis=1) * is_part
        is_tied = (weights > 0) & (weights < 1)
        columns = (
            (weights == 1).sum(axis=1),
            is_tied.sum(axis=1),
            np.rint((weights * is_tied).sum(axis=1, dtype=np.float64)).astype(np.int64),
            event_sizes(outcomes),
            (listed == 1).sum(axis=1),
            ((listed > 0) & (listed < 1)).sum(axis=1),
        )
        rows, counts = np.unique(np.stack(columns, axis=1), axis=0, return_counts=True)
        of_kind: dict[ListKind, int] = defaultdict(int)
        observed = Fraction(0)
        for row, count in zip(rows.tolist(), counts.tolist(), strict=True):
            kind = ListKind(*row[:4])
            of_kind[kind] += count
            observed += count * kind.value(*row[4:])
        return cls(weights.shape[1], dict(of_kind), observed)

    @property
    def unit(self) -> int:
        """The least common denominator of all totals."""
        return lcm(*(kind.unit for kind in self.counts))

    @property
    def n_lattice_points(self) -> int:
        """How many values a total may have at most."""
        return self.unit * sum(self.counts.values()) + 1

    def upper_tail(self) -> float:
        """Return the exact probability of the observed total or more."""
        laws = [self._on_lattice(kind, self.unit, count) for kind, count in self.counts.items()]
        return tail_of_sum(laws, int(self.observed * self.unit))

    def simulated_tail(self, generator: np.random.Generator, n_draws: int) -> float:
        """Return how often drawn totals reach the observed one, as ``simulated_p``.

        Kinds of one denominator lie on one small lattice, where the law of their sum is known. It is this sum that is
        drawn, as the counts of a multinomial law in random order, and not every item.
        """
        of_unit: dict[int, list[LatticeLaw]] = defaultdict(list)
        for kind, count in self.counts.items():
            of_unit[kind.unit].append(self._on_lattice(kind, kind.unit, count))
        totals = np.zeros(n_draws)
        for unit, laws in sorted(of_unit.items()):
            drawn = generator.multinomial(n_draws, _law_of_sum(laws))
            totals += generator.permutation(np.repeat(np.arange(len(drawn)) / unit, drawn))
        return simulated_p(count_as_high(totals, float(self.observed)), n_draws)

    def _on_lattice(self, kind: ListKind, unit: int, count: int) -> LatticeLaw:
        law = kind.law(self.n_parts)
        values = np.array([int(value * unit) for value in law])
        return LatticeLaw(values, np.array([float(probability) for probability in law.values()]), count)


def _law_of_sum(laws: list[LatticeLaw]) -> Float[np.ndarray, " sums"]:
    """Return the probability of each sum from 0 on, to an absolute precision of 1e-15."""
    from scipy.fft import irfft, next_fast_len, rfft

    n_sums = sum(law.n_draws * int(law.values[-1]) for law in laws) + 1
    size = next_fast_len(n_sums)
    product = np.ones(size // 2 + 1, dtype=np.complex128)
    for law in laws:
        on_lattice = np.zeros(int(law.values[-1]) + 1)
        on_lattice[law.values] = law.probabilities
        product *= rfft(on_lattice, n=size) ** law.n_draws
    of_sum = np.maximum(irfft(product, n=size)[:n_sums], 0)
    return np.asarray(of_sum / of_sum.sum())
