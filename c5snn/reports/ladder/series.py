"""Lines through the ladder: captured lift against the lag of ``Repeat``, lift against a signal's strength."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from c5snn.evidence import Interval
from c5snn.reports.ladder.cells import Cell, t_interval
from c5snn.reports.ladder.history import Rung

__all__ = ["ORACLE", "Point", "Series", "growth_of", "memory_of", "span_of"]

ORACLE = "oracle"
FEWEST_LAGS, FEWEST_STRENGTHS = 3, 2
# a lag is remembered where at least this share of the oracle's lift is captured
REMEMBERED = 0.5


@dataclass(frozen=True)
class Point:
    """A point of a line.

    Args:
        x: A lag in events, or a strength.
        y: Captured lift, or lift; mean over histories.
        interval: Its 95 % interval over histories; None for one history.
    """

    x: float
    y: float
    interval: Interval | None


@dataclass(frozen=True)
class Series:
    """A line.

    Args:
        panel: What it shares with the lines beside it: the strength and the signal that do not change along it.
        label: The definition, or the oracle.
        points: Its points, from left to right.
    """

    panel: str
    label: str
    points: list[Point]


def memory_of(cells: Sequence[Cell]) -> list[Series]:
    """Return the captured lift against the lag, for each strength of ``Repeat`` with several lags."""
    lagged = [cell for cell in cells if cell.rung.lag is not None and cell.captured is not None]
    found = _lines(
        lagged,
        lambda rung: f"strength {rung.strength:g}",
        lambda cell: Point(float(cell.rung.lag or 0), cell.captured or 0.0, cell.interval),
    )
    return [series for series in found if len(series.points) >= FEWEST_LAGS]


def growth_of(cells: Sequence[Cell]) -> list[Series]:
    """Return the lift against the strength, for each signal with several strengths; the oracle's as well."""
    found = _lines(
        cells,
        _signal,
        lambda cell: Point(cell.rung.strength, cell.lift, t_interval([choice.lift for choice in cell.choices])),
    )
    # every definition has its cell of the same oracle
    of_rung = {cell.rung: replace(cell, definition=ORACLE) for cell in cells if cell.oracle_lift is not None}
    found += _lines(
        list(of_rung.values()), _signal, lambda cell: Point(cell.rung.strength, cell.oracle_lift or 0.0, None)
    )
    return [series for series in found if len(series.points) >= FEWEST_STRENGTHS]


def span_of(series: Series) -> float | None:
    """Return the longest lag that is remembered together with all shorter ones that were run; None without any."""
    found = None
    for point in series.points:
        if point.y < REMEMBERED:
            break
        found = point.x
    return found


def _signal(rung: Rung) -> str:
    return rung.signal.removesuffix("()")


def _lines(cells: Sequence[Cell], panel: Callable[[Rung], str], point: Callable[[Cell], Point]) -> list[Series]:
    """Return a line for each panel and definition; histories of other lengths have panels of their own."""
    lengths = {cell.rung.n_events for cell in cells}
    found: dict[tuple[str, str], list[Point]] = {}
    for cell in cells:
        length = f", {cell.rung.n_events:,} events" if len(lengths) > 1 else ""
        found.setdefault((panel(cell.rung) + length, cell.definition), []).append(point(cell))
    return [Series(*key, sorted(points, key=lambda point: point.x)) for key, points in found.items()]
