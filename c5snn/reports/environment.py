"""Where results come from: versions, commit, machine, as each run recorded them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from c5snn.training.result import RunResult

__all__ = ["Environment", "environments_of"]

PACKAGES = ("torch", "lightning", "snntorch", "numpy")


@dataclass(frozen=True)
class Environment:
    """What some of the runs were made with.

    Args:
        n_runs: How many.
        c5snn: The package's version; ``unknown`` where it was not recorded, as below.
        git_commit: Its commit; None outside a checkout.
        python: Python's version.
        platform: The machine.
        device: What the networks ran on.
        packages: Versions of the libraries that numbers depend on.
    """

    n_runs: int
    c5snn: str
    git_commit: str | None
    python: str
    platform: str
    device: str
    packages: dict[str, str]


def environments_of(runs: Sequence[RunResult]) -> list[Environment]:
    """Return the different environments, the commonest first."""
    counts = Counter(map(_facts, runs))
    return [
        Environment(n, c5snn, commit, python, platform, device, dict(zip(PACKAGES, packages, strict=True)))
        for (c5snn, commit, python, platform, device, packages), n in counts.most_common()
    ]


def _facts(run: RunResult) -> tuple[str, str | None, str, str, str, tuple[str, ...]]:
    recorded = run.provenance
    c5snn, python, platform = (str(recorded.get(name, "unknown")) for name in ("c5snn", "python", "platform"))
    packages = recorded.get("packages", {})
    versions = tuple(str(packages.get(name, "unknown")) for name in PACKAGES)
    return c5snn, recorded.get("git_commit"), python, platform, run.device, versions
