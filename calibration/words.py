"""How the calibration's numbers are written, and from where on a number counts as a surprise."""

from c5snn.evidence import Interval

__all__ = ["SURPRISE", "percent", "percent_interval", "yes_or_no"]

# A check fails when what it saw has a smaller probability under what it claims. There are about a dozen checks.
SURPRISE = 0.01


def percent(share: float) -> str:
    """Return a share in percent.

    >>> percent(0.0526)
    '5.3 %'
    """
    return f"{100 * share:.1f} %"


def percent_interval(interval: Interval | None) -> str:
    """Return an interval of a share in percent; a dash where there is none.

    >>> percent_interval(Interval(0.03, 0.08))
    '3.0 to 8.0 %'
    """
    return "–" if interval is None else f"{100 * interval.low:.1f} to {100 * interval.high:.1f} %"


def yes_or_no(*, holds: bool) -> str:
    """Return a finding as the word that tables show."""
    return "yes" if holds else "no"
