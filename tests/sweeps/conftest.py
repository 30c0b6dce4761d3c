"""What the tests of sweeps look at from outside: the processes that are still there."""

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
