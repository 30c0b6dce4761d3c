"""Rules about what cells hold: colour transforms (C1), templates stamped at markers (C2), sets of two halves (L1)."""

from collections.abc import Callable
from typing import Final

import numpy as np

from c5snn.data.arc.grids import N_COLORS, Pair
from c5snn.data.arc.rules.drawing import MAX_SIDE, color, colors, empty, picture, side, stamp

__all__ = ["COLOR_RULES", "SET_RULES", "TEMPLATE_RULES"]

Draw = Callable[[np.random.Generator], Pair]

MIN_CANVAS = 7  # a template of three cells a side and its surroundings
MOST_MARKERS = 3
MAX_HALF = 5  # two of them and a line between are a side


def permute_colors(random: np.random.Generator) -> Draw:
    """Give each colour another one."""
    shifted = int(random.integers(1, N_COLORS - 1))
    table = np.array([0, *(1 + (np.arange(N_COLORS - 1) + shifted) % (N_COLORS - 1))], dtype=np.uint8)
    return _recolored(table)


def swap_colors(random: np.random.Generator) -> Draw:
    """Swap two colours; every picture has both."""
    one, other = colors(random, 2)
    table = np.arange(N_COLORS, dtype=np.uint8)
    table[[one, other]] = other, one
    return _recolored(table, (one, other))


def replace_color(random: np.random.Generator) -> Draw:
    """Turn one colour into another; every picture has it."""
    one, other = colors(random, 2)
    table = np.arange(N_COLORS, dtype=np.uint8)
    table[one] = other
    return _recolored(table, (one,))


def unify_colors(random: np.random.Generator) -> Draw:
    """Turn all colours into one."""
    table = np.full(N_COLORS, color(random), dtype=np.uint8)
    table[0] = 0
    return _recolored(table)


def random_template(random: np.random.Generator) -> Draw:
    """Surround each marker with a template of the task's."""
    template = empty(3, 3)
    template[random.random((3, 3)) < 0.6] = color(random)  # noqa: PLR2004  # a good half of the cells
    template[int(random.integers(3)), 0] = color(random)
    return _stamped(template, color(random))


def cross(random: np.random.Generator) -> Draw:
    """Surround each marker with a cross, upright or oblique."""
    template = empty(3, 3)
    if random.integers(2):
        template[[0, 1, 1, 2], [1, 0, 2, 1]] = color(random)
    else:
        template[[0, 0, 2, 2], [0, 2, 0, 2]] = color(random)
    return _stamped(template, color(random))


def ring(random: np.random.Generator) -> Draw:
    """Surround each marker with a ring."""
    template = np.full((3, 3), color(random), dtype=np.uint8)
    return _stamped(template, color(random))


def intersection(random: np.random.Generator) -> Draw:
    """Keep what both halves hold."""
    return _combined(random, np.logical_and)


def union(random: np.random.Generator) -> Draw:
    """Keep what either half holds."""
    return _combined(random, np.logical_or)


def difference(random: np.random.Generator) -> Draw:
    """Keep what exactly one half holds."""
    return _combined(random, np.logical_xor)


COLOR_RULES: Final = (permute_colors, swap_colors, replace_color, unify_colors)
TEMPLATE_RULES: Final = (random_template, cross, ring)
SET_RULES: Final = (intersection, union, difference)


def _recolored(table: np.ndarray, shown: tuple[int, ...] = ()) -> Draw:
    """Return what draws a picture and its colours by a table; some colours are shown in every picture."""

    def draw(random: np.random.Generator) -> Pair:
        grid = picture(random, side(random), side(random))
        cells = random.permutation(grid.size)[: 2 * len(shown)]
        grid.flat[cells] = np.tile(np.array(shown, dtype=np.uint8), 2)
        return Pair(grid, table[grid])

    return draw


def _stamped(template: np.ndarray, marker: int) -> Draw:
    """Return what draws markers, and the same with the template around each."""
    template = template.copy()
    template[1, 1] = marker

    def draw(random: np.random.Generator) -> Pair:
        grid = empty(side(random, low=MIN_CANVAS), side(random, low=MIN_CANVAS))
        stamped = grid.copy()
        for _ in range(int(random.integers(1, MOST_MARKERS + 1))):
            y, x = (int(random.integers(1, n - 1)) for n in grid.shape)
            grid[y, x] = marker
            stamp(stamped, template, y - 1, x - 1)
        return Pair(grid, stamped)

    return draw


def _combined(random: np.random.Generator, operation: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Draw:
    """Return what draws two halves with a line between them, and their combination."""
    first, second, line, result = colors(random, 4)
    axis = int(random.integers(2))

    def draw(random: np.random.Generator) -> Pair:
        along, across = side(random, high=MAX_HALF), side(random, high=MAX_SIDE // 2)
        shape = (along, across) if axis == 0 else (across, along)
        halves = [random.random(shape) < random.uniform(0.3, 0.7) for _ in range(2)]
        between = np.full((1, across) if axis == 0 else (across, 1), line, dtype=np.uint8)
        drawn = [(half * paint).astype(np.uint8) for half, paint in zip(halves, (first, second), strict=True)]
        grid = np.concatenate([drawn[0], between, drawn[1]], axis=axis)
        return Pair(grid, (operation(*halves) * result).astype(np.uint8))

    return draw
