"""What runs on a node of a Ray cluster: one attempt at a job, as one of a local backend in a folder of its own.

So isolation, log and what an end means are those of one machine, and torch is loaded once a worker of Ray's, by its
fork server. This module needs neither torch nor Ray to be imported.
"""

import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, final

from c5snn.errors import ConfigError
from c5snn.files import COPIES
from c5snn.sweeps.backend import End
from c5snn.sweeps.file_contents import Changes, FileContents, read_folder
from c5snn.sweeps.job import Job
from c5snn.sweeps.local import LocalBackend
from c5snn.sweeps.process_folder import process_folder
from c5snn.sweeps.versions import installed_versions

__all__ = ["NodeTask", "describe_difference", "run_on_node"]

POLL_S = 0.2  # how soon a task notices that it is cancelled


@final
@dataclass(frozen=True)
class NodeTask:
    """An attempt at a job, with what the driver knows and a node does not.

    Args:
        job: The job.
        attempt: Which attempt it is, from 1.
        timeout_s: Seconds that it may take.
        n_threads: Threads of torch.
        takes_gpu: Whether it was given a share of a GPU; otherwise it sees none.
        folder: The files of its folder when it begins.
        current_folder: The driver's, which the trial gets, too, where there is such a folder.
        environment: Variables of the driver that decide results.
        versions: What the driver computes with.
    """

    job: Job
    attempt: int
    timeout_s: float
    n_threads: int
    takes_gpu: bool
    folder: FileContents
    current_folder: str
    environment: Mapping[str, str]
    versions: Mapping[str, str]


def run_on_node(task: NodeTask, shared: list[Any]) -> tuple[End, Changes]:
    """Run an attempt, and return how it ended and what it has written.

    Args:
        task: The attempt.
        shared: References to the files that it reads and to the user's modules, which the driver sent once for all.

    Raises:
        ConfigError: This node computes with other versions than the driver.
    """
    import ray

    signal.signal(signal.SIGINT, signal.default_int_handler)  # by which Ray cancels, and which it may have inherited
    sys.modules["__main__"].__dict__.pop("__file__", None)  # a trial is not to import Ray's worker as its main module
    _check_versions(task.versions)
    inputs, modules = ray.get(shared)
    with process_folder("trial") as place:
        copies, code, folder = place / "copies", place / "code", place / "trial"
        for content, where in ((inputs, copies), (modules, code), (task.folder, folder)):
            where.mkdir()
            content.write(where)
        with _setting(task, copies, code):
            end = _run(task, folder)
        return end, read_folder(folder).changes_since(task.folder.digests)


def describe_difference(ours: Mapping[str, str], theirs: Mapping[str, str], where: str) -> str:
    """Return one line about the versions in which a node differs; empty where it does not.

    >>> describe_difference({"torch": "2.13.0"}, {"torch": "2.12.1"}, "node b")
    'All machines of a sweep must compute with the same versions, but node b has torch 2.12.1 and this has 2.13.0.'
    """
    differing = [
        f"{name} {theirs.get(name)} and this has {ours[name]}" for name in ours if theirs.get(name) != ours[name]
    ]
    rule = "All machines of a sweep must compute with the same versions"
    return f"{rule}, but {where} has {'; '.join(differing)}." if differing else ""


def _check_versions(ours: Mapping[str, str]) -> None:
    """Refuse versions other than the driver's; nodes that join while a sweep runs are first seen here."""
    difference = describe_difference(ours, _versions(), f"node {socket.gethostname()}")
    if difference:
        raise ConfigError(difference)


@cache
def _versions() -> dict[str, str]:
    return installed_versions()


def _run(task: NodeTask, folder: Path) -> End:
    """Run the attempt until it ends, its time is over, or the task is cancelled, which interrupts this."""
    backend, key, raylet = LocalBackend(1, task.n_threads), task.job.key, os.getppid()
    try:
        backend.start(task.job, folder, attempt=task.attempt)
        deadline = time.monotonic() + task.timeout_s
        while time.monotonic() < deadline:
            for end in backend.wait(min(POLL_S, task.timeout_s)):
                return end
            if os.getppid() != raylet:  # the node has ended without a word; Ray would notice in seconds
                os._exit(1)
        return End.timed_out(key, task.timeout_s)
    finally:
        backend.kill(key)


@contextlib.contextmanager
def _setting(task: NodeTask, copies: Path, code: Path) -> Iterator[None]:
    """Let a process that starts in here find the driver's files and modules, and work where the driver does."""
    here = Path(task.current_folder)
    if not here.is_dir():
        here = copies.joinpath(*here.parts[1:])  # so that a path from there leads to the copy
        here.mkdir(parents=True, exist_ok=True)
    variables, path = dict(os.environ), list(sys.path)
    os.environ.update({**task.environment, COPIES: str(copies)})
    if not task.takes_gpu:
        os.environ["CUDA_VISIBLE_DEVICES"] = ""  # Ray leaves it as it is
    sys.path.insert(0, str(code))
    try:
        with contextlib.chdir(here):
            yield
    finally:
        sys.path[:] = path
        os.environ.clear()
        os.environ.update(variables)
