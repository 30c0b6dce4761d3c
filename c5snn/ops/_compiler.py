"""Compiles the loops of ``_kernels`` with numba and keeps the code on disk, so that the next process only loads it.

The code lies in the user's cache (``$XDG_CACHE_HOME/c5snn``, else ``~/.cache/c5snn``), in a folder named by all that it
depends on; where that cannot be written it stays in memory. One thread, no fast math: every sum is rounded as written.
"""

import gc
import hashlib
import inspect
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import torch

from c5snn.ops import _kernels

__all__ = ["Kernels", "compiled_kernels", "numba_is_installed", "prepare_scans"]

Loop = Callable[..., None]

_numba_settings = Lock()  # numba takes the folder of its cache from a setting of the whole process


class Kernels(NamedTuple):
    """The compiled loops, for one dtype."""

    integrate_step: Loop
    integrate_all: Loop
    integrate_step_back: Loop
    integrate_all_back: Loop


@cache
def numba_is_installed() -> bool:
    """Whether numba can be imported; it is, if it can."""
    try:
        with _without_garbage_collection():
            import numba  # noqa: F401
    except ImportError:
        return False
    return True


def prepare_scans() -> None:
    """Load or compile now what float32 scans on the processor run, so that processes forked from this one have it."""
    if numba_is_installed():
        compiled_kernels(torch.float32)


@cache
def compiled_kernels(dtype: torch.dtype) -> Kernels:
    """Return the loops for arrays of this dtype: from the cache, or compiled, which takes two seconds."""
    folder = _cache_folder(dtype)
    with _without_garbage_collection():
        if folder is None:
            return _compile(dtype, cached=False)
        try:
            with _numba_caching_in(folder):
                return _compile(dtype, cached=True)
        except Exception:  # noqa: BLE001  # numba reads pickles: a damaged one may raise anything
            shutil.rmtree(folder, ignore_errors=True)
            return _compile(dtype, cached=False)


def _compile(dtype: torch.dtype, *, cached: bool) -> Kernels:
    import numba

    scalar = numba.from_dtype(torch.empty(0, dtype=dtype).numpy().dtype)

    def array(n_axes: int) -> Any:  # noqa: ANN401  # numba is untyped
        return numba.types.Array(scalar, n_axes, "C")

    history, moment, row, step, flag = array(3), array(2), array(1), numba.int64, numba.boolean
    gradients = (moment, moment, history, history, row, row, flag, history)

    def compiled(loop: Loop, *types: Any) -> Loop:  # noqa: ANN401  # as above
        # a type checker of the tests may stand around the loop
        kernel: Loop = numba.njit([numba.void(*types)], cache=cached, error_model="numpy")(inspect.unwrap(loop))
        return kernel

    return Kernels(
        integrate_step=compiled(
            _kernels.integrate_step, step, history, moment, row, history, row, row, history, history
        ),
        integrate_all=compiled(_kernels.integrate_all, history, history, row, row, history, history),
        integrate_step_back=compiled(_kernels.integrate_step_back, step, history, *gradients),
        integrate_all_back=compiled(_kernels.integrate_all_back, history, *gradients),
    )


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Let nobody search what torch and Lightning hold for garbage while numba makes its own: half of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def _numba_caching_in(folder: Path) -> Iterator[None]:
    import numba

    with _numba_settings:
        before = numba.config.CACHE_DIR
        numba.config.CACHE_DIR = str(folder)
        try:
            yield
        finally:
            numba.config.CACHE_DIR = before


def _cache_folder(dtype: torch.dtype) -> Path | None:
    """Return a folder that can be written, with one version of each loop in it; None where there is none."""
    try:
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        folder = Path(home) / "c5snn" / f"scans-{_version()}" / str(dtype).removeprefix("torch.")
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except (OSError, RuntimeError):  # RuntimeError: nobody's home
        return None


def _version() -> str:
    """Return a digest of all that decides the compiled code: its source, the compiler, Python, the processor."""
    import llvmlite
    from llvmlite import binding
    from numba import __version__, config

    processor = (
        config.CPU_NAME or binding.get_host_cpu_name(),
        config.CPU_FEATURES or binding.get_host_cpu_features().flatten(),
    )
    versions = (__version__, llvmlite.__version__, sys.version, *processor)
    sources = (Path(file).read_bytes() for file in (_kernels.__file__, __file__))
    digest = hashlib.sha256("\0".join(versions).encode())
    for source in sources:
        digest.update(source)
    return digest.hexdigest()[:16]
