"""One model against another, row by row: differences in skill, paired over histories."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final, Literal

from c5snn.errors import require
from c5snn.evidence import Interval, holm_adjusted
from c5snn.reports.document import Section, Table
from c5snn.reports.ladder.cells import Cell, LadderModel, Rung, t_interval, t_p_value
from c5snn.reports.words import MISSING, count, difference, listed

__all__ = [
    "Contrast",
    "Difference",
    "Standing",
    "contrast_sentence",
    "contrasts_of",
    "contrasts_section",
    "every_pair",
    "named_rungs",
    "pairs_with",
    "standings_of",
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
        interval: Its 95 % interval over histories; None for one history.
        place: Where the interval leaves the first; None without an interval.
        p: Two-sided p of Student's t over histories, below 0.05 where the interval excludes 0; None without one.
    """

    rung: Rung
    n_histories: int
    mean: float
    interval: Interval | None
    place: Place | None
    p: float | None


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

    def at_corrected(self, place: Place) -> list[Rung]:
        """Return those of the rows where the first still stands there when p is corrected for all rows (Holm)."""
        judged = [(difference, difference.p) for difference in self.differences if difference.p is not None]
        corrected = holm_adjusted([p for _, p in judged])
        pairs = zip(judged, corrected, strict=True)
        return [entry.rung for (entry, _), p in pairs if p < LEVEL and entry.place == place]


@dataclass(frozen=True)
class Standing:
    """Where a network stands to the baselines, on the rows that it and every class of baseline were tested on.

    Args:
        network: The label of the network.
        above: Rows where it is above every baseline.
        below: Rows where it is below one of them.
        undecided: All others.
    """

    network: str
    above: list[Rung]
    below: list[Rung]
    undecided: list[Rung]


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


def contrasts_of(cells: Sequence[Cell], pairs: Sequence[tuple[str, str]]) -> list[Contrast]:
    """Return the first of each pair of labels against the second, where both were tested on one history at least."""
    of_label: dict[str, dict[Rung, Cell]] = defaultdict(dict)
    for cell in cells:
        of_label[cell.model][cell.rung] = cell
    found = [Contrast(*pair, _differences(*(of_label[label] for label in pair))) for pair in pairs]
    return [contrast for contrast in found if contrast.differences]


def standings_of(contrasts: Sequence[Contrast], models: Sequence[LadderModel]) -> list[Standing]:
    """Return where each network stands that was tested beside every class of baseline on several histories."""
    baselines = {entry.label: entry.class_path for entry in models if entry.is_baseline}
    found = []
    for network in dict.fromkeys(contrast.first for contrast in contrasts):
        places: dict[Rung, dict[str, Place]] = {}
        for contrast in contrasts:
            if contrast.first == network and contrast.second in baselines:
                for entry in contrast.differences:
                    if entry.place is not None:
                        places.setdefault(entry.rung, {})[contrast.second] = entry.place
        whole = {
            rung: set(seen.values())
            for rung, seen in places.items()
            if {baselines[label] for label in seen} == set(baselines.values())
        }
        above = [rung for rung, seen in whole.items() if seen == {"above"}]
        below = [rung for rung, seen in whole.items() if "below" in seen]
        if whole:
            found.append(Standing(network, above, below, [rung for rung in whole if rung not in [*above, *below]]))
    return found


def contrasts_section(contrasts: Sequence[Contrast], models: Sequence[LadderModel], reference: str | None) -> Section:
    """Return the differences as tables, one for each network; of a reference, one with a line for each other model.

    Args:
        contrasts: At least one.
        models: The models of the ladder.
        reference: The label that all others are held against; None for every pair.
    """
    networks = dict.fromkeys(contrast.first for contrast in contrasts)
    table_of = _table_by_model if reference else _table_by_rung
    return Section(
        f"{reference} against each other model" if reference else "Against the baselines and each other",
        sentences=_sentences(contrasts, models, reference),
        tables=[table_of([entry for entry in contrasts if entry.first == network]) for network in networks],
        note=(
            "Difference in skill, paired over the histories of a row, with its 95 % interval over histories (Student's "
            "t; none for one history). Above and below mean that the interval excludes 0. Each interval is for its row "
            "alone: among 40 rows without any difference, one is above and one below on average. Correction for the "
            "rows of a pair limits the probability of any wrong row to 5 %."
        ),
        is_short=reference is not None,
    )


def contrast_sentence(contrast: Contrast) -> str:
    """Return on which rows the first stands above and below the second; empty without an interval."""
    above, below, undecided = (contrast.at(place) for place in ("above", "below", "undecided"))
    n = len(above) + len(below) + len(undecided)
    if not n:
        return ""
    return (
        f"{contrast.first} against {contrast.second}: above on {len(above)} of {count(n, 'row')}{named_rungs(above)}, "
        f"below on {len(below)}{named_rungs(below)}, undecided on {len(undecided)}{_not_excluded(contrast)}."
        f"{_corrected(contrast, n)}"
    )


def named_rungs(rungs: Sequence[Rung]) -> str:
    """Return rows in brackets, in their order; empty for none."""
    return f" ({listed([str(rung) for rung in sorted(rungs, key=lambda rung: rung.order)])})" if rungs else ""


def _sentences(contrasts: Sequence[Contrast], models: Sequence[LadderModel], reference: str | None) -> list[str]:
    """Return the reference against each other model; without one, spiking networks against conventional ones."""
    is_spiking = {entry.label: entry.is_spiking for entry in models if not entry.is_baseline}
    held = [
        contrast_sentence(contrast)
        for contrast in contrasts
        if reference or {is_spiking.get(contrast.first), is_spiking.get(contrast.second)} == {True, False}
    ]
    return [sentence for sentence in held if sentence]


def _differences(first: Mapping[Rung, Cell], second: Mapping[Rung, Cell]) -> list[Difference]:
    found = []
    for rung in sorted(first.keys() & second.keys(), key=lambda rung: rung.order):
        ours, theirs = first[rung].by_seed, second[rung].by_seed
        values = [ours[seed] - theirs[seed] for seed in sorted(ours.keys() & theirs.keys())]
        if values:
            interval = t_interval(values)
            found.append(Difference(rung, len(values), fmean(values), interval, _place(interval), t_p_value(values)))
    return found


def _place(interval: Interval | None) -> Place | None:
    if interval is None:
        return None
    return "above" if interval.low > 0 else "below" if interval.high < 0 else "undecided"


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
    return f", where differences from {reach} are not excluded"


def _corrected(contrast: Contrast, n_rows: int) -> str:
    if n_rows == 1:
        return ""
    above, below = (contrast.at_corrected(place) for place in ("above", "below"))
    return (
        f" After correction for {count(n_rows, 'row')} (Holm): above on {len(above)}{named_rungs(above)}, below on "
        f"{len(below)}{named_rungs(below)}."
    )
