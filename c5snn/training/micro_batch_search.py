"""``data.micro_batch: auto``: the largest micro-batch whose steps fit into the free memory, found by making them.

Each try is two steps of training, after which the optimizer has its moments, and a validation, in a process of its own:
what one try leaves is not counted for the next, and a process that the kernel kills takes nothing with it.
"""

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import torch

from c5snn.data.micro_batches import has_batch_statistics
from c5snn.errors import ConfigError, OutOfMemoryError, require
from c5snn.training.lightning_cli import C5CLI
from c5snn.training.memory import TRAINING_BYTES, free_bytes

__all__ = ["Found", "Tried", "largest_micro_batch", "refuse_too_large", "settle_micro_batch", "try_apart"]

logger = logging.getLogger(__name__)

Config = dict[str, Any]

SHARE: Final = 0.8  # of the free memory that a run may take: other programs and the cache of files need some
MARGIN: Final = 1.1  # of what weights, gradients and moments take by themselves


@dataclass(frozen=True)
class Tried:
    """What two steps with a micro-batch took.

    Args:
        micro_batch: Items that the network saw at once.
        taken_bytes: The most memory, beyond what the process had before; None where memory ran out.
        free_bytes: What was free before; None where nothing says.
    """

    micro_batch: int
    taken_bytes: int | None
    free_bytes: int | None

    def __str__(self) -> str:
        """What a step takes, in words."""
        return _taken(self)

    def fits(self, share: float) -> bool:
        """Say whether it took at most a share of what was free."""
        if self.taken_bytes is None:
            return False
        return self.free_bytes is None or self.taken_bytes <= share * self.free_bytes


@dataclass(frozen=True)
class Found:
    """The micro-batch that was found.

    Args:
        tried: What was tried, the last of which fits.
    """

    tried: tuple[Tried, ...]

    @property
    def micro_batch(self) -> int:
        """Items that a network can see at once."""
        return self.tried[-1].micro_batch


def settle_micro_batch(cli: C5CLI, device: torch.device, *, n_devices: int) -> None:
    """Put the micro-batch that fits in the place of ``auto``, in the configuration and in the data.

    Args:
        cli: The configuration, its data set up.
        device: Where the run trains.
        n_devices: How many devices train it together.

    Raises:
        ConfigError: The model is too large, or several devices train it.
        OutOfMemoryError: No micro-batch fits.
    """
    data, model, size = cli.datamodule, cli.model, None
    fix = "Give `data.micro_batch` a number, or leave it out."
    require("micro_batch: auto needs one device", holds=n_devices == 1, n_devices=n_devices, fix=fix)
    if model.is_trainable:
        n_parameters = sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
        refuse_too_large(n_parameters, free_bytes(device))
        is_normalised = has_batch_statistics(model)
        found = largest_micro_batch(
            cli.dump(), try_apart, batch_size=data.batch_size, is_normalised_by_batch=is_normalised
        )
        size = found.micro_batch
        logger.info("data.micro_batch: %d of %d, of which a step takes %s", size, data.batch_size, found.tried[-1])
    cli.take_micro_batch(size)


def refuse_too_large(n_parameters: int, free: int | None, *, n_runs: int = 1) -> None:
    """Refuse a model whose weights, gradients and moments alone do not fit.

    Args:
        n_parameters: Trainable parameters.
        free: Free bytes; None where nothing says.
        n_runs: How many such models are trained at once.

    Raises:
        ConfigError: They do not.
    """
    needed = MARGIN * TRAINING_BYTES * n_parameters * n_runs
    if free is not None and needed > SHARE * free:
        runs = "" if n_runs == 1 else f" in {n_runs} runs at once"
        fix = "a smaller model" if n_runs == 1 else "a smaller model or fewer workers"
        raise ConfigError(
            f"Weights, gradients and the optimizer's moments must fit, but {n_parameters:,} parameters take "
            f"{_gb(needed)}{runs}, and {SHARE:.0%} of the free memory is {_gb(SHARE * free)}: no micro-batch helps. "
            f"Choose {fix}."
        )


def largest_micro_batch(
    config: Config,
    tried: Callable[[Config, int], Tried],
    *,
    batch_size: int,
    is_normalised_by_batch: bool,
    n_runs: int = 1,
) -> Found:
    """Return the largest divisor of the batch that fits.

    Args:
        config: The whole configuration of a run.
        tried: Makes two steps with a micro-batch: :func:`try_apart`.
        batch_size: Items of a batch.
        is_normalised_by_batch: Whether the model normalises by the statistics of its batch; then only the whole batch
            will do.
        n_runs: How many such runs share the memory.

    Raises:
        OutOfMemoryError: None fits.
    """
    found = list[Tried]()
    for size in _divisors(batch_size):
        found.append(tried(config, size))
        if found[-1].fits(SHARE / n_runs):
            return Found(tuple(found))
        if is_normalised_by_batch:
            raise OutOfMemoryError(
                "`data.micro_batch` is auto, but a model with batch normalisation sees whole batches, and one of "
                f"{size} takes {_taken(found[-1])}. Lower `data.batch_size`, or choose a model with layer "
                "normalisation."
            )
    raise OutOfMemoryError(
        f"`data.micro_batch` is auto, but a step of one item takes {_taken(found[-1])}. A smaller network or a shorter "
        "window might fit."
    )


def try_apart(config: Config, micro_batch: int) -> Tried:
    """Make two steps with a micro-batch in a process of its own.

    Raises:
        ConfigError: The run cannot start, whatever its micro-batch.
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    ended = subprocess.run(  # this interpreter, and words of our own
        [sys.executable, "-m", "c5snn.training.micro_batch_try"],
        input=json.dumps([config, micro_batch]),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode == -signal.SIGKILL:  # by the kernel, whose memory had run out
        return Tried(micro_batch, None, None)
    answer = ended.stdout.strip().rpartition("\n")[2]
    if ended.returncode != 0 or not answer.startswith("{"):
        said = ended.stderr.strip().rpartition("\n")[2]
        raise ConfigError(f"`data.micro_batch` is auto, but no step could be tried: {said or ended.returncode}.")
    return Tried(**json.loads(answer))


def _divisors(batch_size: int) -> Iterator[int]:
    return (size for size in range(batch_size, 0, -1) if batch_size % size == 0)


def _taken(tried: Tried) -> str:
    if tried.taken_bytes is None or tried.free_bytes is None:
        return "more memory than there is"
    return f"{_gb(float(tried.taken_bytes))} of {_gb(float(tried.free_bytes))} that are free"


def _gb(n_bytes: float) -> str:
    return f"{n_bytes / 1e9:,.2f} GB"
