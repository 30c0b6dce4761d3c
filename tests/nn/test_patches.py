"""Encoders over patches, against counts that are published and against their own definition."""

import pytest
import torch
from torch import nn

from c5snn.errors import ConfigError
from c5snn.nn import ChannelPatchEncoder, MixingPatchEncoder, PatchSizes, RevIN

SMALL = PatchSizes(patch=4, stride=2, d_model=8, num_layers=2, num_heads=2, ffn_size=12, dropout=0.0)


def n_parameters(module):
    return sum(parameter.numel() for parameter in module.parameters())


def test_the_published_form_has_its_published_number_of_weights():
    sizes = PatchSizes(patch=16, stride=8, d_model=16, num_layers=3, num_heads=4, ffn_size=128, dropout=0.3)
    encoder = ChannelPatchEncoder(336, sizes)
    assert encoder.n_patches == 42
    # Nie et al. (2023) count three attention scales more, which are constants
    assert n_parameters(encoder) + n_parameters(nn.Linear(42 * 16, 96)) == 81_728


@pytest.mark.parametrize(("shape", "count"), [((64, 32, 2, 256), 1_617_729), ((128, 180, 16, 256), 23_882_881)])
def test_the_mixing_variant_has_its_published_number_of_weights(shape, count):
    d_model, num_layers, num_heads, ffn_size = shape
    sizes = PatchSizes(10, 5, d_model, num_layers, num_heads, ffn_size, dropout=0.0)
    with torch.device("meta"):
        encoder = MixingPatchEncoder(25, 60, sizes)
    assert encoder.n_patches == 11
    assert n_parameters(encoder) + 11 * d_model + 1 == count


def test_a_normalised_window_has_mean_0_and_deviation_1_and_comes_back():
    windows = torch.randn(3, 50, 4, generator=torch.Generator().manual_seed(1)) * 7 + 30
    normalised, back = RevIN(4, affine=False)(windows)
    torch.testing.assert_close(normalised.mean(dim=1), torch.zeros(3, 4), atol=1e-5, rtol=0)
    torch.testing.assert_close(normalised.std(dim=1, correction=0), torch.ones(3, 4), atol=1e-5, rtol=0)
    torch.testing.assert_close(back(normalised), windows)


def test_the_learned_scale_comes_back_too():
    windows = torch.randn(3, 50, 2, generator=torch.Generator().manual_seed(1))
    revin = RevIN(2, affine=True)
    with torch.no_grad():
        revin.scale.copy_(torch.tensor([0.5, 3.0]))
        revin.shift.copy_(torch.tensor([-1.0, 2.0]))
    normalised, back = revin(windows)
    assert not torch.allclose(normalised, RevIN(2, affine=False)(windows)[0])
    torch.testing.assert_close(back(normalised), windows)


def test_a_constant_channel_gives_zeros_and_no_nan():
    normalised, _ = RevIN(1, affine=False)(torch.full((2, 10, 1), 5.0))
    assert torch.equal(normalised, torch.zeros(2, 10, 1))


def test_a_channel_is_encoded_without_the_others():
    encoder = ChannelPatchEncoder(12, SMALL).eval()
    windows = torch.randn(2, 12, 3)
    alone = encoder(windows[..., 1:2])
    torch.testing.assert_close(encoder(windows)[:, 1:2], alone)


def test_a_mixed_token_holds_all_channels():
    encoder = MixingPatchEncoder(3, 12, SMALL).eval()
    windows = torch.randn(2, 12, 3)
    changed = windows.clone()
    changed[..., 2] += 1
    assert not torch.allclose(encoder(windows), encoder(changed))


def test_the_published_form_repeats_the_last_value_for_one_stride():
    encoder = ChannelPatchEncoder(12, SMALL).eval()
    windows = torch.randn(1, 12, 1)
    seen = []
    encoder.embed.register_forward_hook(lambda _, inputs, __: seen.append(inputs[0]))
    encoder(windows)
    assert seen[0].shape == (1, 1, 6, 4)
    last = windows[0, -1, 0].item()
    assert seen[0][0, 0, -1].tolist() == [*windows[0, -2:, 0].tolist(), last, last]


def test_one_published_layer_equals_attention_of_torch():
    sizes = PatchSizes(patch=4, stride=2, d_model=8, num_layers=1, num_heads=2, ffn_size=12, dropout=0.0)
    encoder = ChannelPatchEncoder(12, sizes).eval().double()
    layer = encoder.layers[0]
    attention = nn.MultiheadAttention(8, 2, batch_first=True).eval().double()
    with torch.no_grad():
        parts = (layer.query, layer.key, layer.value)
        attention.in_proj_weight.copy_(torch.cat([part.weight for part in parts]))
        attention.in_proj_bias.copy_(torch.cat([part.bias for part in parts]))
        attention.out_proj.load_state_dict(layer.mix.state_dict())
    windows = torch.randn(3, 12, 1).double()
    padded = torch.cat([windows, windows[:, -1:].expand(-1, 2, -1)], dim=1)[..., 0]
    tokens = encoder.embed(padded.unfold(1, 4, 2)) + encoder.positions
    x = layer.norm_attention((tokens + attention(tokens, tokens, tokens)[0]).mT).mT
    expected = layer.norm_output((x + layer.contract(layer.expand(x))).mT).mT
    torch.testing.assert_close(encoder(windows)[:, 0], expected)


def test_the_scores_of_a_layer_add_to_those_of_the_next():
    encoder = ChannelPatchEncoder(12, SMALL).eval()
    windows = torch.randn(2, 12, 1)
    seen = []
    for layer in encoder.layers:
        layer.register_forward_hook(lambda _, __, output: seen.append(output.scores))
    encoder(windows)
    query, key = encoder.layers[1].query, encoder.layers[1].key
    tokens = []
    encoder.layers[1].register_forward_pre_hook(lambda _, inputs: tokens.append(inputs[0].tokens))
    encoder(windows)
    own = [part(tokens[0]).unflatten(-1, (2, 4)).transpose(1, 2) for part in (query, key)]
    torch.testing.assert_close(seen[1], seen[0] + own[0] @ own[1].mT / 2)


@pytest.mark.parametrize(
    "wrong", [{"patch": 13}, {"num_heads": 3}, {"stride": 0}, {"dropout": 1.0}, {"num_layers": 0}, {"ffn_size": -1}]
)
def test_a_shape_that_cannot_be_is_refused(wrong):
    shape = {"patch": 4, "stride": 2, "d_model": 8, "num_layers": 2, "num_heads": 2, "ffn_size": 12, "dropout": 0.0}
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        ChannelPatchEncoder(12, PatchSizes(**(shape | wrong)))
