"""What is handed on when the window has been read."""

import pytest
import torch

from c5snn.nn import RecurrentLIF, read_out


@pytest.mark.parametrize(
    ("readout", "expected"),
    [
        ("last", lambda scan: scan.spikes[-1]),
        ("mean", lambda scan: scan.spikes.sum(0) / len(scan.spikes)),
        ("membrane", lambda scan: scan.membranes[-1]),
        ("graded", lambda scan: torch.tanh(2 * scan.membranes[-1])),
    ],
)
def test_a_readout_reads_what_it_is_named_after(readout, expected):
    scan = RecurrentLIF(6, 0.9)(2 * torch.randn(8, 3, 6))
    torch.testing.assert_close(read_out(scan, readout), expected(scan))
