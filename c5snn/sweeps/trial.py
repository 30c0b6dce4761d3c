"""One trial in a process of its own: trained, tested if asked for, and every failure recorded as a value."""

import gc
import logging
import os
import signal
import threading
import traceback
from collections.abc import Mapping
from multiprocessing import parent_process
from pathlib import Path

import torch

from c5snn.errors import C5Error, TrainingDivergedError
from c5snn.records import write_commit
from c5snn.records.run_folder import BEST, LAST, RESULT
from c5snn.sweeps.fork_server import end_with_parent
from c5snn.sweeps.job import Job, JobStatus
from c5snn.sweeps.ledger import FAILURE, write_failure
from c5snn.sweeps.study_trial import run_study_trial
from c5snn.training.callbacks import StoppedBySignal
from c5snn.training.checkpoints import SafeCheckpointIO, keep_weights_alone
from c5snn.training.evaluation import test_run
from c5snn.training.failures import is_out_of_memory
from c5snn.training.run import train

__all__ = ["run_process", "run_trial"]

LOG = "trial.log"
ORPHAN_CHECK_S = 1.0


def run_process(job: Job, folder: Path, *, attempt: int, environment: Mapping[str, str], n_threads: int = 1) -> None:
    """Run a trial as the only work of this process, which ends when its driver does.

    Its output goes to ``trial.log``. Ctrl-C reaches the driver alone, which decides what becomes of its trials.

    Args:
        job: What to run.
        folder: Where, as in :func:`run_trial`.
        attempt: Which attempt this is, from 1.
        environment: The driver's environment of now; the fork server's is as old as the server.
        n_threads: Threads of torch.
    """
    end_with_parent()  # the fork server, which ends with the driver; the thread below rests while trials are paused
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with_driver, args=(os.getppid(),), daemon=True).start()
    os.environ.clear()
    os.environ.update(environment)
    _write_output_to(folder / LOG)
    # the libraries loaded before the fork stay; searching them for garbage copies their memory and takes a second
    gc.freeze()
    # sums depend on the number of threads: one each gives the same numbers whatever else runs
    torch.set_num_threads(n_threads)
    run_trial(job, folder, attempt=attempt)


def run_trial(job: Job, folder: Path, *, attempt: int = 1) -> None:
    """Train and, if the job asks for it, test; the outcome is written into the folder.

    Args:
        job: What to run.
        folder: An empty folder; or that of a trained run, which is then only tested.
        attempt: Which attempt this is, from 1.

    Raises:
        SystemExit: This process was asked to stop; nothing was recorded.
        OutputError: The folder cannot be written.
    """
    try:
        if not (folder / RESULT).is_file():
            _train(job, folder)
            _forget_how_to_go_on(folder)
        if job.test:
            test_run([str(folder.absolute())])
    except StoppedBySignal as stop:
        raise SystemExit(stop.exit_code) from stop
    # whatever torch, Lightning or a user's class raises: recorded with its traceback, and the sweep exits 4 at its end
    except Exception as error:  # noqa: BLE001  # a failure of this trial must not become one of the sweep
        trace = "".join(traceback.format_exception(error))
        write_failure(folder, _status(error), _reason(error), attempts=attempt, traceback=trace)
    else:
        (folder / FAILURE).unlink(missing_ok=True)


def _train(job: Job, folder: Path) -> None:
    if job.study is None:
        train(job.config, folder=folder, searched=job.searched)
    else:
        run_study_trial(job.study, job.config, folder, searched=job.searched)


def _forget_how_to_go_on(folder: Path) -> None:
    """Keep of a trial, which is never continued once it has finished, the weights of its best epoch."""
    SafeCheckpointIO().remove_checkpoint(folder / LAST)
    if (folder / BEST).is_file():
        keep_weights_alone(folder / BEST)
        write_commit(folder, [BEST])


def _status(error: Exception) -> JobStatus:
    if isinstance(error, TrainingDivergedError):
        return "diverged"
    return "oom" if is_out_of_memory(error) else "failed"


def _reason(error: Exception) -> str:
    message = next(iter(str(error).splitlines()), "")
    return message if isinstance(error, C5Error) else f"{type(error).__name__}: {message}"


def _write_output_to(path: Path) -> None:
    """Send the output of this process, libraries included, to a file."""
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.close(log)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")


def _end_with_driver(fork_server: int) -> None:
    """End this process when its driver or the fork server ends, even by ``kill -9``.

    Args:
        fork_server: The id of the process that this one was forked from.
    """
    driver = parent_process()
    while driver is not None and driver.is_alive() and os.getppid() == fork_server:
        driver.join(ORPHAN_CHECK_S)
    os._exit(1)
