"""Values of a table as they are written, in the types that they have."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from c5snn.records.searched import SearchedOption, TrialState

__all__ = ["finite", "option_of", "state_of", "typed_cell", "typed_column"]

STATES: dict[str, TrialState] = {
    "0": "running", "running": "running", "1": "complete", "complete": "complete", "completed": "complete",
    "finished": "complete", "2": "pruned", "pruned": "pruned", "3": "failed", "fail": "failed", "failed": "failed",
    "4": "running", "waiting": "running", "duplicate": "complete",
}  # fmt: skip
MISSING = {"", "nan", "null"}


def typed_cell(text: str) -> Any:  # noqa: ANN401  # whatever a table holds
    """Return a cell as a value; None where it is empty.

    >>> typed_cell("1e-3"), typed_cell("16"), typed_cell("True"), typed_cell("mean"), typed_cell("")
    (0.001, 16, True, 'mean', None)
    """
    word = text.strip()
    if word.casefold() in MISSING:
        return None
    if word.casefold() in {"true", "false"}:
        return word.casefold() == "true"
    for read in (int, float):
        try:
            return read(word)
        except ValueError:
            continue
    return word


def typed_column(values: Sequence[Any]) -> list[Any]:
    """Return the values of a column with whole numbers as such where all are whole: a table may write 4 as ``4.0``.

    >>> typed_column([4.0, None, 2]), typed_column([4.0, 2.5]), typed_column([True, "x"])
    ([4, None, 2], [4.0, 2.5], [True, 'x'])
    """
    numbers = [value for value in values if _is_number(value)]
    if len(numbers) < sum(value is not None for value in values):
        return list(values)
    if all(math.isfinite(value) and float(value).is_integer() for value in numbers):
        return [None if value is None else int(value) for value in values]
    return [None if value is None else float(value) for value in values]


def finite(value: object) -> float | None:
    """Return a finite number, None for anything else."""
    return float(value) if _is_number(value) and math.isfinite(value) else None  # type: ignore[arg-type]


def state_of(word: object) -> TrialState | None:
    """Return a state by its name or by Optuna's number; None where it is none.

    >>> state_of("TrialState.PRUNED"), state_of(1), state_of("Complete"), state_of("who knows")
    ('pruned', 'complete', 'complete', None)
    """
    return STATES.get(str(word).strip().rpartition(".")[2].casefold())


def option_of(name: str, values: Sequence[Any]) -> SearchedOption:
    """Return an option as its values show it: numbers have the bounds that were tried.

    Args:
        name: Its name.
        values: Those that were sampled, at least one.
    """
    distinct = list({repr(value): value for value in values}.values())
    if all(isinstance(value, bool) for value in distinct):
        return SearchedOption(name, "boolean", tuple(sorted(distinct)))
    if not all(map(_is_number, distinct)):
        return SearchedOption(name, "choice", tuple(sorted(distinct, key=str)))
    low, high = min(distinct), max(distinct)
    is_int = all(isinstance(value, int) for value in distinct)
    is_list = is_int and len(distinct) <= max(5, len(values) // 10) and _are_uneven(distinct)
    choices = tuple(sorted(distinct)) if is_list else ()
    is_log = not is_int and low > 0 and high / low > LOG_FROM
    return SearchedOption(name, "number", choices, low, high, is_log, is_int)


LOG_FROM = 100  # a range of positive numbers over more than two decades was searched by its logarithm


def _are_uneven(values: Sequence[int]) -> bool:
    """Say whether whole numbers are no plain range: 8, 16, 32 were a list, 2 to 6 were a range."""
    ordered = sorted(values)
    return any(high - low > 1 for low, high in pairwise(ordered))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
