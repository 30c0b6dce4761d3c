"""The ladder: rows of planted signals, columns of definitions, and what follows from their cells."""

from collections.abc import Sequence
from dataclasses import dataclass

from c5snn.reports.comparison import Comparison
from c5snn.reports.configurations import Configuration
from c5snn.reports.ladder.cells import Cell, cells_of
from c5snn.reports.ladder.contrasts import (
    Contrast,
    Standing,
    contrasts_of,
    every_pair,
    pairs_with,
    standings_of,
)
from c5snn.reports.ladder.cost import Cost, costs_of
from c5snn.reports.ladder.definitions import Definition, definitions_of
from c5snn.reports.ladder.history import Rung, is_planted
from c5snn.reports.ladder.series import Series, growth_of, memory_of

__all__ = ["Ladder", "ladder_of"]

FEWEST_RUNGS = 2  # a ladder of one rung is the leaderboard


@dataclass(frozen=True)
class Ladder:
    """What each definition learns of each planted signal.

    Args:
        definitions: The columns: the floors first.
        rungs: The rows: signals strong enough for a share of the oracle's lift on one of their histories at least.
        weak: All other signals.
        shared: The rungs on which every definition has a share.
        cells: One for each definition and rung that was tested; those of weak signals as well.
        contrasts: Each network against each floor and each other network; of a reference, it against each other.
        reference: The label that all others are held against; None for every pair.
        standings: Where each network stands to the floors together.
        costs: What each definition costs.
        memory: Captured lift against the lag of ``Repeat``.
        growth: Lift against strength.
    """

    definitions: list[Definition]
    rungs: list[Rung]
    weak: list[Rung]
    shared: list[Rung]
    cells: list[Cell]
    contrasts: list[Contrast]
    reference: str | None
    standings: list[Standing]
    costs: list[Cost]
    memory: list[Series]
    growth: list[Series]


def ladder_of(
    comparisons: Sequence[Comparison], configurations: Sequence[Configuration], reference: str | None = None
) -> Ladder | None:
    """Return the ladder; None with fewer than two signals that are strong enough for a share of the oracle's lift.

    Args:
        comparisons: The report's comparisons.
        configurations: The report's configurations.
        reference: The label that all others are held against; None for every pair.

    Raises:
        ConfigError: The reference is no label of the ladder.
    """
    planted = [entry for entry in configurations if is_planted(entry.runs[0].data.source)]
    of_configuration = definitions_of(planted)
    cells = cells_of(comparisons, of_configuration)
    tested = {cell.definition for cell in cells}
    known = {entry.label: entry for entry in of_configuration.values() if entry.label in tested}
    definitions = sorted(known.values(), key=lambda entry: (not entry.is_floor, entry.label))
    rank = {entry.label: i for i, entry in enumerate(definitions)}
    cells.sort(key=lambda cell: (cell.rung.order, rank[cell.definition]))
    every = list(dict.fromkeys(cell.rung for cell in cells))
    rungs = [rung for rung in every if any(cell.by_seed for cell in cells if cell.rung == rung)]
    if len(rungs) < FEWEST_RUNGS:
        return None
    shared = [rung for rung in rungs if _n_shares(rung, cells) == len(definitions)]
    contrasts = contrasts_of(cells, every_pair(definitions))
    return Ladder(
        definitions=definitions,
        rungs=rungs,
        weak=[rung for rung in every if rung not in rungs],
        shared=shared,
        cells=cells,
        contrasts=contrasts_of(cells, pairs_with(reference, definitions)) if reference else contrasts,
        reference=reference,
        standings=standings_of(contrasts, definitions),
        costs=costs_of(cells, definitions, shared),
        memory=memory_of(cells),
        growth=growth_of(cells),
    )


def _n_shares(rung: Rung, cells: Sequence[Cell]) -> int:
    return sum(cell.captured is not None for cell in cells if cell.rung == rung)
