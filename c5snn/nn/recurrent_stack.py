"""Recurrent spiking layers on top of one another."""

from typing import cast, final

from jaxtyping import Float
from torch import Tensor, nn

from c5snn.errors import require, require_positive
from c5snn.nn.delays import DelayLines
from c5snn.nn.fluctuation import InitName, draw_current_, expect_spikes_
from c5snn.nn.norm import NormName, current_norm
from c5snn.nn.spiking import RecurrentLIF
from c5snn.ops import Scan, SurrogateName

__all__ = ["RecurrentStack"]


@final
class RecurrentStack(nn.Module):
    """``RecurrentLIF`` layers, each of which takes the spikes of the one below as its current.

    Args:
        n_units: Units of each layer, at least 1.
        num_layers: Number of layers, at least 1.
        beta: As in ``RecurrentLIF``.
        dropout: Share of the spikes dropped between layers in training, in [0, 1); one layer has no between.
        learn_beta: As in ``RecurrentLIF``.
        surrogate: As in ``RecurrentLIF``.
        slope: As in ``RecurrentLIF``.
        norm: What the current from below passes on its way into each layer.
        init: As in ``RecurrentLIF``; it also sets the norms. Spikes taken directly have no weights to draw.

    Raises:
        ConfigError: An argument is out of its range.
    """

    def __init__(
        self,
        n_units: int,
        num_layers: int,
        *,
        beta: float | list[float],
        dropout: float,
        learn_beta: bool,
        surrogate: SurrogateName,
        slope: float | None = None,
        norm: NormName = "none",
        init: InitName = "default",
    ) -> None:
        super().__init__()
        require_positive(num_layers=num_layers)
        require("0 <= dropout < 1", holds=0 <= dropout < 1, dropout=dropout)
        layers = [
            RecurrentLIF(n_units, beta, learn_beta=learn_beta, surrogate=surrogate, slope=slope, init=init)
            for _ in range(num_layers)
        ]
        self.layers = nn.ModuleList(layers)
        self.norms = nn.ModuleList(current_norm(norm, n_units) for _ in layers)
        if init == "fluctuation":
            for layer, above in zip(layers[1:], self.norms[1:], strict=True):
                expect_spikes_(above, layer.input_variance())
        self.dropout = nn.Dropout(dropout if num_layers > 1 else 0.0)

    @property
    def draws_dropout(self) -> bool:
        """Whether a forward now would drop spikes."""
        return self.training and self.dropout.p > 0

    def draw_below_(self, weights: nn.Linear, delays: DelayLines | None = None) -> None:
        """Draw the weights of the lowest layer's current, in place, as ``fluctuation`` asks.

        Args:
            weights: What the inputs meet.
            delays: The lines on which they arrive; None for inputs as they are.
        """
        kernels = None if delays is None else delays.kernels
        draw_current_(weights, self.norms[0], cast(RecurrentLIF, self.layers[0]).input_variance(), kernels)

    def forward(self, current: Float[Tensor, "time batch units"]) -> Scan:
        """Return the scan of the top layer, all layers starting at rest."""
        scan = self._scan(0, current)
        for i in range(1, len(self.layers)):
            scan = self._scan(i, self.dropout(scan.spikes))
        return scan

    def _scan(self, i: int, current: Float[Tensor, "time batch units"]) -> Scan:
        normalised = self.norms[i](current.flatten(0, 1)).view_as(current)
        return self.layers[i](normalised)  # type: ignore[no-any-return]  # torch types a module's call as Any
