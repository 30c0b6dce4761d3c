"""Batches of windows, in an order that the run's seed and the epoch decide and nothing else.

Lightning takes any iterable. This one has no workers and no collation, because a batch is one gather from memory, and
it draws nothing from torch's generator: the order of the data and the dropout of a model cannot disturb one another.
Of several devices each takes its share of a batch of train, and all windows of val and test.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TypedDict, final

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.utils.data import BatchSampler, Sampler

from c5snn.data.events.windows import Windows

__all__ = ["LoaderState", "WindowLoader", "WindowOrder"]


class LoaderState(TypedDict):
    """Where a run stands in its data; plain values, for its checkpoint."""

    epoch: int
    n_batches: int


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
class WindowLoader:
    """Yields ``(windows, targets)``; the last batch holds what is left.

    Its state lets a run that was stopped within an epoch see the rest of that epoch, in the order it would have had.

    Args:
        windows: Where batches are gathered from.
        order: Which windows, and in which order.
        batch_size: How many windows a batch holds, at least 1.
        share: Which device this is, and of how many: together they take as many batches at once. Of the last windows a
            device may get fewer than the others, or none.
    """

    def __init__(self, windows: Windows, order: WindowOrder, batch_size: int, share: tuple[int, int] = (0, 1)) -> None:
        self._windows = windows
        self._order = order
        self._device, self._n_devices = share
        # named as in a DataLoader: here Lightning looks for the sampler whose epoch it sets
        self.batch_sampler = BatchSampler(order, batch_size * self._n_devices, drop_last=False)
        self._n_batches = 0
        self._resumed: LoaderState | None = None

    def __len__(self) -> int:
        return len(self.batch_sampler)

    def __iter__(self) -> Iterator[tuple[Float[Tensor, "batch window parts"], Float[Tensor, "batch parts"]]]:
        # a generator: it starts with the first batch, when Lightning has set the epoch
        self._n_batches = self._take_start()
        for indices in islice(self.batch_sampler, self._n_batches, None):
            self._n_batches += 1
            yield self._windows.gather(torch.tensor(indices[self._device :: self._n_devices], dtype=torch.int64))

    def state_dict(self) -> LoaderState:
        """Return where the run stands; Lightning keeps it in the checkpoint."""
        return {"epoch": self._order.epoch, "n_batches": self._n_batches}

    def load_state_dict(self, state_dict: LoaderState) -> None:
        """Continue where a run stood."""
        self._resumed = state_dict

    def _take_start(self) -> int:
        resumed, self._resumed = self._resumed, None
        if resumed is None or resumed["epoch"] != self._order.epoch or resumed["n_batches"] >= len(self):
            return 0
        return resumed["n_batches"]
