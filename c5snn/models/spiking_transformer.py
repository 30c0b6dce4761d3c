"""The spiking transformer: every event of the window attends to every other."""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from c5snn.errors import require, require_positive
from c5snn.nn import (
    BlockSizes,
    Encoder,
    EncodingName,
    InitName,
    LayerOptions,
    NormName,
    ResidualName,
    Synapses,
    mean_over_time,
    spiking_blocks,
)
from c5snn.ops import SurrogateName
from c5snn.tasks.next_event import NextEventModule

__all__ = ["SpikingTransformer"]


@final
class SpikingTransformer(NextEventModule):
    """Embeds the events with their positions and lets blocks of spiking attention read them, ``timesteps`` times.

    ``E_w = A·z_w + a + p_w`` → blocks (see ``c5snn.nn.transformer``) → ``logits = C·mean_{t,w}(S_{t,w}) + c``;
    ``(batch, window, parts)`` to ``(batch, parts)``. Membranes persist over t.

    Args:
        n_parts: Number of parts, at least 1.
        window: Number of past events, from 1 to 100.
        d_model: Features of each event, at least 1.
        num_layers: Blocks, at least 1.
        num_heads: Attention heads, a divisor of ``d_model``.
        ffn_size: Hidden units of the feed-forward part, at least 1; None means 2·``d_model``.
        dropout: Share of attention and of hidden spikes dropped in training, in [0, 1).
        beta: Decay β of the membrane per encoding step, in [0, 1]; in a single step nothing decays.
        encoding: Events as they are, in one step, or as spikes drawn at a rate in each of ``timesteps``.
        timesteps: Encoding steps of ``rate_coded``, at least 1.
        surrogate: Slope that stands for the derivative of the step.
        rate_min: Probability of an input spike where a part was not active, in [0, 1]; ``rate_coded`` only.
        rate_max: Probability of an input spike where a part was active, in [0, 1]; ``rate_coded`` only.
        norm: Threshold-dependent batch normalisation of the current that each Linear makes, or none.
        init: Torch's own weights, or weights that make membranes fluctuate around rest.
        residual: Whether what a block is given and what it adds meet as spikes, both of which a unit then needs to
            fire, or as currents.

    Raises:
        ConfigError: An argument is out of its range.

    Source: Zhou et al. (2023), Spikformer: When Spiking Neural Network Meets Transformer, arXiv:2209.15425; Yao et al.
    (2023), Spike-driven Transformer, arXiv:2307.01694 (``membrane``).
    """

    def __init__(  # noqa: PLR0913  # a model's arguments are its options
        self,
        n_parts: int = 39,
        window: int = 21,
        d_model: int = 128,
        num_layers: int = 2,
        num_heads: int = 4,
        ffn_size: int | None = None,
        *,
        dropout: float = 0.1,
        beta: float = 0.95,
        encoding: EncodingName = "direct",
        timesteps: int = 10,
        surrogate: SurrogateName = "fast_sigmoid",
        rate_min: float = 0.0,
        rate_max: float = 1.0,
        norm: NormName = "none",
        init: InitName = "default",
        residual: ResidualName = "spike_and",
    ) -> None:
        super().__init__()
        require_positive(n_parts=n_parts)
        require("1 <= window <= 100", holds=1 <= window <= 100, window=window)  # noqa: PLR2004  # the rule's own number
        self.save_hyperparameters()
        self.sizes = BlockSizes(d_model, num_heads, 2 * d_model if ffn_size is None else ffn_size, dropout)
        self.encoder = Encoder(encoding, timesteps=timesteps, rate_min=rate_min, rate_max=rate_max)
        options = LayerOptions(self.encoder.n_steps, beta, surrogate, norm, init)
        self.embedding = Synapses.linear(n_parts, d_model, options)
        self.positions = nn.Parameter(nn.init.trunc_normal_(torch.empty(window, d_model), std=0.02))
        self.blocks = spiking_blocks(num_layers, residual, self.sizes, options)
        self.output = nn.Linear(d_model, n_parts)

    def forward(self, windows: Float[Tensor, "batch window parts"]) -> Float[Tensor, "batch parts"]:
        """Return one logit per part."""
        embedded = self.embedding(self.encoder(windows, merge_copies=True)) + self.positions
        return self.output(mean_over_time(self.blocks(embedded)).mean(1))  # type: ignore[no-any-return]  # a call is Any

    def effective_hparams(self) -> dict[str, object]:
        """Return the arguments in canonical form: equal where the computations are identical."""
        own = {"beta": self.hparams["beta"] if self.encoder.n_steps > 1 else 0.0, "ffn_size": self.sizes.ffn_size}
        return {**self.hparams, **self.encoder.effective_arguments(merge_copies=False), **own}
