"""Which ``SIGKILL`` the kernel sent because memory had run out: the signal does not tell, but the kernel counts."""

from pathlib import Path
from typing import final

__all__ = ["OomKills", "oom_counter"]


@final
class OomKills:
    """Attributes killed trials to the kernel; each of its kills explains one.

    Args:
        counter: A file with a line ``oom_kill <n>``; None where there is no such counter.
    """

    def __init__(self, counter: Path | None) -> None:
        self.counter = counter
        self.explained = self._count()

    def forget(self) -> None:
        """Ignore the kills so far: no trial that starts from now on is among them."""
        self.explained = self._count()

    def explain(self) -> bool:
        """Return whether the kernel killed a trial that was just found killed; each kill explains one trial."""
        is_oom = self._count() > self.explained
        self.explained += is_oom
        return is_oom

    def _count(self) -> int:
        return _read_count(self.counter) or 0 if self.counter else 0


def oom_counter() -> Path | None:
    """Return the kernel's nearest counter: of this process's control group, else of the machine, else None."""
    try:
        groups = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        groups = []
    own = [Path(f"/sys/fs/cgroup{line.removeprefix('0::')}") / "memory.events" for line in groups if line[:3] == "0::"]
    return next((file for file in (*own, Path("/proc/vmstat")) if _read_count(file) is not None), None)


def _read_count(counter: Path) -> int | None:
    try:
        lines = counter.read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), None)
