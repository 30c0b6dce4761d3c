"""The identity of each event: one hash of its parts and of those of the events before it, whatever their dates.

An item is the event and the two before it. In a small game, where a fair history would repeat three events by luck, it
is as many events as make ten to the twelve different sequences, such as ten events of 1 part of 16.
"""

import math
from collections.abc import Iterator
from typing import Final

import numpy as np
from jaxtyping import UInt64

from c5snn.data.events.history import EventHistory
from c5snn.data.events.ragged import RaggedHistory
from c5snn.data.seen_items import hash_contents

__all__ = ["event_hashes"]

MIN_ITEM_LENGTH: Final = 3
MIN_DIFFERENT_ITEMS: Final = 10**12
# empty events tell nothing: an item among them would reach back without an end
MAX_ITEM_LENGTH: Final = 100


def event_hashes(history: EventHistory | RaggedHistory) -> UInt64[np.ndarray, " events"]:
    """Return one hash an event; where sizes vary, each item is as long as its own events need it to be."""
    return hash_contents(_sets(history) if isinstance(history, RaggedHistory) else _rows(history))


def _rows(history: EventHistory) -> Iterator[bytes]:
    n_events = math.comb(history.n_parts, history.n_active)
    length = max(MIN_ITEM_LENGTH, math.ceil(math.log(MIN_DIFFERENT_ITEMS) / math.log(n_events)))
    before = np.zeros((length - 1, history.n_active), dtype=np.int64)  # parts are numbered from 1
    parts = np.concatenate([before, history.parts])
    for row in np.lib.stride_tricks.sliding_window_view(parts, length, axis=0):
        yield np.ascontiguousarray(row).tobytes()


def _sets(history: RaggedHistory) -> Iterator[bytes]:
    sizes, n_parts = history.sizes, history.n_parts
    logs = np.array([math.log(math.comb(n_parts, size)) for size in range(int(sizes.max(initial=0)) + 1)])
    known = np.concatenate([[0.0], np.cumsum(logs[sizes])])  # the logarithm of how many such sequences there are
    last = np.arange(1, len(history) + 1)
    first = np.searchsorted(known, known[1:] - math.log(MIN_DIFFERENT_ITEMS), side="right") - 1
    first = np.clip(np.minimum(first, last - MIN_ITEM_LENGTH), last - MAX_ITEM_LENGTH, None)
    # each event is ended by a 0, because parts are numbered from 1
    ended = np.insert(history.parts, history.offsets[1:], 0).astype("<i4")
    ends = np.concatenate([[0], history.offsets[1:] + last])
    for start, end in zip(first.tolist(), last.tolist(), strict=True):
        yield bytes(4 * max(0, -start)) + ended[ends[max(0, start)] : ends[end]].tobytes()
