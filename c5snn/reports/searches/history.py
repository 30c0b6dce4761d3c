"""The history of a search: the value of each trial, and the best so far."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from c5snn.records.searched import SearchRecord
from c5snn.reports.document import Drawing, Section
from c5snn.reports.figures.canvas import ACCENT, INK, MUTED, WARNING, name_axes, new_figure, style_axes, styled, tell
from c5snn.reports.searches.axis import value_limits
from c5snn.reports.words import count, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["History", "draw_history", "history_of", "history_section"]

HEIGHT, TOP, BOTTOM, LEFT, SIDE = 250, 10, 46, 76, 12  # pixels


@dataclass(frozen=True)
class History:
    """The history of a search.

    Args:
        best_so_far: The number of each complete trial that was better than all before it, with its value.
        n_since: Trials after the last of them.
        n_at_best: Complete trials that have the best value.
    """

    best_so_far: list[tuple[int, float]]
    n_since: int
    n_at_best: int


def history_of(search: SearchRecord) -> History:
    """Return when a search became better."""
    improvements: list[tuple[int, float]] = []
    top = float("-inf")
    for trial in search.complete:
        if search.signed(trial) > top:
            top = search.signed(trial)
            improvements.append((trial.number, float(trial.value or 0.0)))
    last = improvements[-1][0] if improvements else -1
    return History(
        improvements,
        sum(trial.number > last for trial in search.trials),
        sum(search.signed(trial) == top for trial in search.complete),
    )


def history_section(search: SearchRecord) -> Section | None:
    """Return the history with its figure; None where no trial is complete."""
    if not search.complete:
        return None
    history = history_of(search)
    first, value = history.best_so_far[-1]
    again = "once" if history.n_at_best == 1 else f"{history.n_at_best} times, first"
    since = f"; {count(history.n_since, 'trial')} since then brought nothing better" if history.n_since else ""
    says = f"The best {search.metric} is {number(value)}, reached {again} by trial #{first}{since}."
    limits = value_limits(search, [float(trial.value or 0.0) for trial in search.complete])
    outside = (
        f" {count(limits.n_outside, 'trial')} {'lies' if limits.n_outside == 1 else 'lie'} outside the figure."
        if limits.n_outside
        else ""
    )
    return Section(
        "History of the search",
        sentences=[says],
        drawing=Drawing(
            f"{search.metric} of each trial by its number, and the best so far.", partial(draw_history, search)
        ),
        note=f"Dots: complete trials. Crosses: pruned ones, at the value that is recorded of them, which in "
        f"a study of c5snn is the best up to then. Line: the best so far.{outside}",
    )


@styled
def draw_history(search: SearchRecord, width: int) -> "Figure":
    """Draw the value of each trial and the best so far.

    Args:
        search: The search.
        width: Width in pixels.
    """
    figure = new_figure(width, HEIGHT)
    box = (LEFT / width, BOTTOM / HEIGHT, (width - LEFT - SIDE) / width, (HEIGHT - TOP - BOTTOM) / HEIGHT)
    axes = figure.add_axes(box)
    style_axes(axes, keep=("bottom", "left"))
    for trials, mark, colour, alpha in ((search.pruned, "x", MUTED, 0.6), (search.complete, "o", ACCENT, 0.8)):
        for trial in trials:
            value = float(trial.value or 0.0)
            dot = axes.plot([trial.number], [value], mark, color=colour, ms=4, alpha=alpha)
            tell(dot, f"#{trial.number}: {number(value)} ({trial.state})")
    steps = history_of(search).best_so_far
    last = max(trial.number for trial in search.trials)
    x, y = [*(n for n, _ in steps), last], [*(v for _, v in steps), steps[-1][1]]
    line = axes.step(x, y, where="post", color=INK, lw=1.2)
    tell(line, f"best so far: {number(steps[0][1])} by #{steps[0][0]}, {number(steps[-1][1])} by #{steps[-1][0]}")
    limits = value_limits(search, [float(trial.value or 0.0) for trial in search.complete])
    for name, target in search.targets.items():
        if limits.low <= target <= limits.high:
            tell(axes.axhline(target, color=WARNING, lw=1, ls=":"), f"target {name}: {number(target)}")
    axes.set_ylim(limits.low, limits.high)
    name_axes(axes, "trial, by number", search.metric, HEIGHT - TOP - BOTTOM)
    return figure
