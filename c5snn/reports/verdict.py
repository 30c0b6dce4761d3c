"""The verdict on a comparison: what is better than chance, and what uses its input, after correction for all of it."""

from collections.abc import Sequence

from c5snn.evidence import BETTER_BELOW, WEAK_BELOW, holm_adjusted
from c5snn.records import ScoredConfiguration
from c5snn.reports.words import listed, luck_share, number, p_text

__all__ = ["learns", "verdict_sentence"]


def verdict_sentence(entries: Sequence[ScoredConfiguration]) -> str:
    """Return what of a comparison is better than chance, corrected for having looked at all of it."""
    return _of_one(entries[0]) if len(entries) == 1 else _of_several(entries)


def learns(entry: ScoredConfiguration, entries: Sequence[ScoredConfiguration]) -> bool:
    """Whether a configuration uses its input: better than chance and every reference, both corrected.

    Args:
        entry: The configuration.
        entries: All configurations of the comparison, which p is corrected for.
    """
    n_beaten = len(_beaten(entry, entries))
    return entry.p_family < BETTER_BELOW and n_beaten == len(entry.references) > 0 and not entry.ignores_input


def _of_one(entry: ScoredConfiguration) -> str:
    metric, p = entry.headline.label, f"(p = {p_text(entry.p_family)})"
    luck = f"luck alone does as well in {luck_share(entry.p_family, entry.words.luck)}"
    place = _place(entry)
    if entry.p_family < BETTER_BELOW:
        return f"{place} is better than chance in {metric} {p}: {luck}. {_beyond_references([entry], [entry])}"
    if entry.p_family < WEAK_BELOW:
        return f"Weak evidence that {place} is better than chance in {metric} {p}: {luck}."
    return f"{place} cannot be distinguished from chance in {metric} {p}: {luck}."


def _of_several(entries: Sequence[ScoredConfiguration]) -> str:
    best = min(entries, key=lambda entry: (entry.p_family, -entry.gain))
    better = [entry for entry in entries if entry.p_family < BETTER_BELOW]
    n, metric = len(entries), best.headline.label
    luck = (
        f"by luck alone the best of {n:,} does as well as {_place(best)} in "
        f"{luck_share(best.p_family, best.words.luck)}"
    )
    p = f"(family-wise p = {p_text(best.p_family)})"
    if better:
        are = "is" if len(better) == 1 else "are"
        found = f"{len(better):,} of {n:,} configurations {are} better than chance in {metric}"
        rule = f"(family-wise p < {BETTER_BELOW})"
        return f"{found} {rule}: {luck}. {_beyond_references(better, entries)}"
    if best.p_family < WEAK_BELOW:
        return f"Weak evidence that one of {n:,} configurations is better than chance in {metric} {p}: {luck}."
    return f"None of {n:,} configurations can be distinguished from chance in {metric} {p}: {luck}."


def _place(entry: ScoredConfiguration) -> str:
    chance = entry.chance[entry.headline.name]
    beside = "" if chance is None else f"; chance {number(chance)}"
    return f"{entry.label} ({number(entry.value)}{beside})"


def _beyond_references(better: Sequence[ScoredConfiguration], entries: Sequence[ScoredConfiguration]) -> str:
    """Return what those that beat chance show beyond it, by the strongest reference that each beats."""
    if not better[0].references:
        return "There is no reference to hold them against."
    of_strongest: dict[int, list[str]] = {}
    for entry in better:
        n_beaten = 0 if entry.ignores_input else len(_beaten(entry, entries))
        if n_beaten:
            of_strongest.setdefault(n_beaten - 1, []).append(entry.label)
    if of_strongest:
        return " ".join(_also_beats(better[0], i, labels) for i, labels in sorted(of_strongest.items(), reverse=True))
    weakest = better[0].references[0]
    if any(entry.references[0].p is None for entry in better):
        kept = "the test did not keep the scores of its items; `c5snn test RUN` keeps them."
        return f"Nothing can be concluded about the {weakest.label}: {kept}"
    none, whether = ("It does not beat", "it") if len(better) == 1 else ("None beats", "any of them")
    return (
        f"{none} the {weakest.label} while using its input (corrected p < {BETTER_BELOW}): nothing shows that "
        f"{whether} {weakest.beaten}."
    )


def _also_beats(entry: ScoredConfiguration, i: int, labels: Sequence[str]) -> str:
    reference = entry.references[i]
    beats, each = ("beats", "it") if len(labels) == 1 else ("beat", "each of them")
    rule = f"(corrected p < {BETTER_BELOW})"
    return f"{listed(labels)} also {beats} the {reference.label} {rule}: {each} {reference.beaten}."


def _beaten(entry: ScoredConfiguration, entries: Sequence[ScoredConfiguration]) -> list[str]:
    """Return the references that a configuration beats, the weakest first, up to the first that it does not."""
    found = []
    for reference in entry.references:
        if _corrected(reference.name, entries).get(entry.label, 1.0) >= BETTER_BELOW:
            break
        found.append(reference.name)
    return found


def _corrected(name: str, entries: Sequence[ScoredConfiguration]) -> dict[str, float]:
    """Return each configuration's p against a reference, after Holm's correction for all configurations."""
    found = {entry.label: reference.p for entry in entries for reference in entry.references if reference.name == name}
    known = {label: p for label, p in found.items() if p is not None}
    return dict(zip(known, holm_adjusted(list(known.values())), strict=True))
