"""The confirmed configurations as ``top<k>.json``: means, spreads, every seed, chance and p-values."""

import datetime as dt
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from c5snn.files import write_json
from c5snn.records.run_folder import TEST_METRICS
from c5snn.records.scored import ScoredConfiguration
from c5snn.sweeps.points import Point

__all__ = ["clear_top", "write_top"]

ENVIRONMENT = ("torch", "lightning", "snntorch", "numpy")


def clear_top(folder: Path) -> None:
    """Remove the files of earlier confirmations, whatever their k, and their winner."""
    for earlier in folder.glob("top*.json"):
        earlier.unlink()
    shutil.rmtree(folder / "best", ignore_errors=True)


def write_top(entries: Sequence[ScoredConfiguration], points: Mapping[str, Point], path: Path) -> None:
    """Write ``top<k>.json``.

    Args:
        entries: The confirmed configurations, best mean on validation first.
        points: The point of each, by its label.
        path: The file; its folder is the sweep's, whose name is the phase's.
    """
    runs = [run for entry in entries for run in entry.runs]
    ended = max((run.folder / TEST_METRICS).stat().st_mtime for run in runs)
    data = runs[0].data
    models = [_model(rank, entry, points[entry.label], path.parent.name) for rank, entry in enumerate(entries, start=1)]
    write_json(
        path,
        {
            "models": models,
            "generated_at": dt.datetime.fromtimestamp(ended, dt.UTC).isoformat(timespec="seconds"),
            "window_size": data.facts.get("window"),
            "test_split_size": data.n_items["test"],
            "data_sha256": data.identity,
        },
    )


def _model(rank: int, entry: ScoredConfiguration, point: Point, phase: str) -> dict[str, Any]:
    first = entry.runs[0].provenance
    packages = first.get("packages", {})
    return {
        "name": f"{point.model}_top{rank}",
        "type": point.model,
        "phase": phase,
        "metrics_mean": {name: value.mean for name, value in entry.test.items()},
        "metrics_std": {name: value.std for name, value in entry.test.items()},
        "seed_metrics": {str(seed): _means(entry, seed) for seed in dict.fromkeys(run.seed for run in entry.runs)},
        "n_seeds": len(entry.seeds),
        "config": entry.runs[0].arguments,
        "training_time_s": round(sum(run.training_time_s for run in entry.runs), 3),
        "environment": {name: first.get(name) for name in ("c5snn", "git_commit", "python", "platform")}
        | {name: packages.get(name) for name in ENVIRONMENT},
        "chance": entry.chance,
        "p_value": {entry.headline.name: entry.p_value},
        "p_family": {entry.headline.name: entry.p_family},
    }


def _means(entry: ScoredConfiguration, seed: int) -> dict[str, float]:
    """Return the metrics of a seed on test, mean over the origins."""
    tests = [run.test for run in entry.runs if run.seed == seed and run.test is not None]
    return {name: fmean(test.metrics[name].value for test in tests) for name in tests[0].metrics}
