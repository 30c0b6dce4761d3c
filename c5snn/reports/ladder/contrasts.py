"""One model against another, row by row: differences in skill, paired over histories."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Final, Literal

from c5snn.errors import require
from c5snn.evidence import Interval, holm_adjusted
from c5snn.reports.document import Section, Table
from c5snn.reports.ladder.cells import Cell, LadderModel, t_interval, t_p_value
from c5snn.reports.ladder.rungs import Rung
from c5snn.reports.words import MISSING, count, difference, listed

__all__ = [
    "LEVEL",
    "Contrast",
    "Difference",
    "contrast_sentence",
    "contrasts_of",
    "contrasts_section",
    "every_pair",
    "named_rungs",
    "pairs_of_kinds",
    "pairs_with",
]

Place = Literal["above", "below", "undecided"]

LEVEL: Final = 0.05


@dataclass(frozen=True)
class Difference:
    """How much more skill one model has than another on a row.

    Args:
        rung: The row.
        n_histories: Histories that both were tested on.
        mean: Skill of the first minus that of the second, mean over these histories.
        interval: Its 95 % interval over histories, for this row alone; None for one history.
        p: Two-sided p of Student's t over histories; None for one history.
        p_corrected: The same after Holm's correction for all rows of all contrasts that sentences speak of; None
            without one, and where no sentence speaks of it.
    """

    rung: Rung
    n_histories: int
    mean: float
    interval: Interval | None
    p: float | None
    p_corrected: float | None = None

    @property
    def place(self) -> Place | None:
        """Where the corrected p leaves the first; None without one."""
        if self.p_corrected is None:
            return None
        return "undecided" if self.p_corrected >= LEVEL else "above" if self.mean > 0 else "below"


@dataclass(frozen=True)
class Contrast:
    """One model against another.

    Args:
        first: The label of the one.
        second: The label of the other.
        differences: One for each row that both were tested on.
    """

    first: str
    second: str
    differences: list[Difference]

    def at(self, place: Place) -> list[Rung]:
        """Return the rows where the first stands there."""
        return [difference.rung for difference in self.differences if difference.place == place]


def every_pair(models: Sequence[LadderModel]) -> list[tuple[str, str]]:
    """Return the labels of each network with each baseline and with each network before it."""
    return [
        (first.label, second.label) for i, first in enumerate(models) for second in models[:i] if not first.is_baseline
    ]


def pairs_with(reference: str, models: Sequence[LadderModel]) -> list[tuple[str, str]]:
    """Return the reference's label with that of each other model.

    Raises:
        ConfigError: No model has this label.
    """
    labels = [entry.label for entry in models]
    rule = f"reference in ({', '.join(labels)})"
    require(rule, holds=reference in labels, reference=reference, fix="Name a model as the tables do.")
    return [(reference, label) for label in labels if label != reference]


def contrasts_of(
    cells: Sequence[Cell], pairs: Sequence[tuple[str, str]], spoken: Sequence[tuple[str, str]] = ()
) -> list[Contrast]:
    """Return the first of each pair of labels against the second, where both were tested on one history at least.

    Args:
        cells: The cells.
        pairs: The pairs of labels.
        spoken: Those of them that sentences speak of; p is corrected for all their rows.
    """
    of_label: dict[str, dict[Rung, Cell]] = defaultdict(dict)
    for cell in cells:
        of_label[cell.model][cell.rung] = cell
    found = [Contrast(*pair, _differences(*(of_label[label] for label in pair))) for pair in pairs]
    return _corrected([contrast for contrast in found if contrast.differences], spoken)


def pairs_of_kinds(models: Sequence[LadderModel]) -> list[tuple[str, str]]:
    """Return those pairs of networks of which one is spiking and the other is not."""
    networks = [entry for entry in models if not entry.is_baseline]
    return [
        (first.label, second.label)
        for i, first in enumerate(networks)
        for second in networks[:i]
        if first.is_spiking != second.is_spiking
    ]


def contrasts_section(contrasts: Sequence[Contrast], reference: str | None) -> Section:
    """Return the differences as tables, one for each network; of a reference, one with a line for each other model.

    Args:
        contrasts: At least one.
        reference: The label that all others are held against; None for all pairs.
    """
    networks = dict.fromkeys(contrast.first for contrast in contrasts)
    table_of = _table_by_model if reference else _table_by_rung
    n_corrected = sum(entry.p_corrected is not None for contrast in contrasts for entry in contrast.differences)
    sentences = [sentence for contrast in contrasts if (sentence := contrast_sentence(contrast))]
    rule = (
        f" Above and below: two-sided p < {LEVEL} after Holm's correction for {count(n_corrected, 'difference')}, "
        "those of all rows of the pairs that the sentences name."
    )
    return Section(
        f"{reference} against each other model" if reference else "Against the baselines and each other",
        sentences=sentences,
        tables=[table_of([entry for entry in contrasts if entry.first == network]) for network in networks],
        note=(
            "Difference in skill, paired over the histories of a row, with its 95 % interval over histories (Student's "
            "t; none for one history). Each interval is for its row and pair alone, without correction."
            f"{rule if sentences else ''}"
        ),
        is_short=reference is not None,
    )


def contrast_sentence(contrast: Contrast) -> str:
    """Return on which rows the first stands above and below the second, after correction; empty without a p."""
    above, below, undecided = (contrast.at(place) for place in ("above", "below", "undecided"))
    n = len(above) + len(below) + len(undecided)
    if not n:
        return ""
    if n == 1:
        place = "above" if above else "below" if below else "undecided"
        rung = named_rungs([*above, *below, *undecided])
        return f"{contrast.first} against {contrast.second}: {place} on the only row{rung}{_not_excluded(contrast)}."
    return (
        f"{contrast.first} against {contrast.second}: above on {len(above)} of {count(n, 'row')}{named_rungs(above)}, "
        f"below on {len(below)}{named_rungs(below)}, undecided on {len(undecided)}{_not_excluded(contrast)}."
    )


def named_rungs(rungs: Sequence[Rung]) -> str:
    """Return rows in brackets, in their order; empty for none."""
    return f" ({listed([str(rung) for rung in sorted(rungs, key=lambda rung: rung.order)])})" if rungs else ""


def _corrected(contrasts: Sequence[Contrast], spoken: Sequence[tuple[str, str]]) -> list[Contrast]:
    """Return the contrasts with p corrected over all rows of those that sentences speak of."""
    family = [
        (contrast.first, contrast.second, entry.rung, entry.p)
        for contrast in contrasts
        for entry in contrast.differences
        if (contrast.first, contrast.second) in spoken and entry.p is not None
    ]
    corrected = holm_adjusted([p for *_, p in family])
    found = {tuple(place): p for (*place, _), p in zip(family, corrected, strict=True)}
    return [
        replace(
            contrast,
            differences=[
                replace(entry, p_corrected=found.get((contrast.first, contrast.second, entry.rung)))
                for entry in contrast.differences
            ],
        )
        for contrast in contrasts
    ]


def _differences(first: Mapping[Rung, Cell], second: Mapping[Rung, Cell]) -> list[Difference]:
    found = []
    for rung in sorted(first.keys() & second.keys(), key=lambda rung: rung.order):
        ours, theirs = first[rung].by_seed, second[rung].by_seed
        values = [ours[seed] - theirs[seed] for seed in sorted(ours.keys() & theirs.keys())]
        if values:
            found.append(Difference(rung, len(values), fmean(values), t_interval(values), t_p_value(values)))
    return found


def _table_by_rung(contrasts: Sequence[Contrast]) -> Table:
    others = [contrast.second for contrast in contrasts]
    rows = [[str(rung), *(_at(rung, contrast) for contrast in contrasts)] for rung in _rungs(contrasts)]
    return Table([f"{contrasts[0].first} minus", *others], rows)


def _table_by_model(contrasts: Sequence[Contrast]) -> Table:
    rungs = _rungs(contrasts)
    rows = [[contrast.second, *(_at(rung, contrast) for rung in rungs)] for contrast in contrasts]
    return Table([f"{contrasts[0].first} minus", *map(str, rungs)], rows)


def _rungs(contrasts: Sequence[Contrast]) -> list[Rung]:
    found = {entry.rung for contrast in contrasts for entry in contrast.differences}
    return sorted(found, key=lambda rung: rung.order)


def _at(rung: Rung, contrast: Contrast) -> str:
    found = next((entry for entry in contrast.differences if entry.rung == rung), None)
    if found is None:
        return MISSING
    ends = found.interval and f" ({difference(found.interval.low, 2)} to {difference(found.interval.high, 2)})"
    return f"{difference(found.mean, 2)}{ends or ''}"


def _not_excluded(contrast: Contrast) -> str:
    """Return how large the undecided differences may be: undecided is not the same as equal."""
    undecided = [
        (entry.interval, entry.rung)
        for entry in contrast.differences
        if entry.place == "undecided" and entry.interval is not None
    ]
    if not undecided:
        return ""
    low, at_low = min(undecided, key=lambda entry: entry[0].low)
    high, at_high = max(undecided, key=lambda entry: entry[0].high)
    where = "" if at_low == at_high else f" ({at_low})"
    reach = f"{difference(low.low, 2)}{where} to {difference(high.high, 2)} ({at_high})"
    return f", where differences from {reach} are not excluded, each row by itself"
