"""Watches the machine while trials run: whether it is hot, whether disk and memory are left; and keeps a log.

What nothing tells, such as a temperature without a sensor, is unknown: it is neither normal nor a reason to stop.
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
from c5snn.sweeps.room import GB, MIN_FREE_BYTES
from c5snn.sweeps.sensors import free_disk_bytes, read_accelerators, read_temperature, resident_tree_bytes
from c5snn.training.memory import free_memory_bytes

__all__ = ["RESOURCES", "Advice", "Hold", "MachineWatch"]

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
# where a sweep's results lie: less could lose one
DISK_LOW: Final = float(MIN_FREE_BYTES)
# three times what `room.py` counts for a trial, beside its weights
MEMORY_LOW: Final = 5e8
RECOVERED: Final = 2  # times as much as is too little

# what is to become of the trials: they go on; they go on and none starts beside them; they rest; they end
Advice = Literal["go", "wait", "pause", "stop"]


@final
class Hold:
    """Whether a reading holds trials back: from the value that begins it until the one that ends it.

    Args:
        begins: Says of a reading whether it is bad enough.
        ends: Says of a later one whether it is good enough again.

    Attributes:
        is_on: Whether trials are held back.
    """

    def __init__(self, begins: Callable[[float], bool], ends: Callable[[float], bool]) -> None:
        self._begins, self._ends = begins, ends
        self.is_on = False

    def take(self, reading: float | None) -> bool:
        """Take a reading, which changes nothing where it is unknown; return whether it has begun or ended the hold."""
        before = self.is_on
        if reading is not None:
            self.is_on = not self._ends(reading) if before else self._begins(reading)
        return self.is_on != before


@final
class MachineWatch:
    """Reads what the machine says of itself at most every 15 seconds, and writes it down every 300.

    Trials rest while it is hot, and while the disk has less than 512 MiB, until it has twice as much: a result that
    cannot be written is lost. While less than 0.5 GB of memory are free, and until 1 GB are, none starts beside others.

    Args:
        folder: The sweep's folder.
        max_temperature: In °C: trials pause from 10 degrees below it until 20 degrees below it, and the sweep ends at
            it; None: they never do.
        read: Returns the temperature; None where it is unknown.
        free_disk: Returns the bytes that are free where a folder lies.
        free_memory: Returns the bytes that programs can still have; None where nothing says.
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
        free_disk: Callable[[Path], int] = free_disk_bytes,
        free_memory: Callable[[], int | None] = free_memory_bytes,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        holds = max_temperature is None or max_temperature > LOWEST_LIMIT
        require(f"{LOWEST_LIMIT} < max_temperature", holds=holds, max_temperature=max_temperature)
        self.folder, self.limit = folder, max_temperature
        self._read, self._free_disk, self._free_memory, self._clock = read, free_disk, free_memory, clock
        self._read_at = self._logged_at = float("-inf")
        self.temperature: float | None = None
        self.is_too_hot = False
        limit = float("inf") if max_temperature is None else max_temperature
        self._heat = Hold(lambda now: now >= limit - PAUSE_BELOW, lambda now: now < limit - RESUME_BELOW)
        self._disk, self._memory = _scarcity(DISK_LOW), _scarcity(MEMORY_LOW)

    def look(self) -> Advice:
        """Return what is to become of the trials, from readings that are at most 15 seconds old."""
        now = self._clock()
        if now - self._read_at >= READ_EVERY_S:
            self._read_at, self.temperature = now, self._read()
            self._feel(self.temperature)
            self._look_for_disk()
            self._look_for_memory()
        if now - self._logged_at >= LOG_EVERY_S:
            self._logged_at = now
            self._log()
        if self.is_too_hot:
            return "stop"
        return "pause" if self._heat.is_on or self._disk.is_on else "wait" if self._memory.is_on else "go"

    def _feel(self, temperature: float | None) -> None:
        if self.limit is None or temperature is None:
            return
        if temperature >= self.limit:
            self.is_too_hot = True
            logger.warning("%.0f °C: the limit is %.0f °C, the trials are stopped", temperature, self.limit)
        elif self._heat.take(temperature):
            resumed = self.limit - RESUME_BELOW
            so = f"rest until it is below {resumed:.0f} °C" if self._heat.is_on else "go on"
            logger.warning("%.0f °C: the trials %s", temperature, so)

    def _look_for_disk(self) -> None:
        free = self._free_disk(self.folder) if self.folder.is_dir() else None
        if free is not None and self._disk.take(float(free)):
            enough = f"rest until {RECOVERED * DISK_LOW / GB:.1f} GB are, as a result that cannot be written is lost"
            so = enough if self._disk.is_on else "go on"
            logger.warning("%.1f GB are free on the disk of %s: the trials %s", free / GB, self.folder, so)

    def _look_for_memory(self) -> None:
        free = self._free_memory()
        if free is not None and self._memory.take(float(free)):
            until = f"no trial starts beside those that run until {RECOVERED * MEMORY_LOW / GB:.1f} GB are"
            so = until if self._memory.is_on else "as many trials run as before"
            logger.warning("%.1f GB of memory are free: %s", free / GB, so)

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


def _scarcity(low: float) -> Hold:
    return Hold(lambda free: free < low, lambda free: free >= RECOVERED * low)
