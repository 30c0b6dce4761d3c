"""A report as JSON: every number that the page shows, unrounded."""

import dataclasses
import math
from pathlib import Path
from typing import Any

from c5snn.reports.contender import Contender
from c5snn.reports.report import Report
from c5snn.training.result import RunResult

__all__ = ["to_json"]


def to_json(report: Report) -> dict[str, Any]:
    """Return the report as plain values that strict JSON can hold: NaN becomes None, a run the place of its record."""
    plain: dict[str, Any] = _plain(report)
    return plain


def _plain(value: Any) -> Any:  # noqa: ANN401  # a field may be anything
    if isinstance(value, RunResult):
        return {"folder": str(value.folder), "seed": value.seed, "origin": value.data.origin}
    if dataclasses.is_dataclass(value):
        fields = {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return fields | (
            {"lift": value.lift, "options": _plain(_options(value))} if isinstance(value, Contender) else {}
        )
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return str(value) if isinstance(value, Path) else value


def _options(entry: Contender) -> dict[str, Any]:
    from c5snn.reports.configurations import options_of

    return options_of(entry.runs[0])
