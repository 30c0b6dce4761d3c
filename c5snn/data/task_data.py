"""What the data of every task is: a data module that names its shapes and describes what a run has seen."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from jaxtyping import Bool, UInt64
from lightning.pytorch import LightningDataModule

from c5snn.errors import ConfigError
from c5snn.records import DataRecord

__all__ = ["READ_ARGUMENTS", "SplitName", "TaskData"]

READ_ARGUMENTS = ("path", "folder", "labels")  # of data: those that name a file or a folder that is read

SplitName = Literal["train", "val", "test"]


class TaskData(LightningDataModule, ABC):
    """Serves the items of train, val and test. Abstract; a subclass is final and has its own ``__init__``.

    It saves no hyperparameters: a checkpoint holds the model alone, ``config.yaml`` the rest.

    Attributes:
        links: Attributes that follow into the model's arguments of the same name, such as ``window``: a shape is
            stated once, with the data.
        content_arguments: Arguments that decide what the data is and nothing else: its identity covers them.
        origin_arguments: Arguments that say at how many origins (or folds) a comparison is made, and which one this is.
        order_seed: Seed of the order of train; ``c5snn fit`` sets it to the run's seed unless it is given as an
            argument. Lightning keeps it in the checkpoint, so a run that goes on sees the order it would have had.
        batch_size: Items of a batch of train on each device.
        micro_batch: Items that a model sees at once in training, a divisor of ``batch_size``; None: the whole batch.
        chooses_micro_batch: Whether it is still to be found: the largest that fits the memory.
    """

    links: ClassVar[tuple[str, ...]] = ()
    content_arguments: ClassVar[tuple[str, ...]] = ()
    origin_arguments: ClassVar[tuple[str, str]] = ("n_origins", "origin")

    order_seed: int = 42
    batch_size: int
    micro_batch: int | None = None
    chooses_micro_batch: bool = False

    @abstractmethod
    def describe(self) -> DataRecord:
        """Return what is recorded of the data; it must be set up."""

    @abstractmethod
    def identities(self, split: SplitName) -> UInt64[np.ndarray, " items"]:
        """Return one hash an item of a split, in the order of the data; :func:`c5snn.data.hash_rows` makes them.

        An item that was trained on is recognised by it in any other file, so it depends on the item's content alone:
        not on dates, not on its place.
        """

    def seen_identities(self) -> UInt64[np.ndarray, " items"]:
        """Return the hash of everything that a run on this data trains or validates on."""
        return np.concatenate([self.identities("train"), self.identities("val")])

    def files(self) -> list[Path]:
        """Return the files that the data is read from; a trial on another machine gets copies of them.

        It need not be set up. What reads a file opens :func:`c5snn.files.located` of its path.
        """
        given = [getattr(self, name, None) for name in READ_ARGUMENTS]
        places = [Path(value) for value in given if isinstance(value, str)]
        below = [file for place in places if place.is_dir() for file in sorted(place.rglob("*"))]
        return [file for file in (*places, *below) if file.is_file()]

    def leave_out_of_test(self, is_left_out: Bool[np.ndarray, " items"]) -> None:
        """Serve, judge and name from now on only the other items of test.

        Args:
            is_left_out: One entry per item of test.

        Raises:
            ConfigError: This kind of data cannot do that.
        """
        counted = f"{is_left_out.sum():,} of {len(is_left_out):,} were trained or validated on"
        raise ConfigError(
            f"A test item must be new to the checkpoint, but {counted}, and a {type(self).__name__} cannot leave them "
            "out. Test on other data."
        )

    def state_dict(self) -> dict[str, int]:
        """Return the seed of the order of train."""
        return {"seed": self.order_seed}

    def load_state_dict(self, state_dict: dict[str, int]) -> None:
        """Continue in the order of the run that is resumed."""
        self.order_seed = state_dict["seed"]
