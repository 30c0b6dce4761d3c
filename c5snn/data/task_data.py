"""What the data of every task is: a data module that names its shapes and describes what a run has seen."""

from abc import ABC, abstractmethod
from typing import ClassVar, Literal

from lightning.pytorch import LightningDataModule

from c5snn.records import DataRecord

__all__ = ["SplitName", "TaskData"]

SplitName = Literal["train", "val", "test"]


class TaskData(LightningDataModule, ABC):
    """Serves the items of train, val and test. Abstract; a subclass is final and has its own ``__init__``.

    It saves no hyperparameters: a checkpoint holds the model alone, ``config.yaml`` the rest.

    Attributes:
        links: Attributes that follow into the model's arguments of the same name, such as ``window``: a shape is
            stated once, with the data.
        content_arguments: Arguments that decide what the data is and nothing else: its identity covers them.
        order_seed: Seed of the order of train; ``c5snn fit`` sets it to the run's seed unless it is given as an
            argument. Lightning keeps it in the checkpoint, so a run that goes on sees the order it would have had.
    """

    links: ClassVar[tuple[str, ...]] = ()
    content_arguments: ClassVar[tuple[str, ...]] = ()

    order_seed: int = 42

    @abstractmethod
    def describe(self) -> DataRecord:
        """Return what is recorded of the data; it must be set up."""

    def state_dict(self) -> dict[str, int]:
        """Return the seed of the order of train."""
        return {"seed": self.order_seed}

    def load_state_dict(self, state_dict: dict[str, int]) -> None:
        """Continue in the order of the run that is resumed."""
        self.order_seed = state_dict["seed"]
