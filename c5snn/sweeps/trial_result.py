"""What a trial of a study came to, as the search is told it; the trial writes it into its folder."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from c5snn.files import write_json

__all__ = ["FAILED", "TRIAL_RESULT", "TrialResult", "TrialState"]

TRIAL_RESULT = "trial_result.json"

TrialState = Literal["complete", "pruned", "failed"]


@dataclass(frozen=True)
class TrialResult:
    """The result of a trial.

    Args:
        state: How it ended; ``failed`` is every end without a value.
        value: The best value of the monitored metric; of several runs the mean, of a pruned trial the best up to then.
        curve: The monitored value of each epoch of the first run.
        attributes: What the pruner noted; Hyperband keeps the values of its rungs there.
    """

    state: TrialState
    value: float | None = None
    curve: tuple[float, ...] = ()
    attributes: Mapping[str, float] = field(default_factory=dict)

    @property
    def pruned_at(self) -> int | None:
        """The completed epochs of a pruned trial."""
        return len(self.curve) if self.state == "pruned" else None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {**asdict(self), "curve": list(self.curve)}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> "TrialResult":
        """Return it from JSON."""
        return cls(fields["state"], fields["value"], tuple(fields["curve"]), dict(fields["attributes"]))

    def save(self, folder: Path) -> None:
        """Write it into a trial's folder."""
        write_json(folder / TRIAL_RESULT, self.to_json())

    @classmethod
    def load(cls, folder: Path) -> "TrialResult | None":
        """Return that of a trial's folder; None where there is none."""
        try:
            return cls.from_json(json.loads((folder / TRIAL_RESULT).read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            return None


FAILED = TrialResult("failed")
