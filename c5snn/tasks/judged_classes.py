"""The judgement of class predictions: each metric beside its exact mean under permuted labels, and a verdict."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from c5snn.errors import ConfigError
from c5snn.evidence import PermutedLabels, Words, mean_interval, wilson
from c5snn.records import Headline, MetricScore, TestItems
from c5snn.tasks.judging import ItemTable, Judgement, ReferenceWords, judge_items

__all__ = ["ClassOutcomes", "judge_classes", "predicted_classes"]

LIST_LENGTH = 3


class ClassOutcomes(NamedTuple):
    """What came.

    Attributes:
        classes: Names of the classes.
        labels: The class of each item of test.
        train_labels: The class of each item of train.
        stratum: Within which the labels may be permuted: the fold of a cross-validation.
        names: The name of each item of test.
    """

    classes: Sequence[str]
    labels: Int[np.ndarray, " items"]
    train_labels: Int[np.ndarray, " train"]
    stratum: int
    names: Sequence[str]


def predicted_classes(logits: Float[np.ndarray, "items classes"]) -> Int[np.ndarray, " items"]:
    """Return the class with the largest logit of each item; of equal ones the first."""
    return np.asarray(np.argmax(logits, axis=1), dtype=np.int64)


def judge_classes(
    logits: Float[np.ndarray, "items classes"], outcomes: ClassOutcomes, headline: Headline, words: Words
) -> Judgement:
    """Judge a model's logits on the test split.

    Args:
        logits: Of each test item.
        outcomes: What came.
        headline: The accuracy, as it is named and printed.
        words: The nouns of the task.

    Raises:
        ConfigError: A logit is NaN or infinite.
    """
    if not np.isfinite(logits).all():
        n_faulty = int((~np.isfinite(logits)).any(axis=1).sum())
        raise ConfigError(
            f"`logits.isfinite()` must hold, but {n_faulty:,} of {len(logits):,} {words.item}s have NaN or infinite "
            "logits. The model has diverged: lower the learning rate or clip the gradient."
        )
    predicted, labels, n_classes = predicted_classes(logits), outcomes.labels, len(outcomes.classes)
    majority = int(np.bincount(outcomes.train_labels, minlength=n_classes).argmax())
    items = TestItems(
        scores=(predicted == labels).astype(np.float64),
        references={"majority_class": (labels == majority).astype(np.float64)},
        predictions=predicted,
        outcomes=np.column_stack([labels, np.full_like(labels, outcomes.stratum)]),
    )
    reference = ReferenceWords(
        "majority_class",
        "majority class",
        f"the commonest {words.output} of train, {outcomes.classes[majority]}",
        "learns from its input",
    )
    return judge_items(
        items,
        PermutedLabels.of(predicted, items.outcomes, n_classes),
        headline=headline,
        words=words,
        references=[reference],
        answers=predicted,
        metrics=_metrics(logits, outcomes, headline),
        by_class=_by_class(predicted, outcomes),
        table=_table(logits, outcomes, words),
    )


def _metrics(
    logits: Float[np.ndarray, "items classes"], outcomes: ClassOutcomes, headline: Headline
) -> dict[str, MetricScore]:
    """Return every metric with its exact mean under permuted labels, predictions held fixed.

    With a_k predictions and b_k labels of class k among n items, t_k of them right, ``E[t_k] = a_k b_k / n``; all
    metrics but the cross-entropy are linear in the t_k, and that is linear in the pairs of items and labels.
    """
    labels, n, k = outcomes.labels, len(outcomes.labels), len(outcomes.classes)
    predicted = predicted_classes(logits)
    a, b = (np.bincount(values, minlength=k) for values in (predicted, labels))
    right = np.bincount(labels[predicted == labels], minlength=k)
    by_luck, occurs, is_used = a * b / n, b > 0, a + b > 0
    log_p = logits - logits.max(axis=1, keepdims=True)
    log_p = log_p - np.log(np.exp(log_p).sum(axis=1, keepdims=True))
    losses = -log_p[np.arange(n), labels]
    listed = np.argsort(-logits, axis=1, kind="stable")[:, :LIST_LENGTH]
    is_listed = (listed == labels[:, None]).any(axis=1)
    top_by_luck = float((np.bincount(listed.ravel(), minlength=k) * b).sum()) / n**2
    n_right, n_listed = int(right.sum()), int(is_listed.sum())
    return {
        headline.name: MetricScore(n_right / n, wilson(n_right, n)),
        "balanced_accuracy": MetricScore(
            float((right[occurs] / b[occurs]).mean()), None, float((by_luck[occurs] / b[occurs]).mean())
        ),
        "macro_f1": MetricScore(
            float((2 * right[is_used] / (a + b)[is_used]).mean()),
            None,
            float((2 * by_luck[is_used] / (a + b)[is_used]).mean()),
        ),
        f"top_{LIST_LENGTH}_accuracy": MetricScore(n_listed / n, wilson(n_listed, n), top_by_luck),
        "cross_entropy": MetricScore(float(losses.mean()), mean_interval(losses), float(-(log_p.mean(axis=0) @ b) / n)),
    }


def _by_class(predicted: Int[np.ndarray, " items"], outcomes: ClassOutcomes) -> dict[str, MetricScore]:
    """Return the accuracy on the items of each class that occurs; by luck it is the share of its predictions."""
    found = {}
    for number, name in enumerate(outcomes.classes):
        is_right = predicted[outcomes.labels == number] == number
        n, n_right = len(is_right), int(is_right.sum())
        if n:
            found[name] = MetricScore(n_right / n, wilson(n_right, n), float((predicted == number).mean()))
    return found


def _table(logits: Float[np.ndarray, "items classes"], outcomes: ClassOutcomes, words: Words) -> ItemTable:
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares = shifted / shifted.sum(axis=1, keepdims=True)
    listed = np.argsort(-logits, axis=1, kind="stable")[:, :LIST_LENGTH]
    columns = [words.item, words.output, *(f"top_{i + 1}" for i in range(LIST_LENGTH)), "probability", "is_right"]
    rows: list[list[object]] = [
        [name, outcomes.classes[label], *(outcomes.classes[i] for i in top), f"{row[top[0]]:.6g}", int(top[0] == label)]
        for name, label, top, row in zip(outcomes.names, outcomes.labels.tolist(), listed.tolist(), shares, strict=True)
    ]
    return ItemTable(columns, rows)
