"""A published file becomes a history: read by its mapping, ordered and checked. Nothing is invented or repaired."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, final

import numpy as np
from jaxtyping import Bool, Int64

from c5snn.data.events.history import EventHistory
from c5snn.data.events.published.mapping import Mapping, Wishes, columns_said
from c5snn.data.events.published.numbers import is_number, n_of_one_pool, numbers_in
from c5snn.data.events.published.roles import ONE_POSITION, NumberColumns, number_columns, whole_columns
from c5snn.data.events.published.table import PublishedTable, read_published
from c5snn.data.events.published.when import When, arrange, read_when, rows_since, second_key
from c5snn.data.events.times import check_order, is_dated, spell_times
from c5snn.data.events.violations import Violation, Violations
from c5snn.errors import ConfigError, DataError

__all__ = ["Imported", "import_events"]

_EMPTY: Final = {"", "-", "--", "n/a", "na", "nan", "null", "none", "tba"}

Rows = Int64[np.ndarray, " rows"]
Matrix = Int64[np.ndarray, "rows numbers"]
Bonus = Int64[np.ndarray, "rows bonus"]


@final
@dataclass(frozen=True, eq=False)
class Imported:
    """A history and where it came from.

    Args:
        history: The events.
        table: The file as a table.
        mapping: How it was read.
        lines: The line of the file in which each event stands.
        n_earlier: How many rows were left out because they are before ``since``.
        without_numbers: The lines of the rows that hold no number.
        bonus: The bonus numbers of each event, 0 where there is none.
        n_wrong_weekdays: How many dates name another weekday than theirs.
    """

    history: EventHistory
    table: PublishedTable
    mapping: Mapping
    lines: list[int]
    n_earlier: int
    without_numbers: list[int]
    bonus: Bonus
    n_wrong_weekdays: int


class _Numbers(NamedTuple):
    columns: NumberColumns
    main: Matrix
    bonus: Bonus
    is_empty: Bool[np.ndarray, " rows"]


def import_events(path: Path, wishes: Wishes, *, most_bytes: int | None = None) -> Imported:
    """Read a published file.

    Args:
        path: The file.
        wishes: What is said of it; the rest is found.
        most_bytes: Read whole lines up to so many bytes, and no more; None for the whole file.

    Raises:
        ConfigError: Something must be said that the file leaves open, or what is said does not fit the file.
        DataError: The file cannot be read, or breaks rules; the message lists them with their rows.
    """
    table, violations = read_published(path, wishes.written, most_bytes=most_bytes), Violations()
    _add_excess(table, violations)
    when = read_when(table, wishes, violations)
    since = rows_since(when, wishes.since)
    numbers = _read_numbers(table, wishes, when, since)
    rows, (events, bonus) = since[~numbers.is_empty], _events(wishes, numbers)
    if not len(rows):
        raise DataError(f"`{path}` must hold at least one event, but no row has numbers.")
    n_parts = wishes.n_parts or int(events.max())
    _check_numbers(table, events, rows, n_parts, violations)
    key = second_key(table, wishes, when, rows)
    order, arranged, values = arrange(table, wishes, when, key, rows)
    check_order(when.times[arranged], None if key is None else values, [table.lines[r] for r in arranged], violations)
    if violations:
        _refuse_digits(path, events)
        raise DataError(violations.report(str(path)) + _advice(when, rows, events, bonus if wishes.bonus else None))
    place_of = np.full(len(table), -1)
    place_of[rows] = np.arange(len(rows))
    places = place_of[arranged]
    found, key_column = numbers.columns, key if when.key is None else when.key
    mapping = Mapping(
        table.written, when.columns, when.date_format, order, found.places, found.bonus, found.n_cell_bonus,
        wishes.bonus or "drop", key_column, n_parts, wishes.since,
    )  # fmt: skip
    times = when.times[arranged]
    history = EventHistory(times, np.sort(events[places], axis=1), n_parts, None if key is None else _within(times))
    lines = [table.lines[row] for row in arranged.tolist()]
    without = [table.lines[row] for row in since[numbers.is_empty].tolist()]
    n_earlier = len(table) - len(since)
    return Imported(history, table, mapping, lines, n_earlier, without, bonus[places], when.n_wrong_weekdays)


def _add_excess(table: PublishedTable, violations: Violations) -> None:
    width = len(table.names)
    violations.add_all(
        len(table.excess),
        (Violation(line, str(width), f"a row must have {width} cells, but has more.") for line in table.excess),
    )


def _events(wishes: Wishes, numbers: _Numbers) -> tuple[Int64[np.ndarray, "rows parts"], Bonus]:
    # the parts of the rows that have numbers, and their bonus numbers
    main, bonus = numbers.main[~numbers.is_empty], numbers.bonus[~numbers.is_empty]
    if wishes.bonus != "include":
        return main, bonus
    if not bonus.shape[1] and wishes.numbers is None:
        raise ConfigError(
            "`--bonus include` needs bonus numbers, but none were found. Say all columns: --numbers COL,..."
        )
    return np.concatenate([main, bonus], axis=1), bonus


def _read_numbers(table: PublishedTable, wishes: Wishes, when: When, rows: Rows) -> _Numbers:
    taken = {*when.columns, *({when.key} - {None})}
    if wishes.numbers is None:
        columns = number_columns(table, {place for place in taken if place is not None})
    else:
        columns = NumberColumns(columns_said(table, wishes.numbers, "--numbers"))
    bonus = np.zeros((len(rows), 0), np.int64)
    if columns.bonus:
        bonus = np.maximum(whole_columns(table, columns.bonus)[rows], 0)
    may_be_cells = len(columns.places) == 1 or wishes.numbers is not None
    cells = map(_in_cell, table.column(columns.places[0]) if may_be_cells else [])
    if any(len(main) + len(marked) > 1 for main, marked in cells):
        return _from_cells(table, columns, rows, bonus)
    main = whole_columns(table, columns.places)[rows]
    texts_of = [table.column(place) for place in columns.places]
    blank = (main < 0).all(axis=1)
    blank[blank] = [all(texts[row].casefold() in _EMPTY for texts in texts_of) for row in rows[blank].tolist()]
    return _Numbers(columns, main, bonus, blank)


def _from_cells(table: PublishedTable, columns: NumberColumns, rows: Rows, beside: Bonus) -> _Numbers:
    # a cell of several numbers, and the columns that are said to belong to it
    cells = [[table.column(place)[row] for place in columns.places] for row in rows.tolist()]
    texts, found = ["".join(row) for row in cells], [_in_cell(row[0]) for row in cells]
    if len(columns.places) > 1:  # all of them are said to be numbers of the draw
        found = [([number for cell in row for side in _in_cell(cell) for number in side], []) for row in cells]
    sizes = Counter((len(main), len(bonus)) for main, bonus in found if main)
    (n_main, n_marked), _ = max(sizes.items(), key=lambda item: (item[1], item[0]))
    main = np.full((len(texts), n_main), -1, np.int64)
    bonus = np.zeros((len(texts), n_marked), np.int64)
    for row, (numbers, marked) in enumerate(found):
        if len(numbers) == n_main:
            main[row] = numbers
        if len(marked) == n_marked:
            bonus[row] = marked
    is_whole, n_pool = (main >= 0).all(axis=1), n_main
    if not n_marked and n_main > 2 and len(columns.places) == 1:  # noqa: PLR2004  # of two nothing is told
        n_pool = n_of_one_pool(main[is_whole])
    if n_pool < n_main:
        main, bonus = main[:, :n_pool], np.maximum(main[:, n_pool:], 0)
    is_empty = np.array([text.casefold() in _EMPTY for text in texts])
    columns = columns._replace(n_cell_bonus=bonus.shape[1])
    return _Numbers(columns, main, np.concatenate([bonus, beside], axis=1), is_empty)


def _in_cell(text: str) -> tuple[list[int], list[int]]:
    return ([int(float(text))], []) if is_number(text) else numbers_in(text)


def _check_numbers(table: PublishedTable, events: Matrix, rows: Rows, n_parts: int, violations: Violations) -> None:
    is_part = (events >= 1) & (events <= n_parts)
    wrong = np.flatnonzero(~is_part.all(axis=1)).tolist()
    violations.add_all(len(wrong), (_not_parts(table.lines[rows[row]], events[row], n_parts) for row in wrong))
    ordered = np.sort(events, axis=1)
    twice = np.flatnonzero(((np.diff(ordered, axis=1) == 0) & (ordered[:, 1:] > 0)).any(axis=1)).tolist()
    rule = "a part must stand once in an event, but got"
    violations.add_all(
        len(twice),
        (
            Violation(table.lines[rows[r]], "numbers", f"{rule} {' '.join(map(str, events[r].tolist()))}.")
            for r in twice
        ),
    )


def _not_parts(line: int, event: Int64[np.ndarray, " numbers"], n_parts: int) -> Violation:
    if (event < 0).any():
        return Violation(line, "numbers", f"an event must have {len(event)} whole numbers, like most of them.")
    number = int(event[(event < 1) | (event > n_parts)][0])
    return Violation(line, "numbers", f"`1 <= part <= {n_parts}` must hold, but got {number}.")


def _refuse_digits(path: Path, events: Matrix) -> None:
    n_twice = _n_twice(events)
    if n_twice > len(events) // 50 + 1 and events.max() < 10:  # noqa: PLR2004
        raise DataError(
            f"`{path}` holds a game of digits: in {n_twice:,} of {len(events):,} rows a digit stands twice."
            f" {ONE_POSITION}"
        )


def _n_twice(events: Matrix) -> int:
    ordered = np.sort(events, axis=1)
    return int(((np.diff(ordered, axis=1) == 0) & (ordered[:, 1:] >= 0)).any(axis=1).sum())


def _advice(when: When, rows: Rows, events: Matrix, included: Bonus | None) -> str:
    # what several rows have in common, and the way out
    advice = []
    if included is not None and _n_twice(events) and not _n_twice(events[:, : -included.shape[1] or None]):
        advice.append(
            "A bonus number that equals one of the others is of a pool of its own, and cannot be a part beside them:"
            " leave --bonus include out."
        )
    if events.max() == 1:
        advice.append(
            "The columns hold 0 and 1, one column a part: the layout `matrix` of c5snn has them as P_1, P_2, ..."
        )
        return "".join(f"\n{line}" for line in advice)
    if (events == 0).any():
        advice.append("Parts are numbered from 1: add 1 to every number of a game that counts from 0.")
    is_other = (events < 0).any(axis=1)
    if is_other.sum() > len(events) // 50 + 1 and is_dated(when.times):
        times = when.times[rows]
        span = [spell_times(np.sort(times[is_other]))[place] for place in (0, -1)]
        advice.append(
            f"The rows with another count of numbers are of {span[0]} to {span[1]}:"
            " --since DATE leaves earlier ones out."
        )
    return "".join(f"\n{line}" for line in advice)


def _within(times: np.ndarray) -> Rows:
    # 1, 2, ... within each time
    starts = np.concatenate([[True], times[1:] != times[:-1]])
    counts = np.arange(len(times))
    return counts - np.maximum.accumulate(np.where(starts, counts, 0)) + 1
