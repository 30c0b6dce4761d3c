"""Batches of ARC tasks: of similar size in train, so that little of a batch is padding; in their own order elsewhere.

What an epoch shows of a task, its demonstrations and its colours, follows from (seed, epoch, task) and nothing else.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, final

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor
from torch.utils.data import Sampler

from c5snn.data.arc.arc_task import ArcTask
from c5snn.data.arc.grids import N_COLORS, GridPairs, Pair, pad_pairs
from c5snn.data.batch_loader import BatchLoader

__all__ = ["Augmentation", "SizedBatches", "TaskLoader", "TaskOrder"]

# a task's size is blurred by up to this factor in each epoch, so that batches change
SIZE_BLUR: Final = 1.25


class Augmentation(NamedTuple):
    """What changes from epoch to epoch in train.

    Attributes:
        seed: The run's seed.
        random_demos: Whether demonstrations are sampled without replacement, rather than the first ones taken.
        colors: Whether the colours of a task are permuted, one permutation for all its grids.
        keep_background: Whether 0 stays 0.
    """

    seed: int
    random_demos: bool = True
    colors: bool = True
    keep_background: bool = True

    def of(self, task: ArcTask, index: int, epoch: int, n_demos: int) -> list[Pair]:
        """Return what an epoch shows of a task."""
        random = np.random.default_rng([self.seed, epoch, index])
        pairs = task.chosen(n_demos)
        if self.random_demos and len(task.pairs) > n_demos:
            pairs = [task.pairs[i] for i in random.permutation(len(task.pairs))[:n_demos]]
        if not self.colors:
            return pairs
        first = 1 if self.keep_background else 0
        table = np.arange(N_COLORS, dtype=np.uint8)
        table[first:] = random.permutation(table[first:])
        return [Pair(table[pair.input], table[pair.output]) for pair in pairs]


@final
class TaskOrder(Sampler[int]):
    """The tasks of a split, and the epoch, which Lightning sets.

    Args:
        indices: The split's tasks.
    """

    def __init__(self, indices: Sequence[int]) -> None:
        self.indices = indices
        self.epoch = 0

    def __len__(self) -> int:
        return len(self.indices)

    def __iter__(self) -> Iterator[int]:
        return iter(self.indices)

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch; Lightning does at the start of each."""
        self.epoch = epoch


@final
class SizedBatches:
    """The batches of a split: with a seed, of tasks of similar size, in a new order each epoch; else in their order.

    Args:
        order: The split's tasks.
        batch_size: How many tasks a batch holds; the last one of an order, wherever it comes, what is left.
        sizes: The square of each task's largest side, over all tasks.
        seed: The seed of the order; None to keep the order of the split.
    """

    def __init__(self, order: TaskOrder, batch_size: int, sizes: Int[np.ndarray, " tasks"], seed: int | None) -> None:
        self.sampler = order
        self._batch_size, self._sizes, self._seed = batch_size, sizes, seed

    def __len__(self) -> int:
        return (len(self.sampler) + self._batch_size - 1) // self._batch_size

    def __iter__(self) -> Iterator[list[int]]:
        indices = np.array(self.sampler.indices, dtype=np.int64)
        starts = np.arange(len(self)) * self._batch_size
        if self._seed is not None:
            random = np.random.default_rng([self._seed, self.sampler.epoch])
            blurred = self._sizes[indices] * SIZE_BLUR ** random.random(len(indices))
            indices, starts = indices[np.argsort(blurred, kind="stable")], random.permutation(starts)
        for start in starts.tolist():
            yield indices[start : start + self._batch_size].tolist()


@final
class TaskLoader(BatchLoader):
    """Yields ``(pairs, labels)``.

    Args:
        tasks: All tasks of the data.
        batches: Which tasks each batch holds.
        n_demos: How many demonstrations of each.
        augmentation: What changes from epoch to epoch; None for the tasks as they are.
        share: Which device this is, and of how many.
    """

    def __init__(
        self,
        tasks: Sequence[ArcTask],
        batches: SizedBatches,
        n_demos: int,
        augmentation: Augmentation | None = None,
        share: tuple[int, int] = (0, 1),
    ) -> None:
        self._tasks, self._n_demos, self._augmentation = tasks, n_demos, augmentation
        self.batch_sampler, self.order, self.share = batches, batches.sampler, share

    def gather(self, indices: Sequence[int]) -> tuple[GridPairs, Int[Tensor, " batch"]]:
        """Return the demonstrations of these tasks, and their categories."""
        labels = torch.tensor([self._tasks[index].category or 0 for index in indices], dtype=torch.int64)
        if not indices:
            nothing = torch.empty((0, self._n_demos, 1, 1), dtype=torch.int64)
            return GridPairs(nothing, nothing), labels
        return pad_pairs([self._pairs(index) for index in indices]), labels

    def _pairs(self, index: int) -> list[Pair]:
        task = self._tasks[index]
        if self._augmentation is None:
            return task.chosen(self._n_demos)
        return self._augmentation.of(task, index, self.order.epoch, self._n_demos)
