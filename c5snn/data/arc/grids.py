"""Grids as tensors: demonstration pairs, padded to the largest grid of a batch by a token of its own.

A token is a colour from 0 to 9; :data:`PADDING` marks the cells outside a grid. Where the padding lies is read from the
tokens alone, ``tokens != PADDING``, so a model needs no second input for its mask.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import torch
from jaxtyping import Int, UInt8
from torch import Tensor

__all__ = ["N_COLORS", "PADDING", "Grid", "GridPairs", "Pair", "pad_pairs"]

N_COLORS: Final = 10
PADDING: Final = 10

Grid = UInt8[np.ndarray, "_height _width"]


class Pair(NamedTuple):
    """One demonstration."""

    input: Grid
    output: Grid


class GridPairs(NamedTuple):
    """The demonstrations of a batch of tasks; what every model of the category task takes.

    Attributes:
        inputs: Tokens of the input grids, int64, each grid at the top-left corner.
        outputs: Tokens of the output grids, of the same shape.
    """

    inputs: Int[Tensor, "batch demos height width"]
    outputs: Int[Tensor, "batch demos height width"]


def pad_pairs(items: Sequence[Sequence[Pair]]) -> GridPairs:
    """Return the demonstrations of some tasks as one batch, as high and wide as their largest grid.

    Args:
        items: The demonstrations of each task; all tasks have as many.

    >>> one, two = np.zeros((1, 2), np.uint8), np.ones((2, 1), np.uint8)
    >>> pad_pairs([[Pair(one, two)]]).inputs.tolist(), pad_pairs([[Pair(one, two)]]).outputs.tolist()
    ([[[[0, 0], [10, 10]]]], [[[[1, 10], [1, 10]]]])
    """
    grids = [grid for pairs in items for pair in pairs for grid in pair]
    size = (max(grid.shape[0] for grid in grids), max(grid.shape[1] for grid in grids))
    tokens = np.full((len(items), len(items[0]), 2, *size), PADDING, dtype=np.int64)
    for item, pairs in enumerate(items):
        for demo, pair in enumerate(pairs):
            for side, grid in enumerate(pair):
                tokens[item, demo, side, : grid.shape[0], : grid.shape[1]] = grid
    inputs, outputs = (torch.from_numpy(np.ascontiguousarray(tokens[:, :, side])) for side in range(2))
    return GridPairs(inputs, outputs)
