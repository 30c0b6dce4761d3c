"""The exact nulls, written here from scipy and counting, independently of the metrics that state them."""

from fractions import Fraction
from math import comb

import pytest


@pytest.fixture
def recall_null() -> dict[Fraction, Fraction]:
    """Recall@20 of 5 active parts among 39."""
    return {Fraction(j, 5): Fraction(comb(20, j) * comb(19, 5 - j), comb(39, 5)) for j in range(6)}


@pytest.fixture
def reciprocal_null() -> dict[Fraction, Fraction]:
    """The reciprocal of the best of 5 ranks among 39."""
    return {Fraction(1, r): Fraction(comb(39 - r, 4), comb(39, 5)) for r in range(1, 36)}
