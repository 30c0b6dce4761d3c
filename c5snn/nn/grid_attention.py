"""Attention within grids and between the grids of demonstration pairs."""

from dataclasses import dataclass
from typing import final

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from c5snn.errors import require, require_positive
from c5snn.nn.grids import by_size
from c5snn.nn.packed_cells import PackedCells, PositionEncoding

__all__ = ["AttentionPooling", "AttentionSizes", "CellAttention", "CrossAttention", "GridEncoder"]

EXPANSION = 4


@dataclass(frozen=True)
class AttentionSizes:
    """The shape of the layers.

    Args:
        d_model: Features, a multiple of 4: rows and columns have sines and cosines each.
        num_heads: Attention heads, a divisor of ``d_model``.
        dropout: Share dropped in training of what each layer adds, in [0, 1).

    Raises:
        ConfigError: An argument is out of its range.
    """

    d_model: int
    num_heads: int
    dropout: float

    def __post_init__(self) -> None:
        require_positive(d_model=self.d_model, num_heads=self.num_heads)
        require("d_model % 4 == 0", holds=self.d_model % 4 == 0, d_model=self.d_model)
        rule = "d_model % num_heads == 0"
        require(rule, holds=self.d_model % self.num_heads == 0, d_model=self.d_model, num_heads=self.num_heads)
        require("0 <= dropout < 1", holds=0 <= self.dropout < 1, dropout=self.dropout)


@final
class CellAttention(nn.Module):
    """A transformer layer in which cells attend to those of their grid: ``x ← N(x + D(A x))``, ``x ← N(x + D(F x))``.

    A is attention, N normalises each cell, D is dropout, F is ``Linear → max(·, 0) → dropout → Linear`` over 4·d
    units. Linear layers compute at real cells alone, and attention is masked. The attention weights themselves have no
    dropout: with it, torch would hold all of them in memory.

    Args:
        sizes: Of the layer.

    Source: Vaswani et al. (2017), Attention Is All You Need, sec. 3, arXiv:1706.03762.
    """

    def __init__(self, sizes: AttentionSizes) -> None:
        super().__init__()
        d_model = sizes.d_model
        self.num_heads = sizes.num_heads
        self.queries_keys_values = nn.Linear(d_model, 3 * d_model)
        self.mix = nn.Linear(d_model, d_model)
        self.feed_forward = nn.Sequential(
            nn.Linear(d_model, EXPANSION * d_model),
            nn.ReLU(),
            nn.Dropout(sizes.dropout),
            nn.Linear(EXPANSION * d_model, d_model),
        )
        self.dropout = nn.Dropout(sizes.dropout)
        self.norms = nn.ModuleList(nn.LayerNorm(d_model) for _ in range(2))

    def forward(self, features: Float[Tensor, "cells d_model"], cells: PackedCells) -> Float[Tensor, "cells d_model"]:
        """Return the cells after the layer."""
        attended = self.norms[0](features + self.dropout(self.mix(self._attention(features, cells))))
        return self.norms[1](attended + self.dropout(self.feed_forward(attended)))  # type: ignore[no-any-return]  # a call is Any

    def _attention(
        self, features: Float[Tensor, "cells d_model"], cells: PackedCells
    ) -> Float[Tensor, "cells d_model"]:
        table = cells.padded(self.queries_keys_values(features))  # (G, L, 3·d)
        query, key, value = table.unflatten(2, (3, self.num_heads, -1)).permute(2, 0, 3, 1, 4)  # (G, heads, L, d_head)
        mask = cells.is_cell[:, None, None, :]
        attended = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        return cells.packed(attended.transpose(1, 2).flatten(2))


@final
class GridEncoder(nn.Module):
    """Encodes grids: cells embedded with their positions, layers of attention within each grid, mean over its cells.

    Grids of similar size are computed together.

    Args:
        n_tokens: Kinds of cell, at least 1.
        num_layers: Layers of attention, at least 1.
        sizes: Of each layer.

    Raises:
        ConfigError: A count is below 1.
    """

    def __init__(self, n_tokens: int, num_layers: int, sizes: AttentionSizes) -> None:
        super().__init__()
        require_positive(n_tokens=n_tokens, num_layers=num_layers)
        self.positions = PositionEncoding(n_tokens, sizes.d_model)
        self.dropout = nn.Dropout(sizes.dropout)
        self.layers = nn.ModuleList(CellAttention(sizes) for _ in range(num_layers))

    def forward(
        self, tokens: Int[Tensor, "grids height width"], is_real: Bool[Tensor, "grids height width"]
    ) -> Float[Tensor, "grids d_model"]:
        """Return one vector a grid.

        Args:
            tokens: The cells.
            is_real: Which of them belong to each grid.
        """
        groups = by_size(is_real)
        vectors = torch.cat([self._vectors(tokens[group], is_real[group]) for group in groups])
        return vectors[torch.cat(list(groups)).argsort()]

    def _vectors(
        self, tokens: Int[Tensor, "grids height width"], is_real: Bool[Tensor, "grids height width"]
    ) -> Float[Tensor, "grids d_model"]:
        cells = PackedCells.of(is_real)
        features = self.dropout(self.positions(tokens[is_real], cells))  # (cells, d)
        for layer in self.layers:
            features = layer(features, cells)
        return cells.mean(features)


@final
class CrossAttention(nn.Module):
    """Lets the output grids of an item ask its input grids: ``o ← N(o + D(attention(o, i, i)))``.

    Args:
        sizes: Of the layer.
    """

    def __init__(self, sizes: AttentionSizes) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(sizes.d_model, sizes.num_heads, batch_first=True)
        self.dropout = nn.Dropout(sizes.dropout)
        self.norm = nn.LayerNorm(sizes.d_model)

    def forward(
        self, outputs: Float[Tensor, "batch demos d_model"], inputs: Float[Tensor, "batch demos d_model"]
    ) -> Float[Tensor, "batch demos d_model"]:
        """Return the outputs with what the inputs answered."""
        answers, _ = self.attention(outputs, inputs, inputs, need_weights=False)
        return self.norm(outputs + self.dropout(answers))  # type: ignore[no-any-return]  # torch types a module's call as Any


@final
class AttentionPooling(nn.Module):
    """``Σ_p softmax_p(a·x_p)·x_p`` with a learned vector a.

    Args:
        d_model: Features, at least 1.
    """

    def __init__(self, d_model: int) -> None:
        super().__init__()
        require_positive(d_model=d_model)
        self.score = nn.Linear(d_model, 1, bias=False)

    def forward(self, vectors: Float[Tensor, "batch n d_model"]) -> Float[Tensor, "batch d_model"]:
        """Return the weighted mean of the vectors."""
        return (self.score(vectors).softmax(1) * vectors).sum(1)  # type: ignore[no-any-return]  # a call is Any
