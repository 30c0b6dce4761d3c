"""Numbers and names as they stand in a report's sentences and tables."""

from collections.abc import Sequence
from math import ceil, floor, isnan

from c5snn.evidence import CONSTANT_SHARE, SIMULATED_FLOOR, Interval
from c5snn.records import Fact, Summary

__all__ = [
    "MISSING",
    "count",
    "difference",
    "fact_text",
    "interval",
    "joined",
    "listed",
    "metric_label",
    "nearly_all",
    "number",
    "of_all",
    "p_equals",
    "p_text",
    "percent",
    "plural",
    "seconds",
    "spread",
    "without_rounding",
]

MISSING = "–"
NAMED = 3
ACRONYMS = ("bce", "mae", "mrr", "mse")
ROUNDING = 1e-9  # what is closer to zero is zero, but for the rounding of sums


def metric_label(name: str) -> str:
    """Return a metric's name as the literature writes it, where the name that is logged stands for a well-known one.

    >>> metric_label("hit_at_20"), metric_label("mrr"), metric_label("mine")
    ('Hit@20', 'MRR', 'mine')
    """
    stem, at, depth = name.rpartition("_at_")
    if at and depth.isdecimal():
        return f"{stem[:1].upper()}{stem[1:]}@{depth}"
    return name.upper() if name in ACRONYMS else name


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

    >>> difference(-0.00316), difference(-0.001, 2), difference(-1e-17, 2)
    ('−0.0032', '−0.00', '+0.00')
    """
    if value is None or isnan(value):
        return MISSING
    return f"{without_rounding(value):+.{digits}f}".replace("-", "−")


def without_rounding(value: float) -> float:
    """Return a difference; zero where nothing but the rounding of sums keeps it from that.

    >>> without_rounding(-1e-17), without_rounding(-0.00001)
    (0.0, -1e-05)
    """
    return 0.0 if abs(value) < ROUNDING else value


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
    """Return a p-value in two digits; below what ten thousand draws resolve, that it is below.

    >>> p_text(0.34123), p_text(9.999e-05)
    ('0.34', '< 0.0001')
    """
    if p is None:
        return MISSING
    return f"{p:.2g}" if p >= SIMULATED_FLOOR else f"< {SIMULATED_FLOOR}"


def p_equals(p: float) -> str:
    """Return a p-value as a sentence states it.

    >>> p_equals(0.34123), p_equals(1e-9)
    ('p = 0.34', 'p < 0.0001')
    """
    return f"p = {p_text(p)}" if p >= SIMULATED_FLOOR else f"p {p_text(p)}"


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


def plural(noun: str) -> str:
    """Return the plural of a noun, or of the first noun of a phrase.

    >>> plural("window"), plural("fair history"), plural("class"), plural("order of the labels")
    ('windows', 'fair histories', 'classes', 'orders of the labels')
    """
    head, of, rest = noun.partition(" of ")
    if head.endswith("y") and head[-2:-1] not in "aeiou":
        head = f"{head[:-1]}ie"
    elif head.endswith(("s", "x", "sh")):
        head = f"{head}e"
    return f"{head}s{of}{rest}"


def count(n: int, noun: str) -> str:
    """Return a count with its noun.

    >>> count(1, "seed"), count(1752, "window"), count(0, "history")
    ('1 seed', '1,752 windows', '0 histories')
    """
    return f"{n:,} {noun if n == 1 else plural(noun)}"


def of_all(n: int, total: int, noun: str = "") -> str:
    """Return how many of all there are; of a single one, whether it is among them.

    >>> of_all(55, 56, "window"), of_all(0, 2), of_all(1, 1, "row"), of_all(0, 1, "row"), of_all(1, 1)
    ('55 of 56 windows', '0 of 2', 'the only row', 'no row', 'the only one')
    """
    if total == 1:
        return f"the only {noun or 'one'}" if n else f"no {noun}" if noun else "none"
    return f"{n:,} of {count(total, noun) if noun else f'{total:,}'}"


def nearly_all(n: int, noun: str) -> str:
    """Return from how many items of one output on a model ignores its input; of few items that is all of them.

    >>> nearly_all(1752, "window"), nearly_all(56, "window")
    ('at least 99 % of the windows', 'all 56 windows')
    """
    if ceil(CONSTANT_SHARE * n) == n:
        return f"all {count(n, noun)}"
    return f"at least {percent(CONSTANT_SHARE, 0)} of the {plural(noun)}"


def joined(names: Sequence[str]) -> str:
    """Return all names.

    >>> joined(["a"]), joined(["a", "b"]), joined(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def listed(names: Sequence[str]) -> str:
    """Return the first names, and how many more there are.

    >>> listed(["a", "b"]), listed(["a", "b", "c", "d", "e"])
    ('a and b', 'a, b, c and 2 more')
    """
    if len(names) > NAMED + 1:
        return f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more"
    return joined(names)


def fact_text(value: Fact) -> str:
    """Return a fact of the data; a class with its arguments as it is written in Python.

    >>> fact_text({"class": "Repeat", "lag": 2}), fact_text({"class": "Skew"}), fact_text(2000), fact_text(0.5)
    ('Repeat(lag=2)', 'Skew', '2,000', '0.5')
    """
    if isinstance(value, dict):
        arguments = ", ".join(f"{name}={entry}" for name, entry in value.items() if name != "class")
        return f"{value.get('class', '')}({arguments})" if arguments else str(value.get("class", MISSING))
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return MISSING if value is None else str(value)
