"""Warnings of other libraries that our runs raise by design and that a user can do nothing about."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["without_known_warnings"]

KNOWN = (
    # Lightning looks at batches with a function that torch has renamed
    ".*treespec, LeafSpec.* is deprecated",
    # a run's folder holds its configuration before the first checkpoint
    "Checkpoint directory .* exists and is not empty",
    # we log per epoch
    "The number of training batches .* is smaller than the logging interval",
    # a changed argument starts a new run from an old checkpoint, in a folder of its own
    "The dirpath has changed from",
    # one process reads from memory
    "The '.*_dataloader' does not have many workers",
)


@contextmanager
def without_known_warnings() -> Iterator[None]:
    """Silence the known warnings, and no other."""
    with warnings.catch_warnings():
        for message in KNOWN:
            warnings.filterwarnings("ignore", message=message)
        yield
