"""Trials that other code has made: counted, named by the file that changed, and used only when the user says so."""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import final

from c5snn.files import write_json
from c5snn.sweeps.code import CODE_DIGITS
from c5snn.sweeps.ledger import TRIAL, Ledger
from c5snn.sweeps.names import counted
from c5snn.sweeps.plan import SweepPlan
from c5snn.sweeps.points import Point, trial_key

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
        use = self._use() if kept else "not used (`--keep-code` accepts them)"
        verb = "was" if len(self.keys) == 1 else "were"
        return f"{counted(len(self.keys), 'trial')} {verb} made by other code of {self._changed()}; {use}"

    def kept(self) -> SweepPlan:
        """Return the plan in which the newest of these trials stand for those that the code of now has not made.

        One that was killed or failed stands for none: it would run again, by the code of now and under the key of the
        other.
        """
        done = self._ledger.keys()
        accepted: dict[int, dict[int, str]] = {}
        for key, others in self._usable.items():
            if others and key not in done:
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

    @cached_property
    def _usable(self) -> dict[str, list[str]]:
        """The keys of those that need not run again."""
        return {
            planned: [key for key in keys if self._has_ended(key, *self._plan.trials[planned])]
            for planned, keys in self._found.items()
        }

    def _has_ended(self, key: str, point: Point, seed: int) -> bool:
        is_tested = self._plan.spec.confirm is None or seed != self._plan.spec.screen.seed
        outcome = self._ledger.outcome(key, test=is_tested)
        # where memory ran out, a smaller micro-batch follows, which the code of now would run
        return outcome is not None and outcome.is_final and not (outcome.status == "oom" and point.micro_batches)

    def _use(self) -> str:
        n_usable = sum(map(len, self._usable.values()))
        if n_usable == len(self.keys):
            return "used, as `--keep-code` asks"
        return f"{n_usable} used, as `--keep-code` asks; the others did not finish"

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
