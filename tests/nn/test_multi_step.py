"""Layers over all encoding steps at once."""

import pytest
import torch

from c5snn.nn import LIF, LayerOptions, MultiStepLIF, spiking_convolution, spiking_linear

T, B, H = 5, 3, 4


def options(n_steps=T, norm="none"):
    return LayerOptions(n_steps, 0.9, "fast_sigmoid", norm, "default")


@pytest.mark.parametrize("positions", [(), (6,)])
def test_one_copy_stands_for_all_steps(positions):
    units = MultiStepLIF(H, options())
    current = 2 * torch.rand(1, B, *positions, H)
    spikes = units(current)
    assert spikes.shape == (T, B, *positions, H)
    assert torch.equal(spikes, units(current.expand(T, B, *positions, H)))
    assert 0 < spikes.mean() < 1


def test_its_units_are_those_of_a_lif_layer_that_hooks_can_watch():
    units = MultiStepLIF(H, options())
    scans = []
    (layer,) = [module for module in units.modules() if isinstance(module, LIF)]
    layer.register_forward_hook(lambda _module, _inputs, scan: scans.append(scan))
    spikes = units(2 * torch.rand(T, B, 6, H))
    assert scans[0].spikes.shape == (T, B, 6 * H)
    assert torch.equal(scans[0].spikes.view_as(spikes), spikes)


@pytest.mark.parametrize("norm", ["none", "batch"])
def test_a_convolution_runs_along_the_window(norm):
    synapses, _ = spiking_convolution(H, 7, 3, options(norm=norm))
    inputs = torch.randn(1, B, H, 6)
    padded = torch.nn.functional.pad(inputs[0], (1, 1))
    moved = [torch.einsum("bik,oik->bo", padded[:, :, w : w + 3], synapses.weights.weight) for w in range(6)]
    expected = torch.stack(moved, -1)
    if norm == "none":
        expected = expected + synapses.weights.bias[:, None]
    torch.testing.assert_close(synapses(inputs)[0], synapses.norm(expected))


@pytest.mark.parametrize(("norm", "biased"), [("none", True), ("batch", False)])
def test_weights_before_a_norm_have_no_bias(norm, biased):
    for layer in (spiking_linear(H, 2, options(norm=norm)), spiking_convolution(H, 2, 3, options(norm=norm))):
        assert (layer[0].weights.bias is not None) is biased
