"""When published events were: their dates or numbers, what orders those of one date, and the order of the rows."""

import re
from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Int64

from c5snn.data.events.published.dates import disagreeing_weekdays, parse_dates
from c5snn.data.events.published.mapping import ROW_KEY, Order, Wishes, columns_said
from c5snn.data.events.published.numbers import is_number
from c5snn.data.events.published.roles import choose_date_format, counts_rows, date_columns, is_clock, whole_columns
from c5snn.data.events.published.table import PublishedTable
from c5snn.data.events.times import Times, ascends, coarsest, is_dated
from c5snn.data.events.violations import Violation, Violations, quote
from c5snn.errors import ConfigError, DataError

__all__ = ["KEY_OF_ROWS", "When", "arrange", "read_when", "rows_since", "second_key"]

KEY_OF_ROWS: Final = -1
# how the draws of a day are called, in the order of the day
_TIMES_OF_DAY: Final = (
    "morning am matin morgen mañana mattina", "midday mid noon day d m midi mittag lunchtime mediodía tarde",
    "afternoon nachmittag", "evening eve e pm soir abend teatime", "night n nuit nacht noche",
)  # fmt: skip
_RANK_OF_TIME: Final = {word: rank for rank, words in enumerate(_TIMES_OF_DAY) for word in words.split()}

Rows = Int64[np.ndarray, " rows"]


class When(NamedTuple):
    """When the event of each row of a table was.

    Attributes:
        columns: The columns of the date; empty where there is none.
        date_format: How it is spelled.
        times: The time of each row, or its number; NaT or -1 where it cannot be read.
        key: The column of the numbers where there is no date; -1 for the order of the rows.
        n_wrong_weekdays: How many dates name another weekday than theirs.
    """

    columns: tuple[int, ...]
    date_format: str | None
    times: Times
    key: int | None
    n_wrong_weekdays: int


def read_when(table: PublishedTable, wishes: Wishes, violations: Violations) -> When:
    """Read the dates of a table, or the numbers that its events have instead.

    Args:
        table: The table.
        wishes: What is said of it.
        violations: Where dates and numbers that cannot be read are added.

    Raises:
        ConfigError: Something must be said, or what is said does not fit.
    """
    said = None if wishes.date is None else columns_said(table, wishes.date, "--date")
    places = date_columns(table) if said is None else said
    if wishes.key not in {None, ROW_KEY} and places:
        (key,) = columns_said(table, str(wishes.key), "--key")[:1]
        places = (*places, key) if is_clock(table, key) and key not in places else places
    if not places:
        return _numbered(table, wishes, violations)
    texts = [" ".join(filter(None, row)) for row in zip(*map(table.column, places), strict=True)]
    label = ",".join(map(table.label, places))
    date_format = wishes.date_format or choose_date_format([text for text in texts if text], label)
    times = parse_dates(texts, date_format)
    unread = np.flatnonzero(np.isnat(times)).tolist()
    violations.add_all(
        len(unread),
        (Violation(table.lines[r], label, f"a date must be {date_format}, but got {quote(texts[r])}.") for r in unread),
    )
    return When(places, date_format, coarsest(times), None, disagreeing_weekdays(texts, date_format, times))


def rows_since(when: When, since: str | None) -> Rows:
    """Return the rows from a date or number on; rows whose time cannot be read are among them.

    Raises:
        ConfigError: It is neither.
    """
    if since is None:
        return np.arange(len(when.times))
    try:
        if not is_dated(when.times):
            return np.flatnonzero(when.times >= int(since))
        first = np.datetime64(since) if re.fullmatch(r"\d{4}-\d\d(-\d\d)?", since) else np.datetime64("NaT")
    except ValueError:
        first = np.datetime64("NaT")
    if np.isnat(first):
        raise ConfigError(f"`--since` must be a date such as 1999-12-31, or a number without dates, but got {since}.")
    return np.flatnonzero(~(when.times < first))


def second_key(table: PublishedTable, wishes: Wishes, when: When, rows: Rows) -> int | None:
    """Return the column that orders events of the same date; None where no date stands twice.

    Raises:
        ConfigError: Dates stand twice, and nothing says which event was first.
    """
    if not is_dated(when.times):
        return None
    rows = rows[~np.isnat(when.times[rows])]
    times = when.times[rows]
    _, which, counts = np.unique(times, return_inverse=True, return_counts=True)
    if (counts == 1).all():
        return None
    if wishes.key is not None:
        is_row = wishes.key == ROW_KEY and ROW_KEY not in table.names
        return KEY_OF_ROWS if is_row else columns_said(table, wishes.key, "--key")[0]
    for place in range(len(table.names)):
        if place in when.columns:
            continue
        if _counts_events(table, place, times, rows) or _names_times_of_day(table, place, times, rows):
            return place
    one = int(np.argmax(counts[which] > 1))
    other = int(np.flatnonzero(times == times[one])[1])
    lines = table.lines[rows[one]], table.lines[rows[other]]
    raise ConfigError(
        f"A date must stand once, but rows {lines[0]} and {lines[1]} both are of {coarsest(times)[one]}"
        f" ({int((counts > 1).sum()):,} dates stand more than once). Say what orders the events of one date: --key COL,"
        " a column of draw numbers or times of day, or --key row, if the rows themselves stand in order of time."
    )


def arrange(table: PublishedTable, wishes: Wishes, when: When, key: int | None, rows: Rows) -> tuple[Order, Rows, Rows]:
    """Return the order of the rows, the rows in the order of time, and the value of the second key of each.

    Raises:
        ConfigError: The key's column does not order events, or the order of the rows must be said.
    """
    times = when.times[rows]
    values = np.zeros(len(rows), np.int64)
    if key is not None and key >= 0:
        values = _key_values(table, key)[rows]
    is_by_rows = KEY_OF_ROWS in {key, when.key}
    falls = bool((times[1:] < times[:-1]).any())
    if wishes.order is None and is_by_rows and falls and (times[1:] > times[:-1]).any():
        raise ConfigError(
            "With --key row the rows must stand in order of time, but dates go up and down. Say --key COL."
        )
    if is_by_rows:
        is_reversed = falls if wishes.order is None else wishes.order == "newest-first"
        values = -np.arange(len(rows)) if is_reversed else np.arange(len(rows))
    by_time = np.lexsort((values, times))
    backwards = np.arange(len(rows))[::-1]
    order: Order | None = wishes.order
    if order is None:
        is_newest_first = len(rows) > 1 and bool(ascends(times[backwards], values[backwards]).all())
        is_oldest_first = bool(ascends(times, values).all())
        order = "oldest-first" if is_oldest_first else "newest-first" if is_newest_first else "by-date"
    arranged = {"oldest-first": backwards[::-1], "newest-first": backwards, "by-date": by_time}[order]
    return order, rows[arranged], values[arranged]


def _numbered(table: PublishedTable, wishes: Wishes, violations: Violations) -> When:
    if wishes.date_format is not None:
        raise ConfigError("`--date-format` needs dates, but no column holds any. Say --date COL.")
    if wishes.key == ROW_KEY and ROW_KEY not in table.names:
        if wishes.order not in {"oldest-first", "newest-first"}:
            raise ConfigError("Rows without dates have the order that is said: --order oldest-first or newest-first.")
        count = np.arange(1, len(table) + 1)
        return When((), None, count if wishes.order == "oldest-first" else count[::-1], KEY_OF_ROWS, 0)
    if wishes.key is not None:
        key = columns_said(table, wishes.key, "--key")[0]
    else:
        counting = [place for place in range(len(table.names)) if len(table) > 2 and counts_rows(table, place)]  # noqa: PLR2004
        if not counting:
            raise DataError(
                "No column holds dates that can be read, and none numbers the events. Say --date COL (with"
                " --date-format), or --key row with --order, if the rows themselves stand in order of time."
            )
        key = counting[0]
    numbers, texts = table.numbers(key), table.column(key)
    rule = "a whole number of at most nine digits must stand here, but got"
    violations.add_rows(
        np.flatnonzero(numbers < 0),
        lambda row: Violation(table.lines[row], table.label(key), f"{rule} {quote(texts[row])}."),
    )
    return When((), None, numbers, key, 0)


def _counts_events(table: PublishedTable, place: int, times: Times, rows: Rows) -> bool:
    # an index that rises where dates fall counts rows from the newest on, not events
    if not counts_rows(table, place):
        return False
    rises = np.diff(table.numbers(place)[rows]) > 0
    return not ((rises & (times[1:] < times[:-1])) | (~rises & (times[1:] > times[:-1]))).any()


def _names_times_of_day(table: PublishedTable, place: int, times: Times, rows: Rows) -> bool:
    words = [table.column(place)[row].casefold() for row in rows.tolist()]
    if not all(word in _RANK_OF_TIME for word in words):
        return False
    ranks = np.array([_RANK_OF_TIME[word] for word in words])
    return len(np.unique(np.stack([times.astype(np.int64), ranks]), axis=1).T) == len(rows)


def _key_values(table: PublishedTable, key: int) -> Rows:
    texts = table.column(key)
    if all(map(is_number, texts)):
        return whole_columns(table, (key,))[:, 0]
    if all(text.casefold() in _RANK_OF_TIME for text in texts):
        return np.array([_RANK_OF_TIME[text.casefold()] for text in texts])
    odd = next(text for text in texts if not is_number(text) and text.casefold() not in _RANK_OF_TIME)
    raise ConfigError(
        f"`--key` must be a column of whole numbers, of times such as 13:30, or of words such as midday and evening,"
        f" but {table.label(key)} holds {quote(odd)}. Number the events of a day in a column of their own."
    )
