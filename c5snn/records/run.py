"""What a run left behind, as the only record that sweeps, statistics and reports read."""

import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple

from c5snn.errors import ConfigError
from c5snn.files import write_json
from c5snn.records.activity import NetworkActivity
from c5snn.records.curves import Row, read_curves
from c5snn.records.data import DataRecord
from c5snn.records.legacy import RANKINGS, is_legacy, legacy_items, legacy_run, legacy_test
from c5snn.records.run_folder import METRICS, PROVENANCE, RESULT, TEST_ITEMS, TEST_METRICS, find_run
from c5snn.records.test import Headline, TestItems, TestRecord

__all__ = ["RunRecord", "Segment", "Status", "find_runs", "load_run"]

Status = Literal["finished", "stopped", "diverged", "failed"]


class Segment(NamedTuple):
    """Epochs of a run that were trained with the same options.

    Attributes:
        first_epoch: The first of them.
        changed: The options that are not as in the epochs before, with their new values; empty for a run's beginning.
    """

    first_epoch: int
    changed: dict[str, Any]


@dataclass(frozen=True)
class RunRecord:
    """A run: what it was, how it went, and what its test said.

    Args:
        folder: Where its files lie.
        status: ``finished``, ``stopped`` by a signal, or ``diverged``.
        model: The model's short name, a label.
        class_path: The model's whole class path; with its effective arguments it is the model's identity.
        arguments: The model's arguments.
        effective_arguments: The same in canonical form: models of one class with equal ones compute the same.
        is_baseline: Whether it is a baseline, which stands beside every network.
        n_parameters: Trainable parameters.
        seed: The training seed.
        data: The data.
        headline: The metric that chooses and is judged.
        metrics: Names of all metrics in the order in which they are shown, the headline first.
        n_epochs: Epochs run.
        n_steps: Optimizer steps run.
        best_epoch: The epoch of ``best.ckpt``; None without one.
        val: Validation metrics of the best epoch. They have chosen the epoch, so they carry no p-value.
        training_time_s: Seconds of all epochs, validation included.
        device: Where it ran.
        chosen: The options that differ from the defaults.
        shown: The options of its row in TensorBoard, each in the type that it has in every run.
        segments: Which epochs were trained with which options; more than one where a run went on with changed ones.
        activity: What the network did on validation in the best epoch; None where it was not measured.
        test: What its test said; None before ``c5snn test``.
    """

    folder: Path
    status: Status
    model: str
    class_path: str
    arguments: dict[str, Any]
    effective_arguments: dict[str, Any]
    is_baseline: bool
    n_parameters: int
    seed: int
    data: DataRecord
    headline: Headline
    metrics: tuple[str, ...]
    n_epochs: int
    n_steps: int
    best_epoch: int | None
    val: dict[str, float]
    training_time_s: float
    device: str
    chosen: dict[str, Any]
    shown: dict[str, Any] = field(default_factory=dict)
    segments: tuple[Segment, ...] = (Segment(0, {}),)
    activity: NetworkActivity | None = None
    test: TestRecord | None = field(default=None, compare=False)

    def save(self) -> None:
        """Write ``result.json`` into the run's folder; the test has files of its own."""
        write_json(self.folder / RESULT, self.to_json())

    def to_json(self) -> dict[str, Any]:
        """Return the record as plain values, without its folder and its test."""
        fields = {name: value for name, value in vars(self).items() if name in self.__dataclass_fields__}
        del fields["folder"], fields["test"]
        return fields | {
            "data": self.data.to_json(),
            "headline": self.headline._asdict(),
            "metrics": list(self.metrics),
            "segments": [segment._asdict() for segment in self.segments],
            "activity": self.activity and asdict(self.activity),
        }

    @classmethod
    def from_json(cls, fields: Mapping[str, Any], folder: Path, test: TestRecord | None = None) -> "RunRecord":
        """Return the record of these values."""
        activity = fields.get("activity")
        typed = {
            "data": DataRecord.from_json(fields["data"]),
            "headline": Headline(**fields["headline"]),
            "metrics": tuple(fields["metrics"]),
            "segments": tuple(
                Segment(**segment) for segment in fields.get("segments", [{"first_epoch": 0, "changed": {}}])
            ),
            "activity": NetworkActivity.from_json(activity) if activity else None,
        }
        return cls(folder=folder, test=test, **{**fields, **typed})

    @property
    def monitored(self) -> float | None:
        """The headline on validation; None where the run did not come so far."""
        return self.val.get(self.headline.monitor)

    @property
    def summary(self) -> dict[str, float]:
        """The numbers of the run's row among others: the headline of the best epoch, and the test's metrics."""
        tested = self.test.metrics if self.test else {}
        best = {} if self.monitored is None else {f"best_{self.headline.monitor}": self.monitored}
        return best | {f"test_{name}": entry.value for name, entry in tested.items()}

    @cached_property
    def items(self) -> TestItems:
        """What the test said of each item, read when it is asked for.

        Raises:
            ConfigError: The run has not been tested.
        """
        if self.test is None:
            raise ConfigError(f"`{self.folder}` has not been tested; `c5snn test {self.folder}` does it.")
        path = self.folder / TEST_ITEMS
        return TestItems.load(path) if path.is_file() else legacy_items(self.folder, self.test)

    @property
    def has_whole_items(self) -> bool:
        """Whether what the test said of each item is there and undamaged."""
        path = self.folder / TEST_ITEMS
        try:
            with zipfile.ZipFile(path if path.exists() else self.folder / RANKINGS) as file:
                return file.testzip() is None
        except (OSError, zipfile.BadZipFile, zlib.error):
            return False

    @property
    def provenance(self) -> dict[str, Any]:
        """Versions, commit and machine."""
        return _read_json(self.folder / PROVENANCE) or {}

    @property
    def learning_curve(self) -> list[Row]:
        """The rows of ``metrics.csv``, one per epoch."""
        return read_curves(self.folder / METRICS)


def load_run(run: str | Path) -> RunRecord:
    """Read the record of a run.

    Args:
        run: A run's folder, or a model's folder for its newest run.

    Raises:
        ConfigError: There is no run, or it has no whole record.
    """
    folder = find_run(run)
    fields, test = _read_json(folder / RESULT), _read_json(folder / TEST_METRICS)
    if fields is None:
        raise ConfigError(
            f"`{folder}` has no whole `{RESULT}`: its training has not ended; go on with `--ckpt_path last`."
        )
    if is_legacy(fields):
        fields, test = legacy_run(fields, folder), test and legacy_test(test, fields, folder)
    return RunRecord.from_json(fields, folder, TestRecord.from_json(test) if test else None)


def find_runs(path: str | Path) -> list[RunRecord]:
    """Read the records of all runs in a folder: a run's, a sweep's, or a folder of runs.

    Raises:
        ConfigError: There is none.
    """
    folders = sorted(record.parent for record in Path(path).rglob(RESULT) if _read_json(record) is not None)
    folders = [folder for folder in folders if not any(part.startswith(".") for part in folder.relative_to(path).parts)]
    if not folders:
        raise ConfigError(f"`{path}` must be a run's or a sweep's folder, but holds no `{RESULT}`.")
    return [load_run(folder) for folder in folders]


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # missing, torn or empty counts as not done
        return None
    return content if isinstance(content, dict) else None
