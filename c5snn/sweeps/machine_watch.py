"""Watches the machine while trials run: pauses them when it is hot, ends the sweep when it is too hot, keeps a log.

A temperature that no sensor tells is unknown: it is neither normal nor a reason to stop.
"""

import logging
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal, final

from c5snn.errors import require
from c5snn.files import append_row, csv_text
from c5snn.sweeps.sensors import free_disk_bytes, read_accelerators, read_temperature, resident_tree_bytes
from c5snn.training.memory import free_memory_bytes

__all__ = ["RESOURCES", "Advice", "MachineWatch"]

logger = logging.getLogger(__name__)

RESOURCES: Final = "resources.csv"
COLUMNS: Final = (
    "time", "load", "rss_mb", "free_memory_mb", "free_disk_mb", "temperature", "accelerator_memory_mb",
)  # fmt: skip
MB: Final = 1e6
READ_EVERY_S: Final = 15.0
LOG_EVERY_S: Final = 300.0
PAUSE_BELOW, RESUME_BELOW = 10, 20  # degrees below the limit
LOWEST_LIMIT: Final = 40

Advice = Literal["go", "pause", "stop"]


@final
class MachineWatch:
    """Reads the temperature at most every 15 seconds, and writes what the machine does every 300.

    Args:
        folder: The sweep's folder.
        max_temperature: In °C: trials pause from 10 degrees below it until 20 degrees below it, and the sweep ends at
            it; None: they never do.
        read: Returns the temperature; None where it is unknown.
        clock: Returns seconds.

    Attributes:
        temperature: The last reading.
        is_too_hot: Whether the limit was reached.

    Raises:
        ConfigError: The limit is not above 40 °C.
    """

    def __init__(
        self,
        folder: Path,
        *,
        max_temperature: float | None = None,
        read: Callable[[], float | None] = read_temperature,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        holds = max_temperature is None or max_temperature > LOWEST_LIMIT
        require(f"{LOWEST_LIMIT} < max_temperature", holds=holds, max_temperature=max_temperature)
        self.folder, self.limit = folder, max_temperature
        self._read, self._clock = read, clock
        self._read_at = self._logged_at = float("-inf")
        self.temperature: float | None = None
        self.is_paused = self.is_too_hot = False

    def look(self) -> Advice:
        """Return what is to become of the trials, from a reading that is at most 15 seconds old."""
        now = self._clock()
        if now - self._read_at >= READ_EVERY_S:
            self._read_at, self.temperature = now, self._read()
            self._decide()
        if now - self._logged_at >= LOG_EVERY_S:
            self._logged_at = now
            self._log()
        return "stop" if self.is_too_hot else "pause" if self.is_paused else "go"

    def _decide(self) -> None:
        if self.limit is None or self.temperature is None:
            return
        if self.temperature >= self.limit:
            self.is_too_hot = True
            logger.warning("%.0f °C: the limit is %.0f °C, the trials are stopped", self.temperature, self.limit)
        elif not self.is_paused and self.temperature >= self.limit - PAUSE_BELOW:
            self.is_paused = True
            resumed = self.limit - RESUME_BELOW
            logger.warning("%.0f °C: the trials pause until it is below %.0f °C", self.temperature, resumed)
        elif self.is_paused and self.temperature < self.limit - RESUME_BELOW:
            self.is_paused = False
            logger.warning("%.0f °C: the trials go on", self.temperature)

    def _log(self) -> None:
        """Add a row of what the machine does; what nothing says is empty."""
        accelerators = read_accelerators()
        sizes = {"rss_mb": resident_tree_bytes(), "free_memory_mb": free_memory_bytes()}
        sizes["free_disk_mb"] = free_disk_bytes(self.folder)
        row: dict[str, object] = {
            "time": datetime.now(UTC).isoformat(timespec="seconds"),
            "load": round(os.getloadavg()[0], 2),
            **{name: None if size is None else round(size / MB) for name, size in sizes.items()},
            "temperature": self.temperature,
            "accelerator_memory_mb": None if accelerators is None else round(accelerators.memory_mb),
        }
        header, line = csv_text(COLUMNS, [row]).splitlines()
        append_row(self.folder / RESOURCES, line, header=header)
