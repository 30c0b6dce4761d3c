"""The micro-batch of each architecture of a sweep where ``data.micro_batch`` is ``auto``.

It is found once and kept in a file beside the trials, because their keys hold the number: found anew where other memory
is free, it would make other trials.
"""

import hashlib
import json
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, final

import torch

from c5snn.data.micro_batches import AUTO
from c5snn.files import write_json
from c5snn.sweeps.job import set_micro_batch
from c5snn.training.memory import free_memory_bytes
from c5snn.training.micro_batch_search import Tried, largest_micro_batch, refuse_too_large, try_apart

__all__ = ["MICRO_BATCHES", "MicroBatchChoices", "chooses_micro_batch"]

logger = logging.getLogger(__name__)

MICRO_BATCHES: Final = "micro_batches.json"

Config = dict[str, Any]


@final
class MicroBatchChoices:
    """Puts a number in the place of ``auto``.

    Args:
        folder: The sweep's folder.
        n_workers: How many trials share the memory.
        may_try: Whether steps are made for what is not in the file; otherwise it stays ``auto``.
        lock: Entered while steps are made and the file is written.
        tried: Makes two steps with a micro-batch.
    """

    def __init__(
        self,
        folder: Path,
        *,
        n_workers: int,
        may_try: bool = True,
        lock: Callable[[], AbstractContextManager[None]] = nullcontext,
        tried: Callable[[Config, int], Tried] = try_apart,
    ) -> None:
        self.path, self.n_workers, self.may_try = folder / MICRO_BATCHES, n_workers, may_try
        self.lock, self.tried = lock, tried
        self.known: dict[str, dict[str, Any]] = _read(self.path)

    def settled(self, config: Config, *, n_parameters: int, batch_size: int, is_normalised_by_batch: bool) -> Config:
        """Return a configuration with the micro-batch of its architecture.

        Args:
            config: The whole configuration of a trial, its micro-batch ``auto``.
            n_parameters: Trainable parameters of its model.
            batch_size: Items of a batch.
            is_normalised_by_batch: Whether its model normalises by the statistics of its batch.

        Raises:
            ConfigError: The model alone does not fit.
            OutOfMemoryError: No micro-batch fits.
        """
        if n_parameters == 0:
            return set_micro_batch(config, None)
        key, name = _architecture(config)
        if key not in self.known:
            if not self.may_try:
                return config
            with self.lock():
                self._find(key, name, config, n_parameters, batch_size, is_whole=is_normalised_by_batch)
        return set_micro_batch(config, int(self.known[key]["micro_batch"]))

    def _find(self, key: str, name: str, config: Config, n_parameters: int, batch_size: int, *, is_whole: bool) -> None:
        refuse_too_large(n_parameters, free_memory_bytes() if _is_on_processor(config) else None, n_runs=self.n_workers)
        found = largest_micro_batch(
            config, self.tried, batch_size=batch_size, is_normalised_by_batch=is_whole, n_runs=self.n_workers
        )
        logger.warning("data.micro_batch of %s: %d of %d", name, found.micro_batch, batch_size)
        entry = {"architecture": name, "n_parameters": n_parameters, "micro_batch": found.micro_batch}
        self.known[key] = {**entry, "n_workers": self.n_workers, "tried": [asdict(tried) for tried in found.tried]}
        write_json(self.path, self.known)


def chooses_micro_batch(config: Config) -> bool:
    """Say whether a configuration leaves its micro-batch to be found."""
    return bool(config["data"].get("init_args", {}).get("micro_batch") == AUTO)


def _architecture(config: Config) -> tuple[str, str]:
    """Return the key and the name of what decides how much memory a step takes; shares such as dropout do not."""
    model, data = config["model"], config["data"]
    shape = {name: value for name, value in model.get("init_args", {}).items() if not isinstance(value, float)}
    content = [
        model["class_path"],
        shape,
        data["class_path"],
        data.get("init_args", {}),
        config["trainer"]["precision"],
    ]
    key = hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:16]
    sizes = ", ".join(f"{name}={value}" for name, value in shape.items() if isinstance(value, int | str))
    return key, f"{model['class_path'].rpartition('.')[2]}({sizes})"


def _is_on_processor(config: Config) -> bool:
    return config["trainer"]["accelerator"] == "cpu" or not torch.cuda.is_available()


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
