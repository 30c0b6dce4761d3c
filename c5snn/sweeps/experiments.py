"""``experiments.csv``: one row a trial, in the columns of the earlier tool; empty is what does not apply to a trial."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import yaml

from c5snn.files import csv_text, write_text
from c5snn.records.run_folder import CONFIG, RESULT
from c5snn.sweeps.definition_file import DEFINITION
from c5snn.sweeps.job import Outcome
from c5snn.sweeps.ledger import Ledger
from c5snn.sweeps.proposal import Proposal

__all__ = ["COLUMNS", "EXPERIMENTS", "write_experiments"]

EXPERIMENTS: Final = "experiments.csv"
COLUMNS: Final = (
    "timestamp", "experiment", "phase", "budget", "task", "horizon", "timescale", "script_path", "run_type", "status",
    "duration_seconds", "val_loss", "test_accuracy", "hyperparameters", "error_message", "thermal_max_temp",
    "data_md5", "d_model", "n_layers", "n_heads", "d_ff", "param_count",
)  # fmt: skip
SHAPE: Final = {"d_model": "d_model", "n_layers": "num_layers", "n_heads": "num_heads", "d_ff": "ffn_size"}
CHUNK: Final = 1 << 20


def write_experiments(outcomes: Mapping[str, Outcome], output: Path, *, script: Path) -> None:
    """Write one row for each trial that has ended, in the order of their ends.

    Args:
        outcomes: How each trial ended.
        output: The sweep's folder.
        script: The sweep's file.
    """
    budget, digests = _budget(output), dict[str, str]()
    shared = {"phase": output.name, "budget": budget, "script_path": str(script)}
    ledger = Ledger(output)
    folders = [(outcome, ledger.folder(outcome.ran_key)) for outcome in outcomes.values()]
    rows = [shared | _row(outcome, folder, digests) for outcome, folder in folders if folder.is_dir()]
    rows.sort(key=lambda row: (str(row["timestamp"]), str(row["experiment"])))
    write_text(output / EXPERIMENTS, csv_text(COLUMNS, rows))


def _row(outcome: Outcome, folder: Path, digests: dict[str, str]) -> dict[str, object]:
    config, result = _yaml(folder / CONFIG), outcome.result
    data, model = ((config.get(name) or {}).get("init_args") or {} for name in ("data", "model"))
    proposal = Proposal.load(folder)
    params = dict(proposal.params) if proposal is not None else dict(result.chosen) if result is not None else None
    row: dict[str, object] = {
        "timestamp": _time_of(folder),
        "experiment": folder.name,
        "task": data.get("targets") or _kind(config),
        "horizon": data.get("horizon"),
        "run_type": "search" if proposal is not None else "confirm" if result and result.test else "screen",
        "status": outcome.status,
        "hyperparameters": None if params is None else json.dumps(params, sort_keys=True),
        "error_message": outcome.message,
        "thermal_max_temp": Ledger(folder.parent.parent).max_temperature(folder.name),
        "data_md5": _md5(data.get("path"), digests),
        **{column: model.get(argument) for column, argument in SHAPE.items()},
    }
    if result is not None:
        accuracy = result.test.metrics.get("accuracy") if result.test else None
        row |= {
            "timescale": result.data.facts.get("step"),
            "duration_seconds": round(result.training_time_s, 3),
            "val_loss": result.val.get("val_loss"),
            "test_accuracy": accuracy.value if accuracy else None,
            "param_count": result.n_parameters,
        }
    return row


def _kind(config: Mapping[str, Any]) -> str:
    """Return what the data is, by its class: ``event``, ``arc``."""
    return str((config.get("data") or {}).get("class_path", "")).rpartition(".")[2].removesuffix("DataModule").lower()


def _time_of(folder: Path) -> str:
    """Return when a trial ended."""
    files = [folder / name for name in (RESULT, "failure.json") if (folder / name).is_file()]
    ended = max((path.stat().st_mtime for path in files), default=folder.stat().st_mtime)
    return datetime.fromtimestamp(ended, UTC).isoformat(timespec="seconds")


def _md5(path: str | None, digests: dict[str, str]) -> str | None:
    """Return the MD5 of the data's file, as the earlier tool has it; a synthetic series has no file."""
    if path is None or not Path(path).is_file():
        return None
    if path not in digests:
        digest = hashlib.md5(usedforsecurity=False)
        with Path(path).open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
        digests[path] = digest.hexdigest()
    return digests[path]


def _budget(output: Path) -> object:
    architecture = (_yaml(output / DEFINITION).get("space") or {}).get("architecture")
    return architecture.get("budget") if isinstance(architecture, dict) else None


def _yaml(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return {}
    return content if isinstance(content, dict) else {}
