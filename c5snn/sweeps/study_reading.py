"""A study as its folder tells it, without torch and without its models: also while it runs.

What follows from what is recorded, so the trials that count are found by their hashes alone; others are stale.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from c5snn.errors import ConfigError
from c5snn.sweeps.proposal import Past, Proposal, load_last_duplicates
from c5snn.sweeps.space import canonical
from c5snn.sweeps.trial_result import FAILED, TrialResult

__all__ = ["SUMMARY", "ReadTrial", "StudyRecord", "read_studies", "read_study"]

SUMMARY = "study.json"


@dataclass(frozen=True)
class ReadTrial:
    """A trial of a study.

    Args:
        proposal: What it tries.
        folder: Where its files lie; of a duplicate, those of the trial that it equals.
        result: What it came to; None while it runs.
        duplicate_of: The number of the earlier trial that it equals; None for a trial that was run.
        failure: The status of a failed trial; empty otherwise.
        duration_s: Seconds of its training; 0 where they are not known.
    """

    proposal: Proposal
    folder: Path
    result: TrialResult | None
    duplicate_of: int | None = None
    failure: str = ""
    duration_s: float = 0.0

    @property
    def state(self) -> Literal["running", "complete", "pruned", "failed"]:
        """How far it is."""
        return self.result.state if self.result else "running"


@dataclass(frozen=True)
class StudyRecord:
    """What the folder of a study holds.

    Args:
        folder: The folder.
        summary: What the study is, as its driver wrote it when it began.
        trials: Its trials by number.
        n_stale: Recorded trials that do not follow from the results of now.
    """

    folder: Path
    summary: dict[str, Any]
    trials: list[ReadTrial]
    n_stale: int

    @property
    def sign(self) -> int:
        """1 where higher is better, -1 where lower is."""
        return 1 if self.summary["mode"] == "max" else -1

    @property
    def best(self) -> ReadTrial | None:
        """The complete trial with the best value; of equal ones the first."""
        complete = [trial for trial in self.trials if trial.state == "complete" and trial.duplicate_of is None]
        return max(complete, key=self.signed, default=None)

    def signed(self, trial: ReadTrial) -> float:
        """Return a trial's value, higher for better."""
        value = trial.result.value if trial.result else None
        return float("-inf") if value is None else self.sign * value


def read_studies(folder: Path) -> list[StudyRecord]:
    """Return the study of a folder, or the studies of its folders.

    Raises:
        ConfigError: There is none.
    """
    folders = [folder] if (folder / SUMMARY).is_file() else sorted(path.parent for path in folder.glob(f"*/{SUMMARY}"))
    if not folders:
        raise ConfigError(f"A study's folder must hold `{SUMMARY}`, but `{folder}` does not; `c5snn sweep` writes it.")
    return [read_study(path) for path in folders]


def read_study(folder: Path) -> StudyRecord:
    """Return the study of a folder."""
    summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    recorded: dict[str, tuple[Proposal, Path | None]]
    recorded = {entry.follows: (entry, None) for entry in load_last_duplicates(folder)}
    recorded |= _recorded(sorted((folder / "trials").glob("*/")) + sorted((folder / "trials").glob(".*/")))
    past, trials, first_of = Past(summary["definition"]), list[ReadTrial](), dict[str, ReadTrial]()
    while len(trials) < summary["n_trials"]:
        number = len(trials)
        while past.n_results <= number - summary["lag"]:
            past.ended(trials[past.n_results].result or FAILED)
        found = recorded.get(past.follows(number))
        if found is None:
            break
        trial = _read_trial(*found, first_of)
        trials.append(trial)
        past.tried(trial.proposal.params)
    used = {trial.folder for trial in trials if trial.duplicate_of is None}
    ended = {path for proposal, path in recorded.values() if path is not None and not path.name.startswith(".")}
    return StudyRecord(folder, summary, trials, len(ended - used))


def _recorded(folders: Iterable[Path]) -> dict[str, tuple[Proposal, Path | None]]:
    """Return proposals with their folders, duplicates without, by what they follow from; ended ones win."""
    found: dict[str, tuple[Proposal, Path | None]] = {}
    for folder in reversed(list(folders)):
        proposal = Proposal.load(folder)
        if proposal is None:
            continue
        is_superseded = proposal.follows in found and _json(folder / "failure.json").get("status") == "oom"
        if not is_superseded:  # memory ran out, and the trial was started again with a smaller micro-batch
            found |= {entry.follows: (entry, None) for entry in proposal.duplicates}
            found[proposal.follows] = (proposal, folder)
    return found


def _read_trial(proposal: Proposal, folder: Path | None, first_of: dict[str, ReadTrial]) -> ReadTrial:
    identity = canonical(dict(proposal.params))
    earlier = first_of.get(identity)
    if earlier is not None:
        return ReadTrial(proposal, earlier.folder, earlier.result, earlier.proposal.number, earlier.failure)
    place = folder or Path()  # a duplicate whose original is gone has none
    failure = _json(place / "failure.json").get("status", "")
    result = FAILED if failure else TrialResult.load(place)
    is_running = place.name.startswith(".")
    duration_s = float(_json(place / "result.json").get("training_time_s", 0.0))
    trial = ReadTrial(proposal, place, None if is_running else result, None, failure, duration_s)
    first_of[identity] = trial
    return trial


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
