"""Micro-batches: parts of a batch whose gradients are added up, so that the network sees few items at once.

The loss of a batch is the mean over its items. A part of it counts by its share of the items, so the sum of the parts'
gradients is the gradient of the whole batch, whatever the size of the last part.
"""

from collections.abc import Iterator
from typing import Any, Final, Literal, NamedTuple

from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from c5snn.data.task_data import TaskData
from c5snn.errors import ConfigError, require

__all__ = [
    "AUTO",
    "MicroBatch",
    "MicroBatchSize",
    "check_micro_batch",
    "fixed_micro_batch",
    "half_micro_batch",
    "has_batch_statistics",
    "micro_batches",
    "refuse_micro_batches",
]

AUTO: Final = "auto"  # the largest that fits the memory, found before the run

MicroBatchSize = int | Literal["auto"] | None


class MicroBatch(NamedTuple):
    """A part of a batch.

    Args:
        inputs: Its inputs.
        targets: Its targets.
        share: The share of the batch's items that it holds.
    """

    inputs: Any
    targets: Any
    share: float


def micro_batches(inputs: Any, targets: Tensor, size: int | None) -> Iterator[MicroBatch]:  # noqa: ANN401  # a task's own
    """Yield the parts of a batch in their order.

    Args:
        inputs: A tensor, or a named tuple of tensors.
        targets: One entry an item.
        size: The most items of a part, at least 1; None: the whole batch is one part.
    """
    n_items = len(targets)
    if size is None or n_items <= size:
        yield MicroBatch(inputs, targets, 1.0)
        return
    for start in range(0, n_items, size):
        part = slice(start, start + size)
        yield MicroBatch(_part(inputs, part), targets[part], len(targets[part]) / n_items)


def check_micro_batch(micro_batch: MicroBatchSize, batch_size: int) -> None:
    """Check that micro-batches divide a batch.

    Args:
        micro_batch: Items of a micro-batch; None: there are none; ``auto``: it is still to be found.
        batch_size: Items of a batch.

    Raises:
        ConfigError: They do not.
    """
    if not isinstance(micro_batch, int):
        return
    holds = 1 <= micro_batch <= batch_size and batch_size % micro_batch == 0
    fix = "Give a divisor of the batch size."
    require("micro_batch divides batch_size", holds=holds, micro_batch=micro_batch, batch_size=batch_size, fix=fix)


def fixed_micro_batch(micro_batch: MicroBatchSize) -> int | None:
    """Return the micro-batch as far as it is known.

    >>> fixed_micro_batch(8), fixed_micro_batch("auto")
    (8, None)
    """
    return micro_batch if isinstance(micro_batch, int) else None


def half_micro_batch(batch_size: int, micro_batch: int | None) -> int | None:
    """Return the largest divisor of a batch that is at most half of what a model sees at once; None for one item.

    Args:
        batch_size: Items of a batch.
        micro_batch: Items that a model sees at once; None: the whole batch.

    >>> half_micro_batch(256, None), half_micro_batch(256, 64), half_micro_batch(15, None), half_micro_batch(4, 1)
    (128, 32, 5, None)
    """
    now = batch_size if micro_batch is None else micro_batch
    return next((size for size in range(now // 2, 0, -1) if batch_size % size == 0), None)


def has_batch_statistics(model: nn.Module) -> bool:
    """Say whether a model normalises by the statistics of its batch."""
    return any(isinstance(module, _BatchNorm) for module in model.modules())


def refuse_micro_batches(data: TaskData, *, model: str, is_normalised_by_batch: bool, n_devices: int = 1) -> None:
    """Refuse micro-batches where a run would train otherwise with them.

    Args:
        data: The data, which need not be set up.
        model: The model's name.
        is_normalised_by_batch: Whether it normalises by the statistics of its batch.
        n_devices: How many devices train it together.

    Raises:
        ConfigError: The data has micro-batches, and the model or the devices cannot have them.
    """
    size = data.micro_batch
    if size is None or size == data.batch_size:
        return
    if is_normalised_by_batch:
        raise ConfigError(
            f"`data.micro_batch` must be left out for a model with batch normalisation, but is {size}: the {model} "
            f"would normalise by the statistics of {size} items instead of {data.batch_size}, so it would train "
            "otherwise. Lower `data.batch_size`, or choose a model with layer normalisation."
        )
    fix = "Leave `data.micro_batch` out, and lower `data.batch_size`, of which each device has its own."
    require("micro_batch needs one device", holds=n_devices == 1, micro_batch=size, n_devices=n_devices, fix=fix)


def _part(inputs: Any, part: slice) -> Any:  # noqa: ANN401
    if isinstance(inputs, Tensor):
        return inputs[part]
    return type(inputs)(*(field[part] for field in inputs))
