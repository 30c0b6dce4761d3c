"""Exact laws of sums whose terms lie on a lattice: pure convolution, with positive terms only.

Nothing is ever subtracted, so every probability keeps its relative precision down to the smallest number that a double
can hold, where a normal approximation or a Fourier transform would have lost all digits.
"""

import sys
from collections.abc import Iterable
from fractions import Fraction
from math import gcd, lcm

import numpy as np
from jaxtyping import Float

__all__ = ["as_probability", "convolution_power", "lattice_step", "upper_tail"]


def lattice_step(values: Iterable[Fraction]) -> Fraction:
    """Return the largest step of which every difference between the values is a multiple; 0 for a single value.

    >>> lattice_step([Fraction(0), Fraction(1, 2), Fraction(1, 3)])
    Fraction(1, 6)
    """
    first, *others = values
    gaps = [value - first for value in others]
    if not any(gaps):
        return Fraction(0)
    denominator = lcm(*(gap.denominator for gap in gaps))
    return Fraction(gcd(*(int(gap * denominator) for gap in gaps)), denominator)


def convolution_power(probabilities: Float[np.ndarray, " cells"], n: int) -> Float[np.ndarray, " sums"]:
    """Return the law of the sum of n independent draws from a law on 0, 1, 2, … by repeated squaring.

    Args:
        probabilities: probability of each whole number from 0 on.
        n: number of draws, 0 or more.

    >>> convolution_power(np.array([0.5, 0.5]), 3).tolist()
    [0.125, 0.375, 0.375, 0.125]
    """
    law = np.ones(1)
    while n:
        if n & 1:
            law = np.convolve(law, probabilities)
        n >>= 1
        if n:
            probabilities = np.convolve(probabilities, probabilities)
    return law


def upper_tail(probabilities: Float[np.ndarray, " sums"], least: int) -> float:
    """Return the probability of ``least`` or more, as ``as_probability`` gives it.

    >>> upper_tail(np.array([0.125, 0.375, 0.375, 0.125]), 2)
    0.5
    """
    # from the far end inwards, so that small terms are summed before they meet large ones
    return as_probability(float(np.sum(probabilities[max(least, 0) :][::-1])))


def as_probability(value: float) -> float:
    """Return a value as a p-value: at most 1, and never 0, because a smaller p than a double holds is not none.

    >>> as_probability(1.0000000000000002), as_probability(0.0)
    (1.0, 2.2250738585072014e-308)
    """
    return min(max(value, sys.float_info.min), 1.0)
