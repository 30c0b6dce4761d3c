"""Rules about objects: connected components (S3), growth until it stops (A1), packing (A2)."""

from collections.abc import Callable
from typing import Final

import numpy as np
from jaxtyping import Bool, Int32

from c5snn.data.arc.grids import Grid, Pair
from c5snn.data.arc.rules.drawing import color, colors, empty, side, stamp

__all__ = ["COMPONENT_RULES", "GROWTH_RULES", "PACKING_RULES"]

Draw = Callable[[np.random.Generator], Pair]

MIN_CANVAS = 7
STEPS = ((0, 1), (1, 0), (0, -1), (-1, 0))
MOST_OBJECTS = 4
MOST_FLOODED = 6  # the side of a basin
MOST_BLOTTED = 7
MOST_FRAME = 5
OBJECT = 3  # the side of an object that is packed


def keep_largest(random: np.random.Generator) -> Draw:
    """Keep the largest connected component; the others vanish."""
    paint = color(random)

    def draw(random: np.random.Generator) -> Pair:
        parts = _components(_blots(random))
        return Pair(_painted(parts > 0, paint), _painted(parts == _largest(parts), paint))

    return draw


def mark_largest(random: np.random.Generator) -> Draw:
    """Recolour the largest connected component."""
    paint, mark = colors(random, 2)

    def draw(random: np.random.Generator) -> Pair:
        parts = _components(_blots(random))
        after = _painted(parts > 0, paint)
        after[parts == _largest(parts)] = mark
        return Pair(_painted(parts > 0, paint), after)

    return draw


def fill_holes(random: np.random.Generator) -> Draw:
    """Fill the background that a component encloses."""
    paint, filling = colors(random, 2)

    def draw(random: np.random.Generator) -> Pair:
        grid = empty(side(random, low=MIN_CANVAS), side(random, low=MIN_CANVAS))
        for _ in range(int(random.integers(1, 3))):
            h, w = (side(random, high=MOST_FRAME) for _ in grid.shape)
            frame = np.ones((h, w), dtype=np.uint8)
            frame[1:-1, 1:-1] = 0
            stamp(
                grid,
                frame * np.uint8(paint),
                *(int(random.integers(0, n - m + 1)) for n, m in zip(grid.shape, (h, w), strict=True)),
            )
        background = _components(grid == 0)
        outside = np.unique(np.concatenate([background[0], background[-1], background[:, 0], background[:, -1]]))
        after = grid.copy()
        after[(background > 0) & ~np.isin(background, outside)] = filling
        return Pair(grid, after)

    return draw


def color_by_size(random: np.random.Generator) -> Draw:
    """Colour each connected component by its size: one cell, or more."""
    paint, small, large = colors(random, 3)

    def draw(random: np.random.Generator) -> Pair:
        parts = _components(_blots(random))
        is_single = (np.bincount(parts.ravel()) == 1)[parts]
        after = np.where(parts > 0, np.where(is_single, small, large), 0).astype(np.uint8)
        return Pair(_painted(parts > 0, paint), after)

    return draw


def flood(random: np.random.Generator) -> Draw:
    """Let a colour flow from its source until walls stop it."""
    wall, water = colors(random, 2)

    def draw(random: np.random.Generator) -> Pair:
        grid = empty(side(random, high=MOST_FLOODED), side(random, high=MOST_FLOODED))
        grid[random.random(grid.shape) < random.uniform(0.3, 0.5)] = wall
        source = tuple(int(random.integers(n)) for n in grid.shape)
        grid[source] = water
        free = _components(grid != wall)
        after = grid.copy()
        after[free == free[source]] = water
        return Pair(grid, after)

    return draw


def rays(random: np.random.Generator) -> Draw:
    """Let a line run from each source, in one direction or all, until something stops it."""
    wall, light = colors(random, 2)
    first = int(random.integers(4))
    steps = STEPS if random.integers(2) else STEPS[first : first + 1]

    def draw(random: np.random.Generator) -> Pair:
        grid = empty(side(random, low=MIN_CANVAS), side(random, low=MIN_CANVAS))
        grid[random.random(grid.shape) < 0.12] = wall  # noqa: PLR2004  # a few
        sources = [tuple(int(random.integers(n)) for n in grid.shape) for _ in range(int(random.integers(1, 3)))]
        for source in sources:
            grid[source] = light
        after = grid.copy()
        for source in sources:
            for step in steps:
                _run(after, source, step, light)
        return Pair(grid, after)

    return draw


def diagonal_growth(random: np.random.Generator) -> Draw:
    """Let a line grow obliquely, and turn back at the borders until it has crossed the grid."""
    light = color(random)
    is_down = bool(random.integers(2))

    def draw(random: np.random.Generator) -> Pair:
        grid = empty(side(random, low=MIN_CANVAS), side(random, low=MIN_CANVAS))
        height, width = grid.shape
        y, step = int(random.integers(height)), 1 if is_down else -1
        grid[y, 0] = light
        after = grid.copy()
        for x in range(1, width):
            if not 0 <= y + step < height:
                step = -step
            y += step
            after[y, x] = light
        return Pair(grid, after)

    return draw


def pack_row(random: np.random.Generator) -> Draw:
    """Put the objects beside one another, from left to right as they were, without gaps."""
    del random  # its objects are those of each demonstration
    return _packed(axis=1)


def pack_column(random: np.random.Generator) -> Draw:
    """Put the objects below one another, from top to bottom as they were, without gaps."""
    del random
    return _packed(axis=0)


def settle(random: np.random.Generator) -> Draw:
    """Push all cells to one side, until they lie on one another."""
    turns = int(random.integers(4))

    def draw(random: np.random.Generator) -> Pair:
        grid = empty(side(random, low=MIN_CANVAS), side(random, low=MIN_CANVAS))
        is_cell = random.random(grid.shape) < random.uniform(0.15, 0.4)
        grid[is_cell] = random.choice(colors(random, 3), int(is_cell.sum()))
        turned = np.rot90(grid, turns)
        settled = np.zeros_like(turned)
        for x in range(turned.shape[1]):
            cells = turned[:, x][turned[:, x] > 0]
            settled[len(settled) - len(cells) :, x] = cells
        return Pair(grid, np.ascontiguousarray(np.rot90(settled, -turns)))

    return draw


COMPONENT_RULES: Final = (keep_largest, mark_largest, fill_holes, color_by_size)
GROWTH_RULES: Final = (flood, rays, diagonal_growth)
PACKING_RULES: Final = (pack_row, pack_column, settle)


def _components(is_in: Bool[np.ndarray, "height width"]) -> Int32[np.ndarray, "height width"]:
    """Number the 4-connected components from 1; 0 elsewhere."""
    from scipy.ndimage import label

    numbered, _ = label(is_in)
    return np.asarray(numbered, dtype=np.int32)


def _blots(random: np.random.Generator) -> Bool[np.ndarray, "height width"]:
    shape = (side(random, high=MOST_BLOTTED), side(random, high=MOST_BLOTTED))
    drawn: np.ndarray = random.random(shape) < random.uniform(0.2, 0.45)
    drawn[int(random.integers(shape[0])), int(random.integers(shape[1]))] = True
    return drawn


def _largest(parts: Int32[np.ndarray, "height width"]) -> int:
    return 1 + int(np.argmax(np.bincount(parts.ravel())[1:]))


def _painted(is_in: Bool[np.ndarray, "height width"], paint: int) -> Grid:
    return (is_in * paint).astype(np.uint8)


def _run(grid: Grid, source: tuple[int, ...], step: tuple[int, int], paint: int) -> None:
    y, x = source[0] + step[0], source[1] + step[1]
    while 0 <= y < grid.shape[0] and 0 <= x < grid.shape[1] and grid[y, x] == 0:
        grid[y, x] = paint
        y, x = y + step[0], x + step[1]


def _packed(axis: int) -> Draw:
    """Return what draws objects in bands of their own, a gap between them, and the objects without the gaps."""

    def draw(random: np.random.Generator) -> Pair:
        shapes = [_object(random) for _ in range(int(random.integers(2, MOST_OBJECTS)))]
        across, along = side(random, low=MIN_CANVAS), len(shapes) * (OBJECT + 1) - 1
        canvas = empty(across, along)
        for number, shape in enumerate(shapes):
            stamp(canvas, shape, int(random.integers(0, across - OBJECT + 1)), number * (OBJECT + 1))
        pair = Pair(canvas, np.concatenate(shapes, axis=1))
        return pair if axis == 1 else Pair(pair.input.T, pair.output.T)

    return draw


def _object(random: np.random.Generator) -> Grid:
    is_cell = random.random((OBJECT, OBJECT)) < 0.6  # noqa: PLR2004  # a good half of the cells
    is_cell[1, 1] = True
    return _painted(is_cell, color(random))
