"""The leaderboard: every tested configuration beside chance and the references, as tables and as a forest plot."""

from collections.abc import Sequence
from functools import partial
from itertools import groupby
from math import isnan
from statistics import fmean
from typing import TYPE_CHECKING

from c5snn.evidence import BETTER_BELOW, Interval
from c5snn.records import OriginChoice, Reference, ScoredConfiguration, choice_at_each_origin
from c5snn.reports.document import ColumnGroup, Drawing, Section, Table
from c5snn.reports.figures.canvas import ACCENT, BAND, INK, MOST_ROWS, MUTED, PAGE, draw_line, new_rows, styled, tell
from c5snn.reports.p_values import p_note
from c5snn.reports.text import new_console, print_table, shown
from c5snn.reports.verdict import claim_of, verdict_sentence
from c5snn.reports.words import (
    MISSING,
    count,
    difference,
    interval,
    joined,
    number,
    p_text,
    percent,
    plural,
    seconds,
    spread,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_forest", "leaderboard_sections", "print_leaderboard", "worth_table"]


def leaderboard_sections(
    entries: Sequence[ScoredConfiguration], band: Interval | None, choice: OriginChoice | None = None
) -> list[Section]:
    """Return the tables and the forest plot of a comparison.

    Args:
        entries: The tested configurations, in order.
        band: Where 95 of 100 runs without skill score; None where it is not the same for all.
        choice: What choosing at each origin got; None for one origin or configuration.
    """
    n = count(len(entries), "configuration")
    has_p = any(entry.p_family is not None for entry in entries)
    is_family = has_p and len(entries) > 1
    family = f" The family-wise p is corrected for the {n} of this comparison and no others." if is_family else ""
    of_choice = [worth_table([choice.scored])] if choice else []
    table = Section(
        "Leaderboard",
        tables=[*of_choice, worth_table(entries), _model_table(entries), *_metrics_table(entries)],
        note=f"{_order_note(entries)}{spread_note(entries, choice)}{family}",
        is_short=True,
    )
    return [table, _forest(entries, band)]


def worth_table(entries: Sequence[ScoredConfiguration]) -> Table:
    """Return what the configurations are worth."""
    metric = entries[0].headline.label
    own = [f"{metric} on test", "95 % interval", "chance", "lift", "p", "family-wise p"]
    columns, headings = ["configuration", *own], [("", ""), *(("on test", name) for name in [metric, *own[1:]])]
    references = {reference.name: reference for entry in entries for reference in entry.references}
    for reference in references.values():
        columns += [reference.label, f"gain over {reference.label}", "95 % interval of the gain", "p of the gain"]
        beside = f"against the {reference.label}"
        headings += [(beside, name) for name in (f"its {metric}", "gain", "95 % interval", "p")]
    rows = [_worth(entry, entries, list(references)) for entry in entries]
    kept = _filled(rows)
    groups = _groups([headings[i] for i in kept])
    return Table([columns[i] for i in kept], [[row[i] for i in kept] for row in rows], groups=groups)


def spread_note(entries: Sequence[ScoredConfiguration], choice: OriginChoice | None = None) -> str:
    """Return how to read the numbers of a table.

    Args:
        entries: Its configurations.
        choice: What choosing at each origin got; None for one origin or configuration.
    """
    p = "p is one-sided, of the mean over seeds."
    if any(entry.p_value is None for entry in entries):
        p = "What has no p was not tested for one."
    note = (
        f"± is the standard deviation over seeds. Intervals are those of other test {plural(_item(entries))} of the "
        f"same data. {p}"
    )
    return f"{note} {p_note([*entries, *([choice.scored] if choice else [])])}".rstrip()


def print_leaderboard(entries: Sequence[ScoredConfiguration], *, limit: int | None = None) -> None:
    """Print the comparison in a terminal, its verdict first.

    Args:
        entries: The configurations, in order.
        limit: How many rows to show; None: all.
    """
    console = new_console()
    choice = choice_at_each_origin(entries)
    console.print(shown(verdict_sentence(entries, choice), _style(entries)))
    if choice:
        print_table(console, worth_table([choice.scored]))
    print_table(console, worth_table(entries), limit=limit)
    console.print(shown(spread_note(entries, choice)))


def _style(entries: Sequence[ScoredConfiguration]) -> str:
    """Return how a terminal shows the verdict of a comparison: green where one is better than chance."""
    better = [entry for entry in entries if entry.p_family is not None and entry.p_family < BETTER_BELOW]
    if not better:
        return "bold"
    return "bold yellow" if all(entry.ignores_input for entry in better) else "bold green"


def _worth(entry: ScoredConfiguration, entries: Sequence[ScoredConfiguration], references: Sequence[str]) -> list[str]:
    """Return the row of a configuration; a test of 0.1.0 has fewer references than one of now."""
    claim = "ignores its input" if entry.ignores_input else claim_of(entry, entries)
    mark = f" ({claim})" if claim else ""
    cells = [
        f"{entry.label}{mark}", spread(entry.score), interval(entry.interval),
        number(entry.chance[entry.headline.name]), difference(entry.lift), p_text(entry.p_value),
        p_text(entry.p_family),
    ]  # fmt: skip
    own = {reference.name: reference for reference in entry.references}
    for name in references:
        if name not in own:
            cells += [MISSING] * 4
            continue
        value, gain, p = number(own[name].value), difference(own[name].difference), p_text(own[name].p)
        cells += [value, gain, interval(own[name].interval, signed=True), p]
    return cells


def _model_table(entries: Sequence[ScoredConfiguration]) -> Table:
    """Return what the configurations are, and what they cost."""
    columns = ["configuration", "seeds", "skill", "realised skill", f"distinct {plural(entries[0].words.output)}",
               "firing rate", "parameters", "training", f"{entries[0].headline.label} on validation"]  # fmt: skip
    rows = [
        [entry.label, str(len(entry.seeds)), number(entry.skill, 2), number(entry.realized_skill, 2),
         f"{entry.n_distinct:,}", percent(entry.firing_rate), f"{entry.runs[0].n_parameters:,}",
         seconds(fmean(run.training_time_s for run in entry.runs)), spread(entry.val)]
        for entry in entries
    ]  # fmt: skip
    return _without_empty(Table(columns, rows))


def _metrics_table(entries: Sequence[ScoredConfiguration]) -> list[Table]:
    """Return the metrics that no claim is made about; none where there are none."""
    first = entries[0]
    metrics = [name for name in first.test if name != first.headline.name]
    rows = [[entry.label, *(spread(entry.test[name]) for name in metrics)] for entry in entries]
    by_luck = [[number(entry.chance[name]) for name in metrics] for entry in entries]
    if all(level == MISSING for levels in by_luck for level in levels):
        pass  # luck says nothing of any of them
    elif all(levels == by_luck[0] for levels in by_luck):
        rows = [["chance", *by_luck[0]], *rows]
    else:  # labels that are permuted match what a model predicts often
        labels = [f"{entry.label}, chance" for entry in entries]
        chance = [[label, *levels] for label, levels in zip(labels, by_luck, strict=True)]
        rows = [row for pair in zip(chance, rows, strict=True) for row in pair]
    return [Table(["other metrics, descriptive", *metrics], rows)] if metrics else []


def _without_empty(table: Table) -> Table:
    """Leave out columns without any value."""
    kept = _filled(table.rows)
    return Table([table.columns[i] for i in kept], [[row[i] for i in kept] for row in table.rows], table.n_text)


def _filled(rows: Sequence[Sequence[str]]) -> list[int]:
    """Return the columns that have a value."""
    return [i for i in range(len(rows[0])) if any(row[i] != MISSING for row in rows)]


def _groups(headings: Sequence[tuple[str, str]]) -> tuple[ColumnGroup, ...]:
    """Return the groups of neighbouring columns, each given as its group, empty for none, and its name within it."""
    return tuple(
        ColumnGroup(label, members[0][0], [name for _, (_, name) in members])
        for label, members in ((key, list(found)) for key, found in groupby(enumerate(headings), lambda e: e[1][0]))
        if label
    )


def _forest(entries: Sequence[ScoredConfiguration], band: Interval | None) -> Section:
    first = entries[0]
    chance = first.chance[first.headline.name]
    lines, says = [], f"{first.headline.label} of each configuration with its 95 % interval"
    if chance is not None and band is not None:
        lines = [
            f"Line: chance, {number(chance)}.",
            f"Band: the range of 95 of 100 runs without skill, {interval(band)}.",
        ]
        says = f"{says}, beside chance at {number(chance)} and the range {interval(band)} of runs without skill"
    elif chance is not None:
        lines = ["Line: chance of each configuration."]
    if first.references:
        strongest = first.references[-1]
        lines.append(f"Diamond: the {strongest.label} ({strongest.says}).")
    return Section(
        "Against chance" if chance is not None else f"Against the {joined([r.label for r in first.references])}",
        drawing=Drawing(f"{says}.", partial(draw_forest, entries, band)),
        note=" ".join([
            "Dot and bar: mean over seeds and 95 % interval of sampling. Ticks: single seeds.", *lines,
            "Hollow: ignores its input.",
        ]),
    )  # fmt: skip


@styled
def draw_forest(entries: Sequence[ScoredConfiguration], band: Interval | None, width: int) -> "Figure":
    """Draw the configurations of a comparison, the first on top.

    Args:
        entries: The configurations.
        band: Where 95 of 100 runs without skill score; None for no band.
        width: Width in pixels.
    """
    shown = entries[:MOST_ROWS]
    values = [
        number(entry.value) + ("" if entry.p_family is None else f", family-wise p {p_text(entry.p_family)}")
        for entry in shown
    ]
    axis = f"{entries[0].headline.label} on test"
    figure, axes = new_rows([entry.label for entry in shown], values, width, axis)
    if band is not None:
        span = axes.axvspan(*band, color=BAND, lw=0, zorder=0)
        tell(span, f"95 of 100 runs without skill: {interval(band)}")
    draw_line(axes, [entry.chance[entry.headline.name] for entry in shown], "chance")
    for y, entry in enumerate(shown):
        _draw_entry(axes, -y, entry)
    return figure


def _draw_entry(axes: "Axes", y: int, entry: ScoredConfiguration) -> None:
    if entry.interval is not None:
        bar = axes.plot(entry.interval, (y, y), color=ACCENT, lw=2, solid_capstyle="butt")
        tell(bar, f"{entry.label}: 95 % interval {interval(entry.interval)}")
    for run in entry.runs:
        if run.test:
            tick = axes.plot([run.test.score.value], [y - 0.2], "|", color=MUTED, ms=6, mew=1.2)
            origin = f", origin {run.data.origin}" if run.data.n_origins > 1 else ""
            tell(tick, f"{entry.label}, seed {run.seed}{origin}: {number(run.test.score.value)}")
    if entry.references:
        strongest = entry.references[-1]
        tell(axes.plot([strongest.value], [y], "D", color=INK, ms=4, mfc=PAGE, mew=1.1), _beside(strongest))
    face = PAGE if entry.ignores_input else ACCENT
    dot = axes.plot([entry.value], [y], "o", color=ACCENT, ms=7, mfc=face, mew=1.6)
    tell(dot, f"{entry.label}: {entry.headline.label} {spread(entry.score)}")


def _beside(reference: Reference) -> str:
    return f"{reference.label}: {number(reference.value)}"


def _order_note(entries: Sequence[ScoredConfiguration]) -> str:
    """Return what the configurations are ordered by; those that were not validated stand last."""
    n_validated = sum(not isnan(entry.val.mean) for entry in entries)
    if len(entries) == 1 or not n_validated:
        return ""
    last = "" if n_validated == len(entries) else ", those without validation last"
    return f"Ordered by the mean on validation{last}. "


def _item(entries: Sequence[ScoredConfiguration]) -> str:
    return entries[0].words.item
