"""Lines with their intervals in small panels, which share their height and one legend."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from c5snn.evidence import Interval
from c5snn.reports.figures.canvas import (
    ACCENT,
    CHARACTER,
    INK,
    MUTED,
    WARNING,
    name_axes,
    new_figure,
    shorten,
    style_axes,
    styled,
    tell,
)
from c5snn.reports.words import interval, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Line", "Point", "draw_lines"]

PANEL, TITLE, BOTTOM, LEFT, SIDE = 150, 30, 44, 64, 12  # pixels
KEY = 22  # pixels of a line of the legend
WIDE = 560  # from this width on two panels stand side by side
KINDS = ("baseline", "model", "oracle")
SPREAD = 0.2  # of the distance between two places, over which the lines stand beside each other


class Point(NamedTuple):
    """A point of a line, with its interval; None for none."""

    x: float
    y: float
    interval: Interval | None


class Line(NamedTuple):
    """A line.

    Attributes:
        panel: The panel that it stands in.
        label: Its name in the legend; lines of one name look the same in every panel.
        kind: What it shows: a model that is judged, a baseline, or the best that is possible.
        points: Its points, from left to right.
    """

    panel: str
    label: str
    kind: Literal["model", "baseline", "oracle"]
    points: list[Point]


class Look(NamedTuple):
    """How a line is drawn."""

    colour: str
    line: str
    mark: str


@styled
def draw_lines(lines: Sequence[Line], x: str, y: str, width: int) -> "Figure":
    """Draw a panel for each that the lines name; places on the x-axis are evenly spaced.

    Args:
        lines: The lines.
        x: What the horizontal axes show, with its unit.
        y: What the vertical axes show.
        width: Width in pixels.
    """
    panels = list(dict.fromkeys(line.panel for line in lines))
    looks = _looks(lines)
    n_columns = 2 if width >= WIDE and len(panels) > 1 else 1
    n_rows = -(-len(panels) // n_columns)
    legend = _legend_rows(list(looks), width)
    top, row = KEY * len(legend) + 6, TITLE + PANEL + BOTTOM
    height = top + n_rows * row
    figure = new_figure(width, height)
    _draw_legend(figure, legend, looks)
    column = width // n_columns
    for i, panel in enumerate(panels):
        bottom = top + (i // n_columns) * row + TITLE + PANEL
        left = (i % n_columns) * column + LEFT
        box = (left / width, 1 - bottom / height, (column - LEFT - SIDE) / width, PANEL / height)
        axes = figure.add_axes(box)
        _draw(axes, [line for line in lines if line.panel == panel], looks)
        axes.set_ylim(*_limits(lines))
        axes.set_title(shorten(panel, column - LEFT), loc="left", color=INK)
        name_axes(axes, x, y, PANEL)
    return figure


def _draw(axes: "Axes", lines: Sequence[Line], looks: Mapping[str, Look]) -> None:
    from matplotlib.ticker import MaxNLocator

    style_axes(axes, keep=("bottom", "left"))
    places = sorted({point.x for line in lines for point in line.points})
    tell(axes.axhline(0, color=MUTED, lw=1, ls=":"), "chance: 0")
    for i, line in enumerate(lines):
        look = looks[line.label]
        shift = SPREAD * (i / max(1, len(lines) - 1) - 0.5)
        x = [places.index(point.x) + shift for point in line.points]
        tell(axes.plot(x, [point.y for point in line.points], look.line, color=look.colour, lw=1.2), line.label)
        for at, point in zip(x, line.points, strict=True):
            says = f"{line.label} at {point.x:g}: {number(point.y)}"
            if point.interval is not None:
                says = f"{says} ({interval(point.interval)})"
                tell(axes.plot((at, at), point.interval, color=look.colour, lw=0.9), says)
            tell(axes.plot([at], [point.y], look.mark, color=look.colour, ms=5), says)
    axes.set_xticks(range(len(places)), [f"{place:g}" for place in places])
    axes.set_xlim(-0.5, len(places) - 0.5)
    axes.yaxis.set_major_locator(MaxNLocator(4))


def _limits(lines: Sequence[Line]) -> tuple[float, float]:
    """Return limits for all panels, so that equal heights mean the same; a long interval may leave them."""
    values = [point.y for line in lines for point in line.points]
    low, high = min(0.0, *values), max(0.0, *values)
    margin = 0.08 * (high - low) or 0.01
    return low - margin, high + margin


def _looks(lines: Sequence[Line]) -> dict[str, Look]:
    """Return ink for what is possible, grey dashes for the baselines, and the colours for the models."""
    labels = {kind: list(dict.fromkeys(line.label for line in lines if line.kind == kind)) for kind in KINDS}
    looks = {label: Look(MUTED, "--", "v^<>"[i % 4]) for i, label in enumerate(labels["baseline"])}
    for i, label in enumerate(labels["model"]):
        looks[label] = Look((ACCENT, WARNING, INK)[i % 3], ("-", "-.")[i // 3 % 2], "osDPXh"[i % 6])
    return looks | {label: Look(INK, ":", "*") for label in labels["oracle"]}


def _legend_rows(labels: Sequence[str], width: int) -> list[list[str]]:
    rows: list[list[str]] = [[]]
    for label in labels:
        if rows[-1] and sum(map(_key_width, [*rows[-1], label])) > width:
            rows.append([])
        rows[-1].append(label)
    return rows


def _key_width(label: str) -> float:
    return 30 + CHARACTER * len(label) + 18


def _draw_legend(figure: "Figure", rows: Sequence[Sequence[str]], looks: Mapping[str, Look]) -> None:
    from matplotlib.lines import Line2D

    width, height = (size * 72 for size in figure.get_size_inches())
    for i, row in enumerate(rows):
        x, y = 4.0, 1 - (i + 0.5) * KEY / height
        for label in row:
            look = looks[label]
            ends, middle = [x / width, (x + 22) / width], [(x + 11) / width]
            figure.add_artist(Line2D(ends, [y, y], color=look.colour, ls=look.line, lw=1.2))
            figure.add_artist(Line2D(middle, [y], color=look.colour, marker=look.mark, ms=5))
            figure.text((x + 28) / width, y, shorten(label, int(width - 40)), color=INK, va="center")
            x += _key_width(label)
