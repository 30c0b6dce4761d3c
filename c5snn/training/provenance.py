"""Where a run comes from: versions, commit, machine; read from files, never by starting a process."""

import functools
import platform
import sys
from importlib import metadata
from pathlib import Path

import c5snn

__all__ = ["provenance"]


def provenance() -> dict[str, object]:
    """Return what is needed to run the same again.

    Returns:
        The package's version and git commit (None outside a checkout), Python, the platform, and every installed
        distribution with its version.
    """
    return {
        "c5snn": c5snn.__version__,
        "git_commit": _git_commit(Path(c5snn.__file__).parent.parent),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        "packages": dict(_packages(tuple((path, _changed_at(path)) for path in sys.path))),
    }


@functools.cache  # reading them takes a tenth of a second, and a process may train many runs
def _packages(places: tuple[tuple[str, float], ...]) -> dict[str, str]:
    """Return the version of every installed distribution by its name, in order.

    Args:
        places: Where Python looks for them, each with the time of its last change.
    """
    del places
    found = (item.metadata for item in metadata.distributions())
    versions = {fields["Name"]: fields["Version"] for fields in found if fields["Name"]}
    return dict(sorted(versions.items(), key=lambda item: item[0].lower()))


def _changed_at(place: str) -> float:
    try:
        return Path(place).stat().st_mtime
    except OSError:  # Python looks in places that are not there
        return 0.0


def _git_commit(checkout: Path) -> str | None:
    git = checkout / ".git"
    if git.is_file():  # a worktree: the file says where its folder lies
        git = checkout / git.read_text().removeprefix("gitdir:").strip()
    if not (git / "HEAD").is_file():
        return None
    head = (git / "HEAD").read_text().strip()
    if not head.startswith("ref: "):
        return head
    common = git / (git / "commondir").read_text().strip() if (git / "commondir").is_file() else git
    name = head.removeprefix("ref: ")
    for folder in (git, common):
        if (folder / name).is_file():
            return (folder / name).read_text().strip()
    packed = common / "packed-refs"
    lines = packed.read_text().splitlines() if packed.is_file() else []
    return next((line.split()[0] for line in lines if line.endswith(f" {name}")), None)
