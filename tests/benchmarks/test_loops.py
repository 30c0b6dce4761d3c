"""The loops that c5snn is measured against compute what it computes; a race on two tracks would mean nothing."""

import pytest
import torch

from benchmarks.peers import PEERS
from benchmarks.scan import INPUTS
from benchmarks.snntorch_loops import RecurrentLoop, copy_parameters, rates
from c5snn.models import SpikeGRU

EQUAL_INPUTS = [given for given in INPUTS if given.rate_max == 1]


def windows():
    return (torch.rand(8, 21, 39, generator=torch.Generator().manual_seed(2)) < 0.3).float()


def compare(model, loop):
    copy_parameters(model, loop)
    own, other = model.eval()(windows()), loop.eval()(windows())
    assert own.std(0).max() > 1e-3
    torch.testing.assert_close(own, other, rtol=0, atol=1e-5)


@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("given", EQUAL_INPUTS, ids=lambda given: given.name)
def test_the_recurrent_loop_is_spike_gru(num_layers, given):
    torch.manual_seed(0)
    model = SpikeGRU(hidden_size=32, num_layers=num_layers, encoding=given.encoding, timesteps=given.timesteps)
    with torch.no_grad():
        model.input.weight.mul_(3)
    compare(model, RecurrentLoop(32, num_layers, rates(given.timesteps, given.rate_max)))


@pytest.mark.parametrize(("model", "loop"), PEERS, ids=lambda kind: kind.__name__)
def test_a_loop_is_its_model(model, loop):
    torch.manual_seed(0)
    network = model(encoding="rate_coded", timesteps=10)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(2)
    compare(network, loop(rates(10, 1.0)))


def test_a_drawn_input_has_its_rate():
    drawn = rates(200, 0.9)(windows())
    assert drawn.shape == (200, 8, 21, 39)
    assert not drawn[:, windows() == 0].any()
    assert drawn[:, windows() == 1].mean().item() == pytest.approx(0.9, abs=0.01)
