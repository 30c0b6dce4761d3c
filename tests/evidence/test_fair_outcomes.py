"""Fair outcomes are uniform subsets, however the draws are cut."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from c5snn.errors import ConfigError
from c5snn.evidence import fair_outcomes


def test_every_subset_is_equally_likely():
    outcomes = fair_outcomes(np.random.default_rng(0), (20_000,), n_parts=6, n_active=3)
    counts = Counter(frozenset(row) for row in outcomes.tolist())
    assert len(counts) == 20
    assert stats.chisquare(list(counts.values())).pvalue > 0.01


@settings(deadline=None, max_examples=30)
@given(n_parts=st.integers(2, 60), seed=st.integers(0, 1000), data=st.data())
def test_every_outcome_is_a_set_of_part_numbers(n_parts, seed, data):
    n_active = data.draw(st.integers(1, n_parts - 1))
    outcomes = fair_outcomes(np.random.default_rng(seed), (3, 4), n_parts=n_parts, n_active=n_active)
    assert outcomes.shape == (3, 4, n_active)
    assert outcomes.min() >= 1
    assert outcomes.max() <= n_parts
    assert (np.diff(np.sort(outcomes, axis=-1), axis=-1) > 0).all()


def test_the_cut_into_calls_does_not_change_the_outcomes():
    whole = fair_outcomes(np.random.default_rng(5), (12, 7))
    generator = np.random.default_rng(5)
    assert (np.concatenate([fair_outcomes(generator, (n, 7)) for n in (5, 1, 6)]) == whole).all()


@pytest.mark.parametrize("n_active", [0, 39])
def test_an_event_of_no_or_all_parts_is_refused(n_active):
    with pytest.raises(ConfigError, match="1 <= n_active < n_parts"):
        fair_outcomes(np.random.default_rng(0), (1,), n_active=n_active)
