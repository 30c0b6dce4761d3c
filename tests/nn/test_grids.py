"""Convolutions over padded grids equal convolutions over each grid by itself."""

import itertools

import pytest
import torch
from torch.nn import functional as F

from c5snn.errors import ConfigError
from c5snn.nn import PairEncoder
from c5snn.nn.grids import by_size, grid_coordinates, masked_mean
from tests.nn.grid_batches import N_TOKENS, PADDING, SIZES, draw_grids, pad


def encode(encoder, first, second):
    return encoder(first, second, (first != PADDING) | (second != PADDING))


@pytest.fixture
def pairs():
    return draw_grids(), draw_grids([SIZES[(i + 2) % len(SIZES)] for i in range(len(SIZES))], seed=2)


@pytest.fixture(params=[False, True], ids=["cells", "coordinates"])
def encoder(request):
    return PairEncoder(N_TOKENS, 4, [6, 5, 7], use_coords=request.param)


def test_padding_does_not_reach_a_pair(encoder, pairs):
    torch.testing.assert_close(encode(encoder, *map(pad, pairs)), encode(encoder, *pairs), rtol=0, atol=1e-6)


def test_neighbours_in_the_batch_do_not_reach_a_pair(encoder, pairs):
    alone = torch.cat([encode(encoder, *(grids[i : i + 1] for grids in pairs)) for i in range(len(SIZES))])
    torch.testing.assert_close(encode(encoder, *pairs), alone, rtol=0, atol=1e-6)


def test_a_pair_without_padding_is_convolved_as_torch_does_it(encoder):
    first, second = (draw_grids([(6, 5)] * 3, seed=seed) for seed in (1, 2))
    features = torch.cat([encoder.embedding(first), encoder.embedding(second)], dim=3).permute(0, 3, 1, 2)
    if encoder.use_coords:
        y, x = torch.meshgrid(torch.linspace(0, 1, 6), torch.linspace(0, 1, 5), indexing="ij")
        features = torch.cat([features, torch.stack([y, x]).expand(3, -1, -1, -1)], dim=1)
    for layer in encoder.layers:
        features = F.conv2d(features, layer.weight, layer.bias, padding=1).relu()
    torch.testing.assert_close(encode(encoder, first, second), features.mean((2, 3)))


def test_a_cell_of_either_grid_changes_its_own_pair_alone(encoder, pairs):
    before = encode(encoder, *pairs)
    for which, grids in enumerate(pairs):
        for index, row, column in (grids != PADDING).nonzero()[::5].tolist():
            changed = [other.clone() for other in pairs]
            changed[which][index, row, column] = (grids[index, row, column] + 1) % PADDING
            rows = (encode(encoder, *changed) != before).any(1)
            assert rows.nonzero().flatten().tolist() == [index]


def test_coordinates_run_from_0_to_1_over_each_grid():
    y, x = grid_coordinates(draw_grids() != PADDING).unbind(1)
    for index, (height, width) in enumerate(SIZES):
        torch.testing.assert_close(y[index, :height, 0], torch.linspace(0, 1, height) if height > 1 else torch.zeros(1))
        torch.testing.assert_close(x[index, 0, :width], torch.linspace(0, 1, width) if width > 1 else torch.zeros(1))


def test_the_mean_is_over_real_cells(pairs):
    is_real = pairs[0] != PADDING
    features = torch.randn(len(is_real), 3, *is_real.shape[1:])
    expected = torch.stack([each[:, real].mean(1) for each, real in zip(features, is_real, strict=True)])
    torch.testing.assert_close(masked_mean(features, is_real), expected)


def test_every_grid_is_in_one_group_and_groups_grow(pairs):
    is_real = pairs[0] != PADDING
    groups = by_size(is_real)
    assert sorted(torch.cat(list(groups)).tolist()) == list(range(len(is_real)))
    sizes = [is_real[group].flatten(1).sum(1).tolist() for group in groups]
    assert all(max(before) <= min(after) for before, after in itertools.pairwise(sizes))


@pytest.mark.parametrize("n_channels", [[], [4, 0]])
def test_blocks_without_channels_are_refused(n_channels):
    with pytest.raises(ConfigError, match="n_channels"):
        PairEncoder(N_TOKENS, 4, n_channels, use_coords=False)
