"""What reaches a unit later than it happened."""

import pytest
import torch
from torch.nn import functional as F

from c5snn.errors import ConfigError
from c5snn.nn import DelayLines


def lines_of(kernels: list[list[float]]) -> DelayLines:
    lines = DelayLines(len(kernels), len(kernels[0]) - 1)
    with torch.no_grad():
        lines.kernels.copy_(torch.tensor(kernels))
    return lines


def test_a_kernel_of_a_single_one_is_a_delay():
    inputs = torch.randn(3, 6, 4)
    delayed = lines_of([[0.0, 0.0, 1.0]])(inputs)
    assert torch.equal(delayed[2:], inputs.transpose(0, 1)[:-2])
    assert not delayed[:2].any()


@pytest.mark.parametrize("window", [1, 4, 9])
def test_the_lines_are_a_causal_convolution(window):
    inputs, kernels = torch.randn(2, window, 5), torch.randn(3, 5)
    padded = F.pad(inputs.transpose(1, 2), (kernels.shape[1] - 1, 0)).flatten(0, 1)
    expected = F.conv1d(padded[:, None], kernels.flip(1)[:, None]).view(2, 5, 3, window)
    found = lines_of(kernels.tolist())(inputs).view(window, 2, 3, 5)
    torch.testing.assert_close(found, expected.permute(3, 0, 2, 1))


@pytest.mark.parametrize("window", [1, 4, 9])
def test_what_the_lines_hand_on_last_is_the_end_of_what_they_hand_on(window):
    inputs, shares, lines = torch.randn(2, window, 5), torch.randn(1, 3), lines_of(torch.randn(3, 5).tolist())
    expected = torch.einsum("r,brp->bp", shares[0], lines(inputs)[-1].view(2, 3, 5))
    torch.testing.assert_close(lines.last(inputs, shares), expected)


def test_the_first_line_starts_as_the_input_itself():
    inputs = torch.randn(2, 7, 4)
    assert torch.equal(DelayLines(3, 5)(inputs)[..., :4], inputs.transpose(0, 1))


@pytest.mark.parametrize("arguments", [(0, 5), (2, 0)])
def test_lines_and_delays_are_counted_from_one(arguments):
    with pytest.raises(ConfigError, match=">= 1` must hold"):
        DelayLines(*arguments)
