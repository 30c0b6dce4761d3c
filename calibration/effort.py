"""How much is calibrated, and the workers that do it: one history is one task, decided by its number alone."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar, final

import lightning.fabric
import lightning.pytorch
import torch

__all__ = ["Effort", "Task", "start_process"]

T = TypeVar("T")
# a function of a module, which a process can import, and of nothing but a history's number
Task = Callable[[int], T]


@final
@dataclass(frozen=True)
class Effort:
    """Sizes of the calibration.

    Args:
        n_fair: Fair histories that untrained rankers are judged on.
        n_machines: Histories of each machine whose next event does not depend on the past, and of each signal beside
            them.
        n_pairs: Pairs of configurations that differ in nothing but their seeds.
        n_rolling: Fair histories on which a configuration is chosen at several origins.
        n_folded: Sets of items with random labels, cut in folds.
        n_planted: Planted histories for each power.
        n_trained: Fair histories that a network is trained on, and machines of each kind that a linear model is.
        n_trained_pairs: Pairs of trained configurations that differ in nothing but their seeds.
        n_events: Events of every history.
        n_draws: Fair outcomes drawn for the family-wise p of one history.
        max_epochs: Most epochs of a training, if it is not stopped before.
        n_workers: Processes, of one thread each; their number changes no result.
        pieces: Where findings are kept as each of the longest trainings ends.
    """

    n_fair: int = 200
    n_machines: int = 200
    n_pairs: int = 400
    n_rolling: int = 300
    n_folded: int = 4_000
    n_planted: int = 1_000
    n_trained: int = 60
    n_trained_pairs: int = 100
    n_events: int = 2_500
    n_draws: int = 2_000
    max_epochs: int = 100
    n_workers: int = 2
    pieces: Path = Path(__file__).parent / "results" / "pieces"

    def for_each(self, task: Task[T], n: int) -> list[T]:
        """Return what the task says of each of the histories 0 … n - 1."""
        return self.for_numbers(task, range(n))

    def for_numbers(self, task: Task[T], numbers: Sequence[int]) -> list[T]:
        """Return what the task says of each of these histories."""
        if self.n_workers == 1:
            return [task(number) for number in numbers]
        with ProcessPoolExecutor(self.n_workers, get_context("spawn"), initializer=start_process) as pool:
            return list(pool.map(task, numbers))


def start_process() -> None:
    """Take one thread, and let Lightning speak of nothing but trouble."""
    torch.set_num_threads(1)
    for library in (lightning.pytorch, lightning.fabric):  # their import sets a level of its own
        logging.getLogger(library.__name__).setLevel(logging.WARNING)
