"""The data of a category run: ARC tasks, read or drawn, cut into splits, and the loaders that Lightning asks for."""

import hashlib
import logging
from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import ClassVar, Literal, final

import numpy as np
from jaxtyping import Bool, Int64, UInt64

from c5snn.data.arc.arc_task import CATEGORIES, ArcTask
from c5snn.data.arc.grids import GridPairs, pad_pairs
from c5snn.data.arc.loader import Augmentation, SizedBatches, TaskLoader, TaskOrder
from c5snn.data.arc.reading import LargestSide, ReadTasks, read_tasks
from c5snn.data.arc.splits import ArcSplits, check_fold, fold_splits, reference_splits, stratified_splits
from c5snn.data.arc.synthetic import synthesize_tasks
from c5snn.data.events.windows import check_ratios
from c5snn.data.micro_batches import AUTO, MicroBatchSize, check_micro_batch, fixed_micro_batch
from c5snn.data.seen_items import hash_rows
from c5snn.data.task_data import SplitName, TaskData
from c5snn.errors import ConfigError, require, require_positive
from c5snn.records import DataRecord, Fact, test_identity

__all__ = ["ArcDataModule"]

_logger = logging.getLogger(__name__)

SCORED_BATCH = 32


@final
class ArcDataModule(TaskData):
    """Serves ARC tasks with their categories, from files or drawn by families of rules.

    ``tasks``, ``unlabelled``, ``splits`` and ``source`` exist after ``setup``. Batches are ``(GridPairs, labels)``.

    Args:
        path: Folder of JSON files, one a task, or one JSON file; None for synthetic tasks.
        labels: JSON file ``{task id: category}``; tasks without one of the nine categories are left out. None with a
            path: no category is known, which serves ``c5snn predict`` alone.
        n_per_category: How many synthetic tasks each category has.
        data_seed: Makes the synthetic tasks; never the seed of the training.
        max_side: The largest height or width of a grid; a larger one is an error.
        leave_out_larger: Whether tasks with a larger grid are left out, and reported, instead.
        n_demos: How many demonstrations a model sees; of a task with fewer the last repeats.
        batch_size: How many tasks a batch holds.
        augment_colors: Whether train permutes the colours of a task, one permutation for all its grids.
        keep_background: Whether that leaves the background 0.
        random_demos: Whether train samples the demonstrations of a task, rather than taking its first.
        micro_batch: How many tasks the model sees at once in training; the gradients of a batch are added up over
            them, so less memory gives the same step. A divisor of ``batch_size``; None: the whole batch; ``auto``: the
            largest that fits the memory, measured before the run.
        shuffle: Whether train comes in a new order in each epoch, in batches of tasks of similar size.
        split: Shares of train, val and test within each category; or ``reference``, the cut of an earlier study: a
            fifth of each category, rounded down, is val, and there is no test.
        split_seed: Draws the splits: category k is shuffled with Python's ``Random(split_seed + k)``.
        folds: Number of folds of a cross-validation, which replaces ``split``; None for one split.
        fold: Which fold is test, from 0.
        order_seed: Seed of order and augmentation; None: the seed of the run under ``c5snn``, otherwise 42.

    Raises:
        ConfigError: An argument is out of its range.
        DataError: From ``setup``: a file cannot be read, or a task breaks a rule.
    """

    links: ClassVar[tuple[str, ...]] = ("n_demos", "n_categories", "max_side")
    content_arguments: ClassVar[tuple[str, ...]] = (
        "path", "labels", "n_per_category", "data_seed", "max_side", "leave_out_larger",
    )  # fmt: skip
    origin_arguments: ClassVar[tuple[str, str]] = ("folds", "fold")

    n_categories: ClassVar[int] = len(CATEGORIES)

    tasks: list[ArcTask]
    unlabelled: list[ArcTask]
    splits: ArcSplits
    source: str
    _test: list[int]

    def __init__(  # noqa: PLR0913  # its arguments are its options
        self,
        path: str | None = None,
        labels: str | None = None,
        *,
        n_per_category: int = 100,
        data_seed: int = 1,
        max_side: int = 30,
        leave_out_larger: bool = False,
        n_demos: int = 3,
        batch_size: int = 16,
        micro_batch: MicroBatchSize = None,
        augment_colors: bool = True,
        keep_background: bool = True,
        random_demos: bool = True,
        shuffle: bool = True,
        split: tuple[float, float, float] | Literal["reference"] = (0.6, 0.2, 0.2),
        split_seed: int = 42,
        folds: int | None = None,
        fold: int = 0,
        order_seed: int | None = None,
    ) -> None:
        super().__init__()
        require_positive(n_per_category=n_per_category, max_side=max_side, n_demos=n_demos, batch_size=batch_size)
        check_micro_batch(micro_batch, batch_size)
        require("labels needs path", holds=labels is None or path is not None, labels=labels, path=path)
        require("0 <= split_seed", holds=split_seed >= 0, split_seed=split_seed)
        self._shares = None if split == "reference" else check_ratios(split)
        self._fold = check_fold(folds, fold)
        self.path, self.labels = path, labels
        self.n_per_category, self.data_seed = n_per_category, data_seed
        self.max_side, self.leave_out_larger, self.n_demos = max_side, leave_out_larger, n_demos
        self.batch_size, self.shuffle = batch_size, shuffle
        self.micro_batch, self.chooses_micro_batch = fixed_micro_batch(micro_batch), micro_batch == AUTO
        self.augment_colors, self.keep_background, self.random_demos = augment_colors, keep_background, random_demos
        self.split_seed, self.folds, self.fold = split_seed, folds, fold
        if order_seed is not None:
            require("0 <= order_seed", holds=order_seed >= 0, order_seed=order_seed)
            self.order_seed = order_seed

    def setup(self, stage: str | None = None) -> None:
        """Read or draw the tasks and cut them, once, because every stage needs all of them."""
        if not hasattr(self, "splits"):
            self._prepare()
        if stage == "fit":
            require(
                "labels is given to train on files", holds=bool(self.tasks), error=ConfigError, labels=self.labels,
                path=self.path, fix="Give `--data.labels FILE`, a JSON file {task id: category}.",
            )  # fmt: skip
            for name in ("train", "val"):
                require(f"1 <= n_{name}", holds=bool(self.items(name)), n_tasks=len(self.tasks), fix="Give more tasks.")

    def train_dataloader(self) -> TaskLoader:
        """Return the batches of train, in an order that the run's seed and the epoch decide."""
        overfits = getattr(self.trainer, "overfit_batches", 0) > 0  # Lightning turns shuffling off for these alone
        share = (0, 1) if self.trainer is None else (self.trainer.global_rank, self.trainer.world_size)
        seed = self.order_seed if self.shuffle and not overfits else None
        batches = SizedBatches(TaskOrder(self.splits.train), self.batch_size * share[1], self._sizes, seed)
        augmentation = Augmentation(self.order_seed, self.random_demos, self.augment_colors, self.keep_background)
        return TaskLoader(self.tasks, batches, self.n_demos, augmentation, share)

    def val_dataloader(self) -> TaskLoader:
        """Return the batches of val, category by category."""
        return self._scoring_loader("val")

    def test_dataloader(self) -> TaskLoader:
        """Return the batches of test, category by category.

        Raises:
            ConfigError: There is no test.
        """
        require("1 <= n_test", holds=bool(self._test), n_test=0, fix="The reference split has none: use another.")
        return self._scoring_loader("test")

    def items(self, split: SplitName) -> list[ArcTask]:
        """Return the tasks of a split, in the order in which it is served."""
        return [self.tasks[index] for index in self._indices(split)]

    def targets(self, split: SplitName) -> Int64[np.ndarray, " tasks"]:
        """Return the categories of a split."""
        return np.array([task.category for task in self.items(split)], dtype=np.int64)

    def scored_categories(self) -> list[int]:
        """Return the categories that occur in val and, where there is a test, in test."""
        splits: list[SplitName] = ["val", "test"] if self._test else ["val"]
        return sorted(set.intersection(*({int(label) for label in self.targets(split)} for split in splits)))

    def pairs_of(self, tasks: Sequence[ArcTask]) -> Iterator[GridPairs]:
        """Yield tasks as they are, in batches, for what is computed outside of training."""
        for start in range(0, len(tasks), SCORED_BATCH):
            yield pad_pairs([task.chosen(self.n_demos) for task in tasks[start : start + SCORED_BATCH]])

    def describe(self) -> DataRecord:
        """Return what is recorded of the tasks: their identity, their splits, and how they were drawn."""
        identity = hashlib.sha256(b"".join(task.content + bytes([task.category or 0]) for task in self.tasks))
        splits = ("train", "val", "test")
        layout = [sorted(task.content.hex() for task in self.items(split)) for split in splits]  # type: ignore[arg-type]
        facts: dict[str, Fact] = {"classes": list(CATEGORIES), "n_demos": self.n_demos}
        if self.path is None:
            facts |= {"n_per_category": self.n_per_category, "data_seed": self.data_seed}
        return DataRecord(
            source=self.source,
            item="task",
            n_items=dict(zip(splits, map(len, layout), strict=True)),
            identity=identity.hexdigest(),
            test_identity=test_identity(identity.hexdigest(), layout),
            n_origins=1 if self._fold is None else self._fold.n_folds,
            origin=0 if self._fold is None else self._fold.fold,
            facts=facts,
            choices=(*self.content_arguments, *self.origin_arguments),
        )

    def identities(self, split: SplitName) -> UInt64[np.ndarray, " tasks"]:
        """Return one hash a task, of its grids alone."""
        return self.identities_of(self.items(split))

    def identities_of(self, tasks: Sequence[ArcTask]) -> UInt64[np.ndarray, " tasks"]:
        """Return one hash a task, of its grids alone."""
        rows = [np.frombuffer(task.content, dtype=np.uint8) for task in tasks]
        return hash_rows(np.stack(rows) if rows else np.empty((0, 1), dtype=np.uint8))

    def files(self) -> list[Path]:
        """Return the files of the tasks and that of their labels."""
        if self.path is None:
            return []
        place, labels = Path(self.path), [] if self.labels is None else [Path(self.labels)]
        tasks = sorted(place.glob("*.json")) if place.is_dir() else [place]
        return [file for file in dict.fromkeys([*tasks, *labels]) if file.is_file()]

    def leave_out_of_test(self, is_left_out: Bool[np.ndarray, " tasks"]) -> None:
        """Serve, judge and name from now on only the other tasks of test."""
        self._test = [index for index, is_out in zip(self._test, is_left_out, strict=True) if not is_out]

    def _prepare(self) -> None:
        read = self._read()
        self.tasks, self.unlabelled = read.tasks, read.unlabelled
        for note in read.notes:
            _say_once(note, self.source)
        categories = [task.category or 0 for task in self.tasks]
        if self._fold is not None:
            cut = fold_splits(categories, self._fold, self.split_seed)
        elif self._shares is None:
            cut = reference_splits(categories, self.split_seed)
        else:
            cut = stratified_splits(categories, self._shares, self.split_seed)
        # tasks of one size beside one another within each category: less padding, and the categories stay in order
        self.splits = ArcSplits(*(sorted(indices, key=self._place) for indices in cut))
        self._test = self.splits.test
        _logger.info("Data: %s.", self.source)

    def _read(self) -> ReadTasks:
        if self.path is None:
            self.source = f"synthetic ARC tasks, {self.n_per_category} a category, data seed {self.data_seed}"
            return ReadTasks(synthesize_tasks(self.n_per_category, self.data_seed), [], [])
        self.source = f"ARC tasks of {self.path}"
        return read_tasks(self.path, self.labels, LargestSide(self.max_side, self.leave_out_larger))

    def _place(self, index: int) -> tuple[int, int, int]:
        return self.tasks[index].category or 0, int(self._sizes[index]), index

    def _indices(self, split: SplitName) -> list[int]:
        found: list[int] = self._test if split == "test" else getattr(self.splits, split)
        return found

    def _scoring_loader(self, split: SplitName) -> TaskLoader:
        return TaskLoader(
            self.tasks,
            SizedBatches(TaskOrder(self._indices(split)), self.batch_size, self._sizes, None),
            self.n_demos,
        )

    @cached_property
    def _sizes(self) -> Int64[np.ndarray, " tasks"]:
        return np.array([max(task.height, task.width) ** 2 for task in self.tasks], dtype=np.int64)


@cache  # a sweep reads the same files for many configurations
def _say_once(note: str, source: str) -> None:
    """Warn of what is left out of a source, once a process."""
    del source
    _logger.warning("%s", note)
