"""The conventional recurrent network that the spiking one is measured against."""

from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from c5snn.errors import require, require_positive
from c5snn.tasks.next_event import NextEventModule

__all__ = ["GRU"]


@final
class GRU(NextEventModule):
    """Reads the window event by event; its last hidden state ranks the parts.

    ``h = GRU(x_1 … x_W)``, ``logits = A·h_W + c`` maps ``(batch, window, parts)`` to ``(batch, parts)``.

    Args:
        n_parts: Number of parts F, at least 1.
        hidden_size: Units of each layer, at least 1.
        num_layers: Stacked layers, at least 1.
        dropout: Share of outputs dropped between layers in training, in [0, 1); one layer has no between.

    Raises:
        ConfigError: An argument is out of its range.

    Source: Cho et al. (2014), Learning Phrase Representations using RNN Encoder-Decoder, eqs. 5-8,
    doi:10.3115/v1/D14-1179; the reset gate acts after the matrix product, as ``torch.nn.GRU`` has it.
    """

    def __init__(self, n_parts: int = 39, hidden_size: int = 128, num_layers: int = 1, dropout: float = 0.0) -> None:
        super().__init__()
        require_positive(n_parts=n_parts, hidden_size=hidden_size, num_layers=num_layers)
        require("0 <= dropout < 1", holds=0 <= dropout < 1, dropout=dropout)
        self.save_hyperparameters()
        # torch warns about a dropout that cannot act
        between = dropout if num_layers > 1 else 0.0
        self.recurrent = nn.GRU(n_parts, hidden_size, num_layers, batch_first=True, dropout=between)
        self.readout = nn.Linear(hidden_size, n_parts)

    def forward(self, windows: Float[Tensor, "batch window parts"]) -> Float[Tensor, "batch parts"]:
        """Return one logit per part."""
        _, last = self.recurrent(windows)
        return self.readout(last[-1])  # type: ignore[no-any-return]  # torch types a module's call as Any

    def effective_hparams(self) -> dict[str, object]:
        """Return the arguments; a dropout that cannot act counts as none."""
        return {**self.hparams, "dropout": self.recurrent.dropout}
