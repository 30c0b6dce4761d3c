"""The nodes of a Ray cluster: each attempt at a job is a task of Ray's, and in it a process of its own.

What a trial reads travels once, named by its content; what it has written comes back as the bytes of its folder, which
the driver alone puts into the ledger. So the machines share no file system.
"""

import concurrent.futures
import math
import os
import queue
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any, final

from c5snn.errors import ConfigError, OutputError
from c5snn.sweeps.backend import Accident, Backend, End
from c5snn.sweeps.file_contents import Changes, FileContents, read_files, read_folder
from c5snn.sweeps.job import Job
from c5snn.sweeps.ray_cluster import Resources, check_nodes, count_places
from c5snn.sweeps.ray_node import NodeTask, run_on_node
from c5snn.sweeps.versions import installed_versions
from c5snn.training.import_policy import own_modules

__all__ = ["RayBackend"]

# variables of the driver that decide results; a node keeps all others, such as those of its own paths and secrets
DECISIVE = ("C5SNN_", "CUBLAS_", "MKL_", "NUMBA_", "PYTORCH_", "TORCH_")
CANCEL_S = 20.0  # how long a cancelled task may take to end its process, before its worker is killed
COUNTED_S = 2.0  # how long the number of places is taken for known


@final
class RayBackend(Backend):
    """Runs each attempt on a node of the Ray cluster that this process is connected to.

    Args:
        n_workers: Most attempts at once; None: as many as the cluster has room for.
        resources: What each takes of a node.

    Raises:
        ConfigError: The number is not positive, no node could ever run an attempt, or one has other versions.
    """

    def __init__(self, n_workers: int | None = None, resources: Resources | None = None) -> None:
        import ray

        if n_workers is not None and n_workers <= 0:
            raise ConfigError(f"`0 < n_workers` must hold, but got n_workers={n_workers}.")
        self._wanted, self._resources = n_workers, resources or Resources.parse(None)
        check_nodes(self._resources)
        # no retries by Ray, whose policy is another one; and a worker stays for the next trial, with torch loaded
        options = {**self._resources.options(), "max_retries": 0, "max_calls": 0}
        self._run_on_node = ray.remote(**options)(run_on_node)
        self._versions, self._limit_s = installed_versions(), math.inf
        self._shelf = _Shelf()
        self._attempts: dict[str, _Attempt] = {}
        self._ended: queue.SimpleQueue[_Attempt] = queue.SimpleQueue()
        self._places, self._counted_at = count_places(self._resources), time.monotonic()

    @property
    def n_workers(self) -> int:  # type: ignore[override]  # it follows the nodes that come and go
        """Most attempts at once: as many as wanted, and no more than the living nodes have room for."""
        if time.monotonic() - self._counted_at > COUNTED_S:
            self._places, self._counted_at = count_places(self._resources), time.monotonic()
        places = max(self._places, 1)  # where no node is left, one attempt waits for the next
        return places if self._wanted is None else min(self._wanted, places)

    def take_limit(self, timeout_s: float) -> bool:
        """Let the nodes count: an attempt may wait for a place."""
        self._limit_s = timeout_s
        return True

    def start(self, job: Job, folder: Path, *, attempt: int) -> None:
        """Send an attempt to where there is place."""
        task = NodeTask(
            job=job,
            attempt=attempt,
            timeout_s=self._limit_s,
            n_threads=self._resources.n_threads,
            takes_gpu="GPU" in self._resources.amounts,
            folder=read_folder(folder),
            current_folder=str(Path.cwd()),
            environment={name: value for name, value in os.environ.items() if name.startswith(DECISIVE)},
            versions=self._versions,
        )
        ref = self._run_on_node.remote(task, [self._shelf.inputs(job), self._shelf.modules()])
        started = _Attempt(job.key, folder, ref, ref.future())
        self._attempts[job.key] = started
        started.future.add_done_callback(lambda _: self._ended.put(started))

    def wait(self, timeout_s: float) -> list[End]:
        """Return how attempts ended, once one has, in the order of their ends."""
        deadline = time.monotonic() + timeout_s
        ends: list[End] = []
        while not ends:
            left = max(deadline - time.monotonic(), 0.0)
            try:
                ended = [self._ended.get(timeout=None if math.isinf(left) else left)]
                while not self._ended.empty():
                    ended.append(self._ended.get())
            except queue.Empty:
                break
            # one that was killed is no longer among the attempts
            ends = [self._end(attempt) for attempt in ended if self._attempts.get(attempt.key) is attempt]
        return ends

    def kill(self, key: str) -> None:
        """End the attempt at a job."""
        self.kill_all([key])

    def kill_all(self, keys: Sequence[str]) -> None:
        """End attempts, all at the same time."""
        import ray

        futures = {}
        for key in keys:
            attempt = self._attempts.pop(key, None)
            if attempt is not None:
                ray.cancel(attempt.ref)
                futures[attempt.future] = attempt
        stubborn = concurrent.futures.wait(futures, timeout=CANCEL_S).not_done
        for future in stubborn:
            ray.cancel(futures[future].ref, force=True)
        concurrent.futures.wait(stubborn, timeout=CANCEL_S)

    def _end(self, attempt: "_Attempt") -> End:
        del self._attempts[attempt.key]
        error = attempt.future.exception()
        if error is None:
            end, changes = attempt.future.result()
            changes.apply(attempt.folder)
            return end
        self._shelf.clear()  # what was lost may be among it
        self._counted_at = -math.inf
        return End(attempt.key, *_accident(error))


@dataclass(frozen=True, eq=False)
class _Attempt:
    """An attempt that was sent to the cluster."""

    key: str
    folder: Path
    ref: Any
    future: "Future[tuple[End, Changes]]"


@final
class _Shelf:
    """What the driver has put into the object store, each content once."""

    def __init__(self) -> None:
        self._identities: dict[tuple[object, ...], str] = {}
        self._refs: dict[str, Any] = {}

    def clear(self) -> None:
        """Forget everything, so that it is put there again."""
        self._identities, self._refs = {}, {}

    def inputs(self, job: Job) -> Any:  # noqa: ANN401  # a reference, as Ray types none
        """Return a reference to the files that a job reads."""
        from c5snn.training.inputs import input_files

        configs = [job.config, *(job.study.others if job.study else ())]
        files = [file for config in configs for file in input_files(config)]
        stats = [file.stat() for file in files]
        state = [(file, stat.st_size, stat.st_mtime_ns) for file, stat in zip(files, stats, strict=True)]
        return self._put(("inputs", *state), lambda: read_files(files))

    def modules(self) -> Any:  # noqa: ANN401  # as above
        """Return a reference to the user's own modules, as they were when the first trial started."""
        return self._put(("modules",), _own_files)

    def _put(self, state: tuple[object, ...], read: Callable[[], FileContents]) -> Any:  # noqa: ANN401  # as above
        import ray

        if state not in self._identities:
            contents = read()
            self._identities[state] = contents.identity
            if contents.identity not in self._refs:
                self._refs[contents.identity] = ray.put(contents)
        return self._refs[self._identities[state]]


def _own_files() -> FileContents:
    """Return the sources of the modules that the user has allowed, by their path where they are found."""
    files: dict[str, bytes] = {}
    for name in {module.partition(".")[0] for module in own_modules()}:
        spec = PathFinder.find_spec(name)
        places = [Path(place) for place in (spec.submodule_search_locations or [])] if spec else []
        single = [Path(spec.origin)] if spec and spec.origin and not places else []
        found = [(place.parent, file) for place in places for file in sorted(place.rglob("*.py"))]
        for root, file in [*found, *((file.parent, file) for file in single)]:
            files[file.relative_to(root).as_posix()] = file.read_bytes()
    return FileContents(files)


def _accident(error: BaseException) -> tuple[Accident, str]:
    """Return what has happened to an attempt, as Ray says it.

    Raises:
        BaseException: It was no accident: this error, as the node has raised it.
    """
    from ray import exceptions

    cause = error.cause if isinstance(error, exceptions.RayTaskError) else error
    if isinstance(cause, exceptions.OutOfMemoryError):
        return "oom", "killed by Ray, as its node's memory was running out"
    if isinstance(cause, exceptions.WorkerCrashedError):
        return "killed", "its worker of Ray's was killed"
    if isinstance(cause, exceptions.NodeDiedError):
        return "lost", "its node is gone"
    if isinstance(cause, exceptions.RayError | OSError | OutputError):  # such as a node whose disk is full
        return "lost", f"{type(cause).__name__}: {next(iter(str(cause).splitlines()), '')}"
    raise cause
