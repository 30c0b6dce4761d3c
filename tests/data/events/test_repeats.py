from itertools import combinations, pairwise, product
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from c5snn.data.events.history import EventHistory, read_events
from c5snn.data.events.ragged import RaggedHistory
from c5snn.data.events.repeats import equal_neighbours, repeated_block

DAY = np.datetime64("2000-01-01")


def history(events, n_parts: int) -> EventHistory:
    return EventHistory(DAY + np.arange(len(events)), np.array(events, dtype=np.int64), n_parts)


def ragged(events, n_parts: int) -> RaggedHistory:
    flat = np.array([part for event in events for part in event], dtype=np.int64)
    offsets = np.cumsum([0, *map(len, events)])
    return RaggedHistory(DAY + np.arange(len(events)), flat, offsets, n_parts)


def longest_block(events) -> int:
    """By comparing every place with every other."""
    longest = 0
    for first, second in combinations(range(len(events)), 2):
        length = 0
        while second + length < len(events) and events[first + length] == events[second + length]:
            length += 1
        longest = max(longest, length)
    return longest


def every_history(subsets, n_events: int):
    return product(subsets, repeat=n_events)


def test_the_number_of_equal_neighbours_has_the_law_that_counting_all_histories_gives():
    subsets = list(combinations(range(1, 5), 2))
    counted = np.array([sum(a == b for a, b in pairwise(events)) for events in every_history(subsets, 5)])
    for events in [[(1, 2)] * 5, [(1, 2), (1, 2), (3, 4), (3, 4), (1, 2)], [(1, 2), (1, 3), (1, 4), (2, 3), (2, 4)]]:
        found = equal_neighbours(history(events, 4))
        n_equal = sum(a == b for a, b in pairwise(events))
        assert len(found.events) == n_equal
        assert found.expected == pytest.approx(counted.mean())
        assert found.p_value == pytest.approx((counted >= n_equal).mean())


def test_for_several_sizes_p_is_at_least_what_counting_all_histories_gives():
    sizes = (1, 1, 2, 2, 0, 0, 1, 1)
    subsets = [list(combinations(range(1, 4), size)) for size in sizes]
    counted = np.array([sum(a == b and a != () for a, b in pairwise(events)) for events in product(*subsets)])
    for events in [[(1,), (1,), (1, 2), (1, 2), (), (), (1,), (1,)], [(1,), (1,), (1, 2), (1, 2), (), (), (1,), (2,)]]:
        found = equal_neighbours(ragged(events, 3))
        assert found.expected == pytest.approx(counted.mean())
        assert (counted >= len(found.events)).mean() <= found.p_value + 1e-12
        assert found.p_value <= 1


@given(st.lists(st.sampled_from([(1, 2), (1, 3), (2, 3)]), min_size=1, max_size=24))
def test_the_longest_block_is_the_one_that_comparing_every_two_places_finds(events):
    found = repeated_block(history(events, 3))
    expected = longest_block(events)
    assert (1 if found is None else found.length) == max(expected, 1)
    if found is not None:
        first, second = (events[place : place + found.length] for place in (found.first, found.second))
        assert found.first < found.second
        assert first == second


@pytest.mark.parametrize("n_events", [5, 7])
def test_p_of_a_block_is_at_least_what_counting_all_histories_gives(n_events):
    subsets = list(combinations(range(1, 4), 1))
    lengths = [longest_block(events) for events in every_history(subsets, n_events)]
    for length in range(2, n_events):
        events = [(1,)] * (length + 1) + [(2,), (3,)] * n_events
        found = repeated_block(history(events[:n_events], 3))
        assert found is not None
        exact = np.mean([other >= found.length for other in lengths])
        bound = comb(n_events - found.length + 1, 2) / 3**found.length
        assert found.p_value == pytest.approx(min(1, bound))
        assert exact <= found.p_value + 1e-12


def test_empty_events_are_neither_pairs_nor_blocks():
    events = [(1, 2), (), (), (), (3,), (), (), (), (1, 4)]
    found = equal_neighbours(ragged(events, 5))
    assert (len(found.events), found.expected, found.p_value) == (0, 0.0, 1.0)
    assert repeated_block(ragged(events, 5)) is None


def test_a_block_is_found_over_the_empty_events_between_its_events():
    events = [(1, 2), (), (3,), (4,), (), (5, 6), (1, 2), (), (3,), (4,)]
    found = repeated_block(ragged(events, 9))
    assert found is not None
    assert (found.length, found.first, found.second) == (3, 0, 6)


def test_a_file_pasted_after_itself_is_one_block():
    random = np.random.default_rng(1)
    events = [sorted((random.permutation(39)[:5] + 1).tolist()) for _ in range(500)]
    found = repeated_block(history(events * 2, 39))
    assert found is not None
    assert (found.length, found.first, found.second) == (500, 0, 500)
    assert found.p_value < 1e-300


def test_a_fair_history_of_39_parts_has_neither():
    random = np.random.default_rng(2)
    events = [sorted((random.permutation(39)[:5] + 1).tolist()) for _ in range(1000)]
    assert equal_neighbours(history(events, 39)).p_value == 1
    assert repeated_block(history(events, 39)) is None


@pytest.mark.real_data
def test_the_real_history_has_two_equal_neighbours_where_a_fiftieth_is_expected(real_history_path):
    found = equal_neighbours(read_events(real_history_path))
    assert len(found.events) == 2
    assert found.expected == pytest.approx(11_691 / comb(39, 5))
    assert found.p_value == pytest.approx(binom.sf(1, 11_691, 1 / comb(39, 5)))
