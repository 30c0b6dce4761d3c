"""Several p-values at once where nothing is known of how they hang together: Holm's step-down correction."""

from collections.abc import Sequence

from c5snn.errors import ConfigError

__all__ = ["holm"]


def holm(p_values: Sequence[float]) -> list[float]:
    """Return each p-value corrected for all of them, in the order given.

    With the p-values in rising order, ``p'_(i) = max over j <= i of min(1, (n - j + 1) p_(j))``; to call every
    ``p' < alpha`` a finding makes one false finding or more with probability alpha at most, however they depend.

    Source: Holm (1979), A simple sequentially rejective multiple test procedure, Scand. J. Statist. 6:65,
    https://www.jstor.org/stable/4615733.

    Args:
        p_values: One p-value per test.

    Raises:
        ConfigError: A p-value is not in (0, 1].

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    if not all(0 < p <= 1 for p in p_values):
        raise ConfigError(f"`0 < p <= 1` must hold for every p-value, but got {list(p_values)}.")
    corrected, highest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda index: p_values[index])):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        corrected[index] = highest
    return corrected
