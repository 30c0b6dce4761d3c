"""What the fork server imports last: scans are compiled, or loaded from the cache, once for all trials.

An import is the only thing that ``multiprocessing`` lets us add there.
"""

from c5snn.ops import prepare_scans
from c5snn.sweeps.fork_server import is_fork_server

__all__: list[str] = []

if is_fork_server():
    prepare_scans()
