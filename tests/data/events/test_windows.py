from itertools import pairwise

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from c5snn.data.events.windows import Splits, Windows, split_windows
from c5snn.errors import ConfigError


def numbered_events(n_events: int) -> torch.Tensor:
    """Events whose rows hold their own index, so that a window tells which events it saw."""
    return torch.arange(n_events, dtype=torch.float32)[:, None].expand(n_events, 3).contiguous()


@st.composite
def cuts(draw):
    window = draw(st.integers(1, 30))
    first_target = draw(st.none() | st.integers(window, window + 30))
    earliest = window if first_target is None else first_target
    return draw(st.integers(earliest + 1, earliest + 60)), window, first_target


@given(cuts())
def test_every_window_holds_the_events_just_before_its_target_oldest_first(cut):
    n_events, window, first_target = cut
    first = window if first_target is None else first_target
    windows = Windows(numbered_events(n_events), window, first_target)
    seen, targets = windows.gather(torch.arange(len(windows)))
    assert targets[:, 0].tolist() == list(range(first, n_events))
    assert seen.shape == (n_events - first, window, 3)
    for row, target in zip(seen[:, :, 0].tolist(), targets[:, 0].tolist(), strict=True):
        assert row == list(range(int(target) - window, int(target)))


@given(cuts(), st.data())
def test_a_batch_is_its_windows_one_by_one(cut, data):
    windows = Windows(torch.rand(cut[0], 3), *cut[1:])
    indices = data.draw(st.lists(st.integers(0, len(windows) - 1), min_size=1, max_size=9))
    seen, targets = windows.gather(torch.tensor(indices))
    for place, index in enumerate(indices):
        one_seen, one_target = windows.gather(torch.tensor([index]))
        assert torch.equal(seen[place], one_seen[0])
        assert torch.equal(targets[place], one_target[0])


def test_windows_are_views_on_the_events_and_batches_are_not():
    events = numbered_events(100)
    windows = Windows(events, 21)
    assert windows._windows.untyped_storage().data_ptr() == events.untyped_storage().data_ptr()
    batch, _ = windows.gather(torch.tensor([0, 1]))
    batch.zero_()
    assert torch.equal(events, numbered_events(100))


@pytest.mark.parametrize(
    ("window", "first_target", "n_events"),
    [(0, None, 10), (-1, None, 10), (10, None, 10), (11, None, 10), (5, 4, 10), (5, 10, 10)],
)
def test_windows_that_do_not_fit_are_refused(window, first_target, n_events):
    with pytest.raises(ConfigError, match=f"got window={window}, first_target=.*, n_events={n_events}"):
        Windows(numbered_events(n_events), window, first_target)


@given(st.integers(1, 20_000), st.integers(1, 70), st.integers(1, 70))
def test_splits_are_cut_in_exact_arithmetic_the_remainder_to_test(n_windows, train, val):
    assume(train + val < 100)
    n_train, n_val = n_windows * train // 100, n_windows * val // 100
    ratios = (train / 100, val / 100, (100 - train - val) / 100)
    if min(n_train, n_val, n_windows - n_train - n_val) == 0:
        with pytest.raises(ConfigError, match=f"train {n_train}, val {n_val}, test {n_windows - n_train - n_val}"):
            split_windows(n_windows, ratios)
    else:
        splits = split_windows(n_windows, ratios)
        assert splits == Splits(range(n_train), range(n_train, n_train + n_val), range(n_train + n_val, n_windows))


def test_a_share_is_the_decimal_that_was_written_not_the_nearest_binary_number():
    assert int(100 * 0.29) == 28
    assert len(split_windows(100, (0.29, 0.3, 0.41)).train) == 29


def test_no_target_of_one_split_is_a_target_of_another_and_time_runs_from_train_to_test():
    splits = split_windows(1_000, (0.7, 0.15, 0.15))
    assert [index for split in splits for index in split] == list(range(1_000))
    assert all(earlier[-1] < later[0] for earlier, later in pairwise(splits))


@pytest.mark.parametrize(
    "ratios",
    [
        (0.7, 0.15, 0.1),
        (0.7, 0.2, 0.2),
        (1 / 3, 1 / 3, 1 / 3),
        (1.0, 0.0, 0.0),
        (1.2, -0.1, -0.1),
        (float("nan"), 0.5, 0.5),
        (float("inf"), 0.5, 0.5),
    ],
)
def test_shares_that_are_not_a_partition_are_refused(ratios):
    with pytest.raises(ConfigError, match="split="):
        split_windows(1_000, ratios)
