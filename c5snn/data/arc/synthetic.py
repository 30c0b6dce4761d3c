"""Synthetic tasks: drawn by nine families of rules, one a category, so that every category can be learned.

Both grids of a demonstration are drawn at one place of one canvas, so sizes say little of the category, and single
cells are strewn over both, so no rule holds for every cell: what is left to learn is the pattern. Every task has a
source of luck of its own, which follows from (data seed, category, number), so a task stays the same when others are
added.
"""

from typing import Final

import numpy as np

from c5snn.data.arc.arc_task import CATEGORIES, ArcTask
from c5snn.data.arc.grids import N_COLORS, Pair
from c5snn.data.arc.rules import FAMILIES, Draw
from c5snn.data.arc.rules.drawing import MAX_SIDE
from c5snn.errors import require, require_positive

__all__ = ["synthesize_tasks"]

MIN_PAIRS: Final = 3
MAX_PAIRS: Final = 5
MOST_TRIES: Final = 1_000

STREWN_SHARE: Final = 0.06


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
    tasks = [
        _task(category, number, data_seed) for category in range(len(CATEGORIES)) for number in range(n_per_category)
    ]
    return sorted(tasks, key=lambda task: task.name)


def _task(category: int, number: int, data_seed: int) -> ArcTask:
    random = np.random.default_rng([data_seed, category, number])
    rules = FAMILIES[CATEGORIES[category]]
    draw = rules[number % len(rules)](random)
    n_pairs = int(random.integers(MIN_PAIRS, MAX_PAIRS + 1))
    pairs = tuple(_strewn(_on_canvas(_changed(draw, random), random), random) for _ in range(n_pairs))
    return ArcTask(f"{CATEGORIES[category]}-{number:04d}", pairs, category)


def _changed(draw: Draw, random: np.random.Generator) -> Pair:
    """Return a demonstration in which the rule changes something."""
    for _ in range(MOST_TRIES):
        pair = draw(random)
        if not np.array_equal(pair.input, pair.output):
            return pair
    raise RuntimeError(f"`{draw.__qualname__}` changes nothing in {MOST_TRIES} pictures")


def _on_canvas(pair: Pair, random: np.random.Generator) -> Pair:
    """Draw both grids at one place of a canvas that holds either."""
    needed = [max(sides) for sides in zip(pair.input.shape, pair.output.shape, strict=True)]
    size = [int(random.integers(side, MAX_SIDE + 1)) for side in needed]
    place = [int(random.integers(0, most - side + 1)) for most, side in zip(size, needed, strict=True)]
    canvases = [np.zeros(size, dtype=np.uint8) for _ in pair]
    for canvas, grid in zip(canvases, pair, strict=True):
        canvas[place[0] : place[0] + grid.shape[0], place[1] : place[1] + grid.shape[1]] = grid
    return Pair(*canvases)


def _strewn(pair: Pair, random: np.random.Generator) -> Pair:
    """Strew single cells over the input; the output has them, too, where the rule has changed nothing."""
    is_strewn = random.random(pair.input.shape) < STREWN_SHARE
    cells = random.integers(1, N_COLORS, pair.input.shape, dtype=np.uint8)
    is_kept = is_strewn & (pair.input == pair.output)
    return Pair(np.where(is_strewn, cells, pair.input), np.where(is_kept, cells, pair.output))
