"""Columns of words as numbers, where the user says how: categories as whole numbers, booleans as 0 and 1."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import numpy as np
from jaxtyping import Float64

from c5snn.data.events.violations import Violation, Violations, quote
from c5snn.errors import ConfigError

__all__ = ["Encoding", "check_encodings", "encode_texts", "encoding_of"]

Encoding = Literal["categories", "booleans"]

BOOLEANS: Final = {"true": 1.0, "false": 0.0, "yes": 1.0, "no": 0.0, "1": 1.0, "0": 0.0}


def check_encodings(encode: Mapping[str, Encoding], channels: Sequence[str], path: str) -> None:
    """Refuse an encoding of a column that is no channel.

    Args:
        encode: By column how it is encoded.
        channels: The columns that are read.
        path: The file, for the error.

    Raises:
        ConfigError: There is one.
    """
    unknown = sorted(encode.keys() - set(channels))
    if unknown:
        raise ConfigError(
            f"`encode` must name columns that are read from `{path}`, but names {unknown[0]}; they are "
            f"{', '.join(channels)}."
        )


def encoding_of(texts: Sequence[str]) -> Encoding:
    """Return the encoding that a column of words would take.

    >>> encoding_of(["True", "no"]), encoding_of(["mon", "tue"])
    ('booleans', 'categories')
    """
    return "booleans" if {text.lower() for text in texts} <= BOOLEANS.keys() else "categories"


def encode_texts(
    texts: Sequence[str], rows: Sequence[int], how: Encoding, *, column: str, violations: Violations
) -> Float64[np.ndarray, " rows"]:
    """Return a column's texts as numbers.

    Categories are numbered from 0 in the order of their names, so the same file gives the same numbers whatever its
    rows' order; as numbers they have an order and distances that the names may not have.

    Args:
        texts: The column's cells.
        rows: The line of each.
        how: Whether they are categories or booleans.
        column: The column's name.
        violations: Takes cells that are empty or no booleans, and a column that never changes.
    """
    known = BOOLEANS if how == "booleans" else {name: float(i) for i, name in enumerate(sorted({*texts} - {""}))}
    keys = [text.lower() for text in texts] if how == "booleans" else texts
    values = np.array([known.get(key, np.nan) for key in keys], dtype=np.float64)
    what = f"one of {', '.join(BOOLEANS)}" if how == "booleans" else "a category's name"
    wrong = np.flatnonzero(np.isnan(values))
    violations.add_rows(
        wrong, lambda row: Violation(rows[row], column, f"a value must be {what}, but got {quote(texts[row])}.")
    )
    if not len(wrong) and len(values) > 1 and (values == values[0]).all():
        violations.add(rows[0], column, f"a column must change, but all its values are {quote(texts[0])}.")
    return values
