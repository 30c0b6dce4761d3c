"""Synthetic tasks: drawn by nine families of rules, one a category, so that every category can be learned.

Counts say nothing of the category. Both grids of a demonstration are drawn at one place of one canvas. Then single
cells are strewn over the background, until as large a share of the canvas appears, vanishes, changes its colour and
stays as in every other demonstration. What is left to learn is the pattern: which cells change, and how they lie.

Every task has a source of luck of its own, which follows from (data seed, category, number), so a task stays the same
when others are added.
"""

import functools
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from c5snn.data.arc.arc_task import CATEGORIES, ArcTask
from c5snn.data.arc.grids import N_COLORS, Pair
from c5snn.data.arc.rules import FAMILIES, Draw
from c5snn.data.arc.rules.drawing import MAX_SIDE
from c5snn.errors import require, require_positive

__all__ = ["synthesize_tasks"]

N_PAIRS: Final = 8
MOST_TRIES: Final = 10_000

MIN_CANVAS: Final = 9


class Shares(NamedTuple):
    """How large a share of a canvas does what from input to output, the background 0 not counted.

    Attributes:
        appears: Background before, a colour after.
        vanishes: A colour before, background after.
        recolored: Another colour before than after.
        stays: The same colour.
    """

    appears: float
    vanishes: float
    recolored: float
    stays: float


SHARES: Final = Shares(appears=0.14, vanishes=0.14, recolored=0.10, stays=0.10)


def synthesize_tasks(n_per_category: int, data_seed: int) -> list[ArcTask]:
    """Draw tasks.

    Args:
        n_per_category: How many tasks each category has, at least 1.
        data_seed: Makes the tasks, at least 0.

    Returns:
        The tasks by name; the rules of a family take turns.

    >>> tasks = synthesize_tasks(2, data_seed=1)
    >>> len(tasks), tasks[0].name, len(tasks[0].pairs) >= 3
    (18, 'A1-0000', True)
    """
    require_positive(n_per_category=n_per_category)
    require("0 <= data_seed", holds=data_seed >= 0, data_seed=data_seed)
    return list(_tasks(n_per_category, data_seed))


@functools.lru_cache(maxsize=4)  # a sweep asks for the same ones once a configuration; nobody changes a task
def _tasks(n_per_category: int, data_seed: int) -> tuple[ArcTask, ...]:
    tasks = [
        _task(category, number, data_seed) for category in range(len(CATEGORIES)) for number in range(n_per_category)
    ]
    return tuple(sorted(tasks, key=lambda task: task.name))


def _task(category: int, number: int, data_seed: int) -> ArcTask:
    random = np.random.default_rng([data_seed, category, number])
    rules = FAMILIES[CATEGORIES[category]]
    draw = rules[number % len(rules)](random)
    pairs = tuple(_demonstration(draw, random) for _ in range(N_PAIRS))
    return ArcTask(f"{CATEGORIES[category]}-{number:04d}", pairs, category)


def _demonstration(draw: Draw, random: np.random.Generator) -> Pair:
    """Return a demonstration in which the rule changes something, and no more cells than every demonstration does."""
    size = tuple(int(side) for side in random.integers(MIN_CANVAS, MAX_SIDE + 1, 2))
    most = [round(share * size[0] * size[1]) for share in SHARES]
    for _ in range(MOST_TRIES):
        pair = _on_canvas(draw(random), size, random)
        if pair is None or np.array_equal(pair.input, pair.output):
            continue
        missing = [n - int(is_one.sum()) for n, is_one in zip(most, _what_happens(pair), strict=True)]
        if min(missing) >= 0:
            return _strewn(pair, missing, random)
    raise RuntimeError(f"`{draw.__qualname__}` changes nothing, or too much, in {MOST_TRIES} pictures")


def _on_canvas(pair: Pair, size: tuple[int, ...], random: np.random.Generator) -> Pair | None:
    """Draw both grids at one place of a canvas; None where it does not hold them."""
    needed = [max(sides) for sides in zip(pair.input.shape, pair.output.shape, strict=True)]
    if any(side > most for side, most in zip(needed, size, strict=True)):
        return None
    y, x = (int(random.integers(0, most - side + 1)) for most, side in zip(size, needed, strict=True))
    canvases = [np.zeros(size, dtype=np.uint8) for _ in pair]
    for canvas, grid in zip(canvases, pair, strict=True):
        canvas[y : y + grid.shape[0], x : x + grid.shape[1]] = grid
    return Pair(*canvases)


def _what_happens(pair: Pair) -> list[np.ndarray]:
    """Return the cells that appear, vanish, change their colour and stay."""
    before, after = (grid > 0 for grid in pair)
    is_same = pair.input == pair.output
    return [~before & after, before & ~after, before & after & ~is_same, before & is_same]


def _strewn(pair: Pair, missing: Sequence[int], random: np.random.Generator) -> Pair:
    """Strew single cells over the background of both grids, so many that appear, vanish, change colour and stay."""
    free = random.permutation(np.flatnonzero((pair.input == 0) & (pair.output == 0)))
    appears, vanishes, recolored, stays, _ = np.split(free, np.cumsum(missing))
    first, second = (random.integers(1, N_COLORS, free.max() + 1, dtype=np.uint8) for _ in pair)
    before, after = (grid.copy() for grid in pair)
    after.flat[appears] = second[appears]
    before.flat[vanishes] = first[vanishes]
    both = np.concatenate([recolored, stays])
    before.flat[both] = after.flat[both] = first[both]
    steps = random.integers(1, N_COLORS - 1, len(recolored), dtype=np.uint8)  # another colour
    after.flat[recolored] = 1 + (first[recolored] - 1 + steps) % (N_COLORS - 1)
    return Pair(before, after)
