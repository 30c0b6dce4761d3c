"""Transformers over patches: stretches of a series, or of a history of events, as tokens.

Two encoders share one idea: a patch of consecutive steps is a token. In the channel-independent one each channel is a
sequence of its own and all share the weights; in the mixing one a token holds the patch of all channels.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple, final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from c5snn.errors import require, require_positive

__all__ = ["ChannelPatchEncoder", "MixingPatchEncoder", "PatchSizes", "PatchVariant", "RevIN", "patch_encoder"]

PatchVariant = Literal["published", "mixing"]

# the table of the mixing variant has room for ten more tokens than it uses, as in the counts that are published of it
_SPARE_POSITIONS = 10


@dataclass(frozen=True)
class PatchSizes:
    """The shape of a transformer over patches.

    Args:
        patch: Steps of a token, at least 1.
        stride: Steps from one token to the next, at least 1.
        d_model: Features of a token, at least 1.
        num_layers: Encoder layers, at least 1.
        num_heads: Attention heads, a divisor of ``d_model``.
        ffn_size: Hidden units of the feed-forward part, at least 1.
        dropout: Share dropped in training, in [0, 1).

    Raises:
        ConfigError: An argument is out of its range.
    """

    patch: int
    stride: int
    d_model: int
    num_layers: int
    num_heads: int
    ffn_size: int
    dropout: float

    def __post_init__(self) -> None:
        require_positive(patch=self.patch, stride=self.stride, d_model=self.d_model, num_layers=self.num_layers)
        require_positive(num_heads=self.num_heads, ffn_size=self.ffn_size)
        rule = "d_model % num_heads == 0"
        require(rule, holds=self.d_model % self.num_heads == 0, d_model=self.d_model, num_heads=self.num_heads)
        require("0 <= dropout < 1", holds=0 <= self.dropout < 1, dropout=self.dropout)

    def n_whole(self, context: int) -> int:
        """Return how many whole patches a context of so many steps has.

        Raises:
            ConfigError: It is shorter than a patch.
        """
        require("patch <= context", holds=self.patch <= context, patch=self.patch, context=context)
        return (context - self.patch) // self.stride + 1


class _Attended(NamedTuple):
    """What a layer hands to the next: tokens and the attention scores before the softmax."""

    tokens: Float[Tensor, "sequences patches d_model"]
    scores: Float[Tensor, "sequences heads patches patches"] | None


@final
class RevIN(nn.Module):
    """Normalises each channel of each window by its own mean and standard deviation over time, reversibly.

    ``x̂ = (x − m) / √(v + ε) · γ + b`` and back, with the mean m and the population variance v over the window and,
    where ``affine``, one learned γ and b a channel.

    Args:
        n_channels: Number of channels, at least 1.
        affine: Whether γ and b are learned; otherwise they are 1 and 0.

    Source: Kim et al. (2022), Reversible Instance Normalization, eq. 1 to 3, openreview.net/forum?id=cGDAkQo1C0p.
    """

    EPSILON = 1e-5

    def __init__(self, n_channels: int, *, affine: bool) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(n_channels)) if affine else None
        self.shift = nn.Parameter(torch.zeros(n_channels)) if affine else None

    def forward(
        self, windows: Float[Tensor, "batch steps channels"]
    ) -> tuple[Float[Tensor, "batch steps channels"], Callable[[Tensor], Tensor]]:
        """Return the normalised windows, and the function that takes a forecast of them back to the channels' scale."""
        mean = windows.mean(dim=1, keepdim=True).detach()
        deviation = (windows.var(dim=1, keepdim=True, correction=0) + self.EPSILON).sqrt().detach()
        normalised = (windows - mean) / deviation
        if self.scale is not None and self.shift is not None:
            normalised = normalised * self.scale + self.shift

        def back(forecast: Float[Tensor, "batch horizon channels"]) -> Float[Tensor, "batch horizon channels"]:
            if self.scale is not None and self.shift is not None:
                forecast = (forecast - self.shift) / (self.scale + self.EPSILON**2)
            return forecast * deviation + mean

        return normalised, back


@final
class _ScoredLayer(nn.Module):
    """A layer with batch normalisation after each part, whose attention scores add to those of the layer below.

    ``a = BN(x + drop(O·softmax(s)·v))``, ``s = q·kᵀ/√d_head + s_below``, then ``BN(a + drop(C·drop(GELU(A·a))))``.

    Source: He et al. (2021), RealFormer, arXiv:2012.11747 (the scores); Nie et al. (2023), A Time Series is Worth 64
    Words, sec. 3.1 and A.1.4, arXiv:2211.14730 (batch normalisation).
    """

    def __init__(self, sizes: PatchSizes) -> None:
        super().__init__()
        d_model = sizes.d_model
        self.num_heads = sizes.num_heads
        self.query, self.key, self.value = (nn.Linear(d_model, d_model) for _ in range(3))
        self.mix = nn.Linear(d_model, d_model)
        self.norm_attention, self.norm_output = nn.BatchNorm1d(d_model), nn.BatchNorm1d(d_model)
        self.expand = nn.Sequential(nn.Linear(d_model, sizes.ffn_size), nn.GELU(), nn.Dropout(sizes.dropout))
        self.contract = nn.Linear(sizes.ffn_size, d_model)
        self.dropout = nn.Dropout(sizes.dropout)

    def forward(self, below: _Attended) -> _Attended:
        """Return the tokens and scores of this layer."""
        x = below.tokens
        query, key, value = (self._heads(layer(x)) for layer in (self.query, self.key, self.value))
        scores = query @ key.mT / query.shape[-1] ** 0.5  # (S, heads, N, N)
        if below.scores is not None:
            scores = scores + below.scores
        attended = (scores.softmax(dim=-1) @ value).transpose(1, 2).flatten(2)  # (S, N, d)
        # the projection and the residual path each drop their share, as published
        x = self._normalised(self.norm_attention, x + self.dropout(self.dropout(self.mix(attended))))
        return _Attended(self._normalised(self.norm_output, x + self.dropout(self.contract(self.expand(x)))), scores)

    def _heads(
        self, features: Float[Tensor, "sequences patches d_model"]
    ) -> Float[Tensor, "sequences heads patches d_head"]:
        return features.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)  # type: ignore[no-any-return]  # torch does not type unflatten

    @staticmethod
    def _normalised(norm: nn.BatchNorm1d, tokens: Tensor) -> Tensor:
        normalised: Tensor = norm(tokens.transpose(1, 2)).transpose(1, 2)
        return normalised


@final
class ChannelPatchEncoder(nn.Module):
    """Encodes each channel by itself, with the same weights: the published form.

    The last value is repeated for one stride more, so that N = (context − patch) / stride + 2 patches end at the end.
    Positions are learned, drawn from U(−0.02, 0.02).

    Args:
        context: Steps of a window, at least ``sizes.patch``.
        sizes: Of the transformer.

    Source: Nie et al. (2023), sec. 3.1, arXiv:2211.14730.
    """

    def __init__(self, context: int, sizes: PatchSizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.n_patches = sizes.n_whole(context) + 1
        self.embed = nn.Linear(sizes.patch, sizes.d_model)
        self.positions = nn.Parameter(torch.empty(self.n_patches, sizes.d_model).uniform_(-0.02, 0.02))
        self.dropout = nn.Dropout(sizes.dropout)
        self.layers = nn.ModuleList(_ScoredLayer(sizes) for _ in range(sizes.num_layers))

    def forward(
        self, windows: Float[Tensor, "batch steps channels"]
    ) -> Float[Tensor, "batch channels patches d_model"]:
        """Return the tokens of each channel."""
        series = windows.mT  # (B, F, steps)
        padded = torch.cat([series, series[..., -1:].expand(*series.shape[:2], self.sizes.stride)], dim=-1)
        patches = padded.unfold(-1, self.sizes.patch, self.sizes.stride)  # (B, F, N, P)
        tokens = self.dropout(self.embed(patches) + self.positions).flatten(0, 1)  # (B·F, N, d)
        state = _Attended(tokens, None)
        for layer in self.layers:
            state = layer(state)
        return state.tokens.unflatten(0, series.shape[:2])  # type: ignore[no-any-return]  # torch does not type unflatten


@final
class MixingPatchEncoder(nn.Module):
    """Encodes patches of all channels together: a token is a patch of patch × channels values.

    Layers normalise before each part (LayerNorm), a last one the output; positions are learned, drawn from N(0, 1).

    Args:
        n_channels: Number of channels, at least 1.
        context: Steps of a window, at least ``sizes.patch``.
        sizes: Of the transformer.

    Source: Xiong et al. (2020), On Layer Normalization in the Transformer Architecture, arXiv:2002.04745.
    """

    def __init__(self, n_channels: int, context: int, sizes: PatchSizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.n_patches = sizes.n_whole(context)
        self.embed = nn.Linear(sizes.patch * n_channels, sizes.d_model)
        self.positions = nn.Parameter(torch.randn(self.n_patches + _SPARE_POSITIONS, sizes.d_model))
        self.dropout = nn.Dropout(sizes.dropout)
        layers = (self._layer(sizes) for _ in range(sizes.num_layers))
        self.layers = nn.Sequential(*layers, nn.LayerNorm(sizes.d_model))

    def forward(self, windows: Float[Tensor, "batch steps channels"]) -> Float[Tensor, "batch patches d_model"]:
        """Return the tokens."""
        patches = windows.unfold(1, self.sizes.patch, self.sizes.stride).flatten(2)  # (B, N, F·P)
        tokens: Tensor = self.layers(self.dropout(self.embed(patches) + self.positions[: self.n_patches]))
        return tokens

    @staticmethod
    def _layer(sizes: PatchSizes) -> nn.TransformerEncoderLayer:
        return nn.TransformerEncoderLayer(
            sizes.d_model,
            sizes.num_heads,
            sizes.ffn_size,
            dropout=sizes.dropout,
            activation="gelu",
            batch_first=True,
            norm_first=True,
        )


def patch_encoder(
    variant: PatchVariant, n_channels: int, context: int, sizes: PatchSizes
) -> ChannelPatchEncoder | MixingPatchEncoder:
    """Return the encoder of a variant.

    Raises:
        ConfigError: A patch is longer than the context.
    """
    match variant:
        case "published":
            return ChannelPatchEncoder(context, sizes)
        case "mixing":
            return MixingPatchEncoder(n_channels, context, sizes)
