"""A point of a sweep's grid: a whole configuration, with the identity of what it computes."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from c5snn.data.micro_batches import half_micro_batch
from c5snn.records import Headline
from c5snn.sweeps.code import code_key
from c5snn.sweeps.job import Fallback

__all__ = [
    "Config",
    "Point",
    "fallbacks",
    "smaller_micro_batches",
    "training_seed",
    "trial_key",
]

MAX_FALLBACKS = 4

Config = dict[str, Any]


@dataclass(frozen=True)
class Point:
    """One configuration of a sweep, without its seed.

    Args:
        config_id: Its place in the grid, from 1.
        base: The base or the variant that it starts from, as its row is called.
        model: The model's short name.
        values: The options of the sweep's space with this point's values.
        config: The whole configuration, as ``train`` takes it.
        identity: Canonical JSON of all that decides the result but the seed; equal identities compute the same.
        arguments: The same with the model's arguments as they are given.
        n_parameters: Trainable parameters.
        headline: The metric that chooses and is judged.
        metrics: Names of all metrics in the order in which they are shown, the headline first.
        data: Identity of the items that it is scored on; only points with equal ones are ranked together.
        modules: The modules that compute it, by their file, each with its digest.
        own_seeds_of: What its training seeds follow from beside those of the sweep; empty where they are the sweep's.
        micro_batches: What is tried, one after the other, where memory runs out.
        kept: Keys of trials by other code that stand for its own, by seed.
    """

    config_id: int
    base: str
    model: str
    values: dict[str, Any]
    config: Config
    identity: str
    arguments: str
    n_parameters: int
    headline: Headline
    metrics: tuple[str, ...]
    data: str
    modules: Mapping[str, str]
    own_seeds_of: str = ""
    micro_batches: Sequence[int] = ()
    kept: Mapping[int, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The short name of the code that computes it."""
        return code_key(self.modules)


def training_seed(point: Point, seed: int) -> int:
    """Return the seed that a point is trained with, given that of the sweep."""
    if not point.own_seeds_of:
        return seed
    return int(hashlib.sha256(f"{point.own_seeds_of}|seed={seed}".encode()).hexdigest()[:8], 16)


def trial_key(point: Point, seed: int) -> str:
    """Return the name of the trial's folder: a hash of everything that decides its result, that of the code last."""
    decisive = f"{point.identity}|seed={training_seed(point, seed)}"
    computed = hashlib.sha256(decisive.encode()).hexdigest()[:16]
    return point.kept.get(seed) or f"{computed}{point.code}"


def fallbacks(point: Point, seed: int) -> list[Fallback]:
    """Return the same trial with smaller micro-batches, each under the key that it has in a sweep of its own."""
    return [Fallback(trial_key(_with_micro_batch(point, size), seed), size) for size in point.micro_batches]


def smaller_micro_batches(batch_size: int, micro_batch: int | None) -> list[int]:
    """Return the micro-batches to try where memory runs out: each the largest divisor that is at most half."""
    found = list[int]()
    while len(found) < MAX_FALLBACKS and (micro_batch := half_micro_batch(batch_size, micro_batch)) is not None:
        found.append(micro_batch)
    return found


def _with_micro_batch(point: Point, size: int) -> Point:
    def changed(text: str) -> str:
        decisive = json.loads(text)
        decisive["data"][1]["micro_batch"] = size
        return json.dumps(decisive, sort_keys=True)

    return replace(point, identity=changed(point.identity), arguments=changed(point.arguments), kept={})
