"""What a machine says of itself at this moment: temperature, memory, disk, load. What it does not say is None."""

import csv
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

__all__ = [
    "Accelerators",
    "free_disk_bytes",
    "parse_accelerators",
    "read_accelerators",
    "read_temperature",
    "resident_tree_bytes",
]

SYS: Final = Path("/sys/class")
SENSORS: Final = ("thermal/thermal_zone*/temp", "hwmon/hwmon*/temp*_input")  # in thousandths of a degree
PLAUSIBLE: Final = range(1, 151)  # °C; a sensor that is not connected says 0 or less, or hundreds
QUERY: Final = ("nvidia-smi", "--query-gpu=temperature.gpu,memory.used", "--format=csv,noheader,nounits")
TIMEOUT_S: Final = 10.0


class Accelerators(NamedTuple):
    """What the accelerators say.

    Args:
        temperature: The highest, in °C.
        memory_mb: In use, of all together.
    """

    temperature: float
    memory_mb: float


def read_temperature(root: Path = SYS) -> float | None:
    """Return the highest temperature of the processor's sensors and the accelerators, in °C; None where none says.

    Args:
        root: Where the kernel shows its sensors.
    """
    found = list(_sensors(root))
    accelerators = read_accelerators() if root == SYS else None
    if accelerators is not None:
        found.append(accelerators.temperature)
    return max(found, default=None)


def read_accelerators() -> Accelerators | None:
    """Return what NVIDIA's own command says of its devices; None where there is none."""
    if shutil.which(QUERY[0]) is None:
        return None
    try:
        answer = subprocess.run(QUERY, capture_output=True, text=True, timeout=TIMEOUT_S, check=True)  # noqa: S603
        return parse_accelerators(answer.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def parse_accelerators(answer: str) -> Accelerators | None:
    r"""Return what lines of temperature and memory say; None for none.

    >>> parse_accelerators("61, 1200\n58, 800\n")
    Accelerators(temperature=61.0, memory_mb=2000.0)
    """
    rows = [(float(temperature), float(memory)) for temperature, memory in csv.reader(answer.splitlines())]
    if not rows:
        return None
    return Accelerators(max(temperature for temperature, _ in rows), sum(memory for _, memory in rows))


def free_disk_bytes(folder: Path) -> int:
    """Return what is free where a folder lies."""
    return shutil.disk_usage(folder).free


def resident_tree_bytes(root: int | None = None) -> int | None:
    """Return the memory of a process and of all that it has started; pages that they share count for each.

    Args:
        root: The process; None: this one.
    """
    parents: dict[int, list[int]] = {}
    sizes = dict[int, int]()
    for place in Path("/proc").glob("[0-9]*"):
        try:
            fields = (place / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        parents.setdefault(int(fields[1]), []).append(int(place.name))
        sizes[int(place.name)] = int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
    if not sizes:
        return None
    left, total = [root or os.getpid()], 0
    while left:
        process = left.pop()
        total += sizes.get(process, 0)
        left += parents.get(process, [])
    return total


def _sensors(root: Path) -> Iterator[float]:
    for pattern in SENSORS:
        for path in root.glob(pattern):
            try:
                value = int(path.read_text(encoding="ascii")) / 1000
            except (OSError, ValueError):  # a sensor that is asleep answers with an error
                continue
            if int(value) in PLAUSIBLE:
                yield value
