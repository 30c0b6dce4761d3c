"""What a run left behind, as the only record that sweeps, statistics and reports read."""

import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple

import yaml

from c5snn.errors import ConfigError
from c5snn.files import write_json
from c5snn.records.activity import NetworkActivity
from c5snn.records.commit import COMMIT, TEST_FILES, TRAINING_FILES, CommitRecord, DamagedRunError, read_commit
from c5snn.records.curves import Row, read_curves
from c5snn.records.data import DataRecord
from c5snn.records.legacy import RANKINGS, is_legacy, is_legacy_test, legacy_items, legacy_run, legacy_test
from c5snn.records.options import flatten
from c5snn.records.run_folder import CONFIG, METRICS, PROVENANCE, RESULT, TEST_ITEMS, TEST_METRICS, find_run
from c5snn.records.test import Headline, TestItems, TestRecord

__all__ = ["RunRecord", "Segment", "Status", "find_runs", "load_run"]

EMPTY = CommitRecord({})
# what reading a damaged file may raise where no hash tells
UNREADABLE = (
    OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError, ConfigError,
)  # fmt: skip
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
        name: The run's name, a label: that of its configuration unless the user gave one.
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
        n_multiply_accumulates: Of a forward pass of one item; None where it was not counted.
        peak_memory_bytes: The most memory while it trained: of the process, its libraries included, or of the tensors
            on an accelerator; None where it was not measured.
        segments: Which epochs were trained with which options; more than one where a run went on with changed ones.
        activity: What the network did on validation in the best epoch; None where it was not measured.
        test: What its test said; None before ``c5snn test``.
        damaged_test: Files of its test that are not those that were committed; the test counts as not done.
        is_committed: Whether a commit record covers all its files; those of 0.1.0 have none.
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
    n_multiply_accumulates: int | None = None
    peak_memory_bytes: int | None = None
    segments: tuple[Segment, ...] = (Segment(0, {}),)
    activity: NetworkActivity | None = None
    test: TestRecord | None = field(default=None, compare=False)
    name: str = ""
    damaged_test: tuple[str, ...] = field(default=(), compare=False)
    is_committed: bool = field(default=True, compare=False)

    def save(self) -> None:
        """Write ``result.json`` into the run's folder; the test has files of its own."""
        write_json(self.folder / RESULT, self.to_json())

    def to_json(self) -> dict[str, Any]:
        """Return the record as plain values, without its folder and its test."""
        found_later = {"folder", "test", "damaged_test", "is_committed"}
        fields = {name: vars(self)[name] for name in self.__dataclass_fields__ if name not in found_later}
        return fields | {
            "data": self.data.to_json(),
            "headline": self.headline._asdict(),
            "metrics": list(self.metrics),
            "segments": [segment._asdict() for segment in self.segments],
            "activity": self.activity and asdict(self.activity),
        }

    @classmethod
    def from_json(cls, fields: Mapping[str, Any], folder: Path) -> "RunRecord":
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
        return cls(folder=folder, **{**fields, **typed, "name": fields.get("name") or fields["model"]})

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
    def settings(self) -> dict[str, Any]:
        """Its whole configuration, defaults included, one entry per option; empty where the file is unreadable."""
        try:
            content = yaml.safe_load((self.folder / CONFIG).read_text(encoding="utf-8"))
        except (OSError, ValueError, yaml.YAMLError):
            return {}
        return flatten(content) if isinstance(content, dict) else {}

    @property
    def learning_curve(self) -> list[Row]:
        """The rows of ``metrics.csv``, one per epoch."""
        return read_curves(self.folder / METRICS)


def load_run(run: str | Path) -> RunRecord:
    """Read the record of a run.

    Args:
        run: A run's folder, or a model's folder for its newest run.

    Raises:
        ConfigError: There is no run, or it has no record yet.
        DamagedRunError: Files of its training are not those that were committed, or cannot be read.
    """
    return _load(find_run(run))


def _load(folder: Path) -> RunRecord:
    committed = read_commit(folder)
    if not (folder / RESULT).is_file() and not (committed and RESULT in committed.sha256):
        raise ConfigError(f"`{folder}` has no `{RESULT}`: its training has not ended; go on with `--ckpt_path last`.")
    changed = committed.changed(folder, TRAINING_FILES) if committed else []
    if changed:
        raise DamagedRunError(folder, changed)
    try:
        fields = json.loads((folder / RESULT).read_text(encoding="utf-8"))
        record = RunRecord.from_json(legacy_run(fields) if is_legacy(fields) else fields, folder)
    except UNREADABLE as error:  # without a commit record, damage shows only here
        raise DamagedRunError(folder, [RESULT]) from error
    test, damaged = _load_test(folder, fields, committed)
    is_committed = committed is not None and committed.covers_all
    return replace(record, test=test, damaged_test=damaged, is_committed=is_committed)


def find_runs(path: str | Path) -> tuple[list[RunRecord], list[DamagedRunError]]:
    """Read the records of all runs in a folder: a run's, a sweep's, or a folder of runs.

    Returns:
        The runs, and what is wrong with those that cannot be read.

    Raises:
        ConfigError: There is none.
    """
    root = Path(path)
    folders = {record.parent for record in root.rglob(RESULT)}
    folders |= {file.parent for file in root.rglob(COMMIT) if RESULT in (read_commit(file.parent) or EMPTY).sha256}
    shown = [folder for folder in folders if not any(part.startswith(".") for part in folder.relative_to(path).parts)]
    if not shown:
        raise ConfigError(f"`{path}` must be a run's or a sweep's folder, but holds no `{RESULT}`.")
    runs, damaged = [], []
    for folder in sorted(shown):
        try:
            runs.append(_load(folder))
        except DamagedRunError as error:
            damaged.append(error)
    return runs, damaged


def _load_test(
    folder: Path, fields: Mapping[str, Any], committed: CommitRecord | None
) -> tuple[TestRecord | None, tuple[str, ...]]:
    """Return the test of a run, or the files that make it unreadable; neither before a test."""
    damaged = committed.changed(folder, TEST_FILES) if committed else []
    if damaged or not (folder / TEST_METRICS).is_file():
        return None, tuple(damaged)
    try:
        test = json.loads((folder / TEST_METRICS).read_text(encoding="utf-8"))
        return TestRecord.from_json(legacy_test(test, fields, folder) if is_legacy_test(test) else test), ()
    except UNREADABLE:
        return None, (TEST_METRICS,)


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # missing, torn or empty counts as not done
        return None
    return content if isinstance(content, dict) else None
