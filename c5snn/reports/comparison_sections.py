"""The sections that a report has for each comparison: what was tested, and how sure one can be."""

from functools import partial

from c5snn.reports.comparison import Comparison
from c5snn.reports.contender import Contender
from c5snn.reports.document import Drawing, Section, Table
from c5snn.reports.figures.differences import draw_differences
from c5snn.reports.figures.forest import draw_forest
from c5snn.reports.leaderboard_table import SPREAD_NOTE, leaderboard_table, metrics_table, network_table
from c5snn.reports.power import Power
from c5snn.reports.sentences import METRIC, pairs_sentence, spread_sentence
from c5snn.reports.words import count, difference, interval, number, p_text, percent
from c5snn.training.scoring import HEADLINE

__all__ = ["comparison_sections"]

# sections of tested configurations that need at least two of them
SEVERAL = 2


def comparison_sections(comparison: Comparison) -> list[Section]:
    """Return the sections about the tested configurations of a comparison."""
    entries = comparison.contenders
    if not entries:
        return []
    sections = [_leaderboard(comparison), _forest(comparison)]
    if len(entries) >= SEVERAL:
        sections.append(_differences(comparison))
    return [*sections, _spread(entries), _power(comparison.power)]


def _leaderboard(comparison: Comparison) -> Section:
    entries = comparison.contenders
    n = count(len(entries), "configuration")
    family = f"The family-wise p is corrected for the {n} of this comparison and for no other."
    return Section(
        "Leaderboard",
        tables=[leaderboard_table(entries), network_table(entries), metrics_table(entries)],
        note=f"In the order of validation, which has chosen. {SPREAD_NOTE} {family}",
        is_short=True,
    )


def _forest(comparison: Comparison) -> Section:
    band = interval(comparison.chance_band)
    return Section(
        "Against chance",
        drawing=Drawing(
            f"{METRIC} of each configuration with its 95 % interval, against chance at {number(comparison.chance)} and "
            f"the band {band} in which 95 of 100 runs without any skill lie.",
            partial(draw_forest, comparison),
        ),
        note=(
            f"Line: exact chance, {number(comparison.chance)}. Band: where 95 of 100 runs without any skill lie, "
            f"{band}. Dot and bar: mean over seeds, 95 % interval of sampling. Ticks: single seeds. Diamond: the fixed "
            "list of the parts most frequent in train. Hollow: ignores its input."
        ),
    )


def _differences(comparison: Comparison) -> Section:
    rows = [
        [pair.other, difference(pair.difference), interval(pair.interval, signed=True), p_text(pair.p_two_sided),
         p_text(pair.p_corrected)]
        for pair in comparison.pairs
    ]  # fmt: skip
    first = comparison.pairs[0].first
    return Section(
        "Against each other",
        sentences=[pairs_sentence(comparison.pairs)],
        drawing=Drawing(
            f"Difference in {METRIC} of {first} to each other configuration, with its 95 % interval.",
            partial(draw_differences, comparison.pairs),
        ),
        tables=[Table([f"{first} minus", "difference", "95 % interval", "p, two-sided", "p, corrected"], rows)],
        note=(
            "Paired on the same windows; p by flipping signs of the windows' differences, corrected by Holm for "
            f"{count(len(rows), 'pair')}. The first is validation's choice, so test does not choose whom to praise."
        ),
    )


def _spread(entries: list[Contender]) -> Section:
    rows = [
        [entry.label, str(len(entry.seeds)), number(entry.test[HEADLINE].std), number(entry.standard_error)]
        for entry in entries
    ]
    return Section(
        "Seeds and sampling",
        sentences=[spread_sentence(entries)],
        tables=[Table(["configuration", "seeds", "spread over seeds (sd)", "sampling error (se)"], rows)],
        note=(
            "The spread says how far one training lies from another; the sampling error how far the mean over seeds "
            "would move on other windows. Neither contains the other."
        ),
    )


def _power(power: Power) -> Section:
    windows, share, level = count(power.n_windows, "test window"), percent(power.power, 0), percent(power.alpha, 0)
    alone = f"a lift of {number(power.lift_alone)} over chance is found {share} of the time"
    family = f"{number(power.lift_in_family)} after correction for {count(power.n_contenders, 'configuration')}"
    lines = [f"With {windows}, {alone} by a one-sided {level} test of one run; {family}."]
    if power.windows_for_observed is not None:
        needed = count(power.windows_for_observed, "window")
        lines.append(
            f"The highest lift here, {difference(power.observed_lift)}, would be found as often with {needed}."
        )
    elif power.observed_lift is not None:
        lines.append(f"The highest lift here is {difference(power.observed_lift)}: no number of windows would show it.")
    return Section(
        "What could have been seen",
        sentences=lines,
        note=f"One standard error of a run without skill on these windows is {number(power.standard_error)}.",
    )
