"""From the scores of a test's items to its record and verdict: the part of judging that every task shares."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Shaped

from c5snn.evidence import (
    Null,
    ReferenceP,
    Sensitivity,
    Words,
    compare_paired,
    items_per_answer,
    judge_headline,
    mean_interval,
    skill,
)
from c5snn.records import Headline, MetricScore, Reference, TestItems, TestRecord

__all__ = ["ItemTable", "Judgement", "Oracle", "ReferenceWords", "judge_items", "score_items"]


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
    also: tuple[str, ...] = ()


class Oracle(NamedTuple):
    """The best possible prediction, known where the data was drawn.

    Attributes:
        value: Its headline on the same items.
        skill: (model - chance) / (oracle - chance), in expectation over what might have come; None where undefined.
    """

    value: float
    skill: float | None


def judge_items(  # each is a fact of its own
    items: TestItems,
    null: Null,
    *,
    headline: Headline,
    words: Words,
    references: Sequence[ReferenceWords],
    answers: Shaped[np.ndarray, "items ..."],
    metrics: Mapping[str, MetricScore] | None = None,
    by_class: Mapping[str, MetricScore] | None = None,
    oracle: Oracle | None = None,
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
        by_class: The headline of the items of each class; None where outcomes are no classes.
        oracle: The best possible prediction; None where it is unknown.
        table: The items for readers.
    """
    n_items, chance, sign = len(items.scores), null.chance, headline.sign
    is_decidable = null.is_decidable(n_items)
    main = (metrics or {}).get(headline.name) or score_items(items.scores, null)
    found = null.p_value(items.predictions, items.outcomes) if is_decidable else None
    p = None if found is None else found.p
    is_exact = found is None or found.is_exact
    main = MetricScore(main.value, main.interval, chance, p, is_exact)
    beside = tuple(_reference(entry, items, headline, null) for entry in references)
    lift = beside[0].difference if chance is None else sign * (main.value - chance)
    sharing = items_per_answer(answers)
    same_share = int(sharing.max()) / n_items
    share = oracle and oracle.skill
    realized = None
    if oracle is not None and chance is None:
        realized = _share(sign * main.value, sign * oracle.value, sign * beside[0].value)
    elif oracle is not None and chance is not None:
        realized = skill(sign * main.value, sign * oracle.value, sign * chance, n_items, null.variance)
    record = TestRecord(
        headline=headline,
        words=words,
        metrics={headline.name: main, **{k: v for k, v in (metrics or {}).items() if k != headline.name}},
        n_items=n_items,
        null=null,
        references=beside,
        n_distinct=len(sharing),
        same_share=same_share,
        verdict=judge_headline(
            p,
            words,
            [ReferenceP(entry.label, entry.beaten, entry.p, entry.is_exact) for entry in beside if entry.p is not None],
            lift=lift,
            same_share=same_share,
            sensitivity=Sensitivity.of([(null, n_items)]),
            p_worse=null.p_worse(items.predictions, items.outcomes) if is_decidable else None,
            skill=share,
            is_exact=is_exact,
        ),
        oracle=oracle and oracle.value,
        skill=share,
        realized_skill=realized,
        by_class=dict(by_class or {}),
    )
    return Judgement(record, items, table)


def score_items(values: Float[np.ndarray, " items"], null: Null) -> MetricScore:
    """Return the mean of a metric over items, with its interval where there are enough independent ones."""
    is_decidable = null.is_decidable(len(values))
    interval = mean_interval(null.units(values), possible=null.possible) if is_decidable else None
    return MetricScore(float(values.mean()), interval)


def _share(model: float, oracle: float, reference: float) -> float | None:
    """Return how far a model is on the way from its reference to the oracle; None where there is no way."""
    return (model - reference) / (oracle - reference) if oracle > reference else None


def _reference(words: ReferenceWords, items: TestItems, headline: Headline, null: Null) -> Reference:
    """Return the paired comparison with a reference; greater is better, whatever the direction of the headline."""
    ours, theirs = items.scores, items.references[words.name]
    units = headline.sign * null.units(ours)
    over = compare_paired(units, headline.sign * null.units(theirs), possible=null.possible.differences)
    others = [compare_paired(units, headline.sign * null.units(items.references[name])) for name in words.also]
    p, is_exact = max(entry.greater for entry in (over, *others))
    is_decidable = null.is_decidable(len(ours))
    return Reference(
        name=words.name,
        label=words.label,
        says=words.says,
        beaten=words.beaten,
        value=float(theirs.mean()),
        difference=over.mean,
        interval=over.interval if is_decidable else None,
        p=p if is_decidable else None,
        is_exact=is_exact,
        also=words.also,
    )
