"""What a forward pass costs, against counts made by hand, and what a run records of it."""

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from c5snn.models import GRU, DLinear, PatchTST, SpikeGRU
from c5snn.training.multiply_accumulates import count_multiply_accumulates, first_item


def encoder(n_tokens, d_model, n_layers, ffn_size):
    """Return what the layers of a transformer cost: four projections, scores and mixtures, the feed-forward part."""
    return n_layers * (4 * n_tokens * d_model**2 + 2 * n_tokens**2 * d_model + 2 * n_tokens * d_model * ffn_size)


def test_the_published_transformer_costs_what_its_products_are():
    channels, patches, d_model, horizon = 7, 42, 16, 96
    by_hand = channels * (patches * 16 * d_model + encoder(patches, d_model, 3, 128) + patches * d_model * horizon)
    assert count_multiply_accumulates(PatchTST(), torch.randn(1, 336, 7)) == by_hand


@pytest.mark.parametrize("is_training", [True, False])
def test_the_mixing_transformer_costs_what_its_products_are_whatever_kernel_would_run(is_training):
    model = PatchTST(
        n_channels=25, context=60, horizon=1, targets="direction", variant="mixing", patch=10, stride=5, d_model=64,
        num_layers=4, num_heads=2, ffn_size=256,
    ).train(is_training)  # fmt: skip
    by_hand = 11 * 250 * 64 + encoder(11, 64, 4, 256) + 11 * 64
    assert count_multiply_accumulates(model, torch.randn(1, 60, 25)) == by_hand
    assert model.training is is_training


@pytest.mark.parametrize(("model", "n_gates"), [(GRU, 3), (SpikeGRU, 1)])
def test_recurrent_models_pay_for_each_step_of_their_window(model, n_gates):
    """Each step multiplies the event and the state into every gate; what returns as spikes is multiplied, too."""
    n_parts, size = 10, 4
    costs = [count_multiply_accumulates(model(n_parts, size), torch.zeros(1, n_steps, n_parts)) for n_steps in (5, 6)]
    assert costs[1] - costs[0] == n_gates * (n_parts * size + size * size)
    assert costs[0] == 5 * (costs[1] - costs[0]) + size * n_parts


def test_the_counter_of_torch_counts_twice_as_much_where_it_sees_every_product():
    model, windows = DLinear(), torch.randn(3, 336, 7)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(windows)
    assert counter.get_total_flops() == 2 * count_multiply_accumulates(model, windows)


def test_counting_changes_neither_the_model_nor_the_random_numbers():
    model, windows = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5)), torch.randn(5, 3)
    before, state = {name: value.clone() for name, value in model.state_dict().items()}, torch.get_rng_state()
    count_multiply_accumulates(model, windows)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), state)


def test_one_item_costs_its_share_of_a_batch():
    windows = torch.randn(6, 336, 7)
    item = first_item(windows, torch.device("cpu"), torch.float32)
    assert count_multiply_accumulates(DLinear(), windows) == 6 * count_multiply_accumulates(DLinear(), item)


def test_a_network_of_another_precision_costs_as_many():
    windows = torch.randn(2, 336, 7)
    item = first_item(windows, torch.device("cpu"), torch.float64)
    assert count_multiply_accumulates(DLinear().double(), item) * 2 == count_multiply_accumulates(DLinear(), windows)
