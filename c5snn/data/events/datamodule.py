"""The data of a run: a history, cut into windows and splits, and the loaders that Lightning asks for."""

import logging
from dataclasses import asdict
from typing import ClassVar, final

import numpy as np
import torch
from jaxtyping import Float64, Int64, Shaped

from c5snn.data.events.history import EventHistory, read_events
from c5snn.data.events.loader import WindowLoader, WindowOrder
from c5snn.data.events.origins import check_origin, splits_at
from c5snn.data.events.shape import EventShape
from c5snn.data.events.signals import Repeat, Signal
from c5snn.data.events.synthetic import synthesize
from c5snn.data.events.windows import Splits, Windows, check_ratios, split_windows
from c5snn.data.task_data import SplitName, TaskData
from c5snn.errors import ConfigError, require
from c5snn.records import DataRecord, Fact, test_identity

__all__ = ["EventDataModule"]

_logger = logging.getLogger(__name__)


@final
class EventDataModule(TaskData):
    """Serves a history of events, from a file or drawn from a planted signal.

    ``history``, ``oracle``, ``splits`` and ``source``
    exist after ``setup``; ``oracle`` is None for a file, ``source`` is one line that says what the data is.

    Args:
        path: CSV file of the history, plain or ``.gz``; it wins over ``signal``. None for a synthetic history.
        signal: What a synthetic history repeats; None means ``Repeat(lag=1)``.
        strength: How strongly it repeats it; 0 is the fair lottery.
        n_events: How many events a synthetic history has.
        data_seed: Makes a synthetic history; never the seed of the training.
        window: How many past events a model sees.
        first_target: Index of the first event that is a target; None means ``window``. Runs that share it share their
            targets and splits, whatever their windows.
        split: Shares of train, val and test, cut in the order of time.
        n_origins: At how many points in time the same comparison is made; each but the last, which is ``split``, lies
            one test block before the next.
        origin: Which of them this run is, from 0, the earliest.
        batch_size: How many windows a batch of train holds; those of val and test hold four times as many.
        shuffle: Whether train windows come in a new order in each epoch, rather than in that of time.
        order_seed: Seed of these orders; None: the seed of the run under ``c5snn``, otherwise 42.
        n_parts: How many parts there are.
        n_active: How many parts are active in every event.

    Raises:
        ConfigError: An argument is out of its range; with ``setup`` also when the history is too short for it.
        DataError: From ``setup``: the file cannot be read or breaks the rules of a history.
    """

    links: ClassVar[tuple[str, ...]] = ("window", "n_parts")
    content_arguments: ClassVar[tuple[str, ...]] = ("path", "signal", "strength", "n_events", "data_seed")

    history: EventHistory
    oracle: Float64[np.ndarray, "events parts"] | None
    splits: Splits
    source: str
    _windows: Windows

    def __init__(  # noqa: PLR0913  # its arguments are its options
        self,
        path: str | None = None,
        signal: Signal | None = None,
        *,
        strength: float = 1.0,
        n_events: int = 11_700,
        data_seed: int = 1,
        window: int = 21,
        first_target: int | None = None,
        split: tuple[float, float, float] = (0.7, 0.15, 0.15),
        n_origins: int = 1,
        origin: int = 0,
        batch_size: int = 64,
        shuffle: bool = True,
        order_seed: int | None = None,
        n_parts: int = 39,
        n_active: int = 5,
    ) -> None:
        super().__init__()
        EventShape(n_parts, n_active)
        check_ratios(split)
        check_origin(n_origins, origin)
        if batch_size < 1:
            raise ConfigError(f"`1 <= batch_size` must hold, but got batch_size={batch_size}.")
        if window < 1:
            raise ConfigError(f"`1 <= window` must hold, but got window={window}.")
        self.path, self.signal = path, signal
        self.strength, self.n_events, self.data_seed = strength, n_events, data_seed
        self.window, self.first_target, self.split = window, first_target, split
        self.n_origins, self.origin = n_origins, origin
        self.batch_size, self.shuffle = batch_size, shuffle
        if order_seed is not None:
            require("0 <= order_seed", holds=order_seed >= 0, order_seed=order_seed)
            self.order_seed = order_seed
        self.n_parts, self.n_active = n_parts, n_active

    def setup(self, stage: str | None = None) -> None:
        """Read or draw the history and cut it, once, because every stage needs all of it."""
        del stage
        if hasattr(self, "_windows"):
            return
        history, oracle, source = self._load()
        windows = Windows(torch.from_numpy(history.multi_hot()), self.window, self.first_target)
        self.splits = splits_at(split_windows(len(windows), self.split), self.n_origins, self.origin)
        self.history, self.oracle, self.source, self._windows = history, oracle, source, windows
        _logger.info("Data: %s.", source)

    def train_dataloader(self) -> WindowLoader:
        """Return the batches of train, in an order that the run's seed and the epoch decide."""
        overfits = getattr(self.trainer, "overfit_batches", 0) > 0  # Lightning turns shuffling off for these alone
        order = WindowOrder(self.splits.train, self.order_seed if self.shuffle and not overfits else None)
        return WindowLoader(self._windows, order, self.batch_size)

    def val_dataloader(self) -> WindowLoader:
        """Return the batches of val, in the order of time."""
        return self._scoring_loader("val")

    def test_dataloader(self) -> WindowLoader:
        """Return the batches of test, in the order of time."""
        return self._scoring_loader("test")

    def targets(self, split: SplitName) -> Int64[np.ndarray, "windows active"]:
        """Return the active parts of a split's targets."""
        return self.history.parts[self._events(split)]

    def target_dates(self, split: SplitName) -> Shaped[np.ndarray, " windows"]:
        """Return the dates of a split's targets."""
        return self.history.dates[self._events(split)]

    def describe(self) -> DataRecord:
        """Return what is recorded of the history: its identity, where its splits lie, and how it was drawn."""
        n_items = {split: len(getattr(self.splits, split)) for split in ("train", "val", "test")}
        first, last = str(self.target_dates("train")[0]), str(self.target_dates("test")[-1])
        facts: dict[str, Fact] = {
            "n_parts": self.n_parts,
            "n_active": self.n_active,
            "window": self.window,
            "first_target": first,
            "last_target": last,
        }
        return DataRecord(
            source=self.source,
            item="window",
            n_items=n_items,
            identity=self.history.sha256,
            test_identity=test_identity(self.history.sha256, {"n_items": n_items, "first": first, "last": last}),
            n_origins=self.n_origins,
            origin=self.origin,
            facts=facts | self._planted(),
            choices=(*self.content_arguments, "n_origins", "origin"),
        )

    def oracle_scores(self, split: SplitName) -> Float64[np.ndarray, "windows parts"] | None:
        """Return the log-weights that drew a split's targets; None for a history that nobody planted."""
        return None if self.oracle is None else self.oracle[self._events(split)]

    def train_part_counts(self) -> Int64[np.ndarray, " parts"]:
        """Return how often each part occurs in the events of train: its targets and all events before them."""
        seen = self.history.parts[: self._events("train").stop]
        return np.bincount(seen.ravel(), minlength=self.n_parts + 1)[1:]

    def _planted(self) -> dict[str, Fact]:
        if self.path is not None:
            return {}
        signal = Repeat(lag=1) if self.signal is None else self.signal
        return {
            "signal": {"class": type(signal).__name__, **asdict(signal)},  # type: ignore[call-overload]  # a dataclass
            "strength": float(self.strength),
            "data_seed": self.data_seed,
            "n_events": self.n_events,
        }

    def _load(self) -> tuple[EventHistory, Float64[np.ndarray, "events parts"] | None, str]:
        if self.path is not None:
            ignored = "" if self.signal is None else f" (it wins over the signal {self.signal})"
            return read_events(self.path, self.n_parts, self.n_active), None, f"{self.path}{ignored}"
        signal = Repeat(lag=1) if self.signal is None else self.signal
        drawn = synthesize(
            signal,
            strength=self.strength,
            n_events=self.n_events,
            data_seed=self.data_seed,
            n_parts=self.n_parts,
            n_active=self.n_active,
        )
        facts = f"strength {self.strength}, {self.n_events:,} events, data seed {self.data_seed}"
        return *drawn, f"synthetic history {signal}, {facts}"

    def _scoring_loader(self, split: SplitName) -> WindowLoader:
        # a window takes several times less memory where nothing is kept for a gradient
        order = WindowOrder(getattr(self.splits, split))
        return WindowLoader(self._windows, order, min(4 * self.batch_size, max(1, len(order))))

    def _events(self, split: SplitName) -> slice:
        first = self.window if self.first_target is None else self.first_target
        indices: range = getattr(self.splits, split)
        return slice(first + indices.start, first + indices.stop)
