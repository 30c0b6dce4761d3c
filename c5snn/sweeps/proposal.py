"""A proposal of a study: what a trial tries, and all that it was proposed from."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, final

from c5snn.files import write_json
from c5snn.sweeps.trial_result import TrialResult

__all__ = [
    "PROPOSAL",
    "Past",
    "Proposal",
    "Source",
    "load_last_duplicates",
    "recorded_proposals",
    "save_last_duplicates",
]

PROPOSAL, LAST_DUPLICATES = "proposal.json", "last_duplicates.json"

Source = Literal["random", "sampler", "enqueued", "observed"]


@dataclass(frozen=True)
class Proposal:
    """What a trial tries.

    Args:
        number: The trial's number in its study, from 0.
        branch: The index of its branch.
        source: Who chose it.
        params: Its values by option.
        distributions: The distribution of each, as Optuna writes it.
        attributes: What the sampler noted when it was asked.
        seed: The sampler's seed; of several tries the last one's.
        versions: Of Optuna and NumPy.
        follows: Hash of all that it was proposed from.
        duplicates: The proposals directly before it that were equal to earlier ones, so have no folder of their own.
    """

    number: int
    branch: int
    source: Source
    params: Mapping[str, Any]
    distributions: Mapping[str, str]
    attributes: Mapping[str, Any]
    seed: int
    versions: Mapping[str, str]
    follows: str
    duplicates: tuple["Proposal", ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {**asdict(self), "duplicates": [entry.to_json() for entry in self.duplicates]}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> "Proposal":
        """Return it from JSON."""
        return cls(**{**fields, "duplicates": tuple(cls.from_json(entry) for entry in fields["duplicates"])})

    def save(self, folder: Path) -> None:
        """Write it into a trial's folder."""
        write_json(folder / PROPOSAL, self.to_json())

    @classmethod
    def load(cls, folder: Path) -> "Proposal | None":
        """Return that of a trial's folder; None where there is none."""
        try:
            return cls.from_json(json.loads((folder / PROPOSAL).read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            return None


def save_last_duplicates(proposals: Sequence[Proposal], output: Path) -> None:
    """Write the proposals after the last trial that was run, all equal to earlier ones, beside the trials.

    Args:
        proposals: The proposals; none removes the file.
        output: The study's folder.
    """
    if proposals:
        write_json(output / LAST_DUPLICATES, [entry.to_json() for entry in proposals])
    else:
        (output / LAST_DUPLICATES).unlink(missing_ok=True)


def load_last_duplicates(output: Path) -> list[Proposal]:
    """Return what :func:`save_last_duplicates` wrote; none where the file is missing or damaged."""
    try:
        written = json.loads((output / LAST_DUPLICATES).read_text(encoding="utf-8"))
        return [Proposal.from_json(entry) for entry in written]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def recorded_proposals(folders: Iterable[Path], output: Path) -> dict[str, Proposal]:
    """Return the proposals of trials by what they follow from.

    Args:
        folders: The folders of trials; those without a proposal are left out.
        output: The study's folder.
    """
    found = {entry.follows: entry for entry in load_last_duplicates(output)}
    for folder in folders:
        proposal = Proposal.load(folder)
        if proposal is not None:
            found |= {entry.follows: entry for entry in (*proposal.duplicates, proposal)}
    return found


@final
class Past:
    """Hashes what a proposal follows from: the definition, the number, what earlier trials tried and came to.

    Args:
        definition: Canonical text of the definition.
    """

    def __init__(self, definition: str) -> None:
        self._tried = hashlib.sha256(definition.encode())
        self._results = hashlib.sha256()
        self.n_results = 0

    def tried(self, params: Mapping[str, Any]) -> None:
        """Add what the next trial tries."""
        self._tried.update(_line(params))

    def ended(self, result: TrialResult) -> None:
        """Add what the next trial came to, in the order of the numbers."""
        self._results.update(_line([result.state, result.value, result.curve]))
        self.n_results += 1

    def follows(self, number: int) -> str:
        """Return the hash for the trial of a number."""
        return hashlib.sha256(
            f"{number}|{self._tried.hexdigest()}|{self.n_results}|{self._results.hexdigest()}".encode()
        ).hexdigest()


def _line(content: object) -> bytes:
    return (json.dumps(content, sort_keys=True) + "\n").encode()
