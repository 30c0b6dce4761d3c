"""What the tests of sweeps share: a look at the processes that are still there, and a cluster of two nodes."""

import os
import socket
import warnings
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def group_members():
    """Return the ids of a process group's members that are no zombies, each with that of its parent."""

    def members(group: int) -> dict[int, int]:
        found = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                state, parent, member_of = stat.read_text().rpartition(")")[2].split()[:3]
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(member_of) == group and state != "Z":
                found[int(stat.parent.name)] = int(parent)
        return found

    return members


@pytest.fixture(scope="session")
def two_nodes():
    """A Ray cluster of two nodes with a processor each on this machine, to which this process is connected.

    Its ``client_address`` is that of its server for clients.
    """
    pytest.importorskip("ray", reason="needs the extra `ray`")
    os.environ |= {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_USAGE_STATS_ENABLED": "0", "RAY_worker_niceness": "0"}
    from ray.cluster_utils import Cluster

    from c5snn.sweeps.ray_cluster import ray_cluster

    node = {"num_cpus": 1, "object_store_memory": 100_000_000, "include_dashboard": False}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # Ray leaves the logs of its client's server open
        cluster = Cluster(initialize_head=True, head_node_args={**node, "ray_client_server_port": port})
    cluster.client_address = f"ray://127.0.0.1:{port}"
    cluster.add_node(**node)
    with ray_cluster(cluster.address, n_cpus=2):
        yield cluster
    cluster.shutdown()
