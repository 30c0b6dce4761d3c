"""Currents are normalised to the threshold, and nothing else is."""

import pytest
import torch

from c5snn.nn import CurrentNorm, RecurrentStack

H = 5


def draw_currents(*shape):
    return 3 * torch.randn(*shape, H) * torch.arange(1.0, H + 1) + torch.arange(H)


@pytest.mark.parametrize("positions", [(), (7,)])
def test_currents_get_the_threshold_as_deviation_over_rows_and_positions(positions):
    currents = draw_currents(12, *positions).movedim(-1, 1)
    axes = (0, *range(2, currents.ndim))
    mean, variance = currents.mean(axes, keepdim=True), currents.var(axes, correction=0, keepdim=True)
    torch.testing.assert_close(CurrentNorm(H)(currents), (currents - mean) / (variance + 1e-5).sqrt())


def test_scale_and_shift_are_learned():
    norm = CurrentNorm(H)
    assert {name: parameter.tolist() for name, parameter in norm.named_parameters()} == {
        "batch_norm.weight": [1.0] * H,
        "batch_norm.bias": [0.0] * H,
    }


def test_equal_copies_have_the_statistics_of_one():
    currents = draw_currents(16)
    torch.testing.assert_close(CurrentNorm(H)(currents.repeat(7, 1))[:16], CurrentNorm(H)(currents))


def test_a_single_current_in_training_is_normalised_by_what_was_seen_before():
    norm = CurrentNorm(H)
    norm(draw_currents(32))
    before = {name: value.clone() for name, value in norm.state_dict().items()}
    single = draw_currents(1)
    in_training = norm(single)
    torch.testing.assert_close(norm.state_dict(), before, rtol=0, atol=0)
    assert torch.equal(in_training, norm.eval()(single))


def test_what_spikes_return_is_not_normalised():
    stack = RecurrentStack(H, 1, beta=0.9, dropout=0.0, learn_beta=False, surrogate="atan", norm="batch")
    currents = draw_currents(12, 8)
    normalised = stack.norms[0](currents.flatten(0, 1)).view_as(currents)
    (layer,) = stack.layers
    assert torch.equal(stack(currents).membranes, layer(normalised).membranes)


def test_each_layer_of_a_stack_has_a_norm_of_its_own():
    stack = RecurrentStack(H, 2, beta=0.9, dropout=0.0, learn_beta=False, surrogate="atan", norm="batch")
    currents = draw_currents(12, 8)
    bottom, top = stack.layers
    below = bottom(stack.norms[0](currents.flatten(0, 1)).view_as(currents)).spikes
    expected = top(stack.norms[1](below.flatten(0, 1)).view_as(below)).spikes
    assert torch.equal(stack(currents).spikes, expected)
    assert not torch.equal(stack(currents).spikes, top(below).spikes)
