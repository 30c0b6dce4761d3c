"""What is known exactly of a history that repeats its last event, and of the ranking that solves it.

Under ``Repeat(lag=1)`` with strength s the next event is drawn without replacement, n = 5 parts with weight e^s for the
n parts of the last event and weight 1 for the others. How many repeat has one law, whatever the last event was, so
windows are independent and the law of a total is a convolution.
"""

from math import comb, exp

import numpy as np
from jaxtyping import Float
from scipy.optimize import brentq

from c5snn.evidence.lattice import convolution_power, upper_tail
from calibration.judging import K, size_of_test

__all__ = ["exact_power", "law_of_listed", "strength_of"]

N_PARTS = 39
N_ACTIVE = 5
STRONGEST = 5.0


def law_of_repeats(strength: float) -> Float[np.ndarray, " repeats"]:
    """Return the probability of 0 … 5 repeated parts, draw by draw.

    >>> [round(float(p), 6) for p in law_of_repeats(0.0)[:2]]  # hypergeometric without a signal
    [0.483287, 0.402739]
    """
    law = np.zeros(N_ACTIVE + 1)
    law[0] = 1.0
    repeated = np.arange(N_ACTIVE + 1)
    for n_drawn in range(N_ACTIVE):
        pull = exp(strength) * (N_ACTIVE - repeated)
        others = np.maximum(N_PARTS - N_ACTIVE - (n_drawn - repeated), 0)
        chance = pull / (pull + others)
        law = law * (1 - chance) + np.concatenate([[0.0], (law * chance)[:-1]])
    return law


def law_of_listed(strength: float) -> Float[np.ndarray, " listed"]:
    """Return the probability of 0 … 5 active parts among the 20 best, when the last event is ranked first.

    Of the parts that do not repeat, each set is equally likely, and 15 of these 34 parts are listed.

    >>> round(float(law_of_listed(0.0) @ np.arange(6)) / 5, 5)  # chance
    0.51282
    """
    n_others, n_listed = N_PARTS - N_ACTIVE, K - N_ACTIVE
    law = np.zeros(N_ACTIVE + 1)
    for repeats, probability in enumerate(law_of_repeats(strength)):
        n_new = N_ACTIVE - repeats
        for j in range(n_new + 1):
            share = comb(n_listed, j) * comb(n_others - n_listed, n_new - j) / comb(n_others, n_new)
            law[repeats + j] += probability * share
    return law


def lift_of(strength: float) -> float:
    """Return the exact lift of Recall@20 over chance."""
    return float((law_of_listed(strength) - law_of_listed(0.0)) @ np.arange(N_ACTIVE + 1)) / N_ACTIVE


def strength_of(lift: float) -> float:
    """Return the strength with this exact lift.

    >>> round(lift_of(strength_of(0.03)), 12)
    0.03
    """
    return float(brentq(lambda strength: lift_of(strength) - lift, 0.0, STRONGEST, xtol=1e-14))


def exact_power(strength: float, n_windows: int, level: float) -> float:
    """Return how often the exact test finds a p below a level on so many windows."""
    of_chance = convolution_power(law_of_listed(0.0), n_windows)
    of_signal = convolution_power(law_of_listed(strength), n_windows)
    size = size_of_test(n_windows, level)
    critical = next(total for total in range(len(of_chance)) if upper_tail(of_chance, total) <= size * (1 + 1e-9))
    return upper_tail(of_signal, critical)
