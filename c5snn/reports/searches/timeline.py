"""The timeline of a search: when each trial ran, and how long."""

from functools import partial
from statistics import median
from typing import TYPE_CHECKING

from c5snn.records.searched import SearchedTrial, SearchRecord
from c5snn.reports.document import Drawing, Section
from c5snn.reports.figures.canvas import ACCENT, MUTED, WARNING, name_axes, new_figure, style_axes, styled, tell
from c5snn.reports.words import count, seconds

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw_timeline", "timeline_section"]

TOP, BOTTOM, LEFT, SIDE = 8, 46, 60, 12  # pixels
TALLEST, ROW = 320, 6  # pixels
FEWEST = 2
COLOURS = {"complete": ACCENT, "pruned": MUTED, "failed": WARNING, "running": MUTED}
UNITS = ((3600.0 * 3, 3600.0, "hours"), (180.0, 60.0, "minutes"), (0.0, 1.0, "seconds"))


def timeline_section(search: SearchRecord) -> Section | None:
    """Return the timeline; None where fewer than two trials say when they ran."""
    timed = _timed(search)
    if len(timed) < FEWEST:
        return None
    durations = [end - start for _, start, end in timed]
    span = max(end for _, _, end in timed) - min(start for _, start, _ in timed)
    says = (
        f"{count(len(timed), 'trial')} trained for {seconds(median(durations))} each (median), "
        f"{seconds(max(durations))} at most, within {seconds(span)}."
    )
    return Section(
        "Timeline",
        sentences=[says],
        drawing=Drawing("When each trial trained, by its number.", partial(draw_timeline, search)),
        note=(
            "A line is the training of a trial: blue complete, grey pruned, orange failed. Times are those of the "
            "files of its result, so a copied folder shows when it was copied."
        ),
    )


@styled
def draw_timeline(search: SearchRecord, width: int) -> "Figure":
    """Draw a line for each trial that says when it ran.

    Args:
        search: The search.
        width: Width in pixels.
    """
    timed = _timed(search)
    first = min(start for _, start, _ in timed)
    span = max(end for _, _, end in timed) - first
    _, unit, name = next(entry for entry in UNITS if span >= entry[0])
    height = TOP + BOTTOM + min(TALLEST, max(60, ROW * len(timed)))
    figure = new_figure(width, height)
    box = (LEFT / width, BOTTOM / height, (width - LEFT - SIDE) / width, (height - TOP - BOTTOM) / height)
    axes = figure.add_axes(box)
    style_axes(axes, keep=("bottom", "left"))
    thick = max(1.0, 0.7 * (height - TOP - BOTTOM) / len(timed))
    for trial, start, end in timed:
        x = [(start - first) / unit, (end - first) / unit]
        line = axes.plot(x, [trial.number] * 2, color=COLOURS[trial.state], lw=min(thick, 5), solid_capstyle="butt")
        tell(line, f"#{trial.number}, {trial.state}: {seconds(end - start)}, from {seconds(start - first)} on")
    axes.invert_yaxis()
    name_axes(axes, f"{name} since the first trial began", "trial, by number", height - TOP - BOTTOM)
    return figure


def _timed(search: SearchRecord) -> list[tuple[SearchedTrial, float, float]]:
    return [
        (trial, trial.began_s, trial.ended_s)
        for trial in search.trials
        if trial.began_s is not None and trial.ended_s is not None and not trial.is_duplicate
    ]
