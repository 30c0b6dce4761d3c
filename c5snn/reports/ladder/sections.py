"""The ladder as sections of a report: who learns what, against whom it can be told, how it grows, what it costs."""

from functools import partial

from c5snn.reports.document import Drawing, Section, Table
from c5snn.reports.figures.heat_map import draw_heat_map
from c5snn.reports.figures.series import draw_series
from c5snn.reports.ladder.cells import Cell
from c5snn.reports.ladder.contrasts import Contrast
from c5snn.reports.ladder.history import Rung
from c5snn.reports.ladder.ladder import Ladder
from c5snn.reports.ladder.sentences import contrast_sentences, memory_sentences, standing_sentences
from c5snn.reports.words import MISSING, count, difference, number

__all__ = ["ladder_sections"]


def ladder_sections(ladder: Ladder) -> list[Section]:
    """Return the sections of a ladder."""
    return [
        _overview(ladder),
        *([_contrasts(ladder)] if ladder.contrasts else []),
        *([_memory(ladder)] if ladder.memory else []),
        *([_growth(ladder)] if ladder.growth else []),
        _costs(ladder),
    ]


def _overview(ladder: Ladder) -> Section:
    cells = {(cell.definition, cell.rung): cell for cell in ladder.cells}
    labels = [entry.label for entry in ladder.definitions]
    rows = [[str(rung), *(_captured(cells.get((label, rung))) for label in labels)] for rung in ladder.rungs]
    values = [
        [cell.captured if (cell := cells.get((label, rung))) else None for label in labels] for rung in ladder.rungs
    ]
    return Section(
        "Signal ladder",
        level=2,
        sentences=standing_sentences(ladder),
        drawing=Drawing(
            f"Captured lift of {count(len(labels), 'model')} on {count(len(rows), 'planted signal')}.",
            partial(draw_heat_map, [str(rung) for rung in ladder.rungs], labels, values),
        ),
        tables=[Table(["captured lift", *labels], rows)],
        note=_note(ladder),
        is_short=True,
    )


def _note(ladder: Ladder) -> str:
    histories = sorted({len(cell.choices) for cell in ladder.cells})
    noun = "history" if histories == [1] else "histories"
    lengths = sorted({rung.n_events for rung in ladder.rungs})
    weak = (
        f" Left out, because the signal is too weak for a share: {', '.join(map(str, ladder.weak))}."
        if ladder.weak
        else ""
    )
    return (
        "A row is a signal × its strength. 1 is all that ranking by the signal itself gains over chance on test, 0 is "
        f"chance. Each cell is the mean over {' or '.join(map(str, histories))} {noun} of "
        f"{' or '.join(f'{n:,}' for n in lengths)} events with data seeds of their own, in brackets its 95 % interval "
        "over them (Student's t; none for one). Options of the optimizer belong to no definition of a model: on each "
        f"history validation has chosen among the configurations tried: {_tried(ladder)}. A dash: not tested, or too "
        f"weak on one of the histories.{weak}"
    )


def _tried(ladder: Ladder) -> str:
    """Return how many configurations each definition was chosen from on a history."""
    tried: dict[str, set[int]] = {}
    for cell in ladder.cells:
        tried.setdefault(cell.definition, set()).update(choice.n_tried for choice in cell.choices)
    return ", ".join(
        f"{' or '.join(map(str, sorted(tried[entry.label])))} of {entry.label}" for entry in ladder.definitions
    )


def _captured(cell: Cell | None) -> str:
    if cell is None or cell.captured is None:
        return MISSING
    ends = f" ({number(cell.interval.low, 2)} to {number(cell.interval.high, 2)})" if cell.interval else ""
    return f"{number(cell.captured, 2)}{ends}"


def _contrasts(ladder: Ladder) -> Section:
    networks = dict.fromkeys(contrast.first for contrast in ladder.contrasts)
    table_of = _table_by_model if ladder.reference else _table_by_rung
    tables = [table_of([entry for entry in ladder.contrasts if entry.first == network]) for network in networks]
    return Section(
        f"{ladder.reference} against each other model" if ladder.reference else "Against the floors and each other",
        sentences=contrast_sentences(ladder),
        tables=tables,
        note=(
            "Difference in captured lift, paired over the histories of a row, with its 95 % interval over them "
            "(Student's t; none for one history). Above and below mean that the interval leaves 0 out. Each interval "
            "is of its row alone: of 40 rows without any difference, one lies above 0 by luck and one below. What is "
            "corrected for the rows of a pair is wrong on one or more of them with a probability of 5 % at most."
        ),
        is_short=ladder.reference is not None,
    )


def _table_by_rung(contrasts: list[Contrast]) -> Table:
    others = [contrast.second for contrast in contrasts]
    rows = [[str(rung), *(_at(rung, contrast) for contrast in contrasts)] for rung in _rungs(contrasts)]
    return Table([f"{contrasts[0].first} minus", *others], rows)


def _table_by_model(contrasts: list[Contrast]) -> Table:
    rungs = _rungs(contrasts)
    rows = [[contrast.second, *(_at(rung, contrast) for rung in rungs)] for contrast in contrasts]
    return Table([f"{contrasts[0].first} minus", *map(str, rungs)], rows)


def _rungs(contrasts: list[Contrast]) -> list[Rung]:
    found = {entry.rung for contrast in contrasts for entry in contrast.differences}
    return sorted(found, key=lambda rung: rung.order)


def _at(rung: Rung, contrast: Contrast) -> str:
    found = next((entry for entry in contrast.differences if entry.rung == rung), None)
    if found is None:
        return MISSING
    ends = found.interval and f" ({difference(found.interval.low, 2)} to {difference(found.interval.high, 2)})"
    return f"{difference(found.mean, 2)}{ends or ''}"


def _memory(ladder: Ladder) -> Section:
    return Section(
        "Memory span",
        sentences=memory_sentences(ladder.memory),
        drawing=Drawing(
            "Captured lift against the lag that Repeat repeats.",
            partial(draw_series, ladder.memory, "captured lift by lag of Repeat, in events"),
        ),
        note="Captured lift against the lag. Upright lines: 95 % intervals over histories. Dotted: chance.",
    )


def _growth(ladder: Ladder) -> Section:
    return Section(
        "Lift against strength",
        drawing=Drawing(
            "Recall@20 above chance against the strength of each signal.",
            partial(draw_series, ladder.growth, "Recall@20 above chance by strength"),
        ),
        note=(
            "Recall@20 on test above chance. Upright lines: 95 % intervals over histories. Dotted: chance. The oracle "
            "ranks by the signal itself; where the signal is hidden nobody reaches it."
        ),
    )


def _costs(ladder: Ladder) -> Section:
    rows = [
        [entry.definition, number(entry.captured, 2), number(entry.step_ms, 1),
         MISSING if entry.synaptic_operations is None else f"{entry.synaptic_operations:,.0f}",
         f"{entry.n_parameters:,}"]
        for entry in ladder.costs
    ]  # fmt: skip
    return Section(
        "What it costs",
        tables=[Table(["model", "captured lift", "ms a step", "synaptic operations a window", "parameters"], rows)],
        note=(
            f"Captured lift is the mean over the {count(len(ladder.shared), 'row')} that all models share. A step is "
            "one batch of training; its time is that of all epochs, validation included, over their steps, the median "
            "over runs, on the machines below and whatever else ran there. Synaptic operations are counted of spiking "
            "layers alone."
        ),
    )
