"""What ``c5snn sweep`` says of its machine."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from c5snn.commands.executors import n_workers_here
from c5snn.errors import ConfigError

if TYPE_CHECKING:
    from c5snn.sweeps.machine_watch import MachineWatch
    from c5snn.sweeps.room import Need

__all__ = ["check_room_here", "exit_code", "watched"]

FAILED_TRIALS, TOO_HOT = 4, 1


def check_room_here(needs: "Sequence[Need]", output: Path, options: argparse.Namespace, *, where: str) -> None:
    """Refuse what this machine has no memory or disk for; a dry run only says so.

    Args:
        needs: What each of the sweeps takes, which run one after the other.
        output: The folder of them all, which need not exist.
        options: The words of the command.
        where: What the definition is called in an error.

    Raises:
        ConfigError: There is too little of one or both, and it is no dry run.
    """
    from c5snn.sweeps.room import check_room

    try:
        check_room(needs, output, n_workers=n_workers_here(options), where=where)
    except ConfigError as error:
        if not options.dry_run:
            raise
        print(f"warning: it cannot run here: {error}")


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
