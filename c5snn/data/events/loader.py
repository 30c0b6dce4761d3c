"""Batches of windows, in an order that the run's seed and the epoch decide and nothing else.

A batch is one gather from memory. Of several devices each takes its share of a batch of train, and all windows of val
and test.
"""

from collections.abc import Iterator, Sequence
from typing import final

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.utils.data import BatchSampler, Sampler

from c5snn.data.batch_loader import BatchLoader
from c5snn.data.events.windows import Windows

__all__ = ["WindowLoader", "WindowOrder"]


@final
class WindowOrder(Sampler[int]):
    """The order of a split's windows in each epoch: that of time, or one drawn from ``(seed, epoch)``.

    Args:
        indices: The split's windows.
        seed: The run's seed, at least 0; None for the order of time.
    """

    def __init__(self, indices: Sequence[int], seed: int | None = None) -> None:
        self.indices = indices
        self.seed = seed
        self.epoch = 0

    def __len__(self) -> int:
        return len(self.indices)

    def __iter__(self) -> Iterator[int]:
        if self.seed is None:
            return iter(self.indices)
        return iter(np.random.default_rng([self.seed, self.epoch]).permutation(self.indices).tolist())

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch; Lightning does at the start of each."""
        self.epoch = epoch


@final
class WindowLoader(BatchLoader):
    """Yields ``(windows, targets)``; the last batch holds what is left.

    Args:
        windows: Where batches are gathered from.
        order: Which windows, and in which order.
        batch_size: How many windows a batch holds, at least 1.
        share: Which device this is, and of how many.
    """

    def __init__(self, windows: Windows, order: WindowOrder, batch_size: int, share: tuple[int, int] = (0, 1)) -> None:
        self._windows = windows
        self.order, self.share = order, share
        self.batch_sampler = BatchSampler(order, batch_size * share[1], drop_last=False)

    def gather(
        self, indices: Sequence[int]
    ) -> tuple[Float[Tensor, "batch window parts"], Float[Tensor, "batch parts"]]:
        """Return the windows with these indices and their targets."""
        return self._windows.gather(torch.tensor(indices, dtype=torch.int64))
