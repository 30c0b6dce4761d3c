"""What a model is asked beyond its test: a prediction of an unknown outcome, the inputs of chosen items."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch

from c5snn.data.task_data import SplitName, TaskData
from c5snn.errors import require

__all__ = ["ItemInputs", "Prediction", "places_until"]


class Prediction(NamedTuple):
    """A model's prediction of an unknown outcome, as a table.

    Attributes:
        title: Which item it is, such as ``the event after 2026-01-28``.
        facts: The same as plain values, such as ``{"after": "2026-01-28"}``.
        columns: Names of the columns.
        rows: The best first, or one an item.
        split: The split that the item is of, where its outcome is known after all; events before the first target count
            as train.
        identity: The item's hash, as :meth:`c5snn.data.TaskData.identities` has it; None where its outcome is unknown.
        is_ranked: Whether the rows are the answers to one question, the best first, rather than one an item.
        identities: The hashes of several items that are no part of the data's splits.
    """

    title: str
    facts: dict[str, str]
    columns: tuple[str, ...]
    rows: Sequence[tuple[int | float | str | None, ...]]
    split: SplitName | None = None
    identity: int | None = None
    is_ranked: bool = True
    identities: tuple[int, ...] = ()


class ItemInputs(NamedTuple):
    """The inputs of chosen items, in the order of the data.

    Attributes:
        inputs: As ``forward`` takes them.
        names: What each item is, such as ``the event after 2026-01-28``.
        features: The names of the inputs' last axis, such as the parts; none where inputs are no rows over time.
    """

    inputs: Any
    names: list[str]
    features: list[str]

    @classmethod
    def of_test(cls, data: TaskData, places: range, features: Sequence[str] = ()) -> "ItemInputs":
        """Return test items by their places, each called by its place.

        Of inputs that are several tensors, such as grids, whose sizes differ from batch to batch, only those are
        returned that are served in one batch with the last one.
        """
        batches = [batch[0] for batch in data.test_dataloader()]
        if isinstance(batches[0], torch.Tensor):
            inputs: Any = torch.cat(batches)[places.start : places.stop]
        else:
            first = 0
            while places[-1] >= first + len(batches[0][0]):
                first += len(batches.pop(0)[0])
            places = range(max(places.start, first), places.stop)
            inputs = type(batches[0])(*(part[places.start - first : places.stop - first] for part in batches[0]))
        return cls(inputs, [f"test item {place}" for place in places], list(features))


def places_until(item: int, n_test: int, n_items: int) -> range:
    """Return the places of test items up to one of them.

    >>> places_until(-1, n_test=100, n_items=3)
    range(97, 100)

    Args:
        item: The last of them; from -1 on backwards, from the end.
        n_test: How many test items there are.
        n_items: How many are wanted.

    Raises:
        ConfigError: There is no such item.
    """
    require("-n_test <= item < n_test", holds=-n_test <= item < n_test, item=item, n_test=n_test)
    last = item % n_test
    return range(max(0, last + 1 - n_items), last + 1)
