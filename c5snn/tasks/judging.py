"""From the scores of a test's items to its record and verdict: the part of judging that every task shares."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Shaped

from c5snn.evidence import (
    Null,
    ReferenceP,
    Words,
    items_per_answer,
    mean_interval,
    paired_difference,
    skill,
    verdict,
)
from c5snn.records import Headline, MetricScore, Reference, TestItems, TestRecord

__all__ = ["ItemTable", "Judgement", "ReferenceWords", "judge_items"]


class ItemTable(NamedTuple):
    """The items of a test as a table to read, one row an item."""

    columns: list[str]
    rows: list[list[object]]


class Judgement(NamedTuple):
    """The result of a test: of the model, and of each item.

    Attributes:
        record: Of the model.
        items: Of each item, for statistics.
        table: Of each item, for readers; None where the task has none.
    """

    record: TestRecord
    items: TestItems
    table: ItemTable | None = None


class ReferenceWords(NamedTuple):
    """What a reference is called; see :class:`c5snn.records.Reference`."""

    name: str
    label: str
    says: str
    beaten: str


def judge_items(  # each is a fact of its own
    items: TestItems,
    null: Null,
    *,
    headline: Headline,
    words: Words,
    references: Sequence[ReferenceWords],
    answers: Shaped[np.ndarray, "items ..."],
    metrics: Mapping[str, MetricScore] | None = None,
    oracle: float | None = None,
    table: ItemTable | None = None,
) -> Judgement:
    """Judge a test from its items.

    Args:
        items: The test's scores, predictions and outcomes.
        null: The distribution under chance alone.
        headline: The metric of the verdict.
        words: The nouns of the task.
        references: What the model is compared with, the weakest first; their scores are among the items.
        answers: The model's answer for each item, as :meth:`c5snn.tasks.Task.answers`.
        metrics: Further metrics, or another value of the headline; its p and chance are computed here.
        oracle: The headline of the best possible prediction; None where it is unknown.
        table: The items for readers.
    """
    n_items = len(items.scores)
    main = (metrics or {}).get(headline.name) or MetricScore(float(items.scores.mean()), mean_interval(items.scores))
    p = null.p_value(items.predictions, items.outcomes).p
    main = MetricScore(main.value, main.interval, null.mean, p)
    beside = tuple(_reference(entry, items, headline) for entry in references)
    sharing = items_per_answer(answers)
    same_share = int(sharing.max()) / n_items
    share = None if oracle is None else skill(main.value, oracle, null.mean, n_items, null.variance)
    record = TestRecord(
        headline=headline,
        words=words,
        metrics={headline.name: main, **{k: v for k, v in (metrics or {}).items() if k != headline.name}},
        n_items=n_items,
        null=null,
        references=beside,
        n_distinct=len(sharing),
        same_share=same_share,
        verdict=verdict(
            p,
            words,
            [ReferenceP(entry.label, entry.beaten, entry.p) for entry in beside if entry.p is not None],
            same_share=same_share,
            n_items=n_items,
            variance=null.variance,
            skill=share,
        ),
        oracle=oracle,
        skill=share,
    )
    return Judgement(record, items, table)


def _reference(words: ReferenceWords, items: TestItems, headline: Headline) -> Reference:
    """Return the paired comparison with a reference; greater is better, whatever the direction of the headline."""
    ours, theirs = items.scores, items.references[words.name]
    sign = 1 if headline.mode == "max" else -1
    over = paired_difference(sign * ours, sign * theirs)
    return Reference(*words, float(theirs.mean()), over.mean, over.interval, over.p_greater)
