"""What of a spiking layer's history is handed on when the window has been read."""

from typing import Literal

from jaxtyping import Float
from torch import Tensor

from c5snn.ops import Scan

__all__ = ["ReadoutName", "mean_over_time", "read_out"]

ReadoutName = Literal["last", "mean", "membrane", "graded"]


def read_out(scan: Scan, readout: ReadoutName) -> Float[Tensor, "batch units"]:
    """Return the ``last`` spikes, the ``mean`` of the spikes over time, or the last ``membrane``.

    ``graded`` is ``tanh(2 U)`` of the last membrane U: it saturates as spikes do, at 0.96 where a unit would fire, and
    says, as a membrane does, how far.
    """
    match readout:
        case "last":
            return scan.state.spikes
        case "mean":
            return scan.spikes.mean(0)
        case "membrane":
            return scan.state.membrane
        case "graded":
            return (2 * scan.state.membrane).tanh()


def mean_over_time(spikes: Float[Tensor, "time batch *units"]) -> Float[Tensor, "batch *units"]:
    """Return the mean over time; its gradient is one for all steps, where ``mean`` would write one for each."""
    return spikes.sum(0) / len(spikes)
