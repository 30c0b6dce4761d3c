"""What is handed on when the window has been read."""

import pytest
import torch

from c5snn.nn import Readout, RecurrentLIF


@pytest.fixture
def scan():
    return RecurrentLIF(6, 0.9)(2 * torch.randn(8, 3, 6))


@pytest.mark.parametrize(
    ("readout", "expected"),
    [
        ("last", lambda scan: scan.spikes[-1]),
        ("mean", lambda scan: scan.spikes.sum(0) / len(scan.spikes)),
        ("membrane", lambda scan: scan.membranes[-1]),
        ("prelu", lambda scan: scan.membranes[-1].clamp(min=0)),
    ],
)
def test_a_readout_reads_what_it_is_named_after(readout, expected, scan):
    torch.testing.assert_close(Readout(readout)(scan), expected(scan))


def test_a_rectifier_that_learns_can_ignore_the_sign(scan):
    readout = Readout("prelu")
    torch.nn.init.constant_(readout.prelu.weight, -1.0)
    torch.testing.assert_close(readout(scan), scan.membranes[-1].abs())
