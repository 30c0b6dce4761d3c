"""What a comparison says, in sentences that are computed from it."""

from collections.abc import Sequence

from c5snn.evidence import BETTER_BELOW, WEAK_BELOW, holm
from c5snn.reports.comparison import Comparison
from c5snn.reports.contender import Contender
from c5snn.reports.pairs import Pair
from c5snn.reports.words import count, difference, interval, listed, number, p_text, share_of_histories
from c5snn.training.scoring import HEADLINE

__all__ = ["METRIC", "comparison_sentence", "learns", "pairs_sentence", "spread_sentence", "verdict_sentence"]

METRIC = "Recall@20"


def comparison_sentence(comparison: Comparison) -> str:
    """Say what of a comparison can be told from chance, or that nothing was tested."""
    if comparison.contenders:
        return verdict_sentence(comparison.contenders)
    screened = count(len(comparison.screened), "configuration")
    return (
        f"Nothing can be said of {screened}: none has been tested, and validation has chosen, so it carries no p; "
        "`c5snn test RUN` tests."
    )


def verdict_sentence(entries: Sequence[Contender]) -> str:
    """Say what of a comparison can be told from chance, after correction for having looked at all of it."""
    best = min(entries, key=lambda entry: (entry.p_family, -entry.lift))
    better = [entry for entry in entries if entry.p_family < BETTER_BELOW]
    place = f"{best.label} at {number(best.value)} (chance {number(best.chance[HEADLINE])})"
    luck = f"{share_of_histories(best.p_family)} the best of {len(entries)} does as well as {place}"
    n, p = f"{len(entries):,} configurations", f"(family-wise p {p_text(best.p_family)})"
    if better:
        are = "is" if len(better) == 1 else "are"
        found = f"{len(better)} of {n} {are} better than chance in {METRIC} after correction for the comparison"
        return f"{found} (family-wise p < {BETTER_BELOW}): on {luck}. {_beyond_the_list(better, entries)}"
    if best.p_family < WEAK_BELOW:
        return f"Weak evidence that one of {n} is better than chance in {METRIC} {p}: on {luck}."
    return (
        f"None of {n} can be distinguished from chance in {METRIC} after correction for the comparison {p}: on {luck}."
    )


def learns(entry: Contender, entries: Sequence[Contender]) -> bool:
    """Say whether a contender is better than chance and than the fixed list, both corrected, and heeds its input."""
    return (
        entry.p_family < BETTER_BELOW and _over_list(entries).get(entry.label, 1.0) < BETTER_BELOW
    ) and not entry.ignores_input


def pairs_sentence(pairs: Sequence[Pair]) -> str:
    """Say from which others the contender that validation ranks first can be told."""
    told = [pair for pair in pairs if pair.p_corrected < BETTER_BELOW]
    ahead, behind = ([pair for pair in told if sign * pair.difference > 0] for sign in (1, -1))
    first = f"{pairs[0].first}, which validation ranks first,"
    rule = f"two-sided p < {BETTER_BELOW} after Holm's correction"
    clauses = [
        f"is {word} {count(len(found), 'other')} ({listed([_by(pair) for pair in found])})"
        for word, found in (("ahead of", ahead), ("behind", behind))
        if found
    ]
    rest = len(pairs) - len(told)
    if rest:
        clauses.append(f"cannot be told from {count(rest, 'other')}")
    return f"{first} {' and '.join(clauses)} ({rule})."


def spread_sentence(entries: Sequence[Contender]) -> str:
    """Say which of the two uncertainties is larger."""
    several = [entry for entry in entries if entry.test[HEADLINE].std is not None]
    if not several:
        return "Every configuration has one seed, so the spread over seeds is not known."
    wider = [entry for entry in several if (entry.test[HEADLINE].std or 0.0) > (entry.standard_error or 0.0)]
    return (
        f"The spread over seeds exceeds the sampling error in {len(wider)} of "
        f"{count(len(several), 'configuration')} with several seeds."
    )


def _beyond_the_list(better: Sequence[Contender], entries: Sequence[Contender]) -> str:
    learning = [entry.label for entry in better if learns(entry, entries)]
    unmeasured = [entry.label for entry in better if entry.over_list.p_greater is None]
    if learning:
        also = "also beats" if len(learning) == 1 else "also beat"
        sentence = (
            f"{listed(learning)} {also} the fixed list (corrected p < {BETTER_BELOW}): it learns from the history"
        )
        return f"{sentence.replace('it learns', 'they learn') if len(learning) > 1 else sentence}."
    if unmeasured:
        return "Against the fixed list nothing can be said: its windows were not kept; `c5snn test RUN` keeps them."
    return (
        f"None of them beats the fixed list (corrected p < {BETTER_BELOW}) by heeding its input: nothing shows that "
        "more of the history is used than how often each part occurs."
    )


def _over_list(entries: Sequence[Contender]) -> dict[str, float]:
    """Return each contender's p over the fixed list, after Holm's correction for all contenders."""
    known = {entry.label: p for entry in entries if (p := entry.over_list.p_greater) is not None}
    return dict(zip(known, holm(list(known.values())), strict=True))


def _by(pair: Pair) -> str:
    return f"{pair.other} by {difference(pair.difference)}, {interval(pair.interval, signed=True)}"
