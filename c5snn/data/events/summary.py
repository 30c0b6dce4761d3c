"""The summary of a history: what ``c5snn data validate`` says about a file that is in order."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Int64

from c5snn.data.events.history import EventHistory

__all__ = ["HistorySummary", "Uniformity", "summarise", "uniformity"]


class Uniformity(NamedTuple):
    """The test of the hypothesis that all parts are equally likely.

    Attributes:
        statistic: Chi-squared, corrected for drawing without replacement.
        degrees_of_freedom: ``n_parts - 1``.
        p_value: The chance of a larger statistic in a fair lottery.
    """

    statistic: float
    degrees_of_freedom: int
    p_value: float


class HistorySummary(NamedTuple):
    """A history in numbers.

    Attributes:
        n_gaps: How often more than one day lies between an event and the next.
        longest_gap: The most days between an event and the next.
        counts: How often each part occurs.
        uniformity: Whether the counts are those of a fair lottery.
    """

    n_gaps: int
    longest_gap: int
    counts: Int64[np.ndarray, " parts"]
    uniformity: Uniformity


def summarise(history: EventHistory) -> HistorySummary:
    """Return a history in numbers."""
    days = np.diff(history.dates).astype("timedelta64[D]").astype(np.int64)
    counts = np.bincount(history.parts.ravel(), minlength=history.n_parts + 1)[1:]
    return HistorySummary(
        n_gaps=int((days > 1).sum()),
        longest_gap=int(days.max(initial=0)),
        counts=counts,
        uniformity=uniformity(counts, history.n_events),
    )


def uniformity(counts: Int64[np.ndarray, " parts"], n_events: int) -> Uniformity:
    """Test whether all parts are equally likely.

    With n parts, k of them in each of T events, a count has expectation ``E = T k / n``. The parts of an event are
    drawn without replacement, so the counts of a fair lottery have the covariance ``T k (n-k) / (n (n-1)) (I - J/n)``
    (J all ones), smaller than that of the multinomial by ``(n-k) / (n-1)``. Pearson's statistic divided by this,

        X^2 = (n-1) / (n-k) * sum_p (c_p - E)^2 / E,

    has the chi-squared distribution with n - 1 degrees of freedom for many events; uncorrected, it is too small and
    calls a biased lottery fair.

    Source: Genest, Lockhart and Stephens (2002), Chi-square and the lottery, The Statistician 51, 243-257,
    doi:10.1111/1467-9884.00315.

    Args:
        counts: How often each part occurs.
        n_events: How many events there are.
    """
    from scipy.stats import chi2

    n_parts, expected = len(counts), counts.sum() / len(counts)
    n_active = counts.sum() / n_events
    pearson = ((counts - expected) ** 2).sum() / expected
    statistic = float(pearson * (n_parts - 1) / (n_parts - n_active))
    return Uniformity(statistic, n_parts - 1, float(chi2.sf(statistic, n_parts - 1)))
