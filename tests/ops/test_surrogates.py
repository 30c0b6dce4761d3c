"""Slopes against snnTorch's, which differentiate its own spikes."""

import pytest
import snntorch.surrogate
import torch
from hypothesis import given
from hypothesis import strategies as st

from c5snn.ops import heaviside, named_surrogate

SNNTORCH = {"fast_sigmoid": snntorch.surrogate.fast_sigmoid(25), "atan": snntorch.surrogate.atan(2.0)}
each_name = pytest.mark.parametrize("name", list(SNNTORCH))


@each_name
@given(distance=st.floats(-10, 10, width=32))
def test_a_slope_is_snntorchs(name, distance):
    x = torch.tensor([distance], requires_grad=True)
    (expected,) = torch.autograd.grad(SNNTORCH[name](x), x)
    torch.testing.assert_close(named_surrogate(name).slope(x.detach().clone()), expected, rtol=1e-6, atol=0)


@each_name
def test_a_slope_is_even_and_peaks_at_one_on_the_threshold(name):
    distance = torch.arange(-50, 51, dtype=torch.float64) / 25
    slope = named_surrogate(name).slope(distance.clone())
    torch.testing.assert_close(slope, slope.flip(0))
    assert slope.argmax() == 50
    assert slope[50] == 1


@given(st.lists(st.floats(-3, 3, width=32), min_size=1))
def test_the_step_is_one_strictly_above_the_threshold(membranes):
    membrane = torch.tensor([*membranes, 1.0])
    spikes = heaviside(membrane, torch.tensor(1.0), torch.empty_like(membrane))
    assert spikes.tolist() == [float(value > 1) for value in membrane.tolist()]
