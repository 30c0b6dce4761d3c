"""The data of a run: a history, cut into windows and splits, and the loaders that Lightning asks for."""

import logging
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Literal, final

import numpy as np
import torch
from jaxtyping import Bool, Float64, Int64, Integer, Shaped, UInt64

from c5snn.data.events.history import EventHistory
from c5snn.data.events.identities import event_hashes
from c5snn.data.events.loader import WindowLoader, WindowOrder
from c5snn.data.events.origins import check_origin, splits_at
from c5snn.data.events.planted import PlantedHistory
from c5snn.data.events.ragged import PARTS_FILE, RaggedHistory
from c5snn.data.events.reading import SourcedHistory, read_sourced
from c5snn.data.events.recording import oracle_path
from c5snn.data.events.shape import EventShape
from c5snn.data.events.signals import Signal
from c5snn.data.events.sizes import SizeLaw
from c5snn.data.events.synthetic import GENERATOR_VERSION, GeneratorVersion, check_size
from c5snn.data.events.windows import Splits, Windows, check_ratios, split_windows
from c5snn.data.micro_batches import AUTO, MicroBatchSize, check_micro_batch, fixed_micro_batch
from c5snn.data.task_data import SplitName, TaskData
from c5snn.errors import require
from c5snn.metrics import default_k
from c5snn.records import DataRecord, Fact, test_identity

__all__ = ["EventDataModule"]

_logger = logging.getLogger(__name__)


@final
class EventDataModule(TaskData):
    """Serves a history of events, from a file or drawn from a planted signal.

    ``history``, ``oracle``, ``splits`` and ``source`` exist after ``setup``; ``oracle`` is None for a file, unless it
    is a recording with its oracle beside it; ``source`` is one line that says what the data is.

    Args:
        path: CSV file of the history, plain or ``.gz``; it wins over ``signal``. None for a synthetic history.
        signal: What a synthetic history repeats; None means ``Repeat(lag=1)``.
        strength: How strongly it repeats it; 0 is the fair lottery.
        n_events: How many events a synthetic history has.
        data_seed: Makes a synthetic history; never the seed of the training.
        generator_version: How random numbers become a synthetic history; 1 for those of release 0.1.0.
        window: How many past events a model sees.
        first_target: Index of the first event that is a target; None means ``window``. Runs that share it share their
            targets and splits, whatever their windows.
        split: Shares of train, val and test, cut in the order of time.
        n_origins: At how many points in time the same comparison is made; each but the last, which is ``split``, lies
            one test block before the next.
        origin: Which of them this run is, from 0, the earliest.
        batch_size: How many windows a batch of train holds on each device; those of val and test hold four times as
            many.
        micro_batch: How many windows the model sees at once in training; the gradients of a batch are added up over
            them, so less memory gives the same step. A divisor of ``batch_size``; None: the whole batch; ``auto``: the
            largest that fits the memory, measured before the run.
        shuffle: Whether train windows come in a new order in each epoch, rather than in that of time.
        order_seed: Seed of these orders; None: the seed of the run under ``c5snn``, otherwise 42.
        n_parts: How many parts there are.
        n_active: How many parts are active in every event; ``varies`` for events of any size. Empty events are inputs
            and count in the loss, but there is nothing to rank: they are no items of test, and no metric counts them.
        sizes: The law of the sizes of a synthetic history whose ``n_active`` varies; None means ``PoissonSizes()``.
        k: Length of the list that is scored, below ``n_parts``; None: 20 from 30 parts on, otherwise half of them.

    Raises:
        ConfigError: An argument is out of its range; with ``setup`` also when the history is too short for it.
        DataError: From ``setup``: the file cannot be read or breaks the rules of a history.
    """

    links: ClassVar[tuple[str, ...]] = ("window", "n_parts")
    content_arguments: ClassVar[tuple[str, ...]] = (
        "path", "signal", "strength", "n_events", "data_seed", "generator_version", "sizes",
    )  # fmt: skip

    history: EventHistory | RaggedHistory
    oracle: Float64[np.ndarray, "events parts"] | None
    splits: Splits
    source: str
    _windows: Windows
    _test: Sequence[int]

    def __init__(  # noqa: PLR0913  # its arguments are its options
        self,
        path: str | None = None,
        signal: Signal | None = None,
        *,
        strength: float = 1.0,
        n_events: int = 11_700,
        data_seed: int = 1,
        generator_version: GeneratorVersion = GENERATOR_VERSION,
        window: int = 21,
        first_target: int | None = None,
        split: tuple[float, float, float] = (0.7, 0.15, 0.15),
        n_origins: int = 1,
        origin: int = 0,
        batch_size: int = 64,
        micro_batch: MicroBatchSize = None,
        shuffle: bool = True,
        order_seed: int | None = None,
        n_parts: int = 39,
        n_active: int | Literal["varies"] = 5,
        sizes: SizeLaw | None = None,
        k: int | None = None,
    ) -> None:
        super().__init__()
        EventShape(n_parts, 1 if n_active == "varies" else n_active)
        require('sizes is None or n_active == "varies"', holds=sizes is None or n_active == "varies", n_active=n_active)
        check_ratios(split)
        check_origin(n_origins, origin)
        require("1 <= batch_size", holds=batch_size >= 1, batch_size=batch_size)
        check_micro_batch(micro_batch, batch_size)
        if path is None:
            check_size(n_events, n_parts)
        require("1 <= window", holds=window >= 1, window=window)
        self.path, self.signal = path, signal
        self.strength, self.n_events, self.data_seed = strength, n_events, data_seed
        self.generator_version: GeneratorVersion = generator_version
        self.window, self.first_target, self.split = window, first_target, split
        self.n_origins, self.origin = n_origins, origin
        self.batch_size, self.shuffle = batch_size, shuffle
        self.micro_batch, self.chooses_micro_batch = fixed_micro_batch(micro_batch), micro_batch == AUTO
        if order_seed is not None:
            require("0 <= order_seed", holds=order_seed >= 0, order_seed=order_seed)
            self.order_seed = order_seed
        self.n_parts, self.n_active, self.sizes = n_parts, n_active, sizes
        self.k = default_k(n_parts) if k is None else k
        require("1 <= k < n_parts", holds=1 <= self.k < n_parts, k=self.k, n_parts=n_parts)

    def setup(self, stage: str | None = None) -> None:
        """Read or draw the history and cut it, once, because every stage needs all of it."""
        del stage
        if self.is_set_up:
            return
        history, oracle, source = self._load()
        windows = Windows(torch.from_numpy(history.multi_hot()), self.window, self.first_target)
        self.splits = splits_at(split_windows(len(windows), self.split), self.n_origins, self.origin)
        self.history, self.oracle, self.source, self._windows = history, oracle, source, windows
        self._test = self._not_empty(self.splits.test)
        is_scored = bool(self._test and self._not_empty(self.splits.val))
        require("val and test hold an event that is not empty", holds=is_scored, fix="Give more events or wider bins.")
        _logger.info("Data: %s.", source)

    def train_dataloader(self) -> WindowLoader:
        """Return the batches of train, in an order that the run's seed and the epoch decide."""
        overfits = getattr(self.trainer, "overfit_batches", 0) > 0  # Lightning turns shuffling off for these alone
        order = WindowOrder(self.splits.train, self.order_seed if self.shuffle and not overfits else None)
        share = (0, 1) if self.trainer is None else (self.trainer.global_rank, self.trainer.world_size)
        return WindowLoader(self._windows, order, self.batch_size, share)

    def val_dataloader(self) -> WindowLoader:
        """Return the batches of val, in the order of time."""
        return self._scoring_loader(self.splits.val)

    def test_dataloader(self) -> WindowLoader:
        """Return the batches of test, in the order of time."""
        return self._scoring_loader(self._test)

    def targets(self, split: SplitName) -> Int64[np.ndarray, "windows active"]:
        """Return the active parts of a split's targets, padded with 0 where sizes vary."""
        return self.history.active_parts(self.events(split))

    def target_dates(self, split: SplitName) -> Shaped[np.ndarray, " windows"]:
        """Return the dates of a split's targets."""
        dates: Shaped[np.ndarray, " windows"] = self.history.dates[self.events(split)]
        return dates

    def describe(self) -> DataRecord:
        """Return what is recorded of the history: its identity, where its splits lie, and how it was drawn."""
        n_items = {"train": len(self.splits.train), "val": len(self.splits.val), "test": len(self._test)}
        start = self._windows.first_target
        first, last = (str(self.history.dates[start + i]) for i in (self.splits.train.start, self.splits.test.stop - 1))
        facts: dict[str, Fact] = {
            "n_parts": self.n_parts,
            "n_active": self.n_active,
            "window": self.window,
            "k": self.k,
            "first_target": first,
            "last_target": last,
        }
        layout: dict[str, Fact] = {"n_items": n_items, "first": first, "last": last}
        if len(self._test) < len(self._not_empty(self.splits.test)):  # what is scored on fewer windows is another test
            layout["test"] = list(self._test)
        return DataRecord(
            source=self.source,
            item="window",
            n_items=n_items,
            identity=self.history.sha256,
            test_identity=test_identity(self.history.sha256, layout),
            n_origins=self.n_origins,
            origin=self.origin,
            facts=facts if self.path is not None else facts | self._planted.facts(),
            choices=(*self.content_arguments, *self.origin_arguments),
        )

    def identities(self, split: SplitName) -> UInt64[np.ndarray, " windows"]:
        """Return one hash a target, see :mod:`c5snn.data.events.identities`; for test, of those that are not empty."""
        indices: Sequence[int] = getattr(self.splits, split)
        if split == "test":
            indices = self._not_empty(indices)
        hashes: UInt64[np.ndarray, " windows"] = self._event_hashes[self._windows.first_target + np.asarray(indices)]
        return hashes

    def files(self) -> list[Path]:
        """Return the history's file, and what lies beside it: names of parts, the oracle of a recording."""
        if self.path is None:
            return []
        path = Path(self.path)
        return [file for file in (path, path.parent / PARTS_FILE, oracle_path(path)) if file.is_file()]

    def event(self, index: int) -> tuple[SplitName, int]:
        """Return the split of an event and its hash; events before the first target are inputs of train."""
        i = index - self._windows.first_target
        split: SplitName = "train" if i < self.splits.val.start else "val" if i < self.splits.test.start else "test"
        return split, int(self._event_hashes[index])

    def leave_out_of_test(self, is_left_out: Bool[np.ndarray, " windows"]) -> None:
        """Serve, judge and name from now on only the other windows of test."""
        of_test = self._not_empty(self.splits.test)
        self._test = [i for i, is_out in zip(of_test, is_left_out, strict=True) if not is_out]

    @property
    def has_oracle(self) -> bool:
        """Whether the log-weights that draw the events are known and not all equal."""
        return self.path is None and self.strength != 0

    @property
    def is_set_up(self) -> bool:
        """Whether the history is there."""
        return hasattr(self, "_windows")

    def oracle_scores(self, split: SplitName) -> Float64[np.ndarray, "windows parts"] | None:
        """Return what drew a split's targets: log-weights, or log-odds of independent parts where there is a ``path``.

        None for a history without an oracle.
        """
        return None if self.oracle is None else self.oracle[self.events(split)]

    def train_part_counts(self) -> Int64[np.ndarray, " parts"]:
        """Return how often each part occurs in the events of train: its targets and all events before them."""
        seen = self.history.active_parts(np.arange(self.events("train")[-1] + 1))
        return np.bincount(seen.ravel(), minlength=self.n_parts + 1)[1:]

    def scored_events(self, split: SplitName) -> Int64[np.ndarray, " windows"]:
        """Return the indices of the events that are a split's targets and are not empty."""
        events = self.events(split)
        return np.asarray(events[self.history.sizes[events] > 0])

    @property
    def part_names(self) -> tuple[str, ...]:
        """The names of the parts; none where they have none."""
        return self.history.names if isinstance(self.history, RaggedHistory) else ()

    def label_parts(self, numbers: Integer[np.ndarray, " parts"]) -> list[str]:
        """Return the names of parts, or their numbers where they have none."""
        return [self.part_names[number - 1] if self.part_names else str(number) for number in numbers.tolist()]

    @property
    def _planted(self) -> PlantedHistory:
        return PlantedHistory(
            self.signal, self.strength, self.n_events, self.data_seed, self.generator_version,
            self.n_parts, self.n_active, self.sizes,
        )  # fmt: skip

    def _load(self) -> SourcedHistory:
        if self.path is not None:
            found = read_sourced(Path(self.path), self.n_parts, self.n_active)
            ignored = "" if self.signal is None else f" (it wins over the signal {self.signal})"
            return found._replace(source=f"{found.source}{ignored}")
        return self._planted.draw()

    def _scoring_loader(self, indices: Sequence[int]) -> WindowLoader:
        # a window takes several times less memory where nothing is kept for a gradient
        order = WindowOrder(indices)
        return WindowLoader(self._windows, order, min(4 * (self.micro_batch or self.batch_size), max(1, len(order))))

    def events(self, split: SplitName) -> Int64[np.ndarray, " windows"]:
        """Return the indices of the events that are a split's targets."""
        first = self._windows.first_target
        indices: Sequence[int] = self._test if split == "test" else getattr(self.splits, split)
        return first + np.asarray(indices, dtype=np.int64)

    def _not_empty(self, indices: Sequence[int]) -> Sequence[int]:
        """Return the windows whose target is not empty."""
        if isinstance(self.history, EventHistory):
            return indices
        sizes = self.history.sizes[self._windows.first_target + np.asarray(indices, dtype=np.int64)]
        return [i for i, size in zip(indices, sizes.tolist(), strict=True) if size]

    @cached_property
    def _event_hashes(self) -> UInt64[np.ndarray, " events"]:
        return event_hashes(self.history)
