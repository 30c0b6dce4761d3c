"""Holm's correction against the closed test that it is a shortcut for."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from c5snn.errors import ConfigError
from c5snn.evidence import holm_adjusted

P_VALUES = st.lists(st.floats(1e-9, 1), min_size=1, max_size=6)


def closed_bonferroni(p_values, index):
    """Return the p of the closed test: the worst Bonferroni p of all sets of hypotheses that hold this one."""
    others = [i for i in range(len(p_values)) if i != index]
    sets = [(index, *rest) for size in range(len(p_values)) for rest in combinations(others, size)]
    return max(min(1.0, len(chosen) * min(p_values[i] for i in chosen)) for chosen in sets)


@given(P_VALUES)
def test_holm_is_the_closed_bonferroni_test(p_values):
    assert holm_adjusted(p_values) == pytest.approx([closed_bonferroni(p_values, i) for i in range(len(p_values))])


def test_no_p_value_needs_no_correction():
    assert holm_adjusted([]) == []


def test_what_is_no_p_value_is_refused():
    with pytest.raises(ConfigError, match="0 < p <= 1"):
        holm_adjusted([0.5, 0.0])
