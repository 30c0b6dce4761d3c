"""Two steps of training with a micro-batch, and the memory that they take; run as a program by the search for one."""

import copy
import json
import sys
from dataclasses import asdict
from typing import Any, Final, final

import torch
from lightning.pytorch import Callback, LightningModule, Trainer

from c5snn.training.allocator import release_freed_memory
from c5snn.training.failures import is_out_of_memory
from c5snn.training.memory import forget_peak, free_bytes, peak_bytes, resident_bytes
from c5snn.training.micro_batch_search import Tried
from c5snn.training.run import train

__all__ = ["try_size"]

N_STEPS: Final = 2  # the optimizer has its moments in the second


def try_size(config: dict[str, Any], micro_batch: int) -> Tried:
    """Make two steps with a micro-batch, and two batches of validation, in this process.

    Args:
        config: The whole configuration of a run.
        micro_batch: Items that the network sees at once.
    """
    changed = copy.deepcopy(config)
    changed["data"].setdefault("init_args", {})["micro_batch"] = micro_batch
    changed["trainer"] |= {"fast_dev_run": N_STEPS, "devices": 1, "enable_progress_bar": False}
    watched = _Watched()
    try:
        train(changed, callbacks=[watched])
    except Exception as error:  # torch has several for memory that has run out; all others go on
        if not is_out_of_memory(error):
            raise
        return Tried(micro_batch, None, watched.free)
    return Tried(micro_batch, watched.taken, watched.free)


@final
class _Watched(Callback):
    """Measures what a run takes beyond what its process and its device held before."""

    def __init__(self) -> None:
        release_freed_memory()
        self.resident = resident_bytes() or 0  # before the model is built
        self.free: int | None = None
        self.taken: int | None = None
        self.before = 0

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Look at what is free before the model goes to its device."""
        del pl_module, stage
        device = trainer.strategy.root_device
        self.free = free_bytes(device)
        self.before = torch.cuda.memory_allocated(device) if device.type == "cuda" else self.resident
        forget_peak(device)

    def on_fit_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Keep the peak."""
        del pl_module
        self.taken = max(peak_bytes(trainer.strategy.root_device) - self.before, 0)


if __name__ == "__main__":
    print(json.dumps(asdict(try_size(*json.load(sys.stdin)))))  # noqa: T201  # the answer of a program
