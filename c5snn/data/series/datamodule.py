"""The data of a series run: a series, cut into windows and splits, and the loaders that Lightning asks for."""

import logging
from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar, Literal, final

import numpy as np
import torch
from jaxtyping import Bool, Float, Float64, Int64, UInt64
from torch import Tensor

from c5snn.data.events.loader import WindowOrder
from c5snn.data.events.origins import check_origin
from c5snn.data.events.times import spell_times
from c5snn.data.micro_batches import AUTO, MicroBatchSize, check_micro_batch, fixed_micro_batch
from c5snn.data.series.directions import direction_labels
from c5snn.data.series.encodings import Encoding
from c5snn.data.series.identities import row_hashes
from c5snn.data.series.reading import read_channels, read_series
from c5snn.data.series.scaling import Scaling, deviations
from c5snn.data.series.series import Series
from c5snn.data.series.splits import Regions, Split, Starts, cut_regions, target_starts
from c5snn.data.series.synthetic import Oracle, synthesize_series
from c5snn.data.series.windows import DirectionWindows, ForecastWindows, SeriesLoader, SeriesWindows
from c5snn.data.task_data import SplitName, TaskData
from c5snn.errors import require, require_positive
from c5snn.records import DataRecord, Fact, test_identity

__all__ = ["SeriesDataModule", "Targets"]

_logger = logging.getLogger(__name__)

SPLITS: tuple[SplitName, ...] = ("train", "val", "test")

Targets = Literal["forecast", "direction"]


@final
class SeriesDataModule(TaskData):
    """Serves a multivariate time series, from a file or drawn with its oracle.

    Batches are ``(inputs, targets)``. Inputs are the rows before a target, ``(batch, context, channels)``. Targets of
    ``forecast`` are the rows that follow, of all channels, ``(batch, horizon, channels)``; those of ``direction`` are
    0 or 1, ``(batch, 1)``. ``series``, ``oracle``, ``regions``, ``starts``, ``scaling`` and ``source`` exist after
    ``setup``.

    Args:
        path: CSV file, plain or ``.gz``: times in equal steps, then numeric columns. None for a synthetic series.
        targets: ``forecast``: the values that follow. ``direction``: whether ``target_column`` rises by ``threshold``
            standard deviations of train above its last value within the horizon.
        context: How many rows a model sees.
        horizon: How many rows a target covers.
        columns: Columns of the file that are the channels; None: all after the first.
        encode: By column of words how they become numbers: ``categories`` or ``booleans``.
        target_column: The channel whose direction is the target; None: the last one.
        threshold: How far it has to rise, in standard deviations of train.
        n_channels: How many channels a synthetic series has; that of a file follows from its columns.
        data_seed: Makes a synthetic series; never the seed of the training.
        n_rows: How many rows a synthetic series has.
        split: Shares of train, val and test in the order of time; or ``months``: the first 12, the next 4 and the next
            4 months of 30 days, as in the ETT benchmarks.
        n_origins: At how many points in time the same comparison is made; each but the last, which is ``split``, lies
            one test region before the next.
        origin: Which of them this run is, from 0, the earliest.
        scale: Whether each channel has mean 0 and standard deviation 1 in train.
        batch_size: How many windows a batch of train holds on each device; those of val and test hold four times as
            many.
        micro_batch: How many windows the model sees at once in training; the gradients of a batch are added up over
            them, so less memory gives the same step. A divisor of ``batch_size``; None: the whole batch; ``auto``: the
            largest that fits the memory, measured before the run.
        shuffle: Whether train windows come in a new order in each epoch.
        min_val_windows: Fewer validation windows than this are an error.
        order_seed: Seed of these orders; None: the seed of the run under ``c5snn``, otherwise 42.

    Raises:
        ConfigError: An argument is out of its range; with ``setup`` also when the series is too short for it.
        DataError: The file cannot be read or breaks a rule.
    """

    links: ClassVar[tuple[str, ...]] = ("n_channels", "context", "horizon", "targets")
    content_arguments: ClassVar[tuple[str, ...]] = ("path", "columns", "encode", "n_channels", "data_seed", "n_rows")

    series: Series
    oracle: Oracle | None
    regions: Regions
    starts: Starts
    scaling: Scaling
    source: str
    _windows: SeriesWindows
    _test: Sequence[int]

    def __init__(  # noqa: PLR0913  # its arguments are its options
        self,
        path: str | None = None,
        targets: Targets = "forecast",
        *,
        context: int = 336,
        horizon: int = 96,
        columns: list[str] | None = None,
        encode: dict[str, Encoding] | None = None,
        target_column: str | None = None,
        threshold: float = 0.05,
        n_channels: int = 7,
        data_seed: int = 1,
        n_rows: int = 8_000,
        split: tuple[float, float, float] | Literal["months"] = (0.6, 0.2, 0.2),
        n_origins: int = 1,
        origin: int = 0,
        scale: bool = True,
        batch_size: int = 128,
        micro_batch: MicroBatchSize = None,
        shuffle: bool = True,
        min_val_windows: int = 100,
        order_seed: int | None = None,
    ) -> None:
        super().__init__()
        require_positive(context=context, horizon=horizon, n_channels=n_channels, n_rows=n_rows, batch_size=batch_size)
        require_positive(min_val_windows=min_val_windows)
        check_micro_batch(micro_batch, batch_size)
        require("0 <= threshold < inf", holds=0 <= threshold < float("inf"), threshold=threshold)
        require("columns needs path", holds=columns is None or path is not None, columns=columns, path=path)
        require("encode needs path", holds=encode is None or path is not None, encode=encode, path=path)
        is_used = target_column is None or targets == "direction"
        require("target_column needs targets == 'direction'", holds=is_used, target_column=target_column)
        check_origin(n_origins, origin)
        self.path, self.columns, self.encode = path, columns, encode
        self.targets: Targets = targets
        # of a file known before it is read whole: models are built with it
        self.n_channels = n_channels if path is None else len(read_channels(path, columns))
        self.context, self.horizon, self.threshold = context, horizon, threshold
        self.target_column, self.data_seed, self.n_rows = target_column, data_seed, n_rows
        self.split: Split = split
        self.n_origins, self.origin = n_origins, origin
        self.scale, self.shuffle, self.batch_size = scale, shuffle, batch_size
        self.micro_batch, self.chooses_micro_batch = fixed_micro_batch(micro_batch), micro_batch == AUTO
        self.min_val_windows = min_val_windows
        if order_seed is not None:
            require("0 <= order_seed", holds=order_seed >= 0, order_seed=order_seed)
            self.order_seed = order_seed

    def setup(self, stage: str | None = None) -> None:
        """Read or draw the series and cut it, once, because every stage needs all of it."""
        del stage
        if hasattr(self, "_windows"):
            return
        series, self.oracle = self._load()
        self.regions = cut_regions(len(series), series.step, self.split, self.n_origins, self.origin)
        self.starts = target_starts(self.regions, self.context, self.horizon)
        n_val = len(self.starts.val)
        fix = "Give more rows or a shorter horizon; `--data.min_val_windows` allows fewer."
        holds = n_val >= self.min_val_windows
        require("min_val_windows <= n_val", holds=holds, min_val_windows=self.min_val_windows, n_val=n_val, fix=fix)
        self.series, self._test = series, self.starts.test
        self.scaling = Scaling.of(series, self.regions.train) if self.scale else Scaling.none(series)
        self._windows = self._make_windows()
        if self.targets == "direction":
            self._check_labels()
        _logger.info("Data: %s.", self.source)

    def train_dataloader(self) -> SeriesLoader:
        """Return the batches of train, in an order that the run's seed and the epoch decide."""
        overfits = getattr(self.trainer, "overfit_batches", 0) > 0  # Lightning turns shuffling off for these alone
        order = WindowOrder(self.starts.train, self.order_seed if self.shuffle and not overfits else None)
        share = (0, 1) if self.trainer is None else (self.trainer.global_rank, self.trainer.world_size)
        return SeriesLoader(self._windows, order, self.batch_size, share)

    def val_dataloader(self) -> SeriesLoader:
        """Return the batches of val, in the order of time."""
        return self._scoring_loader("val")

    def test_dataloader(self) -> SeriesLoader:
        """Return the batches of test, in the order of time."""
        return self._scoring_loader("test")

    def first_rows(self, split: SplitName) -> Int64[np.ndarray, " windows"]:
        """Return the first target row of each window of a split."""
        return np.asarray(self._test if split == "test" else getattr(self.starts, split), dtype=np.int64)

    def rows_from(self, starts: Int64[np.ndarray, " windows"], length: int) -> Float64[np.ndarray, "windows length c"]:
        """Return the rows from each start on as a model sees them, in double precision."""
        return np.asarray(self._scaled[starts[:, None] + np.arange(length)])

    def labels(self, split: SplitName) -> Bool[np.ndarray, " windows"]:
        """Return the labels of direction of a split."""
        return self._labels_at(self.first_rows(split))

    def train_base_rate(self) -> float:
        """Return the share of positive labels among all targets in train, whatever the context."""
        region = self.regions.train
        return float(self._labels_at(np.arange(region.start + 1, region.stop - self.horizon + 1)).mean())

    def inputs_before(self, row: int) -> Float[Tensor, "1 context channels"]:
        """Return what a model sees before a row, which may be the one after the last.

        Raises:
            ConfigError: There are too few rows before it.
        """
        fix = "The series up to there is shorter than the context."
        require("context <= n_rows", holds=row >= self.context, context=self.context, n_rows=row, fix=fix)
        return self._windows.rows[row - self.context : row][None]

    def describe(self) -> DataRecord:
        """Return what is recorded of the series: its identity, where its splits lie, and how it was drawn."""
        n_items = {"train": len(self.starts.train), "val": len(self.starts.val), "test": len(self._test)}
        regions = {name: [region.start, region.stop] for name, region in self.regions._asdict().items()}
        target_column = self.series.channels[self.target_channel]
        direction: dict[str, Fact] = {"target_column": target_column, "threshold": self.threshold}
        target: dict[str, Fact] = {"targets": self.targets, "horizon": self.horizon}
        target |= direction if self.targets == "direction" else {}
        first, last = spell_times(self.series.times[[self._test[0], self.regions.test.stop - 1]])
        layout: dict[str, Fact] = {**target, "scale": self.scale, "regions": regions}
        if len(self._test) < len(self.starts.test):  # what is scored on fewer windows is another test
            layout["test"] = list(self._test)
        facts: dict[str, Fact] = {**target, "n_channels": self.n_channels, "context": self.context}
        facts |= {"step": str(self.series.step), "first_target": first, "last_target": last}
        if self.path is None:
            facts |= {"data_seed": self.data_seed, "n_rows": self.n_rows}
        return DataRecord(
            source=self.source,
            item="window",
            n_items=n_items,
            identity=self.series.sha256,
            test_identity=test_identity(self.series.sha256, layout),
            n_origins=self.n_origins,
            origin=self.origin,
            facts=facts,
            choices=(*self.content_arguments, "n_origins", "origin"),
        )

    def identities(self, split: SplitName) -> UInt64[np.ndarray, " windows"]:
        """Return one hash a window: of its first target row and of the rows that lead to it."""
        return np.asarray(self._row_hashes[np.asarray(getattr(self.starts, split))])

    def seen_identities(self) -> UInt64[np.ndarray, " rows"]:
        """Return one hash for each row of the targets of train and val, whether or not a window starts there."""
        return np.asarray(self._row_hashes[self.starts.train.start : self.regions.val.stop])

    def identity_of(self, row: int) -> tuple[SplitName, int]:
        """Return the region in which a row lies and the hash of a window that starts there; rows after test are test.

        Args:
            row: The first row of a target, at least 1 and within the series.
        """
        ends = (self.regions.train.stop, self.regions.val.stop)
        split: SplitName = "train" if row < ends[0] else "val" if row < ends[1] else "test"
        return split, int(self._row_hashes[row])

    def leave_out_of_test(self, is_left_out: Bool[np.ndarray, " windows"]) -> None:
        """Serve, judge and name from now on only the other windows of test."""
        self._test = [row for row, is_out in zip(self.starts.test, is_left_out, strict=True) if not is_out]

    @property
    def target_channel(self) -> int:
        """The number of the channel whose direction is the target."""
        return self.series.channel(self.target_column)

    @property
    def rise(self) -> float:
        """How far that channel has to rise, in the units of the series."""
        return self.threshold * float(deviations(self.series.values[self.regions.train, self.target_channel]))

    @cached_property
    def _scaled(self) -> Float64[np.ndarray, "rows channels"]:
        # rounded as inputs are, so that what repeats an input has no error of its own
        return self.scaling.scaled(self.series.values).astype(np.float32).astype(np.float64)

    @cached_property
    def _row_hashes(self) -> UInt64[np.ndarray, " rows"]:
        return row_hashes(self.series.values)

    def _labels_at(self, starts: Int64[np.ndarray, " windows"]) -> Bool[np.ndarray, " windows"]:
        return direction_labels(self.series.values[:, self.target_channel], starts.tolist(), self.horizon, self.rise)

    def _check_labels(self) -> None:
        rates = {name: float(self.labels(name).mean()) for name in SPLITS}
        fix = "A split has only one label: choose another threshold or horizon."
        holds = all(0 < rate < 1 for rate in rates.values())
        require("0 < base rate < 1", holds=holds, threshold=self.threshold, rates=rates, fix=fix)

    def _make_windows(self) -> SeriesWindows:
        rows = torch.from_numpy(self._scaled).float()
        if self.targets == "forecast":
            return ForecastWindows(rows, self.context, self.horizon)
        starts = np.arange(1, len(rows) - self.horizon + 1)
        labels = torch.zeros(len(rows))
        labels[1 : len(starts) + 1] = torch.from_numpy(self._labels_at(starts)).float()
        return DirectionWindows(rows, self.context, labels)

    def _load(self) -> tuple[Series, Oracle | None]:
        if self.path is not None:
            self.source = self.path
            return read_series(self.path, self.columns, self.encode), None
        self.source = f"synthetic series, {self.n_channels} channels, {self.n_rows:,} rows, data seed {self.data_seed}"
        return synthesize_series(self.n_rows, self.n_channels, data_seed=self.data_seed)

    def _scoring_loader(self, split: SplitName) -> SeriesLoader:
        order = WindowOrder(self.first_rows(split).tolist())
        return SeriesLoader(self._windows, order, min(4 * (self.micro_batch or self.batch_size), max(1, len(order))))
