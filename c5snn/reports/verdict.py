"""The verdict on a comparison: what is better or worse than chance, and what it shows beyond the references."""

from collections.abc import Sequence

from c5snn.evidence import (
    BETTER_BELOW,
    CHANCE,
    WEAK_BELOW,
    holm_adjusted,
    is_worse_than_chance,
)
from c5snn.records import OriginChoice, ScoredConfiguration
from c5snn.reports.p_values import FOLDS_NOTE, is_over_folds, luck_share
from c5snn.reports.words import count, joined, listed, nearly_all, number, p_equals, plural

__all__ = ["claim_of", "verdict_sentence"]


def verdict_sentence(entries: Sequence[ScoredConfiguration], choice: OriginChoice | None = None) -> str:
    """Return what of a comparison is better than chance, corrected for having looked at all of it.

    Args:
        entries: The configurations, in order.
        choice: What choosing at each origin got; without it several configurations over several origins have no p.
    """
    if len(entries) == 1:
        return _of_one(entries[0])
    if any(entry.p_family is None for entry in entries):
        return _of_order(entries, choice) if entries[0].runs[0].data.n_origins > 1 else _of_too_few(entries)
    return _of_several(entries)


def claim_of(entry: ScoredConfiguration, entries: Sequence[ScoredConfiguration]) -> str:
    """Return what a configuration shows, in the words of the strongest reference it beats; empty where nothing.

    It has to be better than chance, to beat this reference and every weaker one, both corrected, and to use its input.

    Args:
        entry: The configuration.
        entries: All configurations of the comparison, which p is corrected for.
    """
    beaten = _n_beaten(entry, entries)
    is_better = entry.p_family is not None and entry.p_family < BETTER_BELOW
    return entry.references[beaten - 1].beaten if beaten and is_better and not entry.ignores_input else ""


def _of_one(entry: ScoredConfiguration) -> str:
    metric, place, p, rival = entry.headline.label, _place(entry), entry.p_family, entry.words.rival
    if p is None:
        return f"{place} has no p in {metric}: {_why_no_p(entry)}."
    share = luck_share(p, entry.words.luck, entry.draws.p_family)
    luck = f"luck alone does as well in {share}{_of_folds(entry)}"
    if p < BETTER_BELOW:
        beyond = _beyond_references([entry], [entry])
        return f"{place} is better than {rival} in {metric} ({p_equals(p)}): {luck}. {beyond}"
    if p < WEAK_BELOW:
        return f"Weak evidence that {place} is better than {rival} in {metric} ({p_equals(p)}): {luck}."
    if entry.p_worse is not None and is_worse_than_chance(entry.p_worse):
        badly = f"({p_equals(entry.p_worse)} of doing as badly)"
        return f"{place} is worse than {rival} in {metric} {badly}{_wrong_sign(entry)}{_of_folds(entry)}."
    return f"{place} cannot be distinguished from {rival} in {metric} ({p_equals(p)}): {luck}."


def _why_no_p(entry: ScoredConfiguration) -> str:
    items = plural(entry.words.item)
    if entry.standard_error is None:
        return f"its {items} are too few independent stretches"
    return (
        f"validation chose it from several, and validation of an origin holds test {items} of another, so the choice "
        f"has seen test {items}"
    )


def _of_folds(entry: ScoredConfiguration) -> str:
    return f"; {FOLDS_NOTE}" if is_over_folds(entry) else ""


def _of_several(entries: Sequence[ScoredConfiguration]) -> str:
    best = min(entries, key=lambda entry: (_family(entry), -entry.gain))
    better = [entry for entry in entries if _family(entry) < BETTER_BELOW]
    n, metric, lowest, rival = len(entries), best.headline.label, _family(best), best.words.rival
    share = luck_share(lowest, best.words.luck, best.draws.p_family)
    luck = f"by luck alone the best of {n:,} does as well as {_place(best)} in {share}"
    p = f"(family-wise {p_equals(lowest)})"
    worse = _worse(entries)
    below = f" {_of_worse(worse)}" if worse else ""
    if better:
        are = "is" if len(better) == 1 else "are"
        found = f"{len(better):,} of {n:,} configurations {are} better than {rival} in {metric}"
        rule = f"(family-wise p < {BETTER_BELOW})"
        return f"{found} {rule}: {luck}. {_beyond_references(better, entries)}{below}"
    if lowest < WEAK_BELOW:
        return f"Weak evidence that one of {n:,} configurations is better than {rival} in {metric} {p}: {luck}.{below}"
    says = "is better than" if worse else "can be distinguished from"
    none = f"Neither of {n} configurations" if n == 2 else f"None of {n:,} configurations"  # noqa: PLR2004
    return f"{none} {says} {rival} in {metric} {p}: {luck}.{below}"


def _of_too_few(entries: Sequence[ScoredConfiguration]) -> str:
    metric, items = entries[0].headline.label, plural(entries[0].words.item)
    return (
        f"Nothing can be concluded about {count(len(entries), 'configuration')} in {metric}: the {items} are too few "
        "independent stretches for a p. More origins or a shorter horizon give more of them."
    )


def _of_order(entries: Sequence[ScoredConfiguration], choice: OriginChoice | None) -> str:
    """Return what the procedure got; an order by mean validation over origins has no p."""
    n_origins, item = entries[0].runs[0].data.n_origins, entries[0].words.item
    order = (
        f"{count(len(entries), 'configuration')} over {n_origins} origins are ordered without p: validation of an "
        f"origin holds test {plural(item)} of another, so the order has seen test {plural(item)}."
    )
    if choice is None:
        return order
    chosen = [f"{label} at {choice.chosen.count(label)}" for label in dict.fromkeys(choice.chosen)]
    return (
        f"{_of_choice(choice.scored, len(entries))} Validation chose {joined(chosen)} of {n_origins} origins. {order}"
    )


def _of_choice(chosen: ScoredConfiguration, n: int) -> str:
    if chosen.n_chosen_from <= n:
        return _of_one(chosen)
    items = plural(chosen.words.item)
    return (
        f"{_place(chosen)} has no p in {chosen.headline.label}: validation, which holds test {items} of other origins, "
        f"had chosen these {n:,} configurations from {chosen.n_chosen_from:,}."
    )


def _family(entry: ScoredConfiguration) -> float:
    return 1.0 if entry.p_family is None else entry.p_family


def _worse(entries: Sequence[ScoredConfiguration]) -> list[ScoredConfiguration]:
    """Return what is worse than chance, corrected for all configurations."""
    return [entry for entry in entries if is_worse_than_chance(entry.p_worse_family)]


def _of_worse(worse: Sequence[ScoredConfiguration]) -> str:
    rival = worse[0].words.rival
    verb = ("ranks", "rank") if rival == CHANCE else ("is", "are")
    rule = f"(family-wise p of doing as badly < {BETTER_BELOW})"
    wrong = _wrong_sign(worse[0])
    return f"{listed([_place(entry) for entry in worse])} {verb[len(worse) > 1]} worse than {rival} {rule}{wrong}."


def _wrong_sign(entry: ScoredConfiguration) -> str:
    """Return what may be behind a result below chance; of an error above a reference's nothing of the kind is known."""
    return (
        f": a sign may be wrong, or the opposite {entry.words.output} would win" if entry.words.rival == CHANCE else ""
    )


def _place(entry: ScoredConfiguration) -> str:
    chance = entry.chance[entry.headline.name]
    beside = "" if chance is None else f"; chance {number(chance)}"
    return f"{entry.label} ({number(entry.value)}{beside})"


def _beyond_references(better: Sequence[ScoredConfiguration], entries: Sequence[ScoredConfiguration]) -> str:
    """Return what those that beat chance show beyond it, by the strongest reference that each beats."""
    if not better[0].references:
        return "There is no reference to hold them against."
    of_strongest: dict[int, list[ScoredConfiguration]] = {}
    for entry in better:
        n_beaten = 0 if entry.ignores_input else _n_beaten(entry, entries)
        if n_beaten:
            of_strongest.setdefault(n_beaten - 1, []).append(entry)
    if of_strongest:
        return " ".join(_also_beats(i, group) for i, group in sorted(of_strongest.items(), reverse=True))
    weakest = better[0].references[0]
    if any(entry.references[0].p is None for entry in better):
        kept = "the test did not keep the scores of its items; `c5snn test RUN` keeps them."
        return f"Nothing can be concluded about the {weakest.label}: {kept}"
    if all(entry.ignores_input for entry in better):
        return _ignoring(better)
    none, whether = ("It does not beat", "it") if len(better) == 1 else ("None beats", "any of them")
    return (
        f"{none} the {weakest.label} while using its input {_rule(better[0])}: nothing shows that "
        f"{whether} {weakest.beaten}."
    )


def _ignoring(better: Sequence[ScoredConfiguration]) -> str:
    """Return that none of them uses its input, in how many of their runs."""
    they, words = "It ignores its" if len(better) == 1 else "They ignore their", better[0].words
    share = f"{nearly_all(better[0].n_items, words.item)} get the same {words.output}"
    tests = [run.test for entry in better for run in entry.runs if run.test is not None]
    n_ignoring = sum(test.ignores_input for test in tests)
    among = "" if n_ignoring == len(tests) else f" in {n_ignoring} of {count(len(tests), 'run')}"
    return f"{they} input{among}: {share}."


def _also_beats(i: int, group: Sequence[ScoredConfiguration]) -> str:
    """Return the strongest reference that a group beats, and the one after it, which it does not."""
    reference, following = group[0].references[i], group[0].references[i + 1 : i + 2]
    beats, each, any_of = ("beats", "it", "it") if len(group) == 1 else ("beat", "each of them", "any of them")
    rule = _rule(group[0])
    labels = listed([entry.label for entry in group])
    said = f"{labels} also {beats} the {reference.label} {rule}: {each} {reference.beaten}."
    return " ".join([said, *(f"Nothing shows that {any_of} {entry.beaten}." for entry in following)])


def _rule(entry: ScoredConfiguration) -> str:
    """Return what it takes to beat a reference."""
    folds = ", approximate over folds" if is_over_folds(entry) else ""
    return f"(corrected p < {BETTER_BELOW}{folds})"


def _n_beaten(entry: ScoredConfiguration, entries: Sequence[ScoredConfiguration]) -> int:
    """Return how many references a configuration beats, the weakest first, up to the first that it does not."""
    for n_beaten, reference in enumerate(entry.references):
        if _corrected(reference.name, entries).get(entry.label, 1.0) >= BETTER_BELOW:
            return n_beaten
    return len(entry.references)


def _corrected(name: str, entries: Sequence[ScoredConfiguration]) -> dict[str, float]:
    """Return each configuration's p against a reference, after Holm's correction for all configurations."""
    found = {entry.label: reference.p for entry in entries for reference in entry.references if reference.name == name}
    known = {label: p for label, p in found.items() if p is not None}
    return dict(zip(known, holm_adjusted(list(known.values())), strict=True))
