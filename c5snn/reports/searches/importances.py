"""How much each option matters, by two measures beside each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from c5snn.reports.document import Drawing, Section, Table
from c5snn.reports.figures.canvas import ACCENT, MOST_ROWS, WARNING, new_rows, styled, tell
from c5snn.reports.words import MISSING, number, p_text, percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Importance", "draw_importances", "importances_section", "importances_table"]


@dataclass(frozen=True)
class Importance:
    """How much an option matters.

    Args:
        option: Its name.
        n: Complete trials that sampled it.
        ped_anova: Its PED-ANOVA, as a share of all options'; None where it was not computed.
        strength: |ρ|, or its like for groups; None where it does not exist.
        p_corrected: The p of the latter after Benjamini and Hochberg over all options.
    """

    option: str
    n: int
    ped_anova: float | None
    strength: float | None
    p_corrected: float | None


def importances_section(importances: Sequence[Importance], sentences: Sequence[str] = ()) -> Section:
    """Return the table and the figure.

    Args:
        importances: The greatest first.
        sentences: What is to be said of them.
    """
    shown = [entry for entry in importances if entry.ped_anova is not None or entry.strength is not None]
    drawing = Drawing(
        "The importance of each option by PED-ANOVA and by rank correlation.",
        partial(draw_importances, shown[:MOST_ROWS]),
    )
    return Section(
        "Importances",
        sentences=list(sentences),
        drawing=drawing if shown else None,
        tables=[importances_table(importances)],
        note=(
            "PED-ANOVA: how differently the best tenth of the trials is distributed, as a share of all options'. |ρ|: "
            "Spearman's rank correlation, for groups √(H / (n − 1)) of Kruskal and Wallis; its p is corrected for all "
            "options. Importance is no effect: options that hang together share it."
        ),
    )


def importances_table(importances: Sequence[Importance]) -> Table:
    """Return the table of the importances."""
    rows = [
        [
            entry.option,
            str(entry.n),
            MISSING if entry.ped_anova is None else percent(entry.ped_anova),
            number(entry.strength, 3),
            p_text(entry.p_corrected),
        ]
        for entry in importances
    ]
    return Table(["option", "n", "PED-ANOVA", "|ρ|", "p corrected"], rows)


@styled
def draw_importances(importances: Sequence[Importance], width: int) -> "Figure":
    """Draw a row for each option with both measures.

    Args:
        importances: The options.
        width: Width in pixels.
    """
    values = [f"n {entry.n}" for entry in importances]
    figure, axes = new_rows([e.option for e in importances], values, width, "blue: share by PED-ANOVA · orange: |ρ|")
    for y, entry in enumerate(importances):
        if entry.ped_anova is not None:
            bar = axes.plot((0, entry.ped_anova), (-y, -y), color=ACCENT, lw=6, solid_capstyle="butt")
            tell(bar, f"{entry.option}: PED-ANOVA {percent(entry.ped_anova)}")
        if entry.strength is not None:
            diamond = axes.plot([entry.strength], [-y], "D", color=WARNING, ms=6)
            tell(diamond, f"{entry.option}: |ρ| {number(entry.strength, 3)}, n {entry.n}")
    axes.set_xlim(0, 1.02)
    return figure
