"""How the C library hands out memory to a training on a CPU."""

import ctypes
import os
import platform

__all__ = ["keep_freed_memory", "release_freed_memory"]

# numbers of glibc's malloc.h
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_LARGEST_TRIM = 2**31 - 1
_LARGEST_KEPT = 2**26  # a larger tensor is mapped and given back: few of them, kept in pieces, would fill the memory


def keep_freed_memory() -> bool:
    """Let the process keep the memory that it frees, for the next tensor of that size, up to 64 MiB each.

    By default glibc maps every large tensor anew and gives it back when it is freed; the kernel then clears the same
    pages at each training step. Kept, they are cleared once: `mallopt(3)`.

    Returns:
        Whether it was set: not without glibc, nor where the user has chosen thresholds in the environment.
    """
    chosen = {"MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES"} & set(os.environ)
    if chosen or platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return bool(mallopt(_M_MMAP_THRESHOLD, _LARGEST_KEPT)) and bool(mallopt(_M_TRIM_THRESHOLD, _LARGEST_TRIM))


def release_freed_memory() -> None:
    """Give back what was freed and kept, so that the memory of the process is what it uses; needs glibc."""
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).malloc_trim(0)
