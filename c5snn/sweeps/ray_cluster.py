"""A connection to a Ray cluster: one at an address, or one of this machine alone that is stopped again.

Before the first trial it is known that some node has room for a trial, and that all nodes compute with our versions.
"""

import contextlib
import inspect
import json
import logging
import math
import os
import socket
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, final

from c5snn.errors import ConfigError
from c5snn.sweeps import versions
from c5snn.sweeps.process_folder import process_folder
from c5snn.sweeps.ray_node import describe_difference

__all__ = ["Resources", "check_nodes", "count_places", "ray_cluster", "require_ray"]

OBJECT_STORE_BYTES = 200_000_000  # of a cluster of this machine; what does not fit goes to disk
ANSWER_S = 10.0  # how long an address may take to answer
PROBE_S = 120.0  # how long a node may take to say its versions
LONGEST_TEMPDIR = 40  # Ray's sockets lie deep in it, and a socket's whole path has at most 104 bytes on every system
ROUNDING = 1e-6  # of sums of fractions, such as ten times 0.1
SHARED_WHOLE = "GPU"  # of which Ray gives fractions of one, or whole ones


@final
@dataclass(frozen=True)
class Resources:
    """What a trial takes of a node.

    Args:
        amounts: How much of each resource, by Ray's names: ``CPU``, ``GPU``, ``memory`` (bytes), or a node's own.
    """

    amounts: Mapping[str, float]

    @classmethod
    def parse(cls, text: str | None) -> "Resources":
        """Return the resources of a JSON object such as ``{"GPU": 0.25}``; one CPU where it names no CPU.

        Raises:
            ConfigError: It is none, or an amount is not a positive number, or Ray cannot give it.
        """
        try:
            amounts = json.loads(text or "{}")
        except ValueError:
            amounts = None
        if not isinstance(amounts, dict):
            raise ConfigError(f"`--resources` must be a JSON object such as '{{\"GPU\": 0.25}}', but is {text!r}.")
        for name, amount in amounts.items():
            is_number = isinstance(amount, int | float) and not isinstance(amount, bool)
            if not is_number or not 0 < amount < math.inf:
                raise ConfigError(f"`0 < {name}` must hold in `--resources`, but got {name}={amount!r}.")
            if name == SHARED_WHOLE and amount > 1 and amount != int(amount):
                raise ConfigError(f"A trial takes a fraction of one GPU, or whole ones, but got GPU={amount!r}.")
        return cls({"CPU": 1.0, **{name: float(amount) for name, amount in amounts.items()}})

    @property
    def n_threads(self) -> int:
        """Threads of torch of a trial: one for each whole CPU."""
        return max(1, int(self.amounts["CPU"]))

    def options(self) -> dict[str, Any]:
        """Return them as options of a Ray task."""
        own = {name: amount for name, amount in self.amounts.items() if name not in {"CPU", "GPU", "memory"}}
        options: dict[str, Any] = {"num_cpus": self.amounts["CPU"], "num_gpus": self.amounts.get("GPU", 0)}
        if "memory" in self.amounts:
            options["memory"] = self.amounts["memory"]
        return {**options, "resources": own}


def require_ray() -> None:
    """Refuse to go on where Ray is not installed.

    Raises:
        ConfigError: It is not.
    """
    if find_spec("ray") is None:
        raise ConfigError("`--executor ray` needs the package ray, which is an extra: pip install 'c5snn[ray]'.")


@contextlib.contextmanager
def ray_cluster(address: str | None, *, n_cpus: int) -> Iterator[None]:
    """Connect this process to a cluster, and leave it again.

    Args:
        address: ``auto`` for one of this machine that runs already, ``HOST:PORT``, or ``ray://HOST:PORT``; None for one
            that is started on this machine, reached from this machine alone, and stopped at the end.
        n_cpus: Processors of a cluster that is started.

    Raises:
        ConfigError: No cluster answers, or one of another version of Ray or Python.
    """
    require_ray()
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # nothing is reported to anywhere
    if address is None:
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # the loopback interface alone, on every system
        os.environ.setdefault("RAY_worker_niceness", "0")  # trials have the rank that local ones have; Ray's is 15
    import ray

    # what happens to nodes is said by the outcomes of trials; Ray would print its own lines between ours
    ray._private.worker.print_to_stdstream = lambda *_, **__: None  # noqa: SLF001  # there is no option for it
    quiet = {"logging_level": logging.ERROR, "log_to_driver": False}
    with contextlib.ExitStack() as stack:
        if address is None:
            folder = stack.enter_context(process_folder("ray", _short_place()))
            stack.callback(ray.shutdown)
            size = {"num_cpus": n_cpus, "object_store_memory": OBJECT_STORE_BYTES, "include_dashboard": False}
            ray.init("local", **size, **quiet, _temp_dir=str(folder))
        else:
            stack.callback(ray.shutdown)
            _connect(address, quiet)
        yield


def _connect(address: str, quiet: Mapping[str, Any]) -> None:
    import ray

    host, _, port = address.removeprefix("ray://").rpartition(":")
    try:
        if address != "auto":
            socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWER_S).close()
        ray.init(address, **quiet)
    except ImportError as error:
        raise ConfigError(f"`--address {address}` needs Ray's client: pip install 'c5snn[ray]'. ({error})") from error
    except (OSError, ValueError, RuntimeError) as error:  # nobody listens, no port, other versions
        reason = " ".join(str(error).split())
        raise ConfigError(
            f"A Ray cluster of this version must answer at `--address {address}`, but: {reason}. Start one with "
            "`ray start --head`, or leave the address out for one of this machine."
        ) from error


def _short_place() -> str:
    """Return where temporary files lie, or another place where that has too long a path."""
    usual = tempfile.gettempdir()
    return usual if len(os.fsencode(usual)) <= LONGEST_TEMPDIR else "/tmp"  # noqa: S108  # in it a folder of its own


def count_places(resources: Resources) -> int:
    """Return how many trials the living nodes have room for at once."""
    return sum(_places(node, resources) for node in _node_resources())


def check_nodes(resources: Resources) -> None:
    """Refuse a cluster where no trial could ever run, or where one would compute with other versions.

    Raises:
        ConfigError: No node has the resources, or a node has other versions.
    """
    nodes = _node_resources()
    if not any(_places(node, resources) for node in nodes):
        largest = {name: max((node.get(name, 0.0) for node in nodes), default=0.0) for name in resources.amounts}
        short = [name for name, amount in resources.amounts.items() if largest[name] < amount] or list(largest)
        asked = ", ".join(
            f"{name}={resources.amounts[name]:g} (the most of a node: {largest[name]:g})" for name in short
        )
        raise ConfigError(f"One node must have what a trial takes, but none of {len(nodes)} has {asked}. Take less.")
    ours = versions.installed_versions()
    for name, theirs in _probe():
        difference = describe_difference(ours, theirs, f"node {name}")
        if difference:
            raise ConfigError(difference)


def _node_resources() -> list[dict[str, float]]:
    import ray

    return [node["Resources"] for node in ray.nodes() if node["Alive"]]


def _places(node: Mapping[str, float], resources: Resources) -> int:
    return min(math.floor(node.get(name, 0.0) / amount + ROUNDING) for name, amount in resources.amounts.items())


def _probe() -> list[tuple[str, dict[str, str]]]:
    """Return each living node's address and versions; a node need not have c5snn for that."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    text = inspect.getsource(versions)
    # a lambda travels as it is, and not as a name that the node has to know
    ask = ray.remote(num_cpus=0, max_retries=0)(
        lambda text, scope: [exec(text, scope), scope["installed_versions"]()][1]  # type: ignore[func-returns-value]  # noqa: S102  # our own text
    )
    nodes = [node for node in ray.nodes() if node["Alive"]]
    places = [NodeAffinitySchedulingStrategy(node["NodeID"], soft=False) for node in nodes]
    asked = [ask.options(scheduling_strategy=place).remote(text, {}) for place in places]
    answers = [(str(node["NodeManagerAddress"]), _answer(ref)) for node, ref in zip(nodes, asked, strict=True)]
    return [(name, answer) for name, answer in answers if answer is not None]


def _answer(ref: object) -> dict[str, str] | None:
    """Return a node's answer; None where it has just died, or takes too long: its first trial will ask again."""
    import ray

    try:
        found: dict[str, str] = ray.get(ref, timeout=PROBE_S)
    except ray.exceptions.RayTaskError:
        raise
    except ray.exceptions.RayError:
        return None
    return found
