"""Loaders whose batches one object makes in memory, in an order that the run's seed and the epoch decide.

Lightning takes any iterable. These have no workers and no collation, and draw nothing from torch's generator: the order
of the data and the dropout of a model cannot disturb one another. A run that was stopped within an epoch sees the rest
of that epoch, in the order it would have had.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Protocol, TypedDict

__all__ = ["BatchLoader", "LoaderState"]


class LoaderState(TypedDict):
    """Where a run stands in its data; plain values, for its checkpoint."""

    epoch: int
    n_batches: int


class _EpochOrder(Protocol):
    epoch: int


class _Batches(Protocol):
    """What names the items of each batch; Lightning sets the epoch of its ``sampler``."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[list[int]]: ...


class BatchLoader(ABC):
    """Yields inputs and targets; abstract, without an ``__init__``.

    Attributes:
        batch_sampler: Named as in a DataLoader: here Lightning looks for the sampler whose epoch it sets.
        order: That sampler.
        share: Which device this is, and of how many: together they take as many batches at once. Of the last items a
            device may get fewer than the others, or none.
    """

    batch_sampler: _Batches
    order: _EpochOrder
    share: tuple[int, int] = (0, 1)

    _n_batches: int = 0
    _resumed: LoaderState | None = None

    @abstractmethod
    def gather(self, indices: Sequence[int]) -> tuple[Any, Any]:
        """Return the inputs and targets of these items, in the epoch of the order."""

    def __len__(self) -> int:
        return len(self.batch_sampler)

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        # a generator: it starts with the first batch, when Lightning has set the epoch
        self._n_batches = self._take_start()
        device, n_devices = self.share
        for indices in islice(iter(self.batch_sampler), self._n_batches, None):
            self._n_batches += 1
            yield self.gather(indices[device::n_devices])

    def state_dict(self) -> LoaderState:
        """Return where the run stands; Lightning keeps it in the checkpoint."""
        return {"epoch": self.order.epoch, "n_batches": self._n_batches}

    def load_state_dict(self, state_dict: LoaderState) -> None:
        """Continue where a run stood."""
        self._resumed = state_dict

    def _take_start(self) -> int:
        resumed, self._resumed = self._resumed, None
        if resumed is None or resumed["epoch"] != self.order.epoch or resumed["n_batches"] >= len(self):
            return 0
        return resumed["n_batches"]
