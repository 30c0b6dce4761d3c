"""What a report says of its p: how often luck does as well, which p are simulated, and which are approximate."""

from collections.abc import Iterator, Sequence
from math import floor

from c5snn.evidence import N_DRAWS
from c5snn.records import ScoredConfiguration
from c5snn.records.pooled import test_of
from c5snn.reports.words import joined, listed, plural

__all__ = ["FOLDS_NOTE", "is_over_folds", "luck_share", "p_note"]

FOLDS = "folds"  # the argument of data whose origins are folds
FOLDS_NOTE = "p over folds is approximate and tends to be too small, because folds share what they train on"

SURE_COUNT = 0.01
ALMOST_ALL = 0.99
ONE_IN_A_MILLION = 1e-6
# A count that is whole on paper differs from it by less.
ROUNDING = 1e-6


def luck_share(p: float, luck: str, n_draws: int = 0) -> str:
    """Return how often luck does as well: the bound that an exact p is, or what was counted among draws.

    Args:
        p: The p-value.
        luck: One draw of luck, such as ``fair history``.
        n_draws: From how many draws p is simulated; 0 for an exact one.

    >>> luck_share(0.341, "fair history"), luck_share(0.0013, "fair history")
    ('34 % of fair histories', 'at most one fair history in 769')
    >>> luck_share(2e-23, "fair history"), luck_share(0.998, "fair history")
    ('less than one fair history in a million', 'more than 99 % of fair histories')
    >>> luck_share(1 / 10_001, "fair history", 10_000), luck_share(13 / 10_001, "fair history", 10_000)
    ('none of 10,000 drawn fair histories', '12 of 10,000 drawn fair histories')
    """
    n_as_high = p * (1 + n_draws) - 1
    share, of_all = (n_as_high / n_draws, f"{n_draws:,} drawn {plural(luck)}") if n_draws else (p, plural(luck))
    if ALMOST_ALL < share < 1:
        return f"more than {100 * ALMOST_ALL:.0f} % of {of_all}"
    if share >= SURE_COUNT:
        return f"{100 * share:.0f} % of {of_all}"
    if n_draws:
        return f"{_counted(n_as_high)} of {of_all}"
    return f"less than one {luck} in a million" if p < ONE_IN_A_MILLION else f"at most one {luck} in {floor(1 / p):,}"


def p_note(entries: Sequence[ScoredConfiguration]) -> str:
    """Return which p of configurations are simulated and what their draws hold fixed, and what p over folds is.

    Nothing is said where every p is exact.

    Args:
        entries: The configurations of a table.
    """
    tested = [entry for entry in entries if entry.p_value is not None]
    given = f"{FOLDS_NOTE}." if any(map(is_over_folds, tested)) else _held_fixed(tested)
    return " ".join(filter(None, [_simulated(tested), given]))


def is_over_folds(entry: ScoredConfiguration) -> bool:
    """Return whether a configuration was tested over folds: each fold's labels train the models of the others."""
    data = entry.runs[0].data
    return data.n_origins > 1 and FOLDS in data.choices


def _counted(n_as_high: float) -> str:
    """Return a count; its bound where the p that it follows from is larger, because it is another one's exact p."""
    is_whole = abs(n_as_high - round(n_as_high)) < ROUNDING
    n = round(n_as_high) if is_whole else floor(n_as_high)
    return "none" if n == 0 else f"{n:,}" if is_whole else f"at most {n:,}"


def _simulated(entries: Sequence[ScoredConfiguration]) -> str:
    """Return which p are simulated, by the number of draws."""
    of_draws: dict[int, list[str]] = {}
    for n_draws, name in (*_own(entries), *_family(entries), *_of_gains(entries)):
        of_draws.setdefault(n_draws, []).append(name)
    return " ".join(
        f"{_capitalized(joined(names))} {'are' if len(names) > 1 else 'is'} simulated from {n_draws:,} draws."
        for n_draws, names in of_draws.items()
    )


def _own(entries: Sequence[ScoredConfiguration]) -> Iterator[tuple[int, str]]:
    """Yield whose own p is simulated."""
    for n_draws in dict.fromkeys(entry.draws.p_value for entry in entries if entry.draws.p_value):
        found = [entry for entry in entries if entry.draws.p_value == n_draws]
        are_means = len(found) < len(entries) and all(
            (len(entry.seeds) > 1) == (entry.draws.p_value == n_draws) for entry in entries
        )
        yield n_draws, "p of means over seeds" if are_means else f"p{_of(found, entries)}"


def _family(entries: Sequence[ScoredConfiguration]) -> Iterator[tuple[int, str]]:
    """Yield the family-wise p; that of a single configuration is its own."""
    for n_draws in dict.fromkeys(entry.draws.p_family for entry in entries if entry.draws.p_family):
        if len(entries) > 1:
            yield n_draws, "the family-wise p"


def _of_gains(entries: Sequence[ScoredConfiguration]) -> Iterator[tuple[int, str]]:
    """Yield the configurations whose paired p against all references, or some of them, is simulated."""
    known = [(entry, [gain.is_exact for gain in entry.references if gain.p is not None]) for entry in entries]
    found = [(entry, are_exact) for entry, are_exact in known if not all(are_exact)]
    if found:
        are_some = any(is_exact for _, are_exact in found for is_exact in are_exact)
        yield N_DRAWS, f"p of {'some' if are_some else 'the'} gains{_of([entry for entry, _ in found], entries)}"


def _of(found: Sequence[ScoredConfiguration], entries: Sequence[ScoredConfiguration]) -> str:
    """Return whose p it is; empty where it is that of all."""
    return "" if len(found) == len(entries) else f" of {listed(list(dict.fromkeys(entry.label for entry in found)))}"


def _held_fixed(entries: Sequence[ScoredConfiguration]) -> str:
    """Return what draws that configurations or seeds share hold fixed; empty where nothing is simulated from such."""
    of_means = [entry for entry in entries if len(entry.seeds) > 1 and entry.draws.p_value]
    if not of_means and all(entry.draws.p_family == entry.draws.p_value for entry in entries):
        return ""
    outputs, null = plural(entries[0].words.output), test_of(entries[0].runs[0]).null
    overlaps = " and, for means over seeds, their overlaps" if of_means else ""
    follow = (
        f"; it is an approximation for models whose {outputs} follow earlier outcomes" if null.is_sequential else ""
    )
    return f"Each draw holds all {outputs} fixed, which is exact given these {outputs}{overlaps}{follow}."


def _capitalized(text: str) -> str:
    """Return a sentence's beginning; p stays small."""
    return f"T{text[1:]}" if text.startswith("the ") else text
