"""Memory: what the machine has free, and the most that this process has taken of it."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import torch

__all__ = ["TRAINING_BYTES", "forget_peak", "free_bytes", "free_memory_bytes", "peak_bytes", "resident_bytes"]

TRAINING_BYTES: Final = 16  # per parameter: itself, its gradient and the optimizer's two moments
RESET_PEAK: Final = "5"  # what Linux takes to set VmHWM back to the present size


def free_memory_bytes() -> int | None:
    """Return the memory that programs can still have, the limit of a container kept; None where nothing says."""
    available = _kilobytes(Path("/proc/meminfo"), "MemAvailable")
    known = [free for free in (available, _free_in_group()) if free is not None]
    return min(known, default=None)


def free_bytes(device: "torch.device") -> int | None:
    """Return the memory that a device has free."""
    if device.type != "cuda":
        return free_memory_bytes()
    import torch

    return int(torch.cuda.mem_get_info(device)[0])


def resident_bytes() -> int | None:
    """Return the memory of this process, its libraries included; None where the system does not tell."""
    return _kilobytes(Path("/proc/self/status"), "VmRSS")


def forget_peak(device: "torch.device") -> None:
    """Let the peak begin anew; where that is not allowed, it stays that of the process so far."""
    if device.type == "cuda":
        import torch

        torch.cuda.reset_peak_memory_stats(device)
        return
    try:
        Path("/proc/self/clear_refs").write_text(RESET_PEAK, encoding="ascii")
    except OSError:
        return


def peak_bytes(device: "torch.device") -> int:
    """Return the most memory since the peak was forgotten: of this process, or of its tensors on an accelerator."""
    if device.type == "cuda":
        import torch

        return int(torch.cuda.max_memory_allocated(device))
    highest = _kilobytes(Path("/proc/self/status"), "VmHWM")
    if highest is not None:
        return highest
    import resource  # Windows has none

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _kilobytes(path: Path, name: str) -> int | None:
    """Return the bytes of a line such as ``VmRSS: 12 kB``."""
    try:
        found = re.search(rf"^{name}:\s+(\d+) kB", path.read_text(encoding="ascii", errors="replace"), re.MULTILINE)
    except OSError:
        return None
    return int(found[1]) * 1024 if found else None


def _free_in_group() -> int | None:
    """Return what the nearest control group with a limit leaves; files that are cached there can be dropped."""
    try:
        groups = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
        path = next(line.removeprefix("0::") for line in groups if line.startswith("0::"))
        folder = Path(f"/sys/fs/cgroup{path}")
        limit = (folder / "memory.max").read_text(encoding="ascii").strip()
        if limit == "max":
            return None
        used = int((folder / "memory.current").read_text(encoding="ascii"))
        cached = re.search(r"^inactive_file (\d+)", (folder / "memory.stat").read_text(encoding="ascii"), re.MULTILINE)
    except (OSError, StopIteration, ValueError):
        return None
    return max(int(limit) - used + (int(cached[1]) if cached else 0), 0)
