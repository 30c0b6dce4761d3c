"""Rolling origin: disjoint test blocks in the order of time, and nothing of the future before them."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from c5snn.data import EventDataModule
from c5snn.data.events.origins import splits_at
from c5snn.data.events.windows import Splits, split_windows
from c5snn.errors import ConfigError

SPLITS = ("train", "val", "test")


def ready(**arguments) -> EventDataModule:
    data = EventDataModule(**({"n_events": 300, "window": 5} | arguments))
    data.setup()
    return data


def all_origins(n_origins: int, **arguments) -> list[EventDataModule]:
    return [ready(n_origins=n_origins, origin=origin, **arguments) for origin in range(n_origins)]


N_WINDOWS, TRAIN, VAL, N_ORIGINS = st.integers(20, 5_000), st.integers(50, 90), st.integers(5, 9), st.integers(1, 6)


def last_splits(n_windows: int, train: int, val: int) -> Splits:
    return split_windows(n_windows, (train / 100, val / 100, (100 - train - val) / 100))


@given(N_WINDOWS, TRAIN, VAL, N_ORIGINS)
def test_the_test_blocks_are_equal_and_together_the_end_of_the_history_without_gap_or_overlap(
    n_windows, train, val, n_origins
):
    last = last_splits(n_windows, train, val)
    assume((n_origins - 1) * len(last.test) < len(last.train))
    blocks = [splits_at(last, n_origins, origin).test for origin in range(n_origins)]
    assert {len(block) for block in blocks} == {len(last.test)}
    pooled = [index for block in blocks for index in block]
    assert pooled == list(range(n_windows - len(pooled), n_windows))


@given(N_WINDOWS, TRAIN, VAL, N_ORIGINS)
def test_each_origin_trains_on_everything_before_its_validation_and_tests_right_after_it(
    n_windows, train, val, n_origins
):
    last = last_splits(n_windows, train, val)
    assume((n_origins - 1) * len(last.test) < len(last.train))
    origins = [splits_at(last, n_origins, origin) for origin in range(n_origins)]
    for splits in origins:
        assert [index for split in splits for index in split] == list(range(splits.test.stop))
        assert len(splits.val) == len(last.val)
    for earlier, later in pairwise(origins):
        assert len(later.train) == len(earlier.train) + len(last.test)


def test_one_origin_is_the_ordinary_split_and_so_is_the_last_of_many():
    ordinary = ready(shuffle=False)
    last = ready(shuffle=False, n_origins=4, origin=3)
    assert ready(n_origins=1).splits == ordinary.splits == split_windows(295, (0.7, 0.15, 0.15))
    for split in SPLITS:
        for batch, other in zip(*(getattr(data, f"{split}_dataloader")() for data in (ordinary, last)), strict=True):
            assert all(torch.equal(one, same) for one, same in zip(batch, other, strict=True))


def test_no_window_of_training_and_validation_holds_an_event_of_the_test_block_or_later():
    for data in all_origins(4, shuffle=False, first_target=20):
        rows = torch.from_numpy(data.history.multi_hot())
        n_before = 20 + data.splits.test.start
        seen = [torch.cat([windows[:, -1:], targets[:, None]], dim=1) for windows, targets in data.val_dataloader()]
        assert torch.equal(torch.cat(seen)[-1], rows[n_before - 2 : n_before])
        assert data.history.dates[n_before] == data.target_dates("test")[0]
        assert data.target_dates("train")[-1] < data.target_dates("val")[0]
        n_train = 20 + data.splits.train.stop
        np.testing.assert_array_equal(data.train_part_counts(), data.history.multi_hot()[:n_train].sum(axis=0))


def test_the_targets_of_all_tests_are_the_last_events_of_the_history_once_each():
    origins = all_origins(3)
    targets = np.concatenate([data.targets("test") for data in origins])
    np.testing.assert_array_equal(targets, origins[0].history.parts[-len(targets) :])


@pytest.mark.parametrize(("n_origins", "origin"), [(0, 0), (-1, 0), (1, 1), (4, 4), (4, -1)])
def test_an_origin_that_is_none_of_them_is_refused_before_anything_is_read(n_origins, origin):
    with pytest.raises(ConfigError, match=f"got origin={origin}, n_origins={n_origins}"):
        EventDataModule(path="missing.csv", n_origins=n_origins, origin=origin)


def test_so_many_origins_that_the_first_has_nothing_to_train_on_are_refused_at_every_origin():
    assert len(ready(n_origins=5).splits.train) == 206 - 4 * 45
    for origin in range(6):
        with pytest.raises(ConfigError, match="Take at most 5 origins"):
            ready(n_origins=6, origin=origin)
