"""Lines through the ladder: skill against the lag of a signal (memory span), lift against a signal's strength."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from c5snn.reports.document import Drawing, Section
from c5snn.reports.figures.series import Line, Point, draw_lines
from c5snn.reports.ladder.cells import Cell, LadderModel, t_interval
from c5snn.reports.ladder.rungs import Rung
from c5snn.reports.words import joined

__all__ = ["Series", "growth_of", "growth_section", "memory_of", "memory_section", "span_of"]

ORACLE = "oracle"
FEWEST_LAGS, FEWEST_STRENGTHS, FEWEST_HISTORIES = 3, 2, 3
# a lag is remembered where the whole interval of the skill is at least this
REMEMBERED = 0.5


@dataclass(frozen=True)
class Series:
    """A line.

    Args:
        panel: What it shares with the lines beside it: the strength and the signal that do not change along it.
        label: The model's label, or that of the oracle.
        points: Its points, from left to right.
    """

    panel: str
    label: str
    points: list[Point]


def memory_of(cells: Sequence[Cell]) -> list[Series]:
    """Return the skill against the lag, for each signal and strength with several lags of three histories or more."""
    lagged = _with_enough_histories([cell for cell in cells if cell.rung.lag is not None and cell.skill is not None])
    signals = {cell.rung.signal for cell in lagged}
    found = _series(
        lagged,
        lambda rung: f"{f'{rung.signal}, ' if len(signals) > 1 else ''}strength {rung.strength:g}",
        lambda cell: Point(float(cell.rung.lag or 0), cell.skill or 0.0, cell.interval),
    )
    return [series for series in found if len(series.points) >= FEWEST_LAGS]


def growth_of(cells: Sequence[Cell]) -> list[Series]:
    """Return the lift against the strength, for each signal with several strengths; the oracle's as well."""
    found = _series(
        cells,
        lambda rung: rung.name,
        lambda cell: Point(cell.rung.strength, cell.lift, t_interval([choice.lift for choice in cell.choices])),
    )
    # every model has its cell of the same oracle
    of_rung = {cell.rung: replace(cell, model=ORACLE) for cell in cells if cell.oracle_lift is not None}
    found += _series(
        list(of_rung.values()),
        lambda rung: rung.name,
        lambda cell: Point(cell.rung.strength, cell.oracle_lift or 0.0, None),
    )
    return [series for series in found if len(series.points) >= FEWEST_STRENGTHS]


def span_of(series: Series) -> float | None:
    """Return the longest lag that is remembered together with all shorter ones that were run; None without any."""
    found = None
    for point in series.points:
        if point.interval is None or point.interval.low < REMEMBERED:
            break
        found = point.x
    return found


def memory_section(memory: Sequence[Series], models: Sequence[LadderModel]) -> Section:
    """Return the memory span of each model."""
    lines = _lines(memory, models)
    return Section(
        "Memory span",
        sentences=_spans(memory),
        drawing=Drawing(
            "Skill against the lag of the signal.", partial(draw_lines, lines, "lag of the signal, in events", "skill")
        ),
        note="Vertical lines: 95 % intervals over histories. Dotted: chance.",
    )


def growth_section(growth: Sequence[Series], models: Sequence[LadderModel], metric: str) -> Section:
    """Return the lift of each model against the strength of each signal.

    Args:
        growth: The lines.
        models: The models of the ladder.
        metric: The headline as it is printed.
    """
    lines = _lines(growth, models)
    return Section(
        "Lift against strength",
        drawing=Drawing(
            f"{metric} above chance against the strength of each signal.",
            partial(draw_lines, lines, "strength of the signal", f"{metric} above chance"),
        ),
        note=(
            f"{metric} on test above chance. Vertical lines: 95 % intervals over histories. Dotted: chance. The oracle "
            "ranks by the signal itself; where the signal is hidden, no model can reach it."
        ),
    )


def _spans(memory: Sequence[Series]) -> list[str]:
    """Return up to which lag each model remembers, at each strength."""
    found = []
    for panel in dict.fromkeys(series.panel for series in memory):
        of_panel = [series for series in memory if series.panel == panel]
        lags = sorted({point.x for series in of_panel for point in series.points})
        # a model without one of the lags has no span to state
        spans = [(series.label, span_of(series)) for series in of_panel if len(series.points) == len(lags)]
        clauses = [f"{label} {'none' if span is None else f'{span:g}'}" for label, span in spans]
        found.append(
            f"Longest lag with a skill of at least {REMEMBERED}, by its whole 95 % interval, at every lag that was run "
            f"up to it ({', '.join(f'{lag:g}' for lag in lags)}), {panel}: {joined(clauses)}."
        )
    return found


def _with_enough_histories(cells: Sequence[Cell]) -> list[Cell]:
    """Return the cells of those lines on which each lag has three histories or more; a line with a gap says nothing."""

    def line(cell: Cell) -> tuple[str, str, float, int, int]:
        return cell.model, cell.rung.signal, cell.rung.strength, cell.rung.n_events, cell.rung.test

    short = {line(cell) for cell in cells if len(cell.choices) < FEWEST_HISTORIES}
    return [cell for cell in cells if line(cell) not in short]


def _lines(series: Sequence[Series], models: Sequence[LadderModel]) -> list[Line]:
    baselines = {entry.label for entry in models if entry.is_baseline}
    return [
        Line(
            entry.panel,
            entry.label,
            "baseline" if entry.label in baselines else "oracle" if entry.label == ORACLE else "model",
            entry.points,
        )
        for entry in series
    ]


def _series(cells: Sequence[Cell], panel: Callable[[Rung], str], point: Callable[[Cell], Point]) -> list[Series]:
    """Return a line for each panel and model; histories of other lengths have panels of their own."""
    lengths = {cell.rung.n_events for cell in cells}
    tests = {cell.rung.test for cell in cells}
    found: dict[tuple[str, str], list[Point]] = {}
    for cell in cells:
        length = f", {cell.rung.n_events:,} events" if len(lengths) > 1 else ""
        test = f", test {cell.rung.test}" if len(tests) > 1 else ""
        found.setdefault((panel(cell.rung) + length + test, cell.model), []).append(point(cell))
    return [Series(*key, sorted(points, key=lambda point: point.x)) for key, points in found.items()]
