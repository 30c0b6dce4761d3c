"""The spiking recurrent network."""

import logging
from typing import Any, final

from jaxtyping import Float
from torch import Tensor, nn

from c5snn.errors import require, require_positive
from c5snn.nn import (
    DelayLines,
    Encoder,
    EncodingName,
    InitName,
    NormName,
    Readout,
    ReadoutName,
    RecurrentStack,
)
from c5snn.ops import SurrogateName
from c5snn.tasks.next_event import NextEventModule

__all__ = ["SpikeGRU"]

_logger = logging.getLogger(__name__)


@final
class SpikeGRU(NextEventModule):
    """Reads the window event by event with recurrent spiking layers; the state of the top layer ranks the parts.

    ``I_w = A·z_w + a``, z the event or what its delay lines hand on → per layer
    ``U_w = β·U_{w−1} + I_w + V·S_{w−1} + b − S_{w−1}``, ``S_w = H(U_w − 1)``, from rest at each encoding step t →
    ``logits = C·mean_t(readout) + c``; ``(batch, window, parts)`` to ``(batch, parts)``.

    Args:
        n_parts: Number of parts, at least 1.
        hidden_size: Units of each layer, at least 1.
        num_layers: Stacked layers, at least 1; each takes the spikes of the one below.
        beta: Decay β of the membrane per event, in [0, 1]; ``[low, high]`` draws one for each unit, uniformly.
        dropout: Share of spikes dropped between layers in training, in [0, 1); one layer has no between.
        encoding: Events as they are, or spikes drawn at a rate in each of ``timesteps``.
        timesteps: Encoding steps of ``rate_coded``, at least 1.
        surrogate: Curve that stands for the derivative of the step.
        slope: How fast that curve falls off on both sides of the threshold, above 0; None for snnTorch's.
        readout: The top layer's last spikes, their mean over the window, its last membrane U, or U through a rectifier
            whose slope below 0 is learned.
        learn_beta: Whether β is learned.
        rate_min: Probability of an input spike where a part was not active, in [0, 1]; ``rate_coded`` only.
        rate_max: Probability of an input spike where a part was active, in [0, 1]; ``rate_coded`` only.
        norm: Threshold-dependent batch normalisation of each layer's current from below, or none.
        init: Torch's own weights, or weights that make membranes fluctuate around rest (``beta`` below 1).
        delay_lines: Lines with learned kernels through which an event also arrives later; 0 for none.
        max_delay: The longest of their delays, in events, at least 1.
        skip: Whether what the lines hand on last also reaches the logit of its own part past the spikes, by one learned
            weight for each line (without lines: for the last event). Alone it is a ``LagKernel``.

    Raises:
        ConfigError: An argument is out of its range.

    Source: Eshraghian et al. (2023), doi:10.1109/JPROC.2023.3308088 (the neuron, snnTorch's ``RLeaky``).
    """

    def __init__(  # noqa: PLR0913  # a model's arguments are its options
        self,
        n_parts: int = 39,
        hidden_size: int = 128,
        num_layers: int = 1,
        *,
        beta: float | list[float] = 0.95,
        dropout: float = 0.0,
        encoding: EncodingName = "direct",
        timesteps: int = 10,
        surrogate: SurrogateName = "fast_sigmoid",
        slope: float | None = None,
        readout: ReadoutName = "last",
        learn_beta: bool = False,
        rate_min: float = 0.0,
        rate_max: float = 1.0,
        norm: NormName = "none",
        init: InitName = "default",
        delay_lines: int = 0,
        max_delay: int = 20,
        skip: bool = False,
    ) -> None:
        super().__init__()
        require_positive(n_parts=n_parts, hidden_size=hidden_size)
        require("delay_lines >= 0", holds=delay_lines >= 0, delay_lines=delay_lines)
        self.save_hyperparameters()
        self.encoder = Encoder(encoding, timesteps=timesteps, rate_min=rate_min, rate_max=rate_max)
        self.delays = DelayLines(delay_lines, max_delay) if delay_lines else None
        # a norm has a bias of its own
        self.input = nn.Linear(n_parts * max(delay_lines, 1), hidden_size, bias=norm == "none")
        self.recurrent = RecurrentStack(
            hidden_size,
            num_layers,
            beta=beta,
            dropout=dropout,
            learn_beta=learn_beta,
            surrogate=surrogate,
            slope=slope,
            norm=norm,
            init=init,
        )
        if init == "fluctuation":
            self.recurrent.draw_below_(self.input, self.delays)
        self.readout = Readout(readout)
        self.output = nn.Linear(hidden_size, n_parts)
        self.skip = nn.Linear(max(delay_lines, 1), 1, bias=False) if skip else None
        if self.skip is not None:
            nn.init.zeros_(self.skip.weight)
        sizes = " → ".join(map(str, [n_parts, *[hidden_size] * num_layers, n_parts]))
        _logger.info("SpikeGRU: %s, beta %s, %s encoding, readout %s.", sizes, beta, encoding, readout)

    def forward(self, windows: Float[Tensor, "batch window parts"]) -> Float[Tensor, "batch parts"]:
        """Return one logit per part."""
        inputs = self.encoder(windows, merge_copies=not self.recurrent.draws_dropout)
        events = inputs.flatten(0, 1)
        arriving = events.transpose(0, 1).contiguous() if self.delays is None else self.delays(events)
        features = self.readout(self.recurrent(self.input(arriving)))
        if len(inputs) > 1:
            features = features.unflatten(0, inputs.shape[:2]).mean(0)
        logits = self.output(features)
        if self.skip is not None:
            shares = self.skip.weight
            last = events[:, -1] * shares if self.delays is None else self.delays.last(events, shares)
            logits = logits + last.unflatten(0, inputs.shape[:2]).mean(0)
        return logits  # type: ignore[no-any-return]  # torch types a call as Any

    def parameter_groups(self) -> list[dict[str, Any]]:
        """Return the weights that read events in and write logits out, then all others, which no weight decay reaches.

        With decay on all of them, layers hardly fired in runs on ``Repeat``.
        """
        decaying = nn.ModuleList([self.input, self.output])
        others = nn.ModuleList(
            part for part in (self.delays, self.recurrent, self.readout, self.skip) if part is not None
        )
        return [{"params": list(decaying.parameters())}, {"params": list(others.parameters()), "weight_decay": 0.0}]

    def effective_hparams(self) -> dict[str, object]:
        """Return the arguments in canonical form: equal where the computations are identical."""
        dropout = self.recurrent.dropout.p
        max_delay = 1 if self.delays is None else self.hparams["max_delay"]
        own = {"dropout": dropout, "max_delay": max_delay}
        return {**self.hparams, **own, **self.encoder.effective_arguments(merge_copies=dropout == 0)}
