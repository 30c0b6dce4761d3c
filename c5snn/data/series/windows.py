"""Windows of a series and what follows them: views on one resident tensor, batches by one gather."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import final

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.utils.data import BatchSampler

from c5snn.data.batch_loader import BatchLoader
from c5snn.data.events.loader import WindowOrder

__all__ = ["DirectionWindows", "ForecastWindows", "SeriesLoader", "SeriesWindows"]

Batch = tuple[Float[Tensor, "batch context channels"], Float[Tensor, "batch ..."]]


class SeriesWindows(ABC):
    """The rows before each target, and the target. Abstract, without an ``__init__``.

    Attributes:
        rows: The series as a model sees it.
        context: How many rows it sees.
    """

    rows: Float[Tensor, "rows channels"]
    context: int

    @abstractmethod
    def targets(self, starts: Int64[Tensor, " batch"]) -> Float[Tensor, "batch ..."]:
        """Return the targets that start at these rows."""

    def gather(self, starts: Int64[Tensor, " batch"]) -> Batch:
        """Return the rows before each start, the oldest first, and the targets."""
        return self.rows[_run(starts - self.context, self.context)], self.targets(starts)


@final
class ForecastWindows(SeriesWindows):
    """Targets are the rows that follow, of all channels: ``(batch, horizon, channels)``."""

    def __init__(self, rows: Float[Tensor, "rows channels"], context: int, horizon: int) -> None:
        self.rows, self.context, self.horizon = rows, context, horizon

    def targets(self, starts: Int64[Tensor, " batch"]) -> Float[Tensor, "batch horizon channels"]:
        """Return the rows from each start on."""
        return self.rows[_run(starts, self.horizon)]


@final
class DirectionWindows(SeriesWindows):
    """Targets are labels of 0 and 1: ``(batch, 1)``.

    Args:
        rows: The series as a model sees it.
        context: How many rows it sees.
        labels: One for each row at which a target may start.
    """

    def __init__(self, rows: Float[Tensor, "rows channels"], context: int, labels: Float[Tensor, " rows"]) -> None:
        self.rows, self.context, self.labels = rows, context, labels

    def targets(self, starts: Int64[Tensor, " batch"]) -> Float[Tensor, "batch 1"]:
        """Return the labels."""
        return self.labels[starts, None]


@final
class SeriesLoader(BatchLoader):
    """Yields ``(inputs, targets)``; the last batch holds what is left.

    Args:
        windows: Where batches are gathered from.
        order: Which target starts, and in which order.
        batch_size: How many windows a batch holds, at least 1.
        share: Which device this is, and of how many.
    """

    def __init__(
        self, windows: SeriesWindows, order: WindowOrder, batch_size: int, share: tuple[int, int] = (0, 1)
    ) -> None:
        self._windows, self.order, self.share = windows, order, share
        self.batch_sampler = BatchSampler(order, batch_size * share[1], drop_last=False)

    def gather(self, indices: Sequence[int]) -> Batch:
        """Return the windows before these rows and their targets."""
        return self._windows.gather(torch.tensor(indices, dtype=torch.int64))


def _run(starts: Int64[Tensor, " batch"], length: int) -> Int64[Tensor, "batch length"]:
    return starts[:, None] + torch.arange(length)
