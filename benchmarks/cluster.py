"""What a Ray cluster adds to a trial: the same short trials as processes of this machine and on simulated nodes.

``python -m benchmarks.cluster --trials 200 --nodes 2`` needs the extra ``ray``. All nodes are this machine, with a
processor each, so nothing is gained by them; what is lost is the overhead.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from c5snn.sweeps.backend import Backend
from c5snn.sweeps.executor import Executor
from c5snn.sweeps.job import Job
from c5snn.sweeps.ledger import Ledger
from c5snn.sweeps.local import LocalBackend
from c5snn.sweeps.ray import RayBackend
from c5snn.sweeps.ray_cluster import ray_cluster

NODE = {"num_cpus": 1, "object_store_memory": 100_000_000, "include_dashboard": False}
TRIAL = {
    "model": {"class_path": "SpikeGRU", "init_args": {"hidden_size": 4}},
    "data": {"n_events": 260, "window": 5},
    "trainer": {"max_epochs": 1, "callbacks": [], "enable_model_summary": False},
}


def main() -> None:
    """Print seconds a trial, here and on simulated nodes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--nodes", type=int, default=2)
    options = parser.parse_args()
    print(f"{options.trials} trials, {options.nodes} at once; load before: {os.getloadavg()[0]:.1f}")
    measure("processes", LocalBackend(options.nodes), options.trials)
    with simulated(options.nodes):
        measure(f"{options.nodes} nodes", RayBackend(), options.trials)
    print(f"load after: {os.getloadavg()[0]:.1f}")


@contextmanager
def simulated(n_nodes: int) -> Iterator[None]:
    """Start a cluster of nodes that are all this machine, connect to it, and stop it."""
    os.environ |= {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_worker_niceness": "0"}
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args=NODE)
    for _ in range(n_nodes - 1):
        cluster.add_node(**NODE)
    with ray_cluster(cluster.address, n_cpus=n_nodes):
        yield
    cluster.shutdown()


def measure(name: str, backend: Backend, n_trials: int) -> None:
    """Run the trials and print how long they took: the first ones load torch, the others find it loaded."""
    jobs = iter([Job(f"{seed}", {**TRIAL, "seed_everything": seed}, test=False) for seed in range(n_trials)])
    n_first = backend.n_workers
    with tempfile.TemporaryDirectory() as place:
        ledger = Ledger(Path(place))
        with ledger.lock():
            began, ends, processor = time.perf_counter(), list[float](), list[float]()
            for outcome in Executor(ledger, backend, timeout_s=600.0, max_attempts=1).run(lambda: next(jobs, None)):
                assert outcome.status == "finished", outcome
                ends.append(time.perf_counter())
                processor.append(time.process_time())
    each, driver_s = ((taken[-1] - taken[n_first - 1]) / (n_trials - n_first) for taken in (ends, processor))
    print(
        f"{name}: {ends[-1] - began:.1f} s in all, the first {n_first} after {ends[n_first - 1] - began:.1f} s; "
        f"then {n_first * each:.2f} s a trial; the driver takes {1000 * driver_s:.1f} ms of a processor for each",
        flush=True,
    )


if __name__ == "__main__":
    main()
