import math

import torch
from hypothesis import given
from hypothesis import strategies as st

from c5snn.data.events.loader import WindowLoader, WindowOrder
from c5snn.data.events.windows import Windows


def loader(indices=range(10, 47), batch_size=8, seed=None) -> WindowLoader:
    # each event's row holds its own index, and the window is 1: a target of t belongs to window t - 1
    events = torch.arange(60, dtype=torch.float32)[:, None].expand(60, 2).contiguous()
    return WindowLoader(Windows(events, 1), WindowOrder(indices, seed), batch_size)


def order_of(batches) -> list[int]:
    return [int(target) - 1 for _, targets in batches for target in targets[:, 0]]


@given(st.integers(0, 30), st.integers(1, 29), st.integers(1, 40), st.none() | st.integers(0, 2**64 - 1))
def test_an_epoch_serves_every_window_of_the_split_once_in_full_batches_but_the_last(first, length, batch_size, seed):
    batches = list(loader(range(first, first + length), batch_size, seed))
    assert sorted(order_of(batches)) == list(range(first, first + length))
    sizes = [len(targets) for _, targets in batches]
    assert sizes[:-1] == [batch_size] * (len(sizes) - 1)
    assert sizes[-1] == length - batch_size * (len(sizes) - 1)
    assert len(sizes) == math.ceil(length / batch_size)


def test_without_a_seed_the_order_is_that_of_time():
    assert order_of(loader()) == list(range(10, 47))


def test_a_window_comes_with_its_own_target():
    for windows, targets in loader(seed=3):
        assert torch.equal(windows[:, -1] + 1, targets)


def test_an_epoch_has_the_order_that_seed_and_epoch_give_and_no_other_has_it():
    def order(seed: int, epoch: int) -> tuple[int, ...]:
        served = loader(seed=seed)
        served.batch_sampler.sampler.set_epoch(epoch)
        return tuple(order_of(served))

    orders = {order(seed, epoch) for seed in range(4) for epoch in range(4)}
    assert len(orders) == 16
    assert order(2, 3) == order(2, 3)


def test_the_order_neither_reads_nor_moves_torchs_generator():
    torch.manual_seed(1)
    first = order_of(loader(seed=5))
    expected = torch.rand(3)
    torch.manual_seed(1)
    assert torch.equal(torch.rand(3), expected)
    assert order_of(loader(seed=5)) == first


def test_a_loader_that_is_read_twice_begins_twice_at_its_beginning():
    served = loader(seed=5)
    next(iter(served))
    assert order_of(served) == order_of(served)
    assert len(order_of(served)) == 37


@given(st.integers(0, 5), st.integers(0, 3))
def test_a_resumed_loader_serves_the_rest_of_its_epoch_and_then_whole_epochs(n_batches, epoch):
    undisturbed, stopped, resumed = (loader(seed=9) for _ in range(3))
    for served in (undisturbed, stopped, resumed):
        served.batch_sampler.sampler.set_epoch(epoch)
    batches = list(undisturbed)
    iterator = iter(stopped)
    for _ in range(n_batches):
        next(iterator)
    resumed.load_state_dict(stopped.state_dict())
    # after its last batch the epoch is over, and what follows is an epoch from its beginning
    assert order_of(resumed) == order_of(batches[n_batches % len(batches) :])
    assert order_of(resumed) == order_of(batches)


def test_the_place_in_one_epoch_is_no_place_in_another():
    stopped, resumed = loader(seed=9), loader(seed=9)
    next(iter(stopped))
    resumed.load_state_dict(stopped.state_dict())
    resumed.batch_sampler.sampler.set_epoch(1)
    assert len(order_of(resumed)) == 37
