"""What a run left behind, as the only record that reports read."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from c5snn.data import EventDataModule
from c5snn.errors import ConfigError
from c5snn.files import write_json
from c5snn.records.activity import NetworkActivity
from c5snn.training.callbacks.metrics_table import Row, read_metrics
from c5snn.records.run_folder import METRICS, PROVENANCE, RESULT, TEST_METRICS, find_run

__all__ = ["DataRecord", "RunResult", "Status", "find_results", "load"]

Status = Literal["finished", "stopped", "diverged"]


@dataclass(frozen=True)
class DataRecord:
    """The history that a run has seen.

    Args:
        source: What it is, in one line.
        sha256: The events' identity, whatever the file's layout.
        n_parts: Parts of an event.
        n_active: Active parts of an event.
        window: Events in a window.
        n_windows: Windows of train, val and test.
        first_target: Date of the first target of train, ISO.
        last_target: Date of the last target of test, ISO.
        n_origins: At how many points in time the comparison is made that the run belongs to.
        origin: Which of them the run is, from 0, the earliest.
    """

    source: str
    sha256: str
    n_parts: int
    n_active: int
    window: int
    n_windows: dict[str, int]
    first_target: str
    last_target: str
    n_origins: int = 1  # records of earlier versions have no origins
    origin: int = 0

    @classmethod
    def of(cls, data: EventDataModule) -> "DataRecord":
        """Describe the data module's history; it must be set up."""
        return cls(
            source=data.source,
            sha256=data.history.sha256,
            n_parts=data.n_parts,
            n_active=data.n_active,
            window=data.window,
            **data.cut(),
            n_origins=data.n_origins,
            origin=data.origin,
        )


@dataclass(frozen=True)
class RunResult:
    """A run: what it was, how it went, and what its test said.

    Args:
        folder: Where its files lie.
        status: ``finished``, ``stopped`` by a signal, or ``diverged``.
        model: The model's short name.
        arguments: The model's arguments.
        n_parameters: Trainable parameters.
        seed: The training seed.
        data: The history.
        n_epochs: Epochs run.
        best_epoch: The epoch of ``best.ckpt``; None without one.
        val: Validation metrics of the best epoch. They have chosen the epoch, so they carry no p-value.
        training_time_s: Seconds of all epochs, validation included.
        device: Where it ran.
        chosen: The options that differ from the defaults.
        activity: What the network did on validation in the best epoch; None where it was not measured.
        test: The content of ``test_metrics.json``; None before ``c5snn test``.
    """

    folder: Path
    status: Status
    model: str
    arguments: dict[str, Any]
    n_parameters: int
    seed: int
    data: DataRecord
    n_epochs: int
    best_epoch: int | None
    val: dict[str, float]
    training_time_s: float
    device: str
    chosen: dict[str, Any]
    activity: NetworkActivity | None = None
    test: dict[str, Any] | None = None

    def save(self) -> None:
        """Write ``result.json`` into the run's folder; the test's numbers have a file of their own."""
        fields = dataclasses.asdict(self)
        del fields["folder"], fields["test"]
        write_json(self.folder / RESULT, fields)

    @property
    def headline(self) -> dict[str, float]:
        """The numbers of the run's row among others: Recall@20 of the best epoch, and the test's once it is done."""
        tested = self.test["metrics"] if self.test else {}
        best = {f"best_{name}": value for name, value in self.val.items() if name == "val_recall_at_20"}
        return best | {f"test_{name}": entry["value"] for name, entry in tested.items()}

    @property
    def provenance(self) -> dict[str, Any]:
        """Versions, commit and machine."""
        return _read_json(self.folder / PROVENANCE) or {}

    @property
    def learning_curve(self) -> list[Row]:
        """The rows of ``metrics.csv``, one per epoch."""
        return read_metrics(self.folder / METRICS)


def load(run: str | Path) -> RunResult:
    """Read the record of a run.

    Args:
        run: A run's folder, or a model's folder for its newest run.

    Raises:
        ConfigError: There is no run, or it has no whole record.
    """
    folder = find_run(run)
    fields = _read_json(folder / RESULT)
    if fields is None:
        raise ConfigError(
            f"`{folder}` has no whole `{RESULT}`: its training has not ended; go on with `--ckpt_path last`."
        )
    fields["data"] = DataRecord(**fields["data"])
    if fields.get("activity"):
        fields["activity"] = NetworkActivity.from_json(fields["activity"])
    return RunResult(folder=folder, test=_read_json(folder / TEST_METRICS), **fields)


def find_results(path: str | Path) -> list[RunResult]:
    """Read the records of all runs in a folder: a run's, a sweep's, or a folder of runs.

    Raises:
        ConfigError: There is none.
    """
    folders = sorted(record.parent for record in Path(path).rglob(RESULT) if _read_json(record) is not None)
    folders = [folder for folder in folders if not any(part.startswith(".") for part in folder.relative_to(path).parts)]
    if not folders:
        raise ConfigError(f"`{path}` must be a run's or a sweep's folder, but holds no `{RESULT}`.")
    return [load(folder) for folder in folders]


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # missing, torn or empty counts as not done
        return None
    return content if isinstance(content, dict) else None
