"""Reading a series from a CSV file: a column of times, then numeric columns; every violation by row and column."""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path

import numpy as np
from jaxtyping import Float64, Int64

from c5snn.data.events.delimited import Cells, read_text
from c5snn.data.events.times import Times, check_order, is_time, parse_times
from c5snn.data.events.violations import Violation, Violations, quote
from c5snn.data.series.encodings import Encoding, check_encodings, encode_texts, encoding_of
from c5snn.data.series.series import Series
from c5snn.errors import ConfigError, DataError

__all__ = ["read_channels", "read_series"]

LONGEST_HEADER = 10_000
MOST_LISTED = 5
# a column of words is named once, not once a row
MOSTLY_TEXT = 0.5


def read_channels(path: str, columns: Sequence[str] | None = None) -> tuple[str, ...]:
    """Return the names of the columns that a series is read from; only the header is looked at.

    Raises:
        ConfigError: A column is named that is not there, or twice.
        DataError: The file cannot be read, or its header names no columns.
    """
    return _chosen(path, _cells(path, _first_row(read_text(Path(path)))), columns)


def read_series(
    path: str, columns: Sequence[str] | None = None, encode: Mapping[str, Encoding] | None = None
) -> Series:
    """Read and check a series.

    Args:
        path: A CSV file, plain or ``.gz``: UTF-8, a header, times in the first column, numbers in the others.
        columns: The columns to read, in this order; None: all after the first.
        encode: By column how its words become numbers; a column that is not named must hold numbers.

    Raises:
        ConfigError: A column is named that is not there, or twice.
        DataError: The file cannot be read or breaks a rule; all violations are counted, the first ones are listed.
    """
    cells = _cells(path, read_text(Path(path)))
    channels = _chosen(path, cells, columns)
    check_encodings(encode or {}, channels, path)
    names, violations = cells.row(0), Violations()
    whole = _whole_rows(cells, names, violations)
    rows: list[int] = cells.lines[whole].tolist()
    times = parse_times(cells, cells.column(0, whole), rows, violations, name=names[0])
    _check_steps(times, rows, names[0], violations)
    read = []
    for name in channels:
        texts, how = cells.texts(cells.column(names.index(name), whole)), (encode or {}).get(name)
        if how is None:
            read.append(_read_numbers(texts, rows, name, violations))
        else:
            read.append(encode_texts(texts, rows, how, column=name, violations=violations))
    values = np.column_stack(read)
    if len(rows) < 2:  # noqa: PLR2004  # a step needs two times
        violations.add(len(rows) + 1, names[0], "there must be at least 2 rows below the header.")
    if violations:
        raise DataError(violations.report(path, what="series"))
    return Series(times, channels, values)


def _cells(path: str, content: bytes) -> Cells:
    try:
        return Cells(content)
    except DataError as error:
        raise DataError(f"`{path}`: {error}") from error


def _first_row(content: bytes) -> bytes:
    # a name in quotes may hold line ends
    end = n_quotes = 0
    while end < len(content):
        begin, end = end, content.find(b"\n", end) + 1 or len(content)
        n_quotes += content.count(b'"', begin, end)
        if n_quotes % 2 == 0:
            break
    return content[:end]


def _chosen(path: str, cells: Cells, columns: Sequence[str] | None) -> tuple[str, ...]:
    names = cells.row(0, limit=LONGEST_HEADER) if len(cells) else []
    if names and (is_time(names[0]) or all(isfinite(_number(name)) for name in names)):
        raise DataError(
            f"`{path}` must have a header, but its first row begins with {quote(names[0])}. Put the names of the"
            " columns above it, such as time,a,b."
        )
    repeated = [name for name, n in Counter(names).items() if n > 1 or not name]
    if len(names) < 2 or repeated:  # noqa: PLR2004  # the times and a channel
        got = f"but {_listed(repeated)} stands twice or is empty" if repeated else f"but got {_listed(names) or 'none'}"
        raise DataError(f"`{path}` must have a header of a time and at least one column, each name once, {got}.")
    if columns is None:
        return tuple(names[1:])
    missing = [name for name in columns if name not in names[1:]]
    if missing or len(set(columns)) < len(columns) or not columns:
        raise ConfigError(
            f"`columns` must name columns of `{path}` once each, but got {list(columns)}; there are "
            f"{', '.join(names[1:])}."
        )
    return tuple(columns)


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - MOST_LISTED:,} more" if len(names) > MOST_LISTED else ""
    return ", ".join(map(quote, names[:MOST_LISTED])) + more


def _whole_rows(cells: Cells, names: list[str], violations: Violations) -> Int64[np.ndarray, " rows"]:
    counts = cells.counts[1:]
    is_whole = counts == len(names)
    violations.add_rows(
        np.flatnonzero(~is_whole) + 1,
        lambda row: Violation(
            int(cells.lines[row]), names[0], f"a row must have {len(names)} cells, but has {cells.counts[row]}."
        ),
    )
    whole: Int64[np.ndarray, " rows"] = np.flatnonzero(is_whole) + 1
    return whole


def _check_steps(times: Times, rows: list[int], column: str, violations: Violations) -> None:
    """Add the times that go back, repeat, or leave a gap."""
    n_before = len(violations)
    check_order(times, None, rows, violations, name=column)
    if len(violations) > n_before or len(times) < 2 or np.isnat(times).any():  # noqa: PLR2004  # a step has two ends
        return
    steps = np.diff(times)
    lengths, counts = np.unique(steps, return_counts=True)
    usual = lengths[np.argmax(counts)]
    violations.add_rows(
        np.flatnonzero(steps != usual) + 1,
        lambda row: Violation(
            rows[row], column, f"times must go on by {usual}, but {times[row]} follows {times[row - 1]}."
        ),
    )


def _read_numbers(
    texts: Sequence[str], rows: list[int], name: str, violations: Violations
) -> Float64[np.ndarray, " rows"]:
    values = np.array([_number(text) for text in texts], dtype=np.float64)
    wrong = np.flatnonzero(~np.isfinite(values))
    n_text = sum(bool(texts[row]) and _is_word(texts[row]) for row in wrong.tolist())
    if n_text > MOSTLY_TEXT * len(texts):
        violations.add(rows[int(wrong[0])], name, _no_numbers(texts, name))
        return values
    violations.add_rows(
        wrong, lambda row: Violation(rows[row], name, f"a value must be a finite number, but got {quote(texts[row])}.")
    )
    if not len(wrong) and len(values) > 1 and (values == values[0]).all():
        violations.add(rows[0], name, f"a column must change, but all its values are {quote(texts[0])}.")
    return values


def _no_numbers(texts: Sequence[str], name: str) -> str:
    held = ", ".join(map(quote, sorted(set(texts))[:3]))
    if sum(isfinite(_number(text.replace(",", ""))) for text in texts) > MOSTLY_TEXT * len(texts):
        return (
            f"a column must hold numbers without commas, but it holds {held}; write a decimal comma as a point, and"
            " thousands without a separator."
        )
    return (
        f"a column must hold numbers, but it holds {held}; name the others with `--data.columns`, or say how words"
        f" become numbers: `--data.encode '{{{name}: {encoding_of(texts)}}}'`."
    )


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return float("nan")
    return value if isfinite(value) and text.isascii() and "_" not in text else float("nan")


def _is_word(text: str) -> bool:
    return text.lower() not in {"nan", "na", "null", "none", "inf", "-inf"}
