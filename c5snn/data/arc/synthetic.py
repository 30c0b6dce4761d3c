"""Synthetic tasks: drawn by nine families of rules, one a category, so that every category can be learned.

Every task has a source of luck of its own, which follows from (data seed, category, number), so a task stays the same
when others are added.
"""

from typing import Final

import numpy as np

from c5snn.data.arc.arc_task import CATEGORIES, ArcTask
from c5snn.data.arc.grids import Pair
from c5snn.data.arc.rules import FAMILIES, Draw
from c5snn.errors import require, require_positive

__all__ = ["synthesize_tasks"]

MIN_PAIRS: Final = 3
MAX_PAIRS: Final = 5
MOST_TRIES: Final = 1_000


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
    pairs = tuple(_changed(draw, random) for _ in range(n_pairs))
    return ArcTask(f"{CATEGORIES[category]}-{number:04d}", pairs, category)


def _changed(draw: Draw, random: np.random.Generator) -> Pair:
    """Return a demonstration in which the rule changes something."""
    for _ in range(MOST_TRIES):
        pair = draw(random)
        if not np.array_equal(pair.input, pair.output):
            return pair
    raise RuntimeError(f"`{draw.__qualname__}` changes nothing in {MOST_TRIES} pictures")
