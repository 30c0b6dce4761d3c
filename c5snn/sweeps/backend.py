"""Where attempts at jobs run: a backend starts one, waits for any to end, and kills one. It holds no policy."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from c5snn.sweeps.job import Job

__all__ = ["Accident", "Backend", "End"]

# what the machine did to an attempt; what the trial did itself, diverge or fail, stands in its folder
Accident = Literal["killed", "lost", "oom", "timeout"]


class End(NamedTuple):
    """How an attempt at a job ended.

    Args:
        key: The job's key.
        accident: What ended it from outside; None where it ended by itself, and its folder holds how.
        message: Why, in one line; empty without an accident.
    """

    key: str
    accident: Accident | None
    message: str = ""

    @classmethod
    def timed_out(cls, key: str, timeout_s: float) -> "End":
        """Return the end of an attempt that took longer than it may."""
        return cls(key, "timeout", f"stopped after {timeout_s:g} s")


class Backend(ABC):
    """Where attempts at jobs run; a machine, a cluster or a cloud is one final subclass, with its own ``__init__``.

    An attempt calls :func:`~c5snn.sweeps.trial.run_trial` in a process that runs nothing else and ends with the driver.
    Of several attempts at one job never two run at once, so the job's key names the attempt.
    """

    n_workers: int  # most attempts at once; it may change while attempts run

    @abstractmethod
    def start(self, job: Job, folder: Path, *, attempt: int) -> None:
        """Start an attempt, and return without waiting for it.

        Args:
            job: The job.
            folder: A folder of the driver's machine: empty, or that of a trained run, which is then only tested.
            attempt: Which attempt at the job this is, from 1.
        """

    @abstractmethod
    def wait(self, timeout_s: float) -> list[End]:
        """Wait until at least one attempt has ended, and return all that have; none where the time is over.

        All that an attempt wrote is in its folder by then, and no process of it is left.

        Args:
            timeout_s: Seconds to wait at most, 0 or more.
        """

    @abstractmethod
    def kill(self, key: str) -> None:
        """End the attempt at a job and return once it has; :meth:`wait` never reports it. Nothing if it ended before.

        Args:
            key: The job's key.
        """

    def kill_all(self, keys: Sequence[str]) -> None:
        """End several attempts, as :meth:`kill` does each."""
        for key in keys:
            self.kill(key)

    def pause(self) -> None:  # noqa: B027  # not every backend can
        """Let all attempts rest as they are; a backend that cannot do so lets them run, and none is started."""

    def resume(self) -> None:  # noqa: B027
        """Let them go on."""

    def take_limit(self, timeout_s: float) -> bool:
        """Return whether the backend itself sees to it that no attempt takes longer than this.

        One does whose attempts wait for a place after their start: it counts from their beginning, and reports the
        accident ``timeout`` as :meth:`End.timed_out` says it. Otherwise, as here, the executor counts from the start.

        Args:
            timeout_s: Seconds that an attempt may take.
        """
        del timeout_s
        return False
