"""A run on several devices of one machine: one process each, and only the first one writes.

The first process makes the run's folder; then Lightning starts the same command again for every other device. What the
first one has decided reaches the others by an environment variable.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from lightning.fabric.plugins import ClusterEnvironment
from lightning.fabric.plugins.environments.lightning import LightningEnvironment
from lightning.fabric.utilities.rank_zero import rank_zero_only
from lightning.pytorch import Trainer
from lightning.pytorch.strategies import DDPStrategy
from lightning.pytorch.strategies.launchers.subprocess_script import _SubprocessScriptLauncher

from c5snn.errors import ConfigError

__all__ = ["Launched", "check_strategy", "launched", "launching", "one_machine"]

VARIABLE = "C5SNN_LAUNCHED_RUN"
# what Lightning leaves behind, as if a next run were started by somebody else
OF_LIGHTNING = ("LOCAL_RANK", "NODE_RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")


class Launched(NamedTuple):
    """What a further process is told: the run's folder and its seed."""

    folder: Path
    seed: int


def launched() -> Launched | None:
    """Return what the first process says; None in the first process, and where there is only one."""
    if VARIABLE not in os.environ or os.environ.get("LOCAL_RANK", "0") == "0":
        return None
    folder, seed = json.loads(os.environ[VARIABLE])
    return Launched(Path(folder), seed)


@contextmanager
def launching(trainer: Trainer, folder: Path, seed: int) -> Iterator[None]:
    """Tell the processes that are started within where the run lies; end them with the first one."""
    if launched() is not None:
        yield
        return
    before = {name: os.environ.get(name) for name in (VARIABLE, *OF_LIGHTNING)}
    if trainer.world_size > 1:
        os.environ[VARIABLE] = json.dumps([str(folder.absolute()), seed])
    is_over = False
    try:
        yield
        is_over = True
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            os.environ |= {} if value is None else {name: value}
        launcher = trainer.strategy.launcher
        if isinstance(launcher, _SubprocessScriptLauncher):
            processes = list(launcher.procs)
            launcher.procs.clear()  # Lightning kills the first process, too, when it sees one of them end
            for process in processes:
                if not is_over:  # it waits for a batch that never comes
                    process.kill()
                process.wait()


def one_machine(plugins: object) -> list[Any]:
    """Return a trainer's plugins with the surroundings of one machine, unless they name others.

    A run in the allocation of a cluster (SLURM, LSF) is a run like any other: it starts its processes itself, whatever
    number of tasks the cluster's variables speak of, and writes its files whatever rank they give it.

    Args:
        plugins: Those of the configuration: none, one or several.
    """
    given = list(plugins) if isinstance(plugins, list | tuple) else [plugins] if plugins else []
    if any(isinstance(entry, ClusterEnvironment) for entry in given):
        return given
    if launched() is None:
        rank_zero_only.rank = 0  # type: ignore[attr-defined]  # Lightning keeps it there
    return [*given, LightningEnvironment()]


def check_strategy(trainer: Trainer) -> None:
    """Refuse what would run in several processes otherwise than here described.

    Raises:
        ConfigError: Several machines, another strategy than DDP, or processes that something else has started.
    """
    if trainer.world_size == 1 or launched() is not None:
        return
    strategy = trainer.strategy
    name = type(strategy).__name__
    if trainer.num_nodes > 1:
        raise ConfigError(f"A run stays on one machine, but `--trainer.num_nodes` is {trainer.num_nodes}.")
    if type(strategy) is not DDPStrategy or strategy._start_method != "popen":  # noqa: SLF001  # its only trace
        raise ConfigError(f"On several devices `--trainer.strategy` must be `ddp`, but is `{name}`.")
    environment = strategy.cluster_environment
    if environment is not None and environment.creates_processes_externally:
        raise ConfigError(
            f"`c5snn` starts the processes of a run itself, but {type(environment).__name__} has started this one. "
            "Start one process, with `--trainer.devices`."
        )
