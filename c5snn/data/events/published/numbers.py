"""The numbers of published events: those in one cell, those of another pool, and ranges that change over the years.

A bonus number is drawn from a pool of its own, or after the others. It is recognised by what it is called, by a mark in
its cell, or because the numbers cannot be one draw: they ascend in each row up to it, repeat one of the others, or keep
to another range than chance allows.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import takewhile
from math import lgamma
from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Bool, Int64

__all__ = ["NumberRange", "is_bonus_name", "is_number", "mostly", "n_of_one_pool", "number_ranges", "numbers_in"]

Matrix = Int64[np.ndarray, "events numbers"]

# by chance alone less often than this: two pools, or a range that has changed
RARE: Final = 1e-6
LEAST_FALLS: Final = 0.3
LEAST_REPEATS: Final = 0.01

_BONUS_WORDS: Final = re.compile(
    r"bonus|\bstar|[eé]toile|estrella|stella|power|\bpb\b|\bmb\b|mega|lucky|chance|joker|jolly|extra|super|zusatz|"
    r"euro ?zahl|reintegro|complement|red ?ball|gold|cash ?ball|life|wild|fire|multipl|plier",
    re.IGNORECASE,
)
_WHOLE: Final = re.compile(r"\d{1,9}(?:\.0)?", re.ASCII)
_MAIN: Final = re.compile(r"[\[({\"'\s]*(\d{1,3}(?:[\s,|\-\u2013/.;:_]+\d{1,3})*)", re.ASCII)


class NumberRange(NamedTuple):
    """A stretch of events whose numbers go up to one number: the indices of its first event and after its last."""

    start: int
    stop: int
    highest: int


def is_bonus_name(name: str) -> bool:
    """Return whether a column's name is that of a bonus number or a multiplier."""
    return bool(_BONUS_WORDS.search(name.replace("_", " ")))


def is_number(text: str) -> bool:
    """Return whether a text is a whole number; ``5.0`` is, as tables with gaps have them."""
    return bool(_WHOLE.fullmatch(text))


def mostly(truths: Iterable[bool] | Bool[np.ndarray, " any"]) -> bool:
    """Return whether nine in ten are true; nothing is not.

    >>> mostly([True] * 9 + [False]), mostly([True] * 8 + [False]), mostly([])
    (True, False, False)
    """
    found = np.asarray(truths if isinstance(truths, np.ndarray) else list(truths), dtype=bool)
    return bool(10 * found.sum() >= 9 * len(found) > 0)


def numbers_in(text: str) -> tuple[list[int], list[int]]:
    """Return the numbers in a cell, and those after a mark that is no delimiter; none where other text is glued to one.

    >>> numbers_in("07 18 28 44 62"), numbers_in("1-2-3 + 4"), numbers_in("[3, 14, 15] PB 9")
    (([7, 18, 28, 44, 62], []), ([1, 2, 3], [4]), ([3, 14, 15], [9]))
    >>> numbers_in("$1,000"), numbers_in("none")
    (([], []), ([], []))
    >>> numbers_in("5 12 2O"), numbers_in("5 12 20000"), numbers_in("5 12 20PB9")
    (([], []), ([], []), ([5, 12, 20], [9]))
    """
    found = _MAIN.match(text)
    after = text[found.end() :] if found else ""
    if found is None or (after[:1].isalnum() and not _is_mark(after)):
        return [], []
    main, marked = (re.findall(r"\d+", part) for part in (found[1], after))
    return [int(number) for number in main], [int(number[:9]) for number in marked]


def n_of_one_pool(numbers: Matrix) -> int:
    """Return how many of the first columns can be one draw, without repetition and from one range.

    Args:
        numbers: One row an event, in the order of the file.
    """
    n_events, width = len(numbers), int(numbers.shape[1])
    if _are_sorted(numbers):
        return width
    ascending = _n_ascending(numbers)
    # so many rows ascend by chance with probability (1 / ascending!)^n_events
    if ascending > 1 and n_events * lgamma(ascending + 1) > -np.log(RARE):
        return ascending
    for n_last in range(1, min(3, width - 1)):
        main, last = numbers[:, :-n_last], numbers[:, -n_last:]
        repeats_main = (main[:, :, None] == last[:, None, :]).any(axis=(1, 2)).sum() > max(1, LEAST_REPEATS * n_events)
        if not _repeats(main).any() and (repeats_main or _keeps_to_less(last, int(main.max()))):
            return width - n_last
    return width


def number_ranges(numbers: Matrix) -> list[NumberRange]:
    """Return the stretches of events between which the range of the numbers changed.

    A stretch without the highest numbers is one by itself when a draw from the whole range would have avoided them
    that long with a probability below one in a million: ``(C(m, k) / C(n, k))^T`` for T events up to m of n.

    Args:
        numbers: One row an event, in the order of time.
    """
    return list(_stretches(numbers.max(axis=1), numbers.shape[1], 0))


def _stretches(highest: Int64[np.ndarray, " events"], size: int, start: int) -> Iterator[NumberRange]:
    for is_late, column in enumerate((highest, highest[::-1])):
        # how far the first events, or the last, stay below the top, for each height that they reach
        reached = np.maximum.accumulate(column)
        ends = np.flatnonzero(np.diff(reached)) + 1
        chances = [end * _log_share(int(reached[end - 1]), int(reached[-1]), size) for end in ends.tolist()]
        if chances and min(chances) < np.log(RARE):
            end = int(ends[int(np.argmin(chances))])
            cut = len(highest) - end if is_late else end
            yield from _stretches(highest[:cut], size, start)
            yield from _stretches(highest[cut:], size, start + cut)
            return
    yield NumberRange(start, start + len(highest), int(highest.max()))


def _log_share(low: int, high: int, size: int) -> float:
    # log of C(low, size) / C(high, size)
    if low < size:
        return -np.inf
    return lgamma(low + 1) - lgamma(low - size + 1) - lgamma(high + 1) + lgamma(high - size + 1)


def _is_mark(text: str) -> bool:
    # of a bonus number or a multiplier; any other letter or digit beside a number is a slip, as in `2O` for 20
    word = "".join(takewhile(str.isalpha, text))
    return is_bonus_name(word) or bool(re.match(r"x\d", text, re.IGNORECASE))


def _are_sorted(numbers: Matrix) -> bool:
    # up or down, as numbers or as text; by chance a bonus number stands in order after them in one of `width` rows
    whole = numbers[(numbers >= 0).all(axis=1)]
    if len(whole) * np.log(numbers.shape[1]) <= -np.log(RARE):
        return False
    before, after = whole[:, :-1], whole[:, 1:]
    pairs = ((before, after), (before.astype(str), after.astype(str)))
    return any(bool((low < high).all() or (low > high).all()) for low, high in pairs)


def _n_ascending(numbers: Matrix) -> int:
    # a row or two with a slip of the pen do not make another pool; where one begins, most rows fall
    falls = (np.diff(numbers, axis=1) <= 0).mean(axis=0) > LEAST_FALLS
    return int(np.argmax(falls)) + 1 if falls.any() else int(numbers.shape[1])


def _repeats(numbers: Matrix) -> Bool[np.ndarray, " events"]:
    ordered = np.sort(numbers, axis=1)
    repeats: Bool[np.ndarray, " events"] = (np.diff(ordered, axis=1) == 0).any(axis=1)
    return repeats


def _keeps_to_less(numbers: Matrix, highest: int) -> bool:
    # whether each of these columns would so seldom stay below what it reaches if it went up to `highest`
    tops = numbers.max(axis=0).astype(np.float64)
    return bool((len(numbers) * np.log(np.minimum(tops / highest, 1)) < np.log(RARE)).all())
