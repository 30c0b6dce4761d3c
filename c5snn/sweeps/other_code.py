"""Trials that other code has made: counted, named by the file that changed, and used only when the user says so."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import final

from c5snn.files import write_json
from c5snn.sweeps.code import CODE_DIGITS
from c5snn.sweeps.ledger import TRIAL, Ledger
from c5snn.sweeps.names import counted
from c5snn.sweeps.plan import SweepPlan
from c5snn.sweeps.points import trial_key

__all__ = ["OtherCode"]

CODE = "code.json"


@final
class OtherCode:
    """The trials of a sweep's output that compute what the plan asks for, but by other code.

    Args:
        plan: The sweep.
        ledger: Its trials.
    """

    def __init__(self, plan: SweepPlan, ledger: Ledger) -> None:
        self._plan, self._ledger = plan, ledger
        self._found: dict[str, list[str]] = {}  # the planned key -> those of other code
        planned = {key[:-CODE_DIGITS]: key for key in plan.trials}
        for key in sorted(ledger.keys() - plan.trials.keys()):
            if key[:-CODE_DIGITS] in planned:
                self._found.setdefault(planned[key[:-CODE_DIGITS]], []).append(key)

    @property
    def keys(self) -> set[str]:
        """The keys of these trials."""
        return {key for keys in self._found.values() for key in keys}

    def describe(self, *, kept: bool) -> str:
        """Say how many there are, by which file they differ, and what becomes of them."""
        use = "used, as `--keep-code` asks" if kept else "not used (`--keep-code` accepts them)"
        verb = "was" if len(self.keys) == 1 else "were"
        return f"{counted(len(self.keys), 'trial')} {verb} made by other code of {self._changed()}; {use}"

    def kept(self) -> SweepPlan:
        """Return the plan in which the newest of these trials stand for those that the code of now has not made."""
        done = self._ledger.keys()
        accepted: dict[int, dict[int, str]] = {}
        for key, others in self._found.items():
            if key not in done:
                point, seed = self._plan.trials[key]
                accepted.setdefault(point.config_id, {})[seed] = max(others, key=self._age)
        points = [replace(point, kept=accepted.get(point.config_id, {})) for point in self._plan.points]
        by_id = {point.config_id: point for point in points}
        seeds = [(by_id[point.config_id], seed) for point, seed in self._plan.trials.values()]
        return replace(
            self._plan, points=points, trials={trial_key(point, seed): (point, seed) for point, seed in seeds}
        )

    def record(self) -> None:
        """Write down which modules the code of now consists of, beside those of earlier code."""
        codes = self._codes() | {point.code: dict(sorted(point.modules.items())) for point in self._plan.points}
        write_json(self._ledger.root / CODE, dict(sorted(codes.items())))

    def _changed(self) -> str:
        codes = self._codes()
        changed: set[str] = set()
        for planned, keys in self._found.items():
            now = self._plan.trials[planned][0].modules
            for then in (codes.get(key[-CODE_DIGITS:], {}) for key in keys):
                changed |= {name for name in now.keys() | then.keys() if then and now.get(name) != then.get(name)}
        return ", ".join(sorted(changed)) or "this model"

    def _codes(self) -> dict[str, Mapping[str, str]]:
        try:
            codes = json.loads((self._ledger.root / CODE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return codes if isinstance(codes, dict) else {}

    def _age(self, key: str) -> tuple[int, str]:
        file: Path = self._ledger.folder(key) / TRIAL
        return (file.stat().st_mtime_ns if file.is_file() else 0, key)
