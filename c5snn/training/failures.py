"""What a run that did not finish leaves: no empty folder, and a way out where memory ran out."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import torch
from torch import distributed

from c5snn.data import TaskData
from c5snn.data.micro_batches import half_micro_batch
from c5snn.errors import OutOfMemoryError

__all__ = ["discard_folder", "is_out_of_memory", "leaving_process_group", "out_of_memory"]

# what torch says when the processor's memory has run out; it has an exception of its own only for accelerators
OUT_OF_MEMORY = ("can't allocate memory", "bad_alloc")


def is_out_of_memory(error: BaseException) -> bool:
    """Say whether an error means that memory has run out."""
    return (
        isinstance(error, MemoryError | torch.OutOfMemoryError | OutOfMemoryError)
        or (isinstance(error, OSError) and error.errno == errno.ENOMEM)
        or (isinstance(error, RuntimeError) and any(words in str(error) for words in OUT_OF_MEMORY))
    )


def out_of_memory(data: TaskData, *, is_normalised_by_batch: bool) -> OutOfMemoryError:
    """Return the error that says which batch size or micro-batch might fit.

    Args:
        data: The data, with the batch size that did not.
        is_normalised_by_batch: Whether the model normalises by the statistics of its batch, so has no micro-batches.
    """
    size = getattr(data, "batch_size", None)
    if not isinstance(size, int) or size <= 1 or data.micro_batch == 1:
        return OutOfMemoryError("Memory ran out; a smaller network or a shorter window might fit.")
    tried, name = (size, "batch_size") if data.micro_batch is None else (data.micro_batch, "micro_batch")
    smaller = half_micro_batch(size, data.micro_batch)
    if smaller is not None and not is_normalised_by_batch:
        return OutOfMemoryError(
            f"Memory ran out with data.{name}={tried}; `--data.micro_batch {smaller}` makes the same steps with less "
            "memory and might fit."
        )
    return OutOfMemoryError(f"Memory ran out with data.batch_size={size}; `--data.batch_size {size // 2}` might fit.")


@contextmanager
def leaving_process_group() -> Iterator[None]:
    """Leave the group of processes that a strategy has joined: the next run of this process is alone again."""
    was_in_one = distributed.is_available() and distributed.is_initialized()
    try:
        yield
    finally:
        if not was_in_one and distributed.is_available() and distributed.is_initialized():
            distributed.destroy_process_group()


def discard_folder(folder: Path) -> None:
    """Remove a run's folder, and the folders above it that were made for it alone."""
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):  # another run lies there
        folder.parent.rmdir()
        folder.parent.parent.rmdir()
