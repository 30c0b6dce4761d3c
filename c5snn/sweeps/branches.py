"""Which branch a trial belongs to, from its number and the shares alone.

Source: Balinski and Young (1975), The quota method of apportionment, doi 10.1080/00029890.1975.11993911.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import final

__all__ = ["QuotaSequence"]


@final
class QuotaSequence:
    """Deals numbers to branches, so that each share is within one of its weight at every number.

    The next number goes, among the branches that would not exceed their quota rounded up, to the one with the largest
    weight over its count plus one; ties go to the first.

    Args:
        shares: The share of each branch; they are scaled to sum 1.

    >>> sequence = QuotaSequence([0.75, 0.25])
    >>> [sequence.branch(n) for n in range(8)]
    [0, 0, 0, 1, 0, 0, 0, 1]
    """

    def __init__(self, shares: Sequence[float]) -> None:
        exact = [Fraction(str(share)) for share in shares]
        self.shares = [share / sum(exact) for share in exact]
        self.counts = [0] * len(exact)
        self.dealt: list[int] = []
        self.places: list[int] = []

    def branch(self, number: int) -> int:
        """Return the branch of a number, from 0."""
        while len(self.dealt) <= number:
            self._deal()
        return self.dealt[number]

    def place(self, number: int) -> int:
        """Return how many numbers before this one belong to its branch."""
        self.branch(number)
        return self.places[number]

    def _deal(self) -> None:
        total = len(self.dealt) + 1
        eligible = [index for index, share in enumerate(self.shares) if self.counts[index] < share * total]
        chosen = max(eligible, key=lambda index: (self.shares[index] / (self.counts[index] + 1), -index))
        self.places.append(self.counts[chosen])
        self.counts[chosen] += 1
        self.dealt.append(chosen)
