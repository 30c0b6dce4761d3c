"""Whether a machine has room for sweeps: memory for what runs at once, disk for what is kept."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from c5snn.sweeps.faults import Faults
from c5snn.training.memory import TRAINING_BYTES, free_memory_bytes

__all__ = ["GB", "MIN_FREE_BYTES", "Need", "check_room"]

GB = 1e9
# of a small network, beside the libraries, which all trials share; measured: 66 MB for SpikeGRU of 128 units
TRIAL_BYTES = 150_000_000
RUNNING_BYTES = 24  # per parameter, of a run's best and last checkpoint: itself and the two moments in each
KEPT_BYTES = 4  # per parameter, of a trial that has ended: itself
MIN_FREE_BYTES = 512 * 1024**2


@dataclass(frozen=True)
class Need:
    """What a grid or a study takes.

    Args:
        n_parameters: Of its largest model.
        n_checkpoints: How many checkpoints it keeps.
    """

    n_parameters: int
    n_checkpoints: int


def check_room(needs: Sequence[Need], output: Path, *, n_workers: int, where: str) -> None:
    """Refuse sweeps that run one after the other and have too little free memory or disk.

    Args:
        needs: What each takes.
        output: The folder of them all, which need not exist.
        n_workers: Most trials at once.
        where: What the definition is called in an error.

    Raises:
        ConfigError: There is too little of one or both.
    """
    faults = Faults(where)
    memory = n_workers * max(TRIAL_BYTES + TRAINING_BYTES * need.n_parameters for need in needs)
    free_memory = free_memory_bytes()
    if free_memory is not None:
        faults.check(
            "--workers", "the trials that run at once fit the free memory", holds=memory <= free_memory,
            fix="Fewer workers, or smaller models.", workers=n_workers, needed_gb=_gb(memory), free_gb=_gb(free_memory),
        )  # fmt: skip
    running = n_workers * max(RUNNING_BYTES * need.n_parameters for need in needs)
    disk = MIN_FREE_BYTES + running + sum(KEPT_BYTES * need.n_parameters * need.n_checkpoints for need in needs)
    free_disk = shutil.disk_usage(next(place for place in (output, *output.absolute().parents) if place.is_dir())).free
    faults.check(
        "--output", "the checkpoints that are kept fit the free disk", holds=disk <= free_disk,
        fix="Free some, give another folder, or confirm fewer (`--top-k`).",
        needed_gb=_gb(disk), free_gb=_gb(free_disk),
    )  # fmt: skip
    faults.raise_any()


def _gb(n_bytes: int) -> float:
    return round(n_bytes / GB, 1)
