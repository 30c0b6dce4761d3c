"""Layers with weights; snnTorch's neurons hold those of the spiking ones."""

from c5snn.nn.arguments import require, require_positive
from c5snn.nn.encoding import Encoder, EncodingName
from c5snn.nn.readout import ReadoutName, read_out
from c5snn.nn.spiking import LIF, RecurrentLIF, RecurrentStack

__all__ = [
    "LIF",
    "Encoder",
    "EncodingName",
    "ReadoutName",
    "RecurrentLIF",
    "RecurrentStack",
    "read_out",
    "require",
    "require_positive",
]
