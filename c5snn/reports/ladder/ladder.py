"""The ladder: rows of planted signals, columns of models, and what follows from their cells."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from c5snn.errors import ConfigError
from c5snn.reports.comparison import Comparison
from c5snn.reports.configurations import Configuration
from c5snn.reports.document import Drawing, Section, Table
from c5snn.reports.figures.heat_map import draw_heat_map
from c5snn.reports.ladder.cells import Cell, LadderModel, cells_of, models_of
from c5snn.reports.ladder.contrasts import (
    LEVEL,
    Contrast,
    contrasts_of,
    contrasts_section,
    every_pair,
    named_rungs,
    pairs_of_kinds,
    pairs_with,
)
from c5snn.reports.ladder.costs import Cost, costs_of, costs_section, with_interval
from c5snn.reports.ladder.lines import Series, growth_of, growth_section, memory_of, memory_section
from c5snn.reports.ladder.rungs import Rung, is_planted
from c5snn.reports.ladder.standings import Standing, standings_of
from c5snn.reports.words import MISSING, count, joined, number, of_all

__all__ = ["Ladder", "ladder_of", "ladder_sections", "ladder_verdict"]

FEWEST = 2  # one history of one signal is the leaderboard


@dataclass(frozen=True)
class Ladder:
    """What each model learns of each planted signal.

    Args:
        metric: The headline as it is printed.
        item: What one item is called.
        models: The columns: the baselines first.
        rungs: The rows: signals strong enough for a skill on one of their histories at least.
        weak: All other signals.
        shared: The rows on which every model has a skill.
        cells: One for each model and row that was tested; those of weak signals as well.
        contrasts: Each network against each baseline and each other network; of a reference, it against each other.
        reference: The label that all others are held against; None for every pair.
        standings: Where each network stands to the baselines together.
        costs: What each model costs.
        memory: Skill against the lag of a signal.
        growth: Lift against strength.
    """

    metric: str
    item: str
    models: list[LadderModel]
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
    """Return the ladder; None where fewer than two histories have a signal that is strong enough for a skill.

    Args:
        comparisons: The report's comparisons; those without a planted signal have no part.
        configurations: The report's configurations.
        reference: The label that all others are held against; None for every pair.

    Raises:
        ConfigError: There is no ladder for the reference, or it is no label of the ladder.
    """
    planted = [entry for entry in comparisons if is_planted(entry.data)]
    of_configuration = models_of([entry for entry in configurations if entry.n_tested and is_planted(entry.data)])
    cells = cells_of(planted, of_configuration, configurations)
    known = {cell.model: of_configuration[choice.label] for cell in cells for choice in cell.choices}
    models = sorted(known.values(), key=lambda entry: (not entry.is_baseline, entry.label))
    rank = {entry.label: i for i, entry in enumerate(models)}
    cells.sort(key=lambda cell: (cell.rung.order, rank[cell.model]))
    every = list(dict.fromkeys(cell.rung for cell in cells))
    rungs = [rung for rung in every if any(cell.by_seed for cell in cells if cell.rung == rung)]
    histories = {(cell.rung, seed) for cell in cells for seed in cell.by_seed}
    if len(histories) < FEWEST:
        if reference:
            raise ConfigError("A reference needs results on at least two histories with a signal, but there are fewer.")
        return None
    shared = [rung for rung in rungs if _n_skills(rung, cells) == len(models)]
    contrasts = contrasts_of(cells, every_pair(models), pairs_of_kinds(models))
    against = pairs_with(reference, models) if reference else []
    return Ladder(
        metric=joined(sorted({entry.headline.label for entry in planted})),
        item=planted[0].data.item,
        models=models,
        rungs=rungs,
        weak=[rung for rung in every if rung not in rungs],
        shared=shared,
        cells=cells,
        contrasts=contrasts_of(cells, against, against) if reference else contrasts,
        reference=reference,
        standings=standings_of(contrasts, models),
        costs=costs_of(cells, models, shared),
        memory=memory_of(cells),
        growth=growth_of(cells),
    )


def ladder_verdict(ladder: Ladder) -> list[str]:
    """Return in one or two sentences the skill of each model, and where a network is above the baselines."""
    return [*_mean_skills(ladder), _claim(ladder)]


def ladder_sections(ladder: Ladder) -> list[Section]:
    """Return the sections of a ladder; each appears when its facts are there."""
    return [
        _overview(ladder),
        *([contrasts_section(ladder.contrasts, ladder.reference)] if ladder.contrasts else []),
        *([memory_section(ladder.memory, ladder.models)] if ladder.memory else []),
        *([growth_section(ladder.growth, ladder.models, ladder.metric)] if ladder.growth else []),
        costs_section(ladder.costs, len(ladder.shared), ladder.item),
    ]


def _n_skills(rung: Rung, cells: Sequence[Cell]) -> int:
    return sum(cell.skill is not None for cell in cells if cell.rung == rung)


def _overview(ladder: Ladder) -> Section:
    cells = {(cell.model, cell.rung): cell for cell in ladder.cells}
    labels = [entry.label for entry in ladder.models]
    rows = [[str(rung), *(_skill(cells.get((label, rung))) for label in labels)] for rung in ladder.rungs]
    realized = [[str(rung), *(_realized(cells.get((label, rung))) for label in labels)] for rung in ladder.rungs]
    values = [[cell.skill if (cell := cells.get((label, rung))) else None for label in labels] for rung in ladder.rungs]
    return Section(
        "Signal ladder",
        level=2,
        sentences=_standings(ladder),
        drawing=Drawing(
            f"Skill of {count(len(labels), 'model')} on {count(len(rows), 'row')} of planted signals.",
            partial(
                draw_heat_map,
                [str(rung) for rung in ladder.rungs],
                labels,
                values,
                "rows: signal, columns: model",
            ),
        ),
        tables=[Table(["skill", *labels], rows), Table(["realised skill", *labels], realized)],
        note=_note(ladder),
        is_short=True,
    )


def _skill(cell: Cell | None) -> str:
    if cell is None or cell.skill is None:
        return MISSING
    return with_interval(cell.skill, cell.interval)


def _realized(cell: Cell | None) -> str:
    return number(cell.realized_skill, 2) if cell else MISSING


def _note(ladder: Ladder) -> str:
    histories = sorted({len(cell.choices) for cell in ladder.cells})
    noun = "history" if histories == [1] else "histories"
    lengths = " or ".join(f"{n:,}" for n in sorted({rung.n_events for rung in ladder.rungs}))
    has_others = any(cell.rung.test > 1 for cell in ladder.cells)
    others = " Test 2 of a row and later ones have another split, window or list length." if has_others else ""
    weak = f" Left out, because the signal is too weak: {joined([str(r) for r in ladder.weak])}." if ladder.weak else ""
    return (
        "A row is a signal × its strength. Skill is (model − chance) / (oracle − chance) on test: 0 is chance, 1 is "
        "ranking by the signal itself. It is an expectation over what might have come given the signal; realised skill "
        "has the luck of what came, and is all that results of 0.1.0 hold. A cell is the mean over "
        f"{' or '.join(map(str, histories))} {noun} of {lengths} "
        "events, each with its own data seed; in brackets its 95 % interval over histories (Student's t; none for "
        "one). Options of the optimizer are tuned, not compared: on each history validation chose among this many "
        f"configurations: {_tried(ladder)}. A dash: not tested, or too weak a signal on one of the histories."
        f"{others}{weak}"
    )


def _tried(ladder: Ladder) -> str:
    """Return how many configurations each model was chosen from on a history."""
    tried: dict[str, set[int]] = {}
    for cell in ladder.cells:
        tried.setdefault(cell.model, set()).update(choice.n_tried for choice in cell.choices)
    return ", ".join(f"{e.label} {' or '.join(map(str, sorted(tried[e.label])))}" for e in ladder.models)


def _mean_skills(ladder: Ladder) -> list[str]:
    known = sorted(
        (
            (entry.skill, entry.interval, entry.model)
            for entry in ladder.costs
            if entry.skill is not None and entry.interval is not None
        ),
        key=lambda entry: -entry[0],
    )
    if not known:
        return []
    clauses = [f"{label} {with_interval(skill, ends)}" for skill, ends, label in known]
    n = count(len(ladder.shared), "row")
    return [f"Mean skill on {n} of planted signals, with its 95 % interval over histories: {', '.join(clauses)}."]


def _claim(ladder: Ladder) -> str:
    if ladder.standings:
        n = count(len(_judged(ladder.standings)), "row")
        if not any(entry.above for entry in ladder.standings):
            where = f"any of {n}" if len(_judged(ladder.standings)) > 1 else "the only row"
            return f"No network is above {_baselines(ladder)} on {where} {_rule(ladder)}."
        clauses = [f"{entry.network} {of_all(len(entry.above), _n_rows(entry))}" for entry in ladder.standings]
        return f"Rows with a network above {_baselines(ladder)}: {joined(clauses)} {_rule(ladder)}."
    if all(entry.is_baseline for entry in ladder.models):
        return "No network was tested."
    if not any(entry.is_baseline for entry in ladder.models):
        return "No network can be called better than a baseline: no baseline was tested."
    return "No network can be called better than a baseline: no row has two histories with a network and all baselines."


def _standings(ladder: Ladder) -> list[str]:
    """Return on how many rows each network is above the baselines, below one, or undecided, and what follows."""
    if not ladder.standings:
        return [_claim(ladder)]
    judged = _judged(ladder.standings)
    none_above = [rung for rung in judged if not any(rung in entry.above for entry in ladder.standings)]
    follows = (
        f"On {count(len(none_above), 'row')}{named_rungs(none_above)} no network is above {_baselines(ladder)}: "
        "nothing there shows that a network adds anything to them."
    )
    return [*(_standing(entry, ladder) for entry in ladder.standings), *([follows] if none_above else [])]


def _standing(entry: Standing, ladder: Ladder) -> str:
    if _n_rows(entry) == 1:
        place = f"above {_baselines(ladder)}" if entry.above else "below a baseline" if entry.below else "undecided"
        rung = named_rungs([*entry.above, *entry.below, *entry.undecided])
        return f"{entry.network}: {place} on the only row{rung} {_rule(ladder)}."
    return (
        f"{entry.network}: above {_baselines(ladder)} on {len(entry.above)} of {count(_n_rows(entry), 'row')}"
        f"{named_rungs(entry.above)}, below a baseline on {len(entry.below)}{named_rungs(entry.below)}, undecided on "
        f"{len(entry.undecided)} {_rule(ladder)}."
    )


def _rule(ladder: Ladder) -> str:
    n = count(ladder.standings[0].n_corrected, "row")
    networks = f" of {len(ladder.standings)} networks" if len(ladder.standings) > 1 else ""
    return f"(p < {LEVEL} after Holm's correction for {n}{networks})"


def _n_rows(entry: Standing) -> int:
    return len(entry.above) + len(entry.below) + len(entry.undecided)


def _baselines(ladder: Ladder) -> str:
    beside = {labels for entry in ladder.standings for labels in entry.beside}
    labels = [entry.label for entry in ladder.models if any(entry.label in of_row for of_row in beside)]
    if len(beside) > 1:
        return f"one baseline or more of each class ({joined(labels)})"
    if len(labels) == 1:
        return f"the baseline {labels[0]}"
    return f"{'both' if len(labels) == 2 else f'all {len(labels)}'} baselines ({joined(labels)})"  # noqa: PLR2004


def _judged(standings: Sequence[Standing]) -> list[Rung]:
    rungs = {rung for entry in standings for rung in [*entry.above, *entry.below, *entry.undecided]}
    return sorted(rungs, key=lambda rung: rung.order)
