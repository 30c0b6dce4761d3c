"""What is recorded of a test: it explains itself, so that nothing above has to know which task wrote it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from jaxtyping import Float, Shaped

from c5snn.evidence import CONSTANT_SHARE, Interval, Null, Verdict, Words, null_from_json
from c5snn.files import replacing

__all__ = ["CheckpointRecord", "Headline", "MetricScore", "Reference", "TestItems", "TestRecord"]


class Headline(NamedTuple):
    """The one metric that chooses and that the verdict speaks of, named before training.

    Attributes:
        name: As it is logged, without the split: ``recall_at_20``.
        label: As it is printed: ``Recall@20``.
        mode: Which direction is better.
    """

    name: str
    label: str
    mode: Literal["max", "min"]

    @property
    def monitor(self) -> str:
        """The name under which validation logs it."""
        return f"val_{self.name}"

    @property
    def sign(self) -> int:
        """1 where higher is better, −1 where lower is: ``sign * difference`` above zero is an improvement."""
        return 1 if self.mode == "max" else -1


@dataclass(frozen=True)
class MetricScore:
    """One metric on test.

    Args:
        value: The mean over items.
        interval: Its 95 % interval over items; None for a single item, and where none is computed.
        chance: Its exact mean under the null; None where the null says nothing of it.
        p: One-sided p-value; None likewise.
        is_exact: Whether p is exact; otherwise it is simulated or an approximation, and not printed below 0.0001.
        no_p: Why there is no p; empty where there is one, and where none is asked for.
    """

    value: float
    interval: Interval | None = None
    chance: float | None = None
    p: float | None = None
    is_exact: bool = True
    no_p: str = ""

    @property
    def lift(self) -> float | None:
        """The value above chance."""
        return None if self.chance is None else self.value - self.chance


@dataclass(frozen=True)
class Reference:
    """What a model is held against that knows no input, or less of it, on the same items.

    Args:
        name: Its name in ``test_items.npz``: ``popularity_baseline``.
        label: What it is called: ``popularity baseline``.
        says: What it is, in a few words.
        beaten: What a model does that beats it.
        value: Its headline.
        difference: How much better the model is, mean over items, greater is better.
        interval: The 95 % interval of the difference.
        p: One-sided p of the paired difference; None where its items were not kept. Where the reference has several
            forms it is the largest over them.
        is_exact: Whether this p is exact; otherwise it is simulated, and not printed below what its draws resolve.
        also: Names of those other forms.
    """

    name: str
    label: str
    says: str
    beaten: str
    value: float
    difference: float
    interval: Interval | None = None
    p: float | None = None
    is_exact: bool = True
    also: tuple[str, ...] = ()


class CheckpointRecord(NamedTuple):
    """The checkpoint that was tested: its file's name and SHA-256."""

    file: str
    sha256: str


@dataclass(frozen=True)
class TestRecord:
    """What a test said of one training.

    Args:
        headline: The metric that the verdict speaks of.
        words: The nouns of the task.
        metrics: Every metric by name, the headline first.
        n_items: Items of the test that were scored.
        null: What luck alone would do.
        references: What the model is held against, the weakest first.
        n_distinct: Different outputs among the items.
        same_share: Share of the items that get the commonest output.
        verdict: What it is worth.
        data_identity: Hash of the data it was tested on.
        oracle: The headline of the best possible prediction; None where it is unknown.
        skill: (model − chance) / (oracle − chance) in expectation over what might have come; None where undefined.
        realized_skill: The same with what came, which has the luck of the draw in it.
        checkpoint: What was tested; None for a model without weights.
        n_excluded: Items that were left out because the checkpoint was trained or validated on them.
        by_class: The headline of the items of each class, by the classes' names; empty where outcomes are no classes.
    """

    __test__ = False  # its name is no test's

    headline: Headline
    words: Words
    metrics: dict[str, MetricScore]
    n_items: int
    null: Null
    references: tuple[Reference, ...]
    n_distinct: int
    same_share: float
    verdict: Verdict
    data_identity: str = ""
    oracle: float | None = None
    skill: float | None = None
    realized_skill: float | None = None
    checkpoint: CheckpointRecord | None = None
    n_excluded: int = 0
    by_class: dict[str, MetricScore] = field(default_factory=dict)

    @property
    def score(self) -> MetricScore:
        """The headline's own score."""
        return self.metrics[self.headline.name]

    @property
    def ignores_input(self) -> bool:
        """Whether (nearly) all items get the same output; a single item has one output, which shows nothing."""
        return self.same_share >= CONSTANT_SHARE and self.n_items > 1

    def to_json(self) -> dict[str, Any]:
        """Return the record as ``test_metrics.json`` holds it."""
        return {
            "headline": self.headline._asdict(),
            "words": self.words._asdict(),
            "metrics": _scores_to_json(self.metrics),
            "n_items": self.n_items,
            "null": self.null.to_json(),
            "references": [vars(entry) for entry in self.references],
            "n_distinct": self.n_distinct,
            "same_share": self.same_share,
            "oracle": self.oracle,
            "skill": self.skill,
            "realized_skill": self.realized_skill,
            "verdict": vars(self.verdict),
            "data_identity": self.data_identity,
            "checkpoint": self.checkpoint and self.checkpoint._asdict(),
            "n_excluded": self.n_excluded,
            **({"by_class": _scores_to_json(self.by_class)} if self.by_class else {}),
        }

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> "TestRecord":
        """Return the record of these values."""
        references = tuple(map(_reference, fields["references"]))
        return cls(
            headline=Headline(**fields["headline"]),
            words=Words(**fields["words"]),
            metrics=_scores(fields["metrics"]),
            n_items=fields["n_items"],
            null=null_from_json(fields["null"]),
            references=references,
            n_distinct=fields["n_distinct"],
            same_share=fields["same_share"],
            verdict=Verdict(**fields["verdict"]),
            data_identity=fields["data_identity"],
            oracle=fields["oracle"],
            skill=fields["skill"],
            realized_skill=fields.get("realized_skill"),
            checkpoint=CheckpointRecord(**fields["checkpoint"]) if fields["checkpoint"] else None,
            n_excluded=fields.get("n_excluded", 0),
            by_class=_scores(fields.get("by_class", {})),
        )


@dataclass(frozen=True)
class TestItems:
    """What a test said of each item, as ``test_items.npz`` keeps it.

    Args:
        scores: The headline of each item.
        references: That of each reference, by its name.
        predictions: What the null needs of the model, one row an item.
        outcomes: What came, one row an item.
        details: What the task's own sections of a report are made of, by name.
    """

    __test__ = False

    scores: Float[np.ndarray, " items"]
    references: dict[str, Float[np.ndarray, " items"]]
    predictions: Shaped[np.ndarray, "items ..."]
    outcomes: Shaped[np.ndarray, "items ..."]
    details: dict[str, Shaped[np.ndarray, "..."]] = field(default_factory=dict)

    def save(self, path: Path) -> None:
        """Write the items, whole or not at all."""
        arrays = {"scores": self.scores, "predictions": self.predictions, "outcomes": self.outcomes}
        arrays |= {f"reference_{name}": values for name, values in self.references.items()}
        arrays |= {f"detail_{name}": values for name, values in self.details.items()}
        with replacing(path) as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # no array is called allow_pickle

    @classmethod
    def load(cls, path: Path) -> "TestItems":
        """Read the items."""
        with np.load(path) as file:
            references, details = (
                {name.removeprefix(kind): np.asarray(file[name]) for name in file if name.startswith(kind)}
                for kind in ("reference_", "detail_")
            )
            return cls(file["scores"], references, file["predictions"], file["outcomes"], details)


def _scores_to_json(scores: Mapping[str, MetricScore]) -> dict[str, Any]:
    return {name: vars(entry) | {"lift": entry.lift} for name, entry in scores.items()}


def _scores(fields: Mapping[str, Mapping[str, Any]]) -> dict[str, MetricScore]:
    return {
        name: MetricScore(
            entry["value"],
            _interval(entry["interval"]),
            entry["chance"],
            entry["p"],
            entry.get("is_exact", True),
            entry.get("no_p", ""),
        )
        for name, entry in fields.items()
    }


def _reference(fields: Mapping[str, Any]) -> Reference:
    typed = {"interval": _interval(fields["interval"]), "also": tuple(fields.get("also", ()))}
    return Reference(**{**fields, **typed})


def _interval(ends: Sequence[float] | None) -> Interval | None:
    return None if ends is None else Interval(*ends)
