"""The section of a report that shows the effect of each option: a figure and two tables."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from c5snn.evidence import BETTER_BELOW
from c5snn.reports.document import Drawing, Section, Table
from c5snn.reports.effects import Effect
from c5snn.reports.figures.canvas import ACCENT, INK, RULE, name_axes, new_figure, shorten, style_axes, styled, tell
from c5snn.reports.screened import VALIDATION_NOTE
from c5snn.reports.words import MISSING, count, difference, interval, listed, number, p_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_effects", "effects_section"]

MOST_VALUES = 24
PANEL, TITLE, BOTTOM, SIDE, LEFT = 100, 30, 48, 12, 76  # pixels
TICK_GAP = 6  # pixels between the names of two values
WIDE = 560  # from this width on two panels stand side by side


def effects_section(effects: Sequence[Effect], metric: str) -> Section:
    """Return the figure and the tables of the effects.

    Args:
        effects: At least one.
        metric: The headline as it is printed.
    """
    shown = [effect for effect in effects if len(effect.val) <= MOST_VALUES]
    validated = [effect for effect in shown if effect.val]
    drawing = Drawing(
        f"Mean {metric} on validation at each value of each option, over all other options.",
        partial(draw_effects, validated, metric),
    )
    tables = [_validation_table(shown, metric), _test_table(shown, metric)]
    return Section(
        "Effect of each option",
        sentences=[_summary(effects, shown)],
        drawing=drawing if validated else None,
        tables=[table for table in tables if table.rows],
        note=(
            f"On validation: mean and range over all configurations with the value. {VALIDATION_NOTE} On test: the "
            "spread over seeds is part of interval and p where all of a difference's configurations have two seeds or "
            "more; with one seed of any they are those of these trainings. p is corrected by Holm for all differences."
        ),
    )


@styled
def draw_effects(effects: Sequence[Effect], metric: str, width: int) -> "Figure":
    """Draw a panel for each option; all share their axis, so that small effects look small.

    Args:
        effects: The options.
        metric: The headline as it is printed.
        width: Width in pixels.
    """
    n_columns = 2 if width >= WIDE and len(effects) > 1 else 1
    n_rows = -(-len(effects) // n_columns)
    height = n_rows * (PANEL + TITLE + BOTTOM)
    figure = new_figure(width, height)
    column = width // n_columns
    for i, effect in enumerate(effects):
        top = (i // n_columns) * (PANEL + TITLE + BOTTOM) + TITLE
        left = (i % n_columns) * column + LEFT
        box = (left / width, 1 - (top + PANEL) / height, (column - LEFT - SIDE) / width, PANEL / height)
        axes = figure.add_axes(box)
        _draw(axes, effect, column)
        name_axes(axes, shorten(effect.option.rpartition(".")[2], column - LEFT), metric, PANEL)
    ends = [end for effect in effects for entry in effect.val for end in (entry.low, entry.high)]
    margin = 0.1 * (max(ends) - min(ends)) or 0.001
    for axes in figure.axes:
        axes.set_ylim(min(ends) - margin, max(ends) + margin)
    return figure


def _summary(effects: Sequence[Effect], shown: Sequence[Effect]) -> str:
    tests = [test for effect in effects for test in effect.test]
    says = "No two configurations that differ in one option alone have a test with a p, so no effect has an interval."
    if tests:
        decided = [test for test in tests if test.p_corrected < BETTER_BELOW]
        trainings = sum(test.kind == "trainings" for test in decided)
        of_them = f"{trainings} of them " if len(tests) > 1 else ""
        beside = f", {of_them}between trainings of one seed" if trainings else ""
        has = "has" if len(decided) == 1 else "have"
        found = f"{len(decided) or 'none'} of {count(len(tests), 'difference')} {has} p < {BETTER_BELOW}"
        if len(tests) == 1:
            found = f"the one difference has p {'<' if decided else '≥'} {BETTER_BELOW}"
        says = (
            "On test, configurations that differ in one option alone are paired on the same items: "
            f"{found} after Holm's correction{beside}."
        )
    left_out = [effect.option for effect in effects if effect not in shown]
    return f"{says} More than {MOST_VALUES} values, in the JSON only: {listed(left_out)}." if left_out else says


def _validation_table(shown: Sequence[Effect], metric: str) -> Table:
    rows = [
        [f"{_name(effect)}={entry.value}", str(entry.n), number(entry.mean),
         f"{number(entry.low)} to {number(entry.high)}" if entry.n > 1 else MISSING]
        for effect in shown
        for entry in effect.val
    ]  # fmt: skip
    return Table(["option", "configurations", f"mean {metric} on validation", "lowest to highest"], rows)


def _test_table(shown: Sequence[Effect], metric: str) -> Table:
    rows = [
        [f"{_name(effect)}={entry.value}", f"={entry.reference}", entry.kind, str(entry.n_pairs),
         difference(entry.difference), interval(entry.interval, signed=True), p_text(entry.p),
         p_text(entry.p_corrected)]
        for effect in shown
        for entry in effect.test
    ]  # fmt: skip
    columns = ["option on test", "against", "compares", "pairs", f"gain in {metric}", "95 % interval",
               "p, two-sided", "p, corrected"]  # fmt: skip
    return Table(columns, rows, n_text=3)


def _name(effect: Effect) -> str:
    return f"{effect.model} {effect.option.rpartition('.')[2]}"


def _draw(axes: "Axes", effect: Effect, width: int) -> None:
    from matplotlib.ticker import MaxNLocator

    style_axes(axes, keep=("bottom", "left"))
    places = range(len(effect.val))
    for x, entry in zip(places, effect.val, strict=True):
        bar = axes.plot((x, x), (entry.low, entry.high), color=RULE, lw=5, solid_capstyle="butt")
        tell(bar, f"{entry.value}: {number(entry.low)} to {number(entry.high)} of {count(entry.n, 'configuration')}")
    tell(axes.plot(places, [entry.mean for entry in effect.val], color=ACCENT, lw=1), _name(effect))
    for x, entry in zip(places, effect.val, strict=True):
        tell(axes.plot([x], [entry.mean], "o", color=ACCENT, ms=6), f"{entry.value}: mean {number(entry.mean)}")
    room = (width - LEFT - SIDE) // max(1, len(effect.val)) - TICK_GAP
    axes.set_xticks(list(places), [shorten(entry.value, room) for entry in effect.val])
    axes.set_xlim(-0.5, len(effect.val) - 0.5)
    axes.yaxis.set_major_locator(MaxNLocator(3))
    axes.set_title(shorten(_name(effect), width - LEFT), loc="left", color=INK)
