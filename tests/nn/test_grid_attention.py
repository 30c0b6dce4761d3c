"""Attention over packed cells equals torch's own layers over each grid by itself."""

import math

import pytest
import torch
from torch import nn

from c5snn.errors import ConfigError
from c5snn.nn import AttentionPooling, AttentionSizes, CrossAttention, GridEncoder
from c5snn.nn.grid_attention import CellAttention
from c5snn.nn.packed_cells import PackedCells, PositionEncoding, sinusoids
from tests.nn.grid_batches import N_TOKENS, PADDING, SIZES, draw_grids, pad

SMALL = AttentionSizes(8, 2, 0.1)


@pytest.fixture
def encoder():
    return GridEncoder(N_TOKENS, 2, SMALL).eval()


def encode(encoder, grids):
    return encoder(grids, grids != PADDING)


def as_torch(layer):
    """Return torch's own layer with the same weights."""
    theirs = nn.TransformerEncoderLayer(8, 2, 32, 0.0, batch_first=True)
    names = {
        "self_attn.in_proj": layer.queries_keys_values, "self_attn.out_proj": layer.mix,
        "linear1": layer.feed_forward[0], "linear2": layer.feed_forward[3], "norm1": layer.norms[0],
        "norm2": layer.norms[1],
    }  # fmt: skip
    state = {}
    for name, part in names.items():
        separator = "_" if name.endswith("in_proj") else "."
        state |= {f"{name}{separator}weight": part.weight, f"{name}{separator}bias": part.bias}
    theirs.load_state_dict(state)
    return theirs


def test_padding_does_not_reach_a_grid(encoder):
    grids = draw_grids()
    torch.testing.assert_close(encode(encoder, pad(grids)), encode(encoder, grids), rtol=0, atol=1e-6)


def test_neighbours_in_the_batch_do_not_reach_a_grid(encoder):
    grids = draw_grids()
    alone = torch.cat([encode(encoder, grids[i : i + 1]) for i in range(len(grids))])
    torch.testing.assert_close(encode(encoder, grids), alone, rtol=0, atol=1e-6)


def test_a_layer_computes_what_torchs_own_does_on_each_grid():
    layer = CellAttention(AttentionSizes(8, 2, 0.0))
    is_real = draw_grids() != PADDING
    cells = PackedCells.of(is_real)
    features = torch.randn(len(cells.grid), 8)
    theirs = as_torch(layer).train()  # in evaluation torch takes another path
    expected = torch.cat([theirs(features[cells.grid == grid][None])[0] for grid in range(len(SIZES))])
    torch.testing.assert_close(layer(features, cells), expected)


def test_cells_come_back_from_their_table():
    cells = PackedCells.of(draw_grids() != PADDING)
    features = torch.randn(len(cells.grid), 3)
    assert torch.equal(cells.packed(cells.padded(features)), features)
    expected = torch.stack([features[cells.grid == grid].mean(0) for grid in range(len(SIZES))])
    torch.testing.assert_close(cells.mean(features), expected)


def test_sinusoids_are_those_of_the_equation():
    table = sinusoids(torch.arange(5), 6)
    for position in range(5):
        for i in range(3):
            angle = position / 10000 ** (2 * i / 6)
            assert table[position, i].item() == pytest.approx(math.sin(angle), abs=1e-6)
            assert table[position, 3 + i].item() == pytest.approx(math.cos(angle), abs=1e-6)


def test_one_half_of_the_features_holds_the_row_and_the_other_the_column():
    encoding = PositionEncoding(N_TOKENS, 8)
    cells = PackedCells.of(torch.ones(1, 4, 5, dtype=torch.bool))
    table = encoding(torch.zeros(20, dtype=torch.int64), cells).view(4, 5, 8)
    torch.testing.assert_close(table[:, :1, :4].expand(-1, 5, -1), table[:, :, :4])
    torch.testing.assert_close(table[:1, :, 4:].expand(4, -1, -1), table[:, :, 4:])
    assert not torch.allclose(table[0], table[1])
    assert not torch.allclose(table[:, 0], table[:, 1])


def test_a_picture_and_its_transpose_have_different_vectors(encoder):
    grids = draw_grids([(5, 5)])
    assert not torch.allclose(encode(encoder, grids), encode(encoder, grids.mT))


def test_outputs_ask_inputs():
    layer = CrossAttention(SMALL).eval()
    outputs, inputs = torch.randn(2, 3, 2, 8)
    before = layer(outputs, inputs)
    torch.testing.assert_close(layer(outputs, inputs.flip(1)), before)  # a set of inputs
    assert not torch.allclose(layer(outputs, inputs + torch.randn(3, 2, 8)), before)
    torch.testing.assert_close(layer(outputs.flip(1), inputs), before.flip(1))


def test_pooling_is_a_weighted_mean_of_the_vectors():
    pooling, vectors = AttentionPooling(8), torch.randn(3, 4, 8)
    weights = torch.softmax((vectors * pooling.score.weight[0]).sum(2), dim=1)
    torch.testing.assert_close(pooling(vectors), torch.einsum("bn,bnd->bd", weights, vectors))


@pytest.mark.parametrize(
    ("arguments", "rule"),
    [
        ((6, 2, 0.1), r"d_model % 4"),
        ((8, 3, 0.1), r"d_model % num_heads"),
        ((8, 2, 1.0), "dropout"),
        ((8, 0, 0.1), "num_h"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(arguments, rule):
    with pytest.raises(ConfigError, match=rule):
        AttentionSizes(*arguments)
