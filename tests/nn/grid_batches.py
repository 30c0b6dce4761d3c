"""Batches of grids of many sizes, and the same with more padding."""

import torch
from torch.nn import functional as F

N_TOKENS, PADDING = 11, 10
SIZES = [(1, 1), (2, 7), (5, 3), (6, 6), (3, 1), (1, 9), (4, 4)]


def draw_grids(sizes=SIZES, seed=1):
    """Return grids of given sizes, each at the top-left corner of the largest."""
    generator = torch.Generator().manual_seed(seed)
    side = [max(size[axis] for size in sizes) for axis in range(2)]
    grids = torch.full((len(sizes), *side), PADDING)
    for grid, (height, width) in zip(grids, sizes, strict=True):
        grid[:height, :width] = torch.randint(0, PADDING, (height, width), generator=generator)
    return grids


def pad(grids, more=10):
    """Return grids with more rows and columns of padding."""
    return F.pad(grids, (0, more, 0, more), value=PADDING)
