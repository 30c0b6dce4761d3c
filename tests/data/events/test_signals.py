"""The contract of every signal, and the definition of each."""

from dataclasses import is_dataclass

import numpy as np
import pytest

from c5snn.data import Cycle, Drift, Parity, Repeat, Signal, Skew, Successor, synthesize
from c5snn.data.events.shape import EventShape
from c5snn.data.events.summary import summarise
from c5snn.data.events.synthetic import random_streams
from c5snn.errors import ConfigError

SIGNALS = Signal.__subclasses__()

every_signal = pytest.mark.parametrize("signal", [signal() for signal in SIGNALS], ids=repr)


def draw(signal: Signal, n_events: int = 3_000, data_seed: int = 1, strength: float = 1.0, **shape: int):
    return synthesize(signal, strength=strength, n_events=n_events, data_seed=data_seed, **shape)


def recall_at_20(scores, history):
    """Recall@20 of each event, with ties broken uniformly in expectation; written apart from c5snn.metrics."""
    above = (scores[:, None, :] > scores[:, :, None]).sum(-1)
    level = (scores[:, None, :] == scores[:, :, None]).sum(-1)
    chance_of_being_in = np.clip((20 - above) / level, 0, 1)
    return (chance_of_being_in * history.multi_hot()).sum(1) / history.n_active


@pytest.mark.parametrize("signal", SIGNALS)
def test_a_signal_is_a_frozen_value_whose_arguments_all_have_defaults(signal):
    assert is_dataclass(signal)
    assert signal() == signal()
    assert hash(signal()) == hash(signal())
    assert getattr(signal, "__final__", False)


@every_signal
def test_strength_zero_is_a_fair_lottery_whatever_the_signal(signal):
    drawn, other = draw(signal, strength=0.0), draw(Repeat(lag=7), strength=0.0)
    assert not drawn.oracle.any()
    assert drawn.history.sha256 != other.history.sha256
    assert summarise(drawn.history).uniformity.p_value > 0.001


@every_signal
def test_the_oracle_predicts_what_a_fixed_order_does_not(signal):
    drawn = draw(signal)
    recall = recall_at_20(drawn.oracle, drawn.history)
    assert recall.mean() - 20 / 39 > 5 * recall.std() / np.sqrt(len(recall))


@every_signal
def test_weights_depend_on_the_past_alone_and_on_nothing_that_was_asked_before(signal):
    history, oracle = draw(signal, n_events=300)
    weights = signal.start(300, EventShape(39, 5), random_streams(signal, 1.0, 1).signal)
    events = history.multi_hot().astype(bool)
    for t in np.random.default_rng(2).permutation(300):
        np.testing.assert_array_equal(weights(events[:t]), oracle[t])


@every_signal
def test_a_longer_history_begins_with_the_shorter_one(signal):
    long, short = draw(signal, n_events=400), draw(signal, n_events=150)
    np.testing.assert_array_equal(long.history.parts[:150], short.history.parts)
    np.testing.assert_array_equal(long.oracle[:150], short.oracle)


@every_signal
def test_the_data_seed_alone_makes_the_history(signal):
    first, again, other = (draw(signal, n_events=200, data_seed=seed) for seed in (5, 5, 6))
    assert first.history.sha256 == again.history.sha256
    assert first.history.sha256 != other.history.sha256


@every_signal
@pytest.mark.parametrize(("n_parts", "n_active"), [(2, 1), (3, 2), (49, 6)])
def test_events_of_any_size_can_be_drawn(signal, n_parts, n_active):
    history, oracle = draw(signal, n_events=60, n_parts=n_parts, n_active=n_active)
    assert history.parts.shape == (60, n_active)
    assert oracle.shape == (60, n_parts)
    assert np.isfinite(oracle).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Repeat(lag=0), "`1 <= lag` must hold, but got lag=0"),
        (lambda: Drift(half_life=0.0), "got half_life=0.0"),
        (lambda: Drift(half_life=float("nan")), "got half_life=nan"),
        (lambda: Drift(half_life=float("inf")), "got half_life=inf"),
        (lambda: Parity(a=2, b=2), "`a != b` must hold, but got a=2, b=2"),
        (lambda: Parity(a=0), "got a=0, b=2"),
        (lambda: Parity(b=-1), "got a=1, b=-1"),
        (lambda: Cycle(period=1.5), "`2 <= period < inf` must hold, but got period=1.5"),
        (lambda: Cycle(period=float("nan")), "got period=nan"),
    ],
)
def test_arguments_out_of_range_are_refused_with_the_rule_and_the_value(make, message):
    with pytest.raises(ConfigError, match=message):
        make()


def test_skew_prefers_the_same_parts_for_ever():
    oracle = draw(Skew(), n_events=50).oracle
    assert (oracle == oracle[0]).all()


@pytest.mark.parametrize("lag", [1, 5])
def test_repeat_prefers_the_parts_of_the_event_lag_back(lag):
    history, oracle = draw(Repeat(lag=lag), strength=0.5)
    np.testing.assert_array_equal(oracle[lag:], 0.5 * history.multi_hot()[:-lag])
    assert not oracle[:lag].any()


def test_drift_is_stationary_with_unit_variance_and_the_half_life_it_was_given():
    walk = draw(Drift(half_life=10.0), n_events=20_000).oracle
    assert walk.var() == pytest.approx(1, abs=0.05)
    assert walk[0].var(ddof=1) == pytest.approx(1, abs=0.7)
    for lag, correlation in ((10, 0.5), (20, 0.25)):
        assert (walk[lag:] * walk[:-lag]).mean() == pytest.approx(correlation, abs=0.05)


def test_successor_maps_each_part_to_one_other_part():
    history, oracle = draw(Successor())
    events, preferred = history.multi_hot().astype(bool)[:-1], oracle[1:] > 0
    # the part that a part calls is the only one preferred after every event that holds it
    called = [preferred[events[:, part]].all(axis=0).nonzero()[0].tolist() for part in range(39)]
    assert sorted(part for parts in called for part in parts) == list(range(39))
    assert all(parts != [part] for part, parts in enumerate(called))
    assert (preferred.sum(axis=1) == 5).all()
    assert not oracle[0].any()


def test_parity_flips_its_preference_when_two_bits_of_the_past_differ():
    history, oracle = draw(Parity(a=1, b=3), n_events=6_000)
    signs = oracle[3:, 0] * np.sign(oracle[3:].sum(axis=1))  # which half is preferred; 20 against 19 parts
    bits_differ = oracle[3:].sum(axis=1) > 0
    assert set(oracle[3:].sum(axis=1)) == {-1.0, 1.0}
    assert len(set(signs)) == 1
    assert not oracle[:3].any()
    half = _half_that_makes_the_bits(history.multi_hot(), bits_differ)
    bits = history.multi_hot()[:, half].sum(axis=1) >= 3
    np.testing.assert_array_equal(bits[2:-1] != bits[:-3], bits_differ)


def _half_that_makes_the_bits(events, bits_differ):
    # parts of the same half, one in either event, make its two bits alike: their products give the half away
    agreement = np.where(bits_differ, -1.0, 1.0) @ (
        (events[2:-1] - 5 / 39)[:, :, None] * (events[:-3] - 5 / 39)[:, None, :]
    ).reshape(len(bits_differ), -1)
    leading = np.linalg.eigh(_symmetric(agreement.reshape(39, 39)))[1][:, -1]
    halves = np.argsort(leading)[-20:], np.argsort(-leading)[-20:]
    return max(halves, key=lambda half: _agreement(events[:, half].sum(axis=1) >= 3, bits_differ))


def _symmetric(matrix):
    return matrix + matrix.T


def _agreement(bits, bits_differ):
    return ((bits[2:-1] != bits[:-3]) == bits_differ).mean()


def test_parity_leaves_counts_and_single_lags_at_chance():
    history, oracle = draw(Parity(), n_events=11_700)
    assert abs(oracle.mean(axis=0)).max() < 0.05
    for lag in (1, 2, 3):
        shared = (history.multi_hot()[lag:] * history.multi_hot()[:-lag]).sum(axis=1)
        assert abs(shared.mean() - 25 / 39) < 3 * shared.std() / np.sqrt(len(shared))


def test_cycle_begins_again_after_each_period_and_has_unit_power():
    oracle = draw(Cycle(period=7.0), n_events=70).oracle
    np.testing.assert_allclose(oracle[7:], oracle[:-7], atol=1e-12)
    np.testing.assert_allclose((oracle[:7] ** 2).mean(axis=0), 1)
    assert abs(np.diff(oracle, axis=0)).min() > 0
