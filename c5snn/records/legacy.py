"""The one adaptor for files of 0.1.0, which knew next-event runs only and wrote sentences where facts stand today."""

import re
import zipfile
import zlib
from collections.abc import Mapping
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np

from c5snn.evidence import UniformSubset, items_per_answer, recall_of_rankings
from c5snn.records.data import test_identity
from c5snn.records.test import TestItems, TestRecord

__all__ = [
    "RANKINGS",
    "is_legacy",
    "is_legacy_test",
    "legacy_checkpoint_data",
    "legacy_items",
    "legacy_run",
    "legacy_test",
]

K = 20
RANKINGS = "rankings.npz"
HEADLINE = {"name": "recall_at_20", "label": "Recall@20", "mode": "max"}
METRICS = ["recall_at_20", "hit_at_20", "mrr", "recall_at_5", "hit_at_5"]
WORDS = {"headline": "Recall@20", "item": "window", "output": "ranking", "luck": "fair history"}
BASELINES = ("frequency", "lag_kernel")
SIMULATED = "mrr"  # the one metric whose p 0.1.0 simulated
DEFAULT_BATCH_SIZE = 64
SOURCE = re.compile(
    r"synthetic history (?P<signal>\w+)\((?P<arguments>.*)\), strength (?P<strength>[\d.eE+-]+), "
    r"(?P<n_events>[\d,]+) events, data seed (?P<data_seed>\d+)"
)


def is_legacy(run: Mapping[str, Any]) -> bool:
    """Say whether a ``result.json`` is of 0.1.0."""
    return "headline" not in run


def is_legacy_test(test: Mapping[str, Any]) -> bool:
    """Say whether a ``test_metrics.json`` is of 0.1.0; a run of 0.1.0 may have been tested again since."""
    return "fixed_list" in test


def legacy_run(run: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a run's record."""
    data, chosen = run["data"], run["chosen"]
    shapes = ("window", "n_parts")
    fields = dict(run)
    fields["class_path"] = f"c5snn.models.{run['model']}.{chosen.get('model', run['model'])}"
    fields["effective_arguments"] = {name: value for name, value in run["arguments"].items() if name not in shapes}
    fields["is_baseline"] = run["model"] in BASELINES
    fields["data"] = _data(data)
    fields["headline"], fields["metrics"] = HEADLINE, METRICS
    batch_size = chosen.get("data.batch_size", DEFAULT_BATCH_SIZE)
    fields["n_steps"] = run["n_epochs"] * ceil(data["n_windows"]["train"] / batch_size) if run["n_parameters"] else 0
    fields["activity"] = _activity(run.get("activity"))
    return fields


def legacy_test(test: Mapping[str, Any], run: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return the fields of a test's record."""
    listed, data = test["fixed_list"], run["data"]
    null = UniformSubset(data["n_parts"], data["n_active"], K)
    n_items = test.get("n_windows", data["n_windows"]["test"])
    reference = {
        "name": "popularity_baseline", "label": "popularity baseline", "says": "parts by their frequency in train",
        "beaten": "learns from the history", "value": listed[HEADLINE["name"]], "difference": listed["difference"],
        "interval": listed.get("interval"), "p": listed.get("p_value"),
    }  # fmt: skip
    verdict = test.get("verdict", {})
    return {
        "headline": HEADLINE,
        "words": WORDS,
        "metrics": {
            name: {"value": entry["value"], "interval": entry.get("interval"), "chance": entry["chance"],
                   "p": entry.get("p_value"), "is_exact": name != SIMULATED}
            for name, entry in test["metrics"].items()
        },
        "n_items": n_items,
        "null": null.to_json(),
        "references": [reference],
        "n_distinct": test["distinct_rankings"],
        "same_share": _same_share(folder, test["distinct_rankings"]),
        "oracle": (test.get("oracle") or {}).get(HEADLINE["name"]),
        "skill": test.get("captured_lift"),
        "realized_skill": test.get("captured_lift"),
        "verdict": {
            "level": verdict.get("level", "not distinguishable from chance"),
            "learns": verdict.get("learns_from_history", False),
            "sentence": verdict.get("sentence", ""),
        },
        "data_identity": test.get("data_sha256", ""),
        "checkpoint": test.get("checkpoint"),
    }  # fmt: skip


def legacy_items(folder: Path, test: TestRecord) -> TestItems:
    """Return what a test said of each item, from the rankings that were kept instead."""
    with np.load(folder / RANKINGS) as file:
        rankings, events = file["rankings"], file["events"]
        listed = file.get("fixed_list")
    weights = np.zeros(rankings.shape, dtype=np.float32)
    np.put_along_axis(weights, rankings[:, :K].astype(np.int64) - 1, 1.0, axis=1)
    references = {}
    if listed is not None:
        lists = np.tile(listed, (len(events), 1))
        references = {test.references[0].name: recall_of_rankings(lists, events, K)}
    return TestItems(recall_of_rankings(rankings, events, K), references, weights, events)


def legacy_checkpoint_data(checkpoint: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the fields of the data that a checkpoint was trained on; None where it does not say."""
    if not {"data_sha256", "cut"} <= checkpoint.keys():
        return None
    cut = checkpoint["cut"]
    places = {"n_items": cut["n_windows"], "first": cut["first_target"], "last": cut["last_target"]}
    return {
        "source": "",
        "item": "window",
        "n_items": cut["n_windows"],
        "identity": checkpoint["data_sha256"],
        "test_identity": test_identity(checkpoint["data_sha256"], places),
    }


def _activity(activity: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if activity is None:
        return None
    renamed = {"distinct_rankings": "n_distinct", "same_ranking_share": "same_share", "logit_std": "output_std"}
    return {renamed.get(name, name): value for name, value in activity.items()}


def _data(data: Mapping[str, Any]) -> dict[str, Any]:
    places = {"n_items": data["n_windows"], "first": data["first_target"], "last": data["last_target"]}
    facts = {name: data[name] for name in ("n_parts", "n_active", "window", "first_target", "last_target")}
    return {
        "source": data["source"],
        "item": "window",
        "n_items": data["n_windows"],
        "identity": data["sha256"],
        "test_identity": test_identity(data["sha256"], places),
        "n_origins": data.get("n_origins", 1),
        "origin": data.get("origin", 0),
        "facts": facts | _planted(data["source"]),
        "choices": ["path", "signal", "strength", "n_events", "data_seed", "n_origins", "origin"],
    }


def _planted(source: str) -> dict[str, Any]:
    """Return the facts of a planted history; none of a file."""
    found = SOURCE.fullmatch(source)
    if found is None:
        return {}
    arguments = [entry.partition("=") for entry in found["arguments"].split(", ") if entry]
    signal = {"class": found["signal"]} | {name: _number(value) for name, _, value in arguments}
    return {
        "signal": signal,
        "strength": float(found["strength"]),
        "data_seed": int(found["data_seed"]),
        "n_events": int(found["n_events"].replace(",", "")),
    }


def _number(text: str) -> int | float:
    return int(text) if text.isdecimal() else float(text)


def _same_share(folder: Path, n_distinct: int) -> float:
    try:
        with np.load(folder / RANKINGS) as file:
            return int(items_per_answer(file["rankings"]).max()) / len(file["rankings"])
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, zlib.error):  # damaged: only this much is known
        return 1.0 if n_distinct == 1 else 0.0
