"""What multiprocessing's fork server imports before all else, to end when its driver ends.

Without this it would load torch for seconds before it notices that its driver has ended. An import is the only
thing that ``multiprocessing`` lets us add there.
"""

import ctypes
import os
import signal
import sys

__all__ = ["end_with_parent", "is_fork_server"]

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def end_with_parent() -> None:
    """Let the kernel kill this process when its parent ends, where it can (Linux), even while it is stopped."""
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended in between
            os._exit(1)


def is_fork_server() -> bool:
    """Whether this process is a fork server, and not one that was forked from it or that only imports this."""
    return "from multiprocessing.forkserver import main" in sys.orig_argv[-1]


if is_fork_server():
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is left to the driver
    end_with_parent()
