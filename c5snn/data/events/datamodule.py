"""The data of a run: a history, cut into windows and splits, and the loaders that Lightning asks for."""

import logging
from typing import Any, Literal, final

import numpy as np
import torch
from jaxtyping import Float64, Int64, Shaped
from lightning.pytorch import LightningDataModule

from c5snn.data.events.history import EventHistory, read_events
from c5snn.data.events.loader import WindowLoader, WindowOrder
from c5snn.data.events.origins import check_origin, splits_at
from c5snn.data.events.shape import EventShape
from c5snn.data.events.signals import Repeat, Signal
from c5snn.data.events.synthetic import synthesize
from c5snn.data.events.windows import Splits, Windows, check_ratios, split_windows
from c5snn.errors import ConfigError

__all__ = ["EventDataModule", "SplitName"]

SplitName = Literal["train", "val", "test"]

_logger = logging.getLogger(__name__)


@final
class EventDataModule(LightningDataModule):
    """Serves a history of events, from a file or drawn from a planted signal.

    It saves no hyperparameters: a checkpoint holds the model alone. ``history``, ``oracle``, ``splits`` and ``source``
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
        n_parts: How many parts there are.
        n_active: How many parts are active in every event.

    Raises:
        ConfigError: An argument is out of its range; with ``setup`` also when the history is too short for it.
        DataError: From ``setup``: the file cannot be read or breaks the rules of a history.
    """

    history: EventHistory
    oracle: Float64[np.ndarray, "events parts"] | None
    splits: Splits
    source: str
    _windows: Windows
    _seed: int

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
        self.n_parts, self.n_active = n_parts, n_active

    def setup(self, stage: str | None = None) -> None:
        """Take the seed of the run; read or draw the history and cut it, once, because every stage needs all of it."""
        del stage
        # the seed that the process was last given: by seed_everything, by torch.manual_seed, or by torch itself
        self._seed = torch.initial_seed()
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
        order = WindowOrder(self.splits.train, self._seed if self.shuffle and not overfits else None)
        return WindowLoader(self._windows, order, self.batch_size)

    def val_dataloader(self) -> WindowLoader:
        """Return the batches of val, in the order of time."""
        return self._scoring_loader("val")

    def test_dataloader(self) -> WindowLoader:
        """Return the batches of test, in the order of time."""
        return self._scoring_loader("test")

    def state_dict(self) -> dict[str, int]:
        """Return the seed of the run, which a resumed run needs for its order of train; Lightning keeps it."""
        return {"seed": self._seed}

    def load_state_dict(self, state_dict: dict[str, int]) -> None:
        """Continue in the order of the run that is resumed, whatever this process was seeded with."""
        self._seed = state_dict["seed"]

    def targets(self, split: SplitName) -> Int64[np.ndarray, "windows active"]:
        """Return the active parts of a split's targets."""
        return self.history.parts[self._events(split)]

    def target_dates(self, split: SplitName) -> Shaped[np.ndarray, " windows"]:
        """Return the dates of a split's targets."""
        return self.history.dates[self._events(split)]

    def cut(self) -> dict[str, Any]:
        """Return where the splits lie: how many windows each has, and the dates of the first and the last target."""
        return {
            "n_windows": {split: len(getattr(self.splits, split)) for split in ("train", "val", "test")},
            "first_target": str(self.target_dates("train")[0]),
            "last_target": str(self.target_dates("test")[-1]),
        }

    def oracle_scores(self, split: SplitName) -> Float64[np.ndarray, "windows parts"] | None:
        """Return the log-weights that drew a split's targets; None for a history that nobody planted."""
        return None if self.oracle is None else self.oracle[self._events(split)]

    def train_part_counts(self) -> Int64[np.ndarray, " parts"]:
        """Return how often each part occurs in the events of train: its targets and all events before them."""
        seen = self.history.parts[: self._events("train").stop]
        return np.bincount(seen.ravel(), minlength=self.n_parts + 1)[1:]

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
        return WindowLoader(self._windows, WindowOrder(getattr(self.splits, split)), 4 * self.batch_size)

    def _events(self, split: SplitName) -> slice:
        first = self.window if self.first_target is None else self.first_target
        indices: range = getattr(self.splits, split)
        return slice(first + indices.start, first + indices.stop)
