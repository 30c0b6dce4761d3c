"""What of a spiking layer's history is handed on when the window has been read."""

from typing import Literal, final

from jaxtyping import Float
from torch import Tensor, nn

from c5snn.ops import Scan

__all__ = ["Readout", "ReadoutName", "mean_over_time"]

ReadoutName = Literal["last", "mean", "membrane", "prelu"]


@final
class Readout(nn.Module):
    """Reads a scan: the ``last`` spikes, the ``mean`` of the spikes over time, or the last ``membrane`` U.

    ``prelu`` is ``max(U, 0) + a·min(U, 0)`` with one learned a, 0 at start: it can stay a
    rectifier (a = 0), become linear (1), or ignore the sign (−1), whatever the scale of U.

    Args:
        name: Which of them.

    Source: He, Zhang, Ren & Sun (2015), Delving Deep into Rectifiers, sec. 2.1, doi:10.1109/ICCV.2015.123; there a
    is 0.25 at start.
    """

    def __init__(self, name: ReadoutName) -> None:
        super().__init__()
        self.name = name
        self.prelu = nn.PReLU(init=0.0) if name == "prelu" else None

    def forward(self, scan: Scan) -> Float[Tensor, "batch units"]:
        """Return what the layer hands on."""
        if self.prelu is not None:
            return self.prelu(scan.state.membrane)  # type: ignore[no-any-return]  # torch types a call as Any
        match self.name:
            case "last":
                return scan.state.spikes
            case "mean":
                return scan.spikes.mean(0)
            case _:
                return scan.state.membrane


def mean_over_time(spikes: Float[Tensor, "time batch *units"]) -> Float[Tensor, "batch *units"]:
    """Return the mean over time; its gradient is one for all steps, where ``mean`` would write one for each."""
    return spikes.sum(0) / len(spikes)
