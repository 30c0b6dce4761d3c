"""The trials of a sweep on disk: one folder per key, which appears whole or not at all.

A trial works in a scratch folder that is then renamed, so each folder of ``trials`` holds a trial that has ended. It is
called ``017-h64-b0.5-s42.<key>``; only the key counts, and earlier sweeps have folders of the key alone. Damage to its
files is noticed by the hashes of its commit record, and the trial runs again.
"""

import errno
import json
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from os import scandir
from pathlib import Path
from typing import Any, final, get_args

from filelock import FileLock, Timeout

from c5snn.errors import C5Error, OutputError, OutputInUseError
from c5snn.files import file_system_of, write_json
from c5snn.records import RunRecord, load_run, read_commit, uncommit, write_commit
from c5snn.records.run_folder import BEST, RESULT
from c5snn.sweeps.job import Job, JobStatus, Outcome
from c5snn.sweeps.proposal import PROPOSAL
from c5snn.sweeps.trial_result import TRIAL_RESULT, TrialResult

__all__ = ["FAILURE", "Ledger", "write_failure"]

NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}  # what a file system without locks answers
LOCK, TRIAL, FAILURE = ".lock", "trial.json", "failure.json"
MAX_TEMPERATURE = "max_temperature"
OF_STUDIES = (PROPOSAL, TRIAL_RESULT)


@final
class Ledger:
    """The trials below a sweep's output folder.

    Args:
        root: The output folder; it is made when something is written.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.trials = root / "trials"
        self._names: dict[str, str] | None = None  # the folders by key, once they have been listed

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep every other sweep from this output; the lock of a process that was killed is free again.

        Raises:
            OutputInUseError: Another sweep holds it; nothing was changed.
            OutputError: The output folder cannot be written.
        """
        lock = FileLock(self.root / LOCK)
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            lock.acquire(blocking=False)
        except Timeout as error:
            rule = f"Only one sweep at a time may write `{self.root}`, but another one is running there."
            raise OutputInUseError(f"{rule} Wait for it, or give another `--output`.") from error
        except NotImplementedError as error:
            raise _without_locks(self.root) from error
        except OSError as error:
            if error.errno in NO_LOCKS:
                raise _without_locks(self.root) from error
            raise _unwritable(self.root, error) from error
        try:
            yield
        finally:
            lock.release()

    def keys(self) -> set[str]:
        """Return the keys of all trials that have ended, from one listing of one folder.

        Raises:
            OutputError: The output is no folder, or has no name for one.
        """
        return set(self._listed())

    def folder(self, key: str, name: str = "") -> Path:
        """Return the place of a trial's folder.

        Args:
            key: The trial's key.
            name: What stands before the key where there is no such folder yet.
        """
        return self.trials / self._named().get(key, f"{name}.{key}" if name else key)

    def _named(self) -> dict[str, str]:
        """Return the folders by key; only the holder of the lock adds to them, so one listing serves."""
        return self._listed() if self._names is None else self._names

    def _listed(self) -> dict[str, str]:
        try:
            with scandir(self.trials) as entries:
                names = [entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir()]
        except FileNotFoundError:
            names = []
        except OSError as error:
            raise _unwritable(self.root, error) from error
        self._names = {name.rpartition(".")[2]: name for name in names}
        return self._names

    def outcome(self, key: str, *, test: bool) -> Outcome | None:
        """Return how a trial ended; None where it has not, or where its files are no longer what they were.

        Args:
            key: The trial's key.
            test: Whether it has ended only when its test split is scored, too.
        """
        folder = self.folder(key)
        result = _finished_run(folder)
        if result is not None and (not test or _is_tested(result)):
            attempts = _read_json(folder / TRIAL)["attempts"]
            return Outcome(key, "finished", "", attempts, result, TrialResult.load(folder))
        failure = _read_json(folder / FAILURE)
        if failure.get("status") not in get_args(JobStatus) or not _are_unchanged(folder, FAILURE):
            return None
        return Outcome(key, failure["status"], failure["message"], failure["attempts"], None)

    def outcome_of(self, job: Job) -> Outcome | None:
        """Return how a job ended, by its smallest micro-batch that was run; None where one has still to run."""
        outcome = self.outcome(job.key, test=job.test)
        for n_before, fallback in enumerate(job.fallbacks, start=1):
            if outcome is None or outcome.status != "oom":
                break
            outcome = self.outcome(fallback.key, test=job.test)
            if outcome is not None:
                outcome = replace(outcome, key=job.key, ran_as=fallback.key, n_out_of_memory=n_before)
        return outcome

    def due(self, job: Job) -> Job:
        """Return a job as it has to run: with the largest micro-batch for which memory has not run out yet."""
        runs_out = [outcome is not None and outcome.status == "oom" for outcome in self._outcomes(job)]
        n_tried = runs_out.index(False) if False in runs_out else len(runs_out) - 1
        return job if n_tried == 0 else job.fallen_back(job.fallbacks[n_tried - 1])

    def is_done(self, job: Job) -> bool:
        """Return whether a job need not run: it has finished, or it would fail again in the same way."""
        outcome = self.outcome_of(job)
        return outcome is not None and outcome.is_final

    def _outcomes(self, job: Job) -> list[Outcome | None]:
        return [self.outcome(key, test=job.test) for key in job.keys]

    def max_temperature(self, key: str) -> float | None:
        """Return the highest temperature while a trial ran, in °C; None where it is unknown."""
        value = _read_json(self.folder(key) / TRIAL).get(MAX_TEMPERATURE)
        return float(value) if isinstance(value, int | float) else None

    def is_trained(self, key: str) -> bool:
        """Return whether a trial has finished training and still has the checkpoint that its test needs."""
        folder = self.folder(key)
        return _finished_run(folder) is not None and _are_unchanged(folder, BEST)

    def scratch(self, key: str) -> Path:
        """Make an empty folder for one attempt at a trial.

        Raises:
            OutputError: It cannot be made.
        """
        folder = self.trials / f".{key}.{uuid.uuid4().hex}"
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            raise _unwritable(folder, error) from error
        return folder

    def commit(
        self,
        key: str,
        scratch: Path,
        *,
        attempts: int = 1,
        max_temperature: float | None = None,
        name: str = "",
    ) -> None:
        """Put a trial that ended after so many attempts into its place, and what stood there away.

        Args:
            key: The trial's key.
            scratch: The folder of its last attempt.
            attempts: How often it was started.
            max_temperature: The highest that the machine had in the last attempt, in °C; None where it is unknown.
            name: What a new folder is called before the key.

        Raises:
            OutputError: The disk is full, or the folder was removed.
        """
        heat = {} if max_temperature is None else {MAX_TEMPERATURE: max_temperature}
        write_json(scratch / TRIAL, {"attempts": attempts, **heat})
        write_commit(scratch, [TRIAL, *OF_STUDIES])
        place, earlier = self.folder(key, name), self.scratch(key)
        try:
            if place.is_dir():
                place.rename(earlier)
            scratch.rename(place)
            self._named()[key] = place.name
        except OSError as error:
            raise _unwritable(place, error) from error
        finally:
            shutil.rmtree(earlier, ignore_errors=True)

    def drop_checkpoint(self, key: str) -> None:
        """Remove the checkpoint of a trial that has ended, and keep its numbers; only under the lock."""
        folder = self.folder(key)
        if (folder / BEST).is_file():
            uncommit(folder, [BEST])
            for name in (BEST, f"{BEST}.sha256"):
                (folder / name).unlink(missing_ok=True)

    def forget_failed(self) -> int:
        """Remove the trials that failed by an accident or a bug, and return how many; only under the lock."""
        failed = [
            key for key in self.keys() if _read_json(self.folder(key) / FAILURE).get("status") not in {None, "diverged"}
        ]
        for key in failed:
            shutil.rmtree(self.folder(key))
            self._named().pop(key)
        return len(failed)

    def clear_scratch(self) -> None:
        """Remove what killed sweeps have left; only under the lock."""
        for leftover in self.trials.glob(".*"):
            # an orphan may still write for a second; what it makes of this is removed the next time
            shutil.rmtree(leftover, ignore_errors=True)


def write_failure(folder: Path, status: JobStatus, message: str, *, attempts: int, traceback: str = "") -> None:
    """Record in a trial's folder, or in its scratch folder, that it has failed.

    Args:
        folder: The folder.
        status: How it failed.
        message: Why, in one line.
        attempts: How often it was started.
        traceback: Where, for the reader of the file.
    """
    fields = {"status": status, "message": message, "attempts": attempts, "traceback": traceback}
    write_json(folder / FAILURE, fields)
    write_commit(folder, [FAILURE])


def _finished_run(folder: Path) -> RunRecord | None:
    committed = read_commit(folder)
    of_studies = [name for name in OF_STUDIES if committed and name in committed.sha256]
    if not _are_unchanged(folder, TRIAL, RESULT, *of_studies):
        return None
    try:
        result = load_run(folder)
    except C5Error:  # damaged, of another version, or of no run at all
        return None
    return result if result.status == "finished" else None


def _are_unchanged(folder: Path, *names: str) -> bool:
    """Return whether the files are there, and are those that were committed."""
    record = read_commit(folder)
    return record is not None and all((folder / name).is_file() for name in names) and not record.changed(folder, names)


def _is_tested(result: RunRecord) -> bool:
    """Return whether a trial is tested, and its test's files are whole; 0.1.0 kept no hashes of them."""
    return bool(result.test) and (result.is_committed or result.has_whole_items)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # missing, empty or torn
        return {}
    return content if isinstance(content, dict) else {}


def _without_locks(folder: Path) -> OutputError:
    kind, place = file_system_of(folder)
    return OutputError(
        f"`{folder}` must lie on a file system with locks, so that two sweeps never write there at once, but {kind}, "
        f"mounted at `{place}`, has none; give an `--output` on another one, or mount it with locks."
    )


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(f"`{path}` must be writable, but: {error.strerror or error}.")
