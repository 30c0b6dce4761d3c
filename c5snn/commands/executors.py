"""Where the trials of a sweep run, as its options say it: processes of this machine, or the nodes of a Ray cluster."""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from c5snn.errors import ConfigError

if TYPE_CHECKING:
    from c5snn.sweeps.backend import Backend

__all__ = ["add_executor_options", "check_executor_options", "n_workers_here", "opened_backend", "planned_workers"]


def add_executor_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where trials run."""
    parser.add_argument(
        "--executor", choices=("local", "ray"), default="local", help="processes of this machine, or a Ray cluster"
    )
    parser.add_argument(
        "--address",
        metavar="ADDRESS",
        help="of Ray: auto, HOST:PORT or ray://HOST:PORT (default: a cluster of this machine, stopped at the end)",
    )
    parser.add_argument(
        "--resources", metavar="JSON", help="of Ray: what a trial takes, such as '{\"GPU\": 0.25}' (default: one CPU)"
    )


def check_executor_options(options: argparse.Namespace) -> None:
    """Refuse options that contradict each other, before anything is read.

    Raises:
        ConfigError: They do, a resource is none, or Ray is missing.
    """
    if options.executor == "local":
        for flag, value in (("--address", options.address), ("--resources", options.resources)):
            if value is not None:
                raise ConfigError(f"`{flag}` needs `--executor ray`, but the trials are to run on this machine.")
        return
    from c5snn.sweeps.ray_cluster import Resources, require_ray

    require_ray()
    Resources.parse(options.resources)


def planned_workers(options: argparse.Namespace) -> int | None:
    """Return most trials at once, before anything is started; None where only the cluster tells."""
    if options.workers is None and options.address is not None:
        return None
    return int(options.workers or os.cpu_count() or 1)


def n_workers_here(options: argparse.Namespace) -> int:
    """Return how many trials at once take memory of this machine."""
    return 0 if options.address is not None else planned_workers(options) or 0


@contextmanager
def opened_backend(options: argparse.Namespace) -> "Iterator[Backend]":
    """Open where the trials run, and close it again.

    Raises:
        ConfigError: There is no such cluster, or no trial can run there.
    """
    if options.executor == "local":
        from c5snn.sweeps.local import LocalBackend

        yield LocalBackend(planned_workers(options) or 1)
        return
    from c5snn.sweeps.ray import RayBackend
    from c5snn.sweeps.ray_cluster import Resources, ray_cluster

    with ray_cluster(options.address, n_cpus=max(options.workers or 1, os.cpu_count() or 1)):
        yield RayBackend(options.workers, Resources.parse(options.resources))
