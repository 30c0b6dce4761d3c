"""The effect of each swept option: means on validation; on test paired differences with interval and p."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import fmean
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from jaxtyping import Float

from c5snn.evidence import BETTER_BELOW, Interval, compare_options, holm_adjusted
from c5snn.reports.configurations import Configuration, differing
from c5snn.reports.document import Drawing, Section, Table
from c5snn.reports.figures.canvas import ACCENT, INK, RULE, name_axes, new_figure, shorten, style_axes, styled, tell
from c5snn.reports.screened import VALIDATION_NOTE
from c5snn.reports.words import MISSING, count, difference, interval, listed, number, p_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Effect", "TestEffect", "ValueMean", "draw_effects", "effects_of", "effects_section"]

# the headline of each configuration with each seed on each item, oriented so that greater is better
Scores = Mapping[str, Float[np.ndarray, "_seeds _items"]]

MOST_VALUES = 24
PANEL, TITLE, BOTTOM, SIDE, LEFT = 100, 30, 48, 12, 76  # pixels
TICK_GAP = 6  # pixels between the names of two values
WIDE = 560  # from this width on two panels stand side by side


@dataclass(frozen=True)
class ValueMean:
    """Validation at one value of an option. It chose among the configurations, so it has no interval.

    Args:
        value: The value.
        n: How many configurations have it.
        mean: Mean of the headline on validation over them.
        low: The lowest of them.
        high: The highest of them.
    """

    value: str
    n: int
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class TestEffect:
    """Test at one value of an option against another, over configurations that differ in nothing else.

    Args:
        value: The value.
        reference: The value it is compared with.
        n_pairs: How many pairs of tested configurations there are.
        difference: How much better the headline is at the value, mean over pairs, seeds and items.
        interval: Its 95 % interval; None for too few items.
        kind: What differs: the configurations, or with one seed of any of them, these trainings.
        p: Two-sided p.
        p_corrected: The same after Holm's correction for all differences of the comparison.
    """

    __test__ = False  # its name is no test's

    value: str
    reference: str
    n_pairs: int
    difference: float
    interval: Interval | None
    kind: Literal["configurations", "trainings"]
    p: float
    p_corrected: float


@dataclass(frozen=True)
class Effect:
    """The effect of an option.

    Args:
        model: The model's name.
        option: The option.
        seeds: The seeds that all configurations share, which the validation means are taken over.
        val: Its values on validation.
        test: Each later value against the first one before it that was tested with all else equal.
    """

    model: str
    option: str
    seeds: list[int]
    val: list[ValueMean]
    test: list[TestEffect]


def effects_of(configurations: Sequence[Configuration], scores: Scores) -> list[Effect]:
    """Return the effect of each option that differs between configurations of the same model.

    An option of which every configuration has a value of its own has no effect: its table would be the leaderboard.

    Args:
        configurations: The configurations of one comparison.
        scores: The headline on each test item of those that were tested.
    """
    models = dict.fromkeys(entry.model for entry in configurations)
    found = []
    for model in models:
        peers = [entry for entry in configurations if entry.model == model]
        options = differing([entry.options for entry in peers])
        found += [_effect(model, option, peers, scores) for option in options if _is_shared(option, peers)]
    corrected = iter(holm_adjusted([test.p for effect in found for test in effect.test]))
    return [
        replace(effect, test=[replace(test, p_corrected=next(corrected)) for test in effect.test]) for effect in found
    ]


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


def _is_shared(option: str, peers: Sequence[Configuration]) -> bool:
    """Return whether two configurations have the same value of an option."""
    values = {_text(entry.options.get(option)) for entry in peers}
    return len(values) < len(peers)


def _effect(model: str, option: str, peers: Sequence[Configuration], scores: Scores) -> Effect:
    groups: dict[str, list[Configuration]] = {}
    for entry in sorted(peers, key=lambda entry: _order(entry.options.get(option))):
        groups.setdefault(_text(entry.options.get(option)), []).append(entry)
    seeds = sorted(set.intersection(*({run.seed for run in entry.runs} for entry in peers)))
    values = {value: _val(entries, seeds) for value, entries in groups.items()}
    tests = [_first_test_effect(option, value, groups, scores) for value in groups]
    return Effect(
        model=model,
        option=option,
        seeds=seeds,
        val=[ValueMean(value, len(val), fmean(val), min(val), max(val)) for value, val in values.items() if val],
        test=[test for test in tests if test is not None],
    )


def _val(entries: Sequence[Configuration], seeds: Sequence[int]) -> list[float]:
    """Return one number for each configuration: its mean over the seeds that all share, else over its own."""
    found = []
    for entry in entries:
        values = [run.monitored for run in entry.runs if run.monitored is not None and (not seeds or run.seed in seeds)]
        if values:
            found.append(fmean(values))
    return found


def _first_test_effect(
    option: str, value: str, groups: Mapping[str, Sequence[Configuration]], scores: Scores
) -> TestEffect | None:
    """Return the value's effect against the first value before it that was tested with all else equal."""
    earlier = list(groups)[: list(groups).index(value)]
    found = (_test_effect(option, value, reference, groups, scores) for reference in earlier)
    return next((effect for effect in found if effect is not None), None)


def _test_effect(
    option: str, value: str, reference: str, groups: Mapping[str, Sequence[Configuration]], scores: Scores
) -> TestEffect | None:
    partners = {_others(entry, option): entry.label for entry in groups[reference] if entry.label in scores}
    pairs = [
        (scores[entry.label], scores[partners[_others(entry, option)]])
        for entry in groups[value]
        if entry.label in scores and _others(entry, option) in partners
    ]
    if not pairs:
        return None
    found = compare_options(*map(list, zip(*pairs, strict=True)))
    return TestEffect(value, reference, len(pairs), found.mean, found.interval, found.kind, found.p, found.p)


def _others(entry: Configuration, option: str) -> str:
    return json.dumps({name: value for name, value in entry.options.items() if name != option}, sort_keys=True)


def _text(value: object) -> str:
    return "none" if value is None else str(value)


def _order(value: Any) -> tuple[int, float, str]:  # noqa: ANN401  # an option's value may be anything
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return (0, float(value), "") if is_number else (1, 0.0, _text(value))


def _summary(effects: Sequence[Effect], shown: Sequence[Effect]) -> str:
    tests = [test for effect in effects for test in effect.test]
    says = "No two tested configurations differ in only one option, so no effect has an interval."
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
