"""What our runs switch off of Lightning: its idle profiler, and warnings about what we do by design."""

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import final

from lightning.pytorch import Callback
from lightning.pytorch.callbacks import Checkpoint, ModelSummary, ProgressBar
from lightning.pytorch.profilers import PassThroughProfiler

__all__ = ["CHATTY", "NoProfiler", "enabled_callbacks", "without_chatter", "without_known_warnings"]

# Lightning's lines about unused devices, and its advertisements
CHATTY = ("lightning.pytorch.utilities.rank_zero", "lightning.pytorch.trainer.connectors.checkpoint_connector")

KNOWN = (
    # Lightning looks at batches with a function that torch has renamed
    ".*treespec, LeafSpec.* is deprecated",
    # a run's folder holds its configuration before the first checkpoint
    "Checkpoint directory .* exists and is not empty",
    # we log per epoch
    "The number of training batches .* is smaller than the logging interval",
    # a changed argument starts a new run from an old checkpoint, in a folder of its own
    "The dirpath has changed from",
    # the cycle of `OneCycle` is counted in epochs
    "A `OneCycleLR` scheduler is using 'interval': 'epoch'",
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


@contextmanager
def without_chatter() -> Iterator[None]:
    """Show of Lightning's lines only warnings, from Python as on the command line."""
    before = {name: logging.getLogger(name).level for name in CHATTY}
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)


def enabled_callbacks(callbacks: Callback | list[Callback] | None, options: Mapping[str, object]) -> list[Callback]:
    """Return the callbacks of a configuration, without those whose kind a trainer's options switch off."""
    switches = {
        "enable_progress_bar": ProgressBar, "enable_model_summary": ModelSummary, "enable_checkpointing": Checkpoint,
    }  # fmt: skip
    off = tuple(kind for switch, kind in switches.items() if options[switch] is False)
    given = callbacks if isinstance(callbacks, list) else [callbacks] if callbacks else []
    return [callback for callback in given if not isinstance(callback, off)]


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
