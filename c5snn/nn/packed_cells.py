"""Grids of different sizes as one row of cells: layers compute at cells that are there, and at no padding."""

from typing import NamedTuple, final

import torch
from jaxtyping import Bool, Float, Int, Int64
from torch import Tensor, nn

__all__ = ["PackedCells", "PositionEncoding", "sinusoids"]


class PackedCells(NamedTuple):
    """Where the real cells of a batch of grids lie; features of cells are rows of ``(cells, features)``.

    Attributes:
        grid: The grid of each cell, ascending.
        row: Its row.
        column: Its column.
        n_cells: Cells of each grid, at least 1.
        slot: Its place in a table of all grids, each padded to the longest: ``grid · longest + place in the grid``.
        is_cell: Whether a place of that table holds a cell.
    """

    grid: Int64[Tensor, " cells"]
    row: Int64[Tensor, " cells"]
    column: Int64[Tensor, " cells"]
    n_cells: Int64[Tensor, " grids"]
    slot: Int64[Tensor, " cells"]
    is_cell: Bool[Tensor, "grids longest"]

    @classmethod
    def of(cls, is_real: Bool[Tensor, "grids height width"]) -> "PackedCells":
        """Return the cells of grids, in the order of the grids, row by row.

        Args:
            is_real: Which cells belong to each grid.
        """
        grid, row, column = is_real.nonzero(as_tuple=True)
        n_cells = is_real.flatten(1).sum(1)
        longest = int(n_cells.max())
        before = n_cells.cumsum(0) - n_cells
        place = torch.arange(len(grid), device=grid.device) - before[grid]
        is_cell = torch.arange(longest, device=grid.device) < n_cells.unsqueeze(1)
        return cls(grid, row, column, n_cells, grid * longest + place, is_cell)

    def padded(self, cells: Float[Tensor, "cells features"]) -> Float[Tensor, "grids longest features"]:
        """Return the cells as a table of grids, zero where a grid has no cell."""
        table = cells.new_zeros(self.is_cell.numel(), cells.shape[1]).index_copy(0, self.slot, cells)
        return table.view(*self.is_cell.shape, -1)

    def packed(self, table: Float[Tensor, "grids longest features"]) -> Float[Tensor, "cells features"]:
        """Return the rows of a table of grids that hold cells."""
        return table.flatten(0, 1).index_select(0, self.slot)

    def mean(self, cells: Float[Tensor, "cells features"]) -> Float[Tensor, "grids features"]:
        """Return the mean over the cells of each grid."""
        total = cells.new_zeros(len(self.n_cells), cells.shape[1]).index_add(0, self.grid, cells)
        return total / self.n_cells.unsqueeze(1)


def sinusoids(positions: Int[Tensor, " n"], n_features: int) -> Float[Tensor, "n features"]:
    """Return ``sin(p·ω_i)`` beside ``cos(p·ω_i)`` with ``ω_i = 10000^(−2i/n_features)``.

    Args:
        positions: The positions p.
        n_features: An even number.

    Source: Vaswani et al. (2017), Attention Is All You Need, sec. 3.5, arXiv:1706.03762; sines first, then cosines.
    """
    steps = torch.arange(n_features // 2, device=positions.device)
    angles = positions.unsqueeze(1) * 10000.0 ** (-2 * steps / n_features)
    return torch.cat([angles.sin(), angles.cos()], dim=1)


@final
class PositionEncoding(nn.Module):
    """Embeds cells: ``√d·E[token]`` + sinusoids of the row in one half of the features and of the column in the other.

    Args:
        n_tokens: Kinds of cell, at least 1.
        d_model: Features of a cell, a multiple of 4.
    """

    def __init__(self, n_tokens: int, d_model: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_model)
        # after the factor √d the tokens are as large as torch's own embeddings
        nn.init.normal_(self.embedding.weight, std=d_model**-0.5)
        self.d_model = d_model

    def forward(self, tokens: Int[Tensor, " cells"], cells: PackedCells) -> Float[Tensor, "cells d_model"]:
        """Return the embedded cells."""
        embedded = self.embedding(tokens.long()) * self.d_model**0.5
        side = torch.arange(1 + int(torch.maximum(cells.row, cells.column).max()), device=tokens.device)
        table = sinusoids(side, self.d_model // 2).to(embedded.dtype)
        return embedded + torch.cat([table[cells.row], table[cells.column]], dim=1)  # type: ignore[no-any-return]  # a call is Any
