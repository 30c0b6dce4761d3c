"""Every test draws the same numbers, alone or among others."""

import pytest
import torch
from snntorch import surrogate


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)


@pytest.fixture
def _spikes_in_the_dtype_of_membranes(monkeypatch):
    """snnTorch returns spikes as float32, whatever it is given."""

    def forward(context, distance, slope):
        context.save_for_backward(distance)
        context.slope = context.alpha = slope
        return (distance > 0).to(distance.dtype)

    for function in (surrogate.FastSigmoid, surrogate.ATan):
        monkeypatch.setattr(function, "forward", staticmethod(forward))
