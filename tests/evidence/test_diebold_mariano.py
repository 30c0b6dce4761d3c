"""The statistic of Diebold and Mariano with its correction."""

import numpy as np
import pytest
from scipy import stats

from c5snn.errors import ConfigError
from c5snn.evidence import diebold_mariano


def test_one_step_ahead_it_is_the_paired_t_test():
    model, reference = np.random.default_rng(0).random((2, 40))
    expected = stats.ttest_rel(reference, model, alternative="greater")
    found = diebold_mariano(model, reference, 1)
    assert found.statistic == pytest.approx(expected.statistic)
    assert found.p == pytest.approx(expected.pvalue)


def test_the_formula_over_several_steps():
    differences = np.random.default_rng(1).normal(0.3, 1, 30)
    n, h = 30, 3
    centred = differences - differences.mean()
    gamma = [np.sum(centred[k:] * centred[: n - k]) / n for k in (0, 1, 2)]
    plain = differences.mean() / np.sqrt((gamma[0] + 2 * gamma[1] + 2 * gamma[2]) / n)
    expected = plain * np.sqrt((n + 1 - 2 * h + h * (h - 1) / n) / n)
    assert diebold_mariano(np.zeros(n), differences, h).statistic == pytest.approx(expected)


def test_it_turns_its_sign_with_the_order_of_the_forecasts():
    model, reference = np.random.default_rng(2).random((2, 60))
    one, other = diebold_mariano(model, reference, 4), diebold_mariano(reference, model, 4)
    assert one.statistic == pytest.approx(-other.statistic)
    assert one.p == pytest.approx(1 - other.p)


def test_equal_losses_have_no_evidence():
    losses = np.random.default_rng(3).random(20)
    assert diebold_mariano(losses, losses, 5) == (0.0, 1.0)


def test_autocovariances_that_sum_to_less_than_0_still_give_a_statistic():
    differences = 0.1 + np.tile([1.0, -1.0], 20)
    assert 0 < diebold_mariano(np.zeros(40), differences, 2).statistic < 50


def test_losses_of_other_items_are_refused():
    with pytest.raises(ConfigError, match="horizon=5"):
        diebold_mariano(np.zeros(5), np.zeros(5), 5)
