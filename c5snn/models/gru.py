"""The conventional recurrent network that the spiking one is measured against."""

from typing import Any, final

from jaxtyping import Float
from torch import Tensor, nn

from c5snn.errors import require, require_positive
from c5snn.nn import DelayLines
from c5snn.tasks.next_event import NextEventModule

__all__ = ["GRU"]


@final
class GRU(NextEventModule):
    """Reads the window event by event; its last hidden state ranks the parts.

    ``h = GRU(z_1 … z_W)``, z the events or what their delay lines hand on, ``logits = A·h_W + c`` maps
    ``(batch, window, parts)`` to ``(batch, parts)``. With delay lines and ``skip`` it has all that a ``SpikeGRU`` has
    around its units.

    Args:
        n_parts: Number of parts F, at least 1.
        hidden_size: Units of each layer, at least 1.
        num_layers: Stacked layers, at least 1.
        dropout: Share of outputs dropped between layers in training, in [0, 1); one layer has no between.
        delay_lines: Lines with learned kernels through which an event also arrives later; 0 for none.
        max_delay: The longest of their delays, in events, at least 1.
        skip: Whether what the lines hand on last also reaches the logit of its own part past the units, by one learned
            weight for each line (without lines: for the last event).

    Raises:
        ConfigError: An argument is out of its range.

    Source: Cho et al. (2014), Learning Phrase Representations using RNN Encoder-Decoder, eqs. 5-8,
    doi:10.3115/v1/D14-1179; the reset gate acts after the matrix product, as ``torch.nn.GRU`` has it.
    """

    def __init__(
        self,
        n_parts: int = 39,
        hidden_size: int = 128,
        num_layers: int = 1,
        dropout: float = 0.0,
        *,
        delay_lines: int = 0,
        max_delay: int = 20,
        skip: bool = False,
    ) -> None:
        super().__init__()
        require_positive(n_parts=n_parts, hidden_size=hidden_size, num_layers=num_layers)
        require("0 <= dropout < 1", holds=0 <= dropout < 1, dropout=dropout)
        require("delay_lines >= 0", holds=delay_lines >= 0, delay_lines=delay_lines)
        self.save_hyperparameters()
        # torch warns about a dropout that cannot act
        between = dropout if num_layers > 1 else 0.0
        self.recurrent = nn.GRU(
            n_parts * max(delay_lines, 1), hidden_size, num_layers, batch_first=True, dropout=between
        )
        self.readout = nn.Linear(hidden_size, n_parts)
        self.delays = DelayLines(delay_lines, max_delay) if delay_lines else None
        self.skip = nn.Linear(max(delay_lines, 1), 1, bias=False) if skip else None
        if self.skip is not None:
            nn.init.zeros_(self.skip.weight)

    def forward(self, windows: Float[Tensor, "batch window parts"]) -> Float[Tensor, "batch parts"]:
        """Return one logit per part."""
        arriving = windows if self.delays is None else self.delays(windows).transpose(0, 1)  # (B, W, R·F)
        _, last = self.recurrent(arriving)  # (L, B, H)
        logits = self.readout(last[-1])  # (B, F)
        if self.skip is not None:
            shares = self.skip.weight
            logits = logits + (
                windows[:, -1] * shares if self.delays is None else self.delays.last(windows, shares)
            )  # (B, F)
        return logits  # type: ignore[no-any-return]  # torch types a module's call as Any

    def parameter_groups(self) -> list[dict[str, Any]]:
        """Return the weights that read events in and write logits out, then all others, which no weight decay reaches.

        They are those of ``SpikeGRU``, so that both networks can have the same decay.
        """
        first = [self.recurrent.weight_ih_l0, self.recurrent.bias_ih_l0]
        decaying = [*first, *self.readout.parameters()]
        kept = {id(weight) for weight in decaying}
        others = [weight for weight in self.parameters() if id(weight) not in kept]
        return [{"params": decaying}, {"params": others, "weight_decay": 0.0}]

    def effective_hparams(self) -> dict[str, object]:
        """Return the arguments; a dropout or a delay that cannot act counts as none."""
        max_delay = 1 if self.delays is None else self.hparams["max_delay"]
        return {**self.hparams, "dropout": self.recurrent.dropout, "max_delay": max_delay}
