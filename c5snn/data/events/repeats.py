"""Events that come again: equal neighbours, and blocks that stand twice, as in a file that was pasted after itself.

In a fair history, where each event is a uniform subset of its size, independent of the others, both are rare, and the p
of what was found says how rare.

* Neighbours of size k are equal with probability ``q = 1 / C(n, k)``. Whether one pair is equal says nothing of the
  next, so the number of equal pairs is a sum of independent trials: binomial for events of one size. For several sizes
  its upper tail is at most that of the binomial with the mean probability (Hoeffding 1956, theorem 4, from one above
  the mean on). Two empty events, or two full ones, are always equal, and count as no pair.
* A block of L events from one place equals that from a later one with probability ``q^L``, also where they overlap:
  read from left to right, each event must repeat a given earlier one. There are ``(T - L + 1)(T - L) / 2`` pairs of
  places, and the chance of any is at most the sum of their chances. Blocks of one event say little, and are not looked
  at; empty and full events are passed over.

Source: Hoeffding (1956), On the distribution of the number of successes in independent trials, Annals of Mathematical
Statistics 27, 713-721, doi:10.1214/aoms/1177728178.
"""

from math import exp, lgamma, log
from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Float64, Int64

from c5snn.data.events.history import EventHistory
from c5snn.data.events.ragged import RaggedHistory

__all__ = ["EqualNeighbours", "RepeatedBlock", "equal_neighbours", "repeated_block"]

_MOST_CODES: Final = 2**62

Codes = Int64[np.ndarray, "_"]


class EqualNeighbours(NamedTuple):
    """How often an event equals the one before it.

    Attributes:
        events: The indices of such events.
        expected: How many a fair history has on average.
        p_value: The chance that a fair history has at least as many; exact for events of one size, else an upper bound.
    """

    events: Int64[np.ndarray, " equal"]
    expected: float
    p_value: float


class RepeatedBlock(NamedTuple):
    """The longest block of events that stands twice.

    Attributes:
        length: How many events it has.
        first: The index of its first event.
        second: The index of the first event where it stands again.
        p_value: An upper bound on the chance that a fair history has such a block.
    """

    length: int
    first: int
    second: int
    p_value: float


def equal_neighbours(history: EventHistory | RaggedHistory) -> EqualNeighbours:
    """Return how often an event equals the one before it, and how likely that is."""
    from scipy.stats import binom

    codes, sizes, chances = _codes(history), _sizes(history), np.exp(_log_chances(history))
    is_pair = (sizes[1:] == sizes[:-1]) & (chances[1:] < 1)
    equal = np.flatnonzero((codes[1:] == codes[:-1]) & is_pair) + 1
    expected, n_pairs = float(chances[1:][is_pair].sum()), int(is_pair.sum())
    is_one_size = len(np.unique(sizes[1:][is_pair])) <= 1
    if n_pairs == 0 or not (is_one_size or len(equal) >= expected + 1):
        return EqualNeighbours(equal, expected, 1.0)
    return EqualNeighbours(equal, expected, float(binom.sf(len(equal) - 1, n_pairs, min(1.0, expected / n_pairs))))


def repeated_block(history: EventHistory | RaggedHistory) -> RepeatedBlock | None:
    """Return the longest block of at least two events that stands twice; None where there is none."""
    # empty and full events are no evidence: a block may have any number of them between its events
    telling = np.flatnonzero(_log_chances(history) < 0)
    if len(telling) < 2:  # noqa: PLR2004
        return None
    codes = np.unique(_codes(history)[telling], return_inverse=True)[1]
    levels = [codes]  # codes of the blocks of 1, 2, 4, ... events; equal codes are equal blocks
    while len(longer := _joined(levels[-1], levels[-1], 2 ** (len(levels) - 1))) and _stands_twice(longer):
        levels.append(longer)
    length, blocks = 2 ** (len(levels) - 1), levels[-1]
    for level in range(len(levels) - 2, -1, -1):  # as binary digits: the longest block is below twice this length
        longer = _joined(blocks, levels[level], length)
        if len(longer) and _stands_twice(longer):
            length, blocks = length + 2**level, longer
    if length == 1:
        return None
    order = np.argsort(blocks, kind="stable")
    pairs = np.flatnonzero(blocks[order][1:] == blocks[order][:-1])
    place = pairs[np.argmin(order[pairs])]
    first, second = int(order[place]), int(order[place + 1])
    n_places = len(telling) - length + 1
    log_chance = float(_log_chances(history)[telling[first : first + length]].sum())
    p_value = min(1.0, exp(min(0.0, log(n_places) + log(n_places - 1) - log(2) + log_chance)))
    return RepeatedBlock(length, int(telling[first]), int(telling[second]), p_value)


def _joined(left: Codes, right: Codes, apart: int) -> Codes:
    # the blocks that begin with one of `left` and go on, `apart` events later, with one of `right`
    n_blocks = len(right) - apart
    if n_blocks < 1:
        return np.zeros(0, np.int64)
    pairs = left[:n_blocks] * (int(right.max()) + 1) + right[apart:]
    codes: Codes = np.unique(pairs, return_inverse=True)[1]
    return codes


def _stands_twice(codes: Codes) -> bool:
    return int(codes.max()) + 1 < len(codes)  # fewer different blocks than blocks


def _codes(history: EventHistory | RaggedHistory) -> Codes:
    # one number a set of parts
    if isinstance(history, RaggedHistory):
        spelled = [" ".join(event) for event in history.spell_events()]
        return np.unique(np.array(spelled), return_inverse=True)[1].astype(np.int64)
    codes, n_codes = np.zeros(len(history), np.int64), 1
    for column in history.parts.T:
        if n_codes * (history.n_parts + 1) > _MOST_CODES:  # before they overflow
            distinct, codes = np.unique(codes, return_inverse=True)
            n_codes = len(distinct)
        codes, n_codes = codes * (history.n_parts + 1) + column, n_codes * (history.n_parts + 1)
    return codes


def _sizes(history: EventHistory | RaggedHistory) -> Int64[np.ndarray, " events"]:
    if isinstance(history, RaggedHistory):
        return history.sizes
    return np.full(len(history), history.n_active)


def _log_chances(history: EventHistory | RaggedHistory) -> Float64[np.ndarray, " events"]:
    # of each event, that another of its size equals it
    n_parts, sizes = history.n_parts, _sizes(history)
    distinct, which = np.unique(sizes, return_inverse=True)
    logs = [lgamma(k + 1) + lgamma(n_parts - k + 1) - lgamma(n_parts + 1) for k in distinct.tolist()]
    is_one_set = (distinct == 0) | (distinct == n_parts)
    return np.where(is_one_set, 0.0, logs)[which]
