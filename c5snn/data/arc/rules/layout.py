"""Rules that move whole grids: geometric transforms (S1), compositions (S2) and scalings (K1)."""

from collections.abc import Callable
from typing import Final

import numpy as np

from c5snn.data.arc.grids import Grid, Pair
from c5snn.data.arc.rules.drawing import MAX_SIDE, picture, side

__all__ = ["COMPOSITION_RULES", "SCALING_RULES", "TRANSFORM_RULES"]

Draw = Callable[[np.random.Generator], Pair]
Change = Callable[[Grid], Grid]

MOST_SHIFT = 3
FACTORS = (2, 3)
MOST_SMALL = 4  # the side of a picture that is drawn three times as large


def mirror(random: np.random.Generator) -> Draw:
    """Mirror across one axis."""
    axis = int(random.integers(2))
    return _applied(lambda grid: np.flip(grid, axis))


def rotate(random: np.random.Generator) -> Draw:
    """Rotate by a multiple of 90°."""
    turns = int(random.integers(1, 4))
    return _applied(lambda grid: np.rot90(grid, turns))


def transpose(random: np.random.Generator) -> Draw:
    """Mirror across a diagonal."""
    turns = 2 * int(random.integers(2))
    return _applied(lambda grid: np.rot90(grid, turns).T)


def shift(random: np.random.Generator) -> Draw:
    """Shift along one axis; what leaves comes back on the other side."""
    axis, by = int(random.integers(2)), int(random.integers(1, MOST_SHIFT))
    return _applied(lambda grid: np.roll(grid, by, axis))


def tile(random: np.random.Generator) -> Draw:
    """Repeat the grid in rows and columns."""
    rows, columns = [(1, 2), (2, 1), (2, 2), (1, 3), (3, 1)][int(random.integers(5))]
    return _applied(lambda grid: np.tile(grid, (rows, columns)), MAX_SIDE // max(rows, columns))


def mirror_beside(random: np.random.Generator) -> Draw:
    """Put the mirrored grid beside the grid."""
    axis, is_first = int(random.integers(2)), bool(random.integers(2))

    def change(grid: Grid) -> Grid:
        both = [np.flip(grid, axis), grid] if is_first else [grid, np.flip(grid, axis)]
        return np.concatenate(both, axis=axis)

    return _applied(change, MAX_SIDE // 2)


def kaleidoscope(random: np.random.Generator) -> Draw:
    """Put the grid and its mirror images around a centre."""
    turns = int(random.integers(2))

    def change(grid: Grid) -> Grid:
        first = np.rot90(grid, 2 * turns)
        upper = np.concatenate([first, np.fliplr(first)], axis=1)
        return np.concatenate([upper, np.flipud(upper)], axis=0)

    return _applied(change, MAX_SIDE // 2)


def enlarge(random: np.random.Generator) -> Draw:
    """Draw each cell as a square."""
    factor = FACTORS[int(random.integers(2))]
    return _applied(lambda grid: _enlarged(grid, factor, factor), MOST_SMALL)


def stretch(random: np.random.Generator) -> Draw:
    """Draw each cell as a rectangle along one axis."""
    factor, axis = FACTORS[int(random.integers(2))], int(random.integers(2))
    high, wide = (factor, 1) if axis == 0 else (1, factor)
    return _applied(lambda grid: _enlarged(grid, high, wide), MAX_SIDE // factor)


def reduce(random: np.random.Generator) -> Draw:
    """Draw each square as a cell."""
    factor = FACTORS[int(random.integers(2))]

    def draw(random: np.random.Generator) -> Pair:
        small = picture(random, *(side(random, high=MOST_SMALL) for _ in range(2)))
        return Pair(_enlarged(small, factor, factor), small)

    return draw


TRANSFORM_RULES: Final = (mirror, rotate, transpose, shift)
COMPOSITION_RULES: Final = (tile, mirror_beside, kaleidoscope)
SCALING_RULES: Final = (enlarge, stretch, reduce)


def _applied(change: Change, largest: int = MAX_SIDE) -> Draw:
    """Return what draws a picture and its change."""

    def draw(random: np.random.Generator) -> Pair:
        grid = picture(random, side(random, high=largest), side(random, high=largest))
        return Pair(grid, np.ascontiguousarray(change(grid)))

    return draw


def _enlarged(grid: Grid, high: int, wide: int) -> Grid:
    return np.repeat(np.repeat(grid, high, axis=0), wide, axis=1)
