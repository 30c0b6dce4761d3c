"""What ``c5snn sweep`` does about the temperature of its machine."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from c5snn.sweeps.machine_watch import MachineWatch

__all__ = ["exit_code", "watched"]

FAILED_TRIALS, TOO_HOT = 4, 1


def watched(output: Path, options: argparse.Namespace) -> "MachineWatch":
    """Return what watches the machine for a sweep, and say once where its temperature is unknown.

    Args:
        output: The sweep's folder.
        options: The words of the command.
    """
    from c5snn.sweeps.machine_watch import MachineWatch
    from c5snn.sweeps.sensors import read_temperature

    watch = MachineWatch(output, max_temperature=options.max_temperature)
    if options.max_temperature is not None and read_temperature() is None:
        print("the temperature of this machine is unknown: no sensor tells it, so --max-temperature changes nothing")
    return watch


def exit_code(watch: "MachineWatch", *, any_failed: bool) -> int:
    """Return the exit code of a sweep, and say why it has stopped where it was too hot.

    Args:
        watch: What has watched the machine.
        any_failed: Whether trials have failed.
    """
    if watch.is_too_hot:
        print(f"stopped at {watch.temperature:.0f} °C; finished trials are kept, and the same command goes on")
        return TOO_HOT
    return FAILED_TRIALS if any_failed else 0
