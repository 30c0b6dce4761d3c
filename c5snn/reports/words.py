"""Numbers and names as they stand in a report's sentences and tables."""

from collections.abc import Sequence
from math import floor, isnan

from c5snn.evidence import Interval
from c5snn.reports.contender import Summary

__all__ = [
    "MISSING",
    "count",
    "difference",
    "interval",
    "listed",
    "number",
    "p_text",
    "percent",
    "seconds",
    "share_of_histories",
    "spread",
]

MISSING = "–"
NAMED = 3
SURE_COUNT = 0.01


def number(value: float | None, digits: int = 4) -> str:
    """Return a number, a dash where there is none.

    >>> number(0.51282), number(-0.00001), number(None)
    ('0.5128', '0.0000', '–')
    """
    if value is None or isnan(value):
        return MISSING
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")  # −0.0 + 0.0 is 0.0


def difference(value: float | None, digits: int = 4) -> str:
    """Return a number with its sign; one below zero keeps it when it is rounded to zero.

    >>> difference(-0.00316), difference(-0.001, 2), difference(-0.0, 2)
    ('−0.0032', '−0.00', '+0.00')
    """
    if value is None or isnan(value):
        return MISSING
    return f"{value + 0.0:+.{digits}f}".replace("-", "−")


def interval(ends: Interval | None, *, signed: bool = False) -> str:
    """Return an interval.

    >>> interval(Interval(0.5, 0.625)), interval(Interval(-0.5, 0.625), signed=True)
    ('0.5000 to 0.6250', '−0.5000 to +0.6250')
    """
    shown = difference if signed else number
    return MISSING if ends is None else f"{shown(ends.low)} to {shown(ends.high)}"


def spread(value: Summary) -> str:
    """Return a mean with its standard deviation over seeds, where there are several.

    >>> spread(Summary(0.5, 0.01)), spread(Summary(0.5, None))
    ('0.5000 ± 0.0100', '0.5000')
    """
    return number(value.mean) if value.std is None else f"{number(value.mean)} ± {number(value.std)}"


def p_text(p: float | None) -> str:
    """Return a p-value in two digits.

    >>> p_text(0.34123), p_text(9.999e-05)
    ('0.34', '0.0001')
    """
    return MISSING if p is None else f"{p:.2g}"


def percent(share: float | None, digits: int = 1) -> str:
    """Return a share in hundredths.

    >>> percent(0.352), percent(0.8, 0)
    ('35.2 %', '80 %')
    """
    return MISSING if share is None else f"{100 * share:.{digits}f} %"


def seconds(value: float) -> str:
    """Return a duration.

    >>> seconds(0.0), seconds(75.2), seconds(4000.0)
    ('0.0 s', '1 min 15 s', '1 h 6 min')
    """
    if value < 60:  # noqa: PLR2004
        return f"{value:.1f} s"
    minutes = floor(value / 60)
    return f"{minutes} min {floor(value % 60)} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"  # noqa: PLR2004


def count(n: int, one: str, many: str | None = None) -> str:
    """Return a count with its noun.

    >>> count(1, "seed"), count(1752, "window")
    ('1 seed', '1,752 windows')
    """
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def listed(names: Sequence[str]) -> str:
    """Return the first names, and how many more there are.

    >>> listed(["a", "b"]), listed(["a", "b", "c", "d", "e"])
    ('a and b', 'a, b, c and 2 more')
    """
    shown = list(names[: NAMED + 1])
    if len(names) > NAMED + 1:
        return f"{', '.join(shown[:NAMED])} and {len(names) - NAMED} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def share_of_histories(p: float) -> str:
    """Return how often fair histories do as well.

    >>> share_of_histories(0.341), share_of_histories(0.0013)
    ('34 % of fair histories', 'at most one fair history in 769')
    """
    return f"{100 * p:.0f} % of fair histories" if p >= SURE_COUNT else f"at most one fair history in {floor(1 / p):,}"
