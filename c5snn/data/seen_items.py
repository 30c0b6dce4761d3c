"""Which items a model was trained or validated on: hashes that travel in its checkpoints through every warm start."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, final

import numpy as np
import torch
from jaxtyping import Bool, Shaped, UInt64

if TYPE_CHECKING:
    from c5snn.data.task_data import TaskData

__all__ = ["SeenItems", "hash_contents", "hash_rows"]


def hash_rows(rows: Shaped[np.ndarray, "items ..."]) -> UInt64[np.ndarray, " items"]:
    """Return one 64-bit hash an item, the same for equal rows in every process and on every machine.

    >>> first, second, third = hash_rows(np.array([[1, 2], [1, 3], [1, 2]]))
    >>> bool(first == third), bool(first == second)
    (True, False)
    """
    return hash_contents(np.ascontiguousarray(row).tobytes() for row in rows)


def hash_contents(contents: Iterable[bytes]) -> UInt64[np.ndarray, " items"]:
    """Return one 64-bit hash for each content."""
    digests = b"".join(hashlib.blake2b(content, digest_size=8).digest() for content in contents)
    return np.frombuffer(digests, "<u8").astype(np.uint64)


@final
@dataclass(frozen=True, eq=False)
class SeenItems:
    """The items that the weights of a model depend on.

    Within one split of one history they are known exactly: its test was never trained on, however often the history
    repeats itself. Between histories equal items are recognised by their hashes.

    Args:
        hashes: Of every item of train and val, each once, ascending.
        splits: The test identities of the data that these items are from.
    """

    hashes: UInt64[np.ndarray, " items"] = field(default_factory=lambda: np.empty(0, np.uint64))
    splits: frozenset[str] = frozenset()

    @classmethod
    def of(cls, data: "TaskData") -> "SeenItems":
        """Return what a run on this data sees; it must be set up."""
        return cls(np.unique(data.seen_identities()), frozenset({data.describe().test_identity}))

    def union(self, other: "SeenItems") -> "SeenItems":
        """Return the items that either has seen."""
        return SeenItems(np.union1d(self.hashes, other.hashes), self.splits | other.splits)

    def in_test(self, data: "TaskData") -> Bool[np.ndarray, " items"]:
        """Return which items of a test were seen.

        Args:
            data: The data whose test it is, set up.
        """
        hashes = data.identities("test")
        if self.splits <= {data.describe().test_identity}:
            return np.zeros(len(hashes), dtype=bool)
        return np.isin(hashes, self.hashes)

    def to_checkpoint(self) -> dict[str, Any]:
        """Return tensors and plain values."""
        return {"hashes": torch.from_numpy(self.hashes.astype(np.uint64)), "splits": sorted(self.splits)}

    @classmethod
    def from_checkpoint(cls, checkpoint: Mapping[str, Any]) -> "SeenItems | None":
        """Return what the model of a checkpoint has seen; None where the checkpoint does not list it."""
        if "seen" not in checkpoint:
            return None
        splits: Iterable[str] = checkpoint["seen"]["splits"]
        return cls(checkpoint["seen"]["hashes"].cpu().numpy(), frozenset(splits))
