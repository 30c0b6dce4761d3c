"""What one weight layer costs, against counts made one input at a time."""

import pytest
import torch
from torch import nn

from c5snn.training.synaptic_operations import convolution_operations


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv1d(4, 6, 3, padding="same"),
        nn.Conv1d(4, 6, 4, padding="same", dilation=2),
        nn.Conv1d(4, 6, 3),
        nn.Conv1d(4, 6, 3, stride=2, padding=2, groups=2),
        nn.Conv1d(4, 6, 2, padding="valid", dilation=3),
    ],
    ids=str,
)
def test_a_convolution_costs_what_each_input_contributes_to(layer):
    inputs = (torch.rand(2, 4, 9, generator=torch.Generator().manual_seed(0)) < 0.4).float()
    ones = {name: torch.ones_like(parameter) for name, parameter in layer.named_parameters() if name == "weight"}
    expected = 0
    for index in inputs.nonzero():
        alone = torch.zeros_like(inputs)
        alone[tuple(index)] = 1.0
        bias = {"bias": torch.zeros_like(layer.bias)}
        # with weights of 1, one input of 1 puts 1 wherever it contributes
        expected += int(torch.func.functional_call(layer, ones | bias, (alone,)).sum())
    assert convolution_operations(layer, inputs).item() == expected
