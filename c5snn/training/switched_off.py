"""What our runs switch off of Lightning: its idle profiler, and warnings about what we do by design."""

import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import final

from lightning.pytorch.profilers import PassThroughProfiler

__all__ = ["NoProfiler", "without_known_warnings"]

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


@final
class NoProfiler(PassThroughProfiler):
    """Lightning's idle profiler without its cost: a generator started and ended 150 times a step."""

    def __init__(self) -> None:
        super().__init__()
        self._nothing = nullcontext("")

    def profile(self, action_name: str) -> AbstractContextManager[str]:  # type: ignore[override]  # any context serves
        """Return a context that does nothing."""
        del action_name
        return self._nothing
