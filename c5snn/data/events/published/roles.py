"""Which column of a published table holds what: dates, draw numbers, the numbers of the events, bonus numbers.

A column is recognised by what its cells are, and by its name where cells alone do not tell. What remains open is asked
for by the option that says it.
"""

import re
from collections import Counter
from typing import Final, NamedTuple

import numpy as np

from c5snn.data.events.published.dates import likely_formats, parse_dates
from c5snn.data.events.published.numbers import is_bonus_name, is_number, mostly, n_of_one_pool, numbers_in
from c5snn.data.events.published.table import PublishedTable
from c5snn.data.events.violations import quote
from c5snn.errors import ConfigError, DataError

__all__ = [
    "ONE_POSITION",
    "NumberColumns",
    "choose_date_format",
    "counts_rows",
    "date_columns",
    "is_clock",
    "number_columns",
    "whole_columns",
]

_SAMPLE: Final = 200
_MOST_POOL: Final = 999
_MOST_VALUES: Final = 8
_LEAST_STEPS: Final = 7

_DATE_NAMES: Final = re.compile(r"date|datum|fecha|\bdata\b|\bdia\b|\bjour\b|\bday\b|drawn|time|when", re.IGNORECASE)
_NUMBER_NAMES: Final = re.compile(r"num|n[úu]m|zahl|ball|boule|bola|result|winning|combina|draw", re.IGNORECASE)
_OTHER_NAMES: Final = re.compile(
    r"jackpot|prize|gain|winner|amount|sales|rollover|seq|product|machine|set\b|code|year|month|week|price|rapport|id\b|"
    r"draw ?(no|nu)|index|unnamed|total|sum\b|count|payout|quantity",
    re.IGNORECASE,
)
_PART_NAMES: Final = (
    re.compile(r"(draw ?)?(year|jahr|ann[ée]e|a[ñn]o|anno|jaar|yyyy|yr)$", re.IGNORECASE),
    re.compile(r"(draw ?)?(month|monat|mois|mes|m[êe]s|mese|maand|mm|mmm|mon)$", re.IGNORECASE),
    re.compile(r"(draw ?)?(day|tag|jour|d[íi]a|giorno|dag|dd|day ?of ?month)$", re.IGNORECASE),
)
_CLOCK: Final = re.compile(r"\d{1,2}:\d\d(:\d\d)?(\s*[ap]\.?m\.?)?", re.IGNORECASE)


ONE_POSITION: Final = (
    "Digits may repeat and their order counts, but an event here is a set of different parts, numbered from 1. Give"
    " each position a column of its own, add 1 to every digit, and import one position: --numbers COL."
)


class NumberColumns(NamedTuple):
    """The columns of the numbers, those of bonus numbers, and how many numbers at a cell's end are bonus numbers."""

    places: tuple[int, ...]
    bonus: tuple[int, ...] = ()
    n_cell_bonus: int = 0


def date_columns(table: PublishedTable) -> tuple[int, ...]:
    """Return the columns of the date: one, or those of year, month and day; none for a table without dates."""
    named = [place for place, name in enumerate(table.names) if _DATE_NAMES.search(name)]
    others = [place for place in range(len(table.names)) if place not in named]
    for place in [*named, *others]:
        sample = _filled(table, place)[:_SAMPLE]
        if sample and likely_formats(sample, named=place in named):
            return (place, *_clock_column(table, place))
    return _named_parts(table) or _split_date(table)


def choose_date_format(texts: list[str], label: str, *, named: bool = True) -> str:
    """Return the one format that reads a column.

    Args:
        texts: Its cells that are not empty.
        label: What it is called, for the message.
        named: Whether its name is that of a date.

    Raises:
        ConfigError: All its cells are empty, no format reads it, or several do and differ.
    """
    if not texts:
        raise ConfigError(f"Column {label} must hold dates, but is empty. Say --date COL.")
    formats = likely_formats(texts, named=named)
    if len(formats) == 1:
        return formats[0]
    if not formats:
        raise ConfigError(
            f"No date format reads {quote(texts[0])} in column {label}. Say --date-format, such as %d.%m.%Y, or --date."
        )
    readings = {name: parse_dates(texts, name).astype("datetime64[D]") for name in formats}
    first, second = list(readings.values())[:2]
    place = int(np.argmax(first != second))
    ways = " or ".join(f"--date-format {name} ({date[place]})" for name, date in readings.items())
    raise ConfigError(
        f"The date {quote(texts[place])} in column {label} has {len(formats)} readings, and nothing in the file decides"
        f" between them, such as a day above 12. Say {ways}."
    )


def number_columns(table: PublishedTable, taken: set[int]) -> NumberColumns:
    """Return the columns that hold the numbers of the events.

    Args:
        table: The table.
        taken: Columns that hold something else.

    Raises:
        ConfigError: There are several that could be.
        DataError: There are none.
    """
    free = [place for place in range(len(table.names)) if place not in taken]
    glued = [place for place in free if _is_glued(_filled(table, place)[:_SAMPLE])]
    free = [place for place in free if place not in glued]
    alone = _number_group(table, [place for place in free if _is_pool(table, place)])
    in_cells = {place: count for place in free if (count := _n_in_cell(table, place)) > 1}
    most = max(in_cells.values(), default=0)
    if most > len(alone.places):
        best = [place for place, count in in_cells.items() if count == most]
        best = [place for place in best if _NUMBER_NAMES.search(table.names[place])] or best
        if len(best) > 1:
            labels = " or ".join(f"--numbers {quote(table.label(place))}" for place in best)
            raise ConfigError(f"{len(best)} columns hold {most} numbers in a cell. Say {labels}.")
        bonus = [place for place in free if place > best[0] and is_bonus_name(table.names[place])]
        return NumberColumns((best[0],), tuple(place for place in bonus if _is_bonus(table, place)))
    if glued and len(alone.places) <= 1:
        raise DataError(
            f"Column {table.label(glued[0])} holds the digits of a game in one cell, such as"
            f" {quote(_filled(table, glued[0])[0])}. {ONE_POSITION}"
        )
    if not alone.places:
        raise DataError("No column holds the numbers of the events. Say them: --numbers COL,COL,... or --numbers COL.")
    return alone


def whole_columns(table: PublishedTable, places: tuple[int, ...]) -> np.ndarray:
    """Return the whole numbers of columns, one row an event; -1 where there is none."""
    return np.stack([table.numbers(place) for place in places], axis=1)


def counts_rows(table: PublishedTable, place: int) -> bool:
    """Return whether a column numbers the rows: whole numbers that ascend or descend throughout."""
    if not all(map(is_number, table.column(place)[:_SAMPLE])):
        return False
    numbers = table.numbers(place)
    steps = np.diff(numbers)
    return bool(len(steps) and (numbers >= 0).all() and ((steps > 0).all() or (steps < 0).all()))


def _filled(table: PublishedTable, place: int) -> list[str]:
    return [text for text in table.column(place) if text]


def is_clock(table: PublishedTable, place: int) -> bool:
    """Return whether a column holds times of day."""
    texts = table.column(place)
    return bool(texts) and all(map(_CLOCK.fullmatch, texts))


def _clock_column(table: PublishedTable, date: int) -> tuple[int, ...]:
    # the time of day in a column of its own counts where days repeat
    days = table.column(date)
    if len(set(days)) == len(days):
        return ()
    clocks = [place for place in range(len(table.names)) if place != date and is_clock(table, place)]
    return tuple(clocks[:1])


def _named_parts(table: PublishedTable) -> tuple[int, ...]:
    # columns that are called year, month and day; a weekday may be called day, too, and is no number
    found = []
    for part in _PART_NAMES:
        places = [place for place, name in enumerate(table.names) if part.match(name.replace("_", " "))]
        whole = [place for place in places if all(map(is_number, table.column(place)[:_SAMPLE]))]
        found.append(whole or places)
    return tuple(places[0] for places in found) if all(len(places) == 1 for places in found) else ()


def _split_date(table: PublishedTable) -> tuple[int, ...]:
    # year, month and day side by side without names: a year in order, a month up to 12, a day up to 31
    width = len(table.names)
    numbers = {place for place in range(width) if all(map(is_number, table.column(place)[:_SAMPLE]))}
    for year in sorted(numbers):
        values = whole_columns(table, (year,))[:, 0]
        steps = np.diff(values)
        if values.min() < 1800 or values.max() > 2200 or ((steps < 0).any() and (steps > 0).any()):  # noqa: PLR2004
            continue
        for pair in ((year + 1, year + 2), (year - 2, year - 1)):
            if set(pair) <= numbers:
                tops = whole_columns(table, pair).max(axis=0)
                if tops.max() <= 12:  # noqa: PLR2004
                    first, second = (table.label(place) for place in pair)
                    raise ConfigError(
                        f"Columns {first} and {second} can be month and day or day and month, and no day above 12"
                        f" decides. Say --date YEAR,MONTH,DAY with {table.label(year)} as the year."
                    )
                if tops.min() <= 12 and tops.max() <= 31:  # noqa: PLR2004
                    return (year, *(pair if tops[0] <= 12 else pair[::-1]))  # noqa: PLR2004
        if year > 1 and _are_dates(table, (year - 1, year)):
            return (year - 1, year)
    return next(((place, place + 1) for place in range(width - 1) if _are_dates(table, (place, place + 1))), ())


def _are_dates(table: PublishedTable, places: tuple[int, ...]) -> bool:
    texts = [" ".join(row) for row in zip(*(table.column(place)[:_SAMPLE] for place in places), strict=True)]
    return any(len(text) > len("1 Jan 24") for text in texts) and bool(likely_formats(texts, named=False))


def _is_pool(table: PublishedTable, place: int) -> bool:
    # a few broken cells leave a column what it is: they are found when it is read
    if not mostly(map(is_number, _filled(table, place)[:_SAMPLE])):
        return False
    numbers = table.numbers(place)
    values = numbers[numbers >= 0]
    if len(values) < len(numbers) and not mostly(map(is_number, _filled(table, place))):
        return False
    steps = np.diff(values)
    counts = len(steps) >= _LEAST_STEPS and (mostly(steps > 0) or mostly(steps < 0))
    is_other = _OTHER_NAMES.search(table.names[place].replace("_", " "))
    return not counts and not is_other and mostly(values <= _MOST_POOL)


def _stem(name: str) -> str:
    return re.sub(r"\d+(st|nd|rd|th)?|first|second|third|fourth|fifth|sixth|seventh|[\W_]+", "", name.casefold())


def _number_group(table: PublishedTable, pool: list[int]) -> NumberColumns:
    # neighbours that are called alike; where nothing has a name, or each its own, all of them
    plain = [place for place in pool if not is_bonus_name(table.names[place])] or pool
    numbered = [place for place in plain if re.search(r"\d|st\b|nd\b|rd\b|th\b", table.names[place])]
    stems = [_stem(table.names[place]) for place in numbered]
    biggest = max(stems, key=stems.count, default="")
    group = [place for place, stem in zip(numbered, stems, strict=True) if stem == biggest]
    group = group if len(group) > 1 or len(plain) == 1 else plain
    if not group:
        return NumberColumns(())
    group = _run(group)
    after = [place for place in pool if place > group[-1]]
    is_counted = len(group) > 2  # noqa: PLR2004  # of two columns nothing can be told
    main = n_of_one_pool(whole_columns(table, tuple(group))) if is_counted else len(group)
    bonus = [*group[main:], *after]
    return NumberColumns(tuple(group[:main]), tuple(place for place in bonus if not _is_multiplier(table, place)))


def _run(places: list[int]) -> list[int]:
    # the longest stretch of neighbours
    runs = np.split(np.array(places), np.flatnonzero(np.diff(places) > 1) + 1)
    return list(max(runs, key=len).tolist())


def _is_bonus(table: PublishedTable, place: int) -> bool:
    return _is_pool(table, place) and not _is_multiplier(table, place)


def _is_glued(texts: list[str]) -> bool:
    # 007 to 999: of a pool of numbers that are padded to three digits none would be so high
    is_alike = len({len(text) for text in texts}) == 1 and all(text.isascii() and text.isdecimal() for text in texts)
    firsts = {text[0] for text in texts} if is_alike and len(texts[0]) > 2 else set()  # noqa: PLR2004
    return "0" in firsts and max(firsts) > "1"


def _is_multiplier(table: PublishedTable, place: int) -> bool:
    name = table.names[place]
    few_values = len(set(_filled(table, place))) <= _MOST_VALUES and not is_bonus_name(name)
    return few_values or bool(re.search(r"multipl|plier|power ?play", name, re.IGNORECASE))


def _n_in_cell(table: PublishedTable, place: int) -> int:
    # how many numbers every cell of a column holds; 0 where they are dates, or not of one count in most
    texts = _filled(table, place)
    counts = Counter(len(numbers_in(text)[0]) for text in texts[:_SAMPLE])
    if (
        not texts
        or counts.most_common(1)[0][1] <= len(texts[:_SAMPLE]) // 2
        or likely_formats(texts[:_SAMPLE], named=False)
    ):
        return 0
    return counts.most_common(1)[0][0]
