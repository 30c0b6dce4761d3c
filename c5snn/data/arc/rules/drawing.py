"""Random pictures that the rules of all families start from, so that an input alone says little of its family."""

from typing import Final

import numpy as np

from c5snn.data.arc.grids import N_COLORS, Grid

__all__ = ["MAX_SIDE", "MIN_SIDE", "color", "colors", "empty", "picture", "side", "stamp"]

MIN_SIDE: Final = 3
MAX_SIDE: Final = 12

MOST_BLOCKS = 4
MOST_COLORS = 3


def side(random: np.random.Generator, low: int = MIN_SIDE, high: int = MAX_SIDE) -> int:
    """Return a side, both ends included."""
    return int(random.integers(low, high + 1))


def colors(random: np.random.Generator, n: int) -> list[int]:
    """Return different colours, never the background 0."""
    return [int(value) for value in 1 + random.permutation(N_COLORS - 1)[:n]]


def color(random: np.random.Generator) -> int:
    """Return one colour."""
    return colors(random, 1)[0]


def empty(height: int, width: int) -> Grid:
    """Return a grid of background."""
    return np.zeros((height, width), dtype=np.uint8)


def picture(random: np.random.Generator, height: int, width: int, n_colors: int | None = None) -> Grid:
    """Return blocks of a few colours on background, unlike single cells that are strewn; never background alone.

    Args:
        random: The source of luck.
        height: Height.
        width: Width.
        n_colors: How many colours; None: from 1 to 3.
    """
    palette = colors(random, n_colors or int(random.integers(1, MOST_COLORS + 1)))
    grid = empty(height, width)
    for _ in range(int(random.integers(1, MOST_BLOCKS + 1))):
        h, w = (int(random.integers(1, max(2, n // 2 + 1))) for n in (height, width))
        y, x = int(random.integers(0, height - h + 1)), int(random.integers(0, width - w + 1))
        grid[y : y + h, x : x + w] = random.choice(palette)
    grid[int(random.integers(height)), int(random.integers(width))] = palette[0]
    return grid


def stamp(grid: Grid, shape: Grid, y: int, x: int) -> None:
    """Draw the coloured cells of a shape into a grid, its top-left corner at (y, x); cells outside are cut."""
    for i, j in zip(*np.nonzero(shape), strict=True):
        if 0 <= y + i < grid.shape[0] and 0 <= x + j < grid.shape[1]:
            grid[y + i, x + j] = shape[i, j]
