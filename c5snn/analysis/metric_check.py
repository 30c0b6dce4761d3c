"""Whether the metric can be trusted: what a predictor that always says the same gets, at each batch size.

The mean of per-batch accuracies weighs the items of a short last batch more, so it depends on the batch size and on the
order of the items; an accuracy of n items is a multiple of 1/n whatever the batch size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from c5snn.errors import require
from c5snn.records.searched import SearchRecord

__all__ = ["BatchMean", "MetricCheck", "batch_mean", "batch_size_option", "check_metric"]

BATCH_SIZE = "batch_size"
EXACT = 1e-9
WHOLE = 1e-6


@dataclass(frozen=True)
class BatchMean:
    """What a predictor that always says the largest category gets as a mean over batches.

    Args:
        batch_size: Items a batch.
        value: The mean of its per-batch accuracies.
        n: Complete trials of this batch size.
        n_equal: How many of them have exactly the value of a constant predictor, whatever its category.
    """

    batch_size: int
    value: float
    n: int
    n_equal: int


@dataclass(frozen=True)
class MetricCheck:
    """Whether the metric can be trusted.

    Args:
        status: ``holds``, ``fails`` or ``unchecked``.
        says: Why, in sentences.
        rows: What the largest category gets at each batch size; empty where the counts are not known.
        truth: The accuracy of that over the items; None where the counts are not known.
    """

    status: Literal["holds", "fails", "unchecked"]
    says: tuple[str, ...]
    rows: tuple[BatchMean, ...] = ()
    truth: float | None = None


def check_metric(search: SearchRecord, counts: Sequence[int] | None = None) -> MetricCheck:
    """Check the metric of a search.

    Args:
        search: The search.
        counts: The items of each category on validation, in the order in which they are scored; None where the search's
            own records have to answer.

    Raises:
        ConfigError: A count is negative, or all are 0.
    """
    if counts is not None:
        require("0 <= counts, and 0 < their sum", holds=min(counts) >= 0 and sum(counts) > 0, counts=list(counts))
        return _by_counts(search, counts)
    if search.metric in search.weighted_metrics:
        says = (
            f"{search.metric} is one of the task's metrics: every item counts once, so a constant predictor gets the "
            "same at each batch size."
        )
        return MetricCheck("holds", (says,))
    says = (
        f"The metric could not be checked: nothing says whether {search.metric} weighs every item alike. "
        "`--counts` with the items of each category tells."
    )
    return MetricCheck(
        "unchecked",
        (says,),
    )


def batch_mean(counts: Sequence[int], category: int, batch_size: int) -> float:
    """Return the mean of per-batch accuracies of a predictor that always says one category, items sorted by category.

    >>> [batch_mean([10, 7, 21, 19, 5, 1, 4, 1, 5], 2, size) for size in (8, 16, 32, 64)]
    [0.2625, 0.2625, 0.21875, 0.1640625]
    """
    labels = [index for index, n in enumerate(counts) for _ in range(n)]
    batches = [labels[start : start + batch_size] for start in range(0, len(labels), batch_size)]
    return sum(batch.count(category) / len(batch) for batch in batches) / len(batches)


def batch_size_option(search: SearchRecord) -> str | None:
    """Return the name of the option that is the batch size; None where there is none."""
    return next((option.name for option in search.options if option.name.rpartition(".")[2] == BATCH_SIZE), None)


def _by_counts(search: SearchRecord, counts: Sequence[int]) -> MetricCheck:
    n_items, truth = sum(counts), max(counts) / sum(counts)
    rows = _rows(search, counts)
    off = [trial for trial in search.complete if not _is_multiple(float(trial.value or 0.0), n_items)]
    n = len(search.complete)
    ends = ", ".join(f"{row.value:.4f} at batch size {row.batch_size}" for row in rows)
    if not off:
        holds = (
            f"Every value of {search.metric} ({n} trials) is a multiple of 1/{n_items}: an accuracy over the {n_items} "
            f"items, in which always saying the largest category gets {truth:.4f} at each batch size."
        )
        return MetricCheck("holds", (holds,), rows, truth)
    n_equal = sum(row.n_equal for row in rows)
    says = [
        f"{len(off)} of {n} values of {search.metric} are no multiple of 1/{n_items}: no accuracy over {n_items} items."
    ]
    if n_equal:
        says.append(
            f"{n_equal} of {n} are exactly what a constant predictor gets as the mean of per-batch accuracies, items "
            f"sorted by category: always saying the largest category gets {ends} there, and {truth:.4f} of the items."
        )
    says.append(
        "The metric depends on the batch size: no effect of it, or of an option confounded with it, can be believed."
    )
    return MetricCheck("fails", tuple(says), rows, truth)


def _rows(search: SearchRecord, counts: Sequence[int]) -> tuple[BatchMean, ...]:
    name = batch_size_option(search)
    if name is None:
        return ()
    sized = [(trial.params[name], trial.value) for trial in search.complete if name in trial.params]
    found = []
    for size in sorted({size for size, _ in sized if isinstance(size, int) and size > 0}):
        means = [batch_mean(counts, category, size) for category in range(len(counts))]
        values = [value for of, value in sized if of == size and value is not None]
        n_equal = sum(any(abs(value - mean) < EXACT for mean in means if mean) for value in values)
        found.append(BatchMean(size, means[counts.index(max(counts))], len(values), n_equal))
    return tuple(found)


def _is_multiple(value: float, n: int) -> bool:
    return abs(value * n - round(value * n)) < WHOLE * n
