"""What a ladder says, in sentences that are computed from it; none claims more than its intervals."""

from collections.abc import Sequence

from c5snn.reports.ladder.contrasts import Contrast, Standing
from c5snn.reports.ladder.definitions import FLOORS
from c5snn.reports.ladder.history import Rung
from c5snn.reports.ladder.ladder import Ladder
from c5snn.reports.ladder.series import Series, span_of
from c5snn.reports.words import count, difference, listed, number

__all__ = ["contrast_sentences", "memory_sentences", "standing_sentences", "verdict_sentences"]

BOTH = f"both floors ({' and '.join(FLOORS)})"
# what a network is held against besides the floors
CONVENTIONAL = "gru"


def verdict_sentences(ladder: Ladder) -> list[str]:
    """Say in one or two sentences how much each definition captures, and where a network is above the floors."""
    return [*_means(ladder), _claim(ladder)]


def standing_sentences(ladder: Ladder) -> list[str]:
    """Say for each network on how many rows it is above the floors, below one, or neither, and what that rules out."""
    if not ladder.standings:
        return [_claim(ladder)]
    never = [rung for rung in _judged(ladder.standings) if not any(rung in entry.above for entry in ladder.standings)]
    rule = (
        f"On {count(len(never), 'row')}{_named(never)} no network can be told to stand above {BOTH}: nothing there "
        "shows that recurrence or spikes add anything."
    )
    return [*map(_standing, ladder.standings), *([rule] if never else [])]


def contrast_sentences(ladder: Ladder) -> list[str]:
    """Say where the reference stands to each other model; without one, each other network to the conventional one."""
    conventional = {entry.label for entry in ladder.definitions if entry.model == CONVENTIONAL}
    held = [
        _contrast(contrast)
        for contrast in ladder.contrasts
        if ladder.reference or (contrast.second in conventional and contrast.first not in conventional)
    ]
    return [sentence for sentence in held if sentence]


def memory_sentences(memory: Sequence[Series]) -> list[str]:
    """Say up to which lag each definition remembers, at each strength."""
    found = []
    for panel in dict.fromkeys(series.panel for series in memory):
        spans = [(series.label, span_of(series)) for series in memory if series.panel == panel]
        clauses = [f"{label} {'none' if span is None else f'{span:g}'}" for label, span in spans]
        found.append(
            f"Longest lag with half of the lift captured on it and on every shorter one, {panel}: {_all(clauses)}."
        )
    return found


def _means(ladder: Ladder) -> list[str]:
    if not ladder.shared:
        return []
    known = sorted(
        ((entry.captured, entry.definition) for entry in ladder.costs if entry.captured is not None), reverse=True
    )
    clauses = [f"{label} {number(captured, 2)}" for captured, label in known]
    rows = count(len(ladder.shared), "planted signal")
    return [f"Of the lift that can be had on {rows}, the mean share captured is: {_all(clauses)}."]


def _claim(ladder: Ladder) -> str:
    if ladder.standings:
        n = len(_judged(ladder.standings))
        if not any(entry.above for entry in ladder.standings):
            return f"On none of {count(n, 'row')} can a network be told to stand above {BOTH}."
        clauses = [f"{entry.network} on {len(entry.above)}" for entry in ladder.standings]
        return f"Above {BOTH} can be told to stand, of {count(n, 'row')}: {_all(clauses)}."
    missing = [floor for floor in FLOORS if floor not in {entry.model for entry in ladder.definitions}]
    if missing:
        were = "was" if len(missing) == 1 else "were"
        return f"No network is said to learn more than a floor does: {_all(missing)} {were} not tested beside it."
    if all(entry.is_floor for entry in ladder.definitions):
        return "No network was tested."
    return "No network is said to learn more than a floor does: no row has the two histories that an interval needs."


def _standing(entry: Standing) -> str:
    n = len([*entry.above, *entry.below, *entry.untold])
    return (
        f"{entry.network}: above {BOTH} on {len(entry.above)} of {count(n, 'row')}{_named(entry.above)}, below one of "
        f"them on {len(entry.below)}{_named(entry.below)}, neither of this can be told on {len(entry.untold)}."
    )


def _contrast(contrast: Contrast) -> str:
    above, below, untold = (contrast.at(place) for place in ("above", "below", "not told apart"))
    n = len(above) + len(below) + len(untold)
    if not n:
        return ""
    return (
        f"{contrast.first} against {contrast.second}: above on {len(above)} of {count(n, 'row')}{_named(above)}, below "
        f"on {len(below)}{_named(below)}, not to be told apart on {len(untold)}{_not_excluded(contrast)}."
        f"{_corrected(contrast, n)}"
    )


def _not_excluded(contrast: Contrast) -> str:
    """Say how large the differences may be that were not found: no difference told is not the same as none."""
    untold = [
        (entry.interval, entry.rung)
        for entry in contrast.differences
        if entry.place == "not told apart" and entry.interval is not None
    ]
    if not untold:
        return ""
    low, at_low = min(untold, key=lambda entry: entry[0].low)
    high, at_high = max(untold, key=lambda entry: entry[0].high)
    where = "" if at_low == at_high else f" ({at_low})"
    reach = f"{difference(low.low, 2)}{where} to {difference(high.high, 2)} ({at_high})"
    return f", where differences from {reach} are not excluded"


def _corrected(contrast: Contrast, n_rows: int) -> str:
    if n_rows == 1:
        return ""
    above, below = (contrast.at_corrected(place) for place in ("above", "below"))
    return (
        f" With p corrected for the {count(n_rows, 'row')} (Holm): above on {len(above)}{_named(above)}, below on "
        f"{len(below)}{_named(below)}."
    )


def _judged(standings: Sequence[Standing]) -> list[Rung]:
    rungs = {rung for entry in standings for rung in [*entry.above, *entry.below, *entry.untold]}
    return sorted(rungs, key=lambda rung: rung.order)


def _named(rungs: Sequence[Rung]) -> str:
    return f" ({listed([str(rung) for rung in sorted(rungs, key=lambda rung: rung.order)])})" if rungs else ""


def _all(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
