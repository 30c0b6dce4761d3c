"""The summary of a history: what ``c5snn data validate`` says about a file that is in order."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Int64

from c5snn.data.events.history import EventHistory
from c5snn.data.events.ragged import RaggedHistory
from c5snn.data.events.times import is_dated

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
        n_gaps: How often more than one day lies between an event and the next; without dates, more than one number.
        longest_gap: The most days, or numbers, between an event and the next.
        counts: How often each part occurs.
        uniformity: Whether the counts are those of a fair lottery.
    """

    n_gaps: int
    longest_gap: int
    counts: Int64[np.ndarray, " parts"]
    uniformity: Uniformity


def summarise(history: EventHistory | RaggedHistory) -> HistorySummary:
    """Return a history in numbers."""
    dates = history.dates.astype("datetime64[D]") if is_dated(history.dates) else history.dates
    steps = np.diff(dates).astype(np.int64)
    sizes = history.sizes if isinstance(history, RaggedHistory) else np.full(len(history), history.n_active)
    counts = np.bincount(history.parts.ravel(), minlength=history.n_parts + 1)[1:]
    return HistorySummary(
        n_gaps=int((steps > 1).sum()),
        longest_gap=int(steps.max(initial=0)),
        counts=counts,
        uniformity=uniformity(counts, sizes),
    )


def uniformity(counts: Int64[np.ndarray, " parts"], sizes: Int64[np.ndarray, " events"]) -> Uniformity:
    """Test whether all parts are equally likely.

    With n parts, k_t of them in event t, a count has expectation ``E = sum_t k_t / n``. The parts of an event are drawn
    without replacement, so the counts of a fair lottery have the covariance ``V / (n (n-1)) (I - J/n)`` (J all ones)
    with ``V = sum_t k_t (n-k_t)``, smaller than that of the multinomial. The statistic

        X^2 = n (n-1) / V * sum_p (c_p - E)^2

    has the chi-squared distribution with n - 1 degrees of freedom for many events; for events of one size it is
    Pearson's times ``(n-1) / (n-k)``. Uncorrected, it is too small and calls a biased lottery fair. Where all
    events are empty or full there is nothing to test, and p is 1.

    Source: Genest, Lockhart and Stephens (2002), Chi-square and the lottery, The Statistician 51, 243-257,
    doi:10.1111/1467-9884.00315.

    Args:
        counts: How often each part occurs.
        sizes: How many parts are active in each event.
    """
    from scipy.stats import chi2

    n_parts, variance = len(counts), float((sizes * (len(counts) - sizes)).sum())
    distance = float(((counts - counts.sum() / n_parts) ** 2).sum())
    statistic = n_parts * (n_parts - 1) / variance * distance if variance else 0.0
    return Uniformity(statistic, n_parts - 1, float(chi2.sf(statistic, n_parts - 1)))
