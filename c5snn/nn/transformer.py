"""Attention between spikes, and the two kinds of block that are built around it."""

from dataclasses import dataclass
from typing import Literal, final

from jaxtyping import Float
from torch import Tensor, nn

from c5snn.errors import require, require_positive
from c5snn.nn.multi_step import LayerOptions, MultiStepLIF, Synapses, spiking_linear

__all__ = ["BlockSizes", "ResidualName", "SpikingAttention", "spiking_blocks"]

ResidualName = Literal["spike_and", "membrane"]


@dataclass(frozen=True)
class BlockSizes:
    """The shape of a block.

    Args:
        d_model: Features of each event, at least 1.
        num_heads: Attention heads, a divisor of ``d_model``.
        ffn_size: Hidden units of the feed-forward part, at least 1.
        dropout: Share dropped in training, of attention and of hidden spikes alike, in [0, 1).

    Raises:
        ConfigError: An argument is out of its range.
    """

    d_model: int
    num_heads: int
    ffn_size: int
    dropout: float

    def __post_init__(self) -> None:
        require_positive(d_model=self.d_model, num_heads=self.num_heads, ffn_size=self.ffn_size)
        rule = "d_model % num_heads == 0"
        require(rule, holds=self.d_model % self.num_heads == 0, d_model=self.d_model, num_heads=self.num_heads)
        require("0 <= dropout < 1", holds=0 <= self.dropout < 1, dropout=self.dropout)


@final
class SpikingAttention(nn.Module):
    """Lets every event attend to every other: ``q, k, v = LIF(Linear a)``, ``drop(q·kᵀ/√d_head)·v``, without softmax.

    Spikes are never negative, so neither are their products, and nothing remains for a softmax to do.

    Args:
        sizes: Of the block.
        options: Those of the network.

    Source: Zhou et al. (2023), Spikformer: When Spiking Neural Network Meets Transformer, sec. 3.3,
    arXiv:2209.15425; here the scale is 1/√d_head, and the result is no spike.
    """

    def __init__(self, sizes: BlockSizes, options: LayerOptions) -> None:
        super().__init__()
        self.num_heads = sizes.num_heads
        self.query = spiking_linear(sizes.d_model, sizes.d_model, options)
        self.key = spiking_linear(sizes.d_model, sizes.d_model, options)
        self.value = spiking_linear(sizes.d_model, sizes.d_model, options)
        self.dropout = nn.Dropout(sizes.dropout)

    def forward(self, a: Float[Tensor, "copies batch window d_model"]) -> Float[Tensor, "time batch window d_model"]:
        """Return the values of all events, weighed by attention."""
        query, key, value = (self._heads(layer(a)) for layer in (self.query, self.key, self.value))
        attention = self.dropout(query @ key.mT / query.shape[-1] ** 0.5)
        return (attention @ value).transpose(2, 3).flatten(3)  # type: ignore[no-any-return]  # torch types a call as Any

    def _heads(
        self, spikes: Float[Tensor, "time batch window d_model"]
    ) -> Float[Tensor, "time batch heads window d_head"]:
        heads = spikes.unflatten(-1, (self.num_heads, -1))
        return heads.transpose(2, 3)  # type: ignore[no-any-return]  # torch does not type unflatten


@final
class _SpikeAndBlock(nn.Module):
    """``r = LIF(a + LIF(Linear(attention(a))))``, then ``LIF(r + LIF(Linear(drop(LIF(Linear r)))))``.

    Where both summands are spikes, one alone reaches exactly θ and does not fire: the sum is an AND.
    """

    def __init__(self, sizes: BlockSizes, options: LayerOptions) -> None:
        super().__init__()
        self.attention = SpikingAttention(sizes, options)
        self.mix = spiking_linear(sizes.d_model, sizes.d_model, options)
        self.attended = MultiStepLIF(sizes.d_model, options)
        self.expand = spiking_linear(sizes.d_model, sizes.ffn_size, options)
        self.dropout = nn.Dropout(sizes.dropout)
        self.contract = spiking_linear(sizes.ffn_size, sizes.d_model, options)
        self.output = MultiStepLIF(sizes.d_model, options)

    def forward(self, a: Float[Tensor, "copies batch window d_model"]) -> Float[Tensor, "time batch window d_model"]:
        """Return spikes from spikes, or in the first block from the embedded events."""
        r = self.attended(a + self.mix(self.attention(a)))
        return self.output(r + self.contract(self.dropout(self.expand(r))))  # type: ignore[no-any-return]  # a call is Any


@final
class _MembraneBlock(nn.Module):
    """``c ← c + Linear(attention(LIF c))``, then ``c + Linear(drop(LIF(Linear(LIF c))))``: currents in, currents out.

    What a block adds reaches the membranes of the next beside what it was given, so a spike more is a current more.

    Source: Yao et al. (2023), Spike-driven Transformer, sec. 3.1, arXiv:2307.01694 (membrane shortcut).
    """

    def __init__(self, sizes: BlockSizes, options: LayerOptions) -> None:
        super().__init__()
        self.input = MultiStepLIF(sizes.d_model, options)
        self.attention = SpikingAttention(sizes, options)
        self.mix = Synapses.linear(sizes.d_model, sizes.d_model, options)
        self.attended = MultiStepLIF(sizes.d_model, options)
        self.expand = spiking_linear(sizes.d_model, sizes.ffn_size, options)
        self.dropout = nn.Dropout(sizes.dropout)
        self.contract = Synapses.linear(sizes.ffn_size, sizes.d_model, options)

    def forward(
        self, current: Float[Tensor, "copies batch window d_model"]
    ) -> Float[Tensor, "time batch window d_model"]:
        """Return the current with what the block adds to it."""
        attended = current + self.mix(self.attention(self.input(current)))
        return attended + self.contract(self.dropout(self.expand(self.attended(attended))))  # type: ignore[no-any-return]  # a call is Any


def spiking_blocks(num_layers: int, residual: ResidualName, sizes: BlockSizes, options: LayerOptions) -> nn.Sequential:
    """Return blocks that turn embedded events into spikes.

    Args:
        num_layers: How many, at least 1.
        residual: Whether what a block is given and what it adds meet as spikes or as currents.
        sizes: Of each block.
        options: Those of the network.

    Raises:
        ConfigError: ``num_layers`` is below 1.
    """
    require_positive(num_layers=num_layers)
    match residual:
        case "spike_and":
            return nn.Sequential(*(_SpikeAndBlock(sizes, options) for _ in range(num_layers)))
        case "membrane":
            blocks = (_MembraneBlock(sizes, options) for _ in range(num_layers))
            return nn.Sequential(*blocks, MultiStepLIF(sizes.d_model, options))
