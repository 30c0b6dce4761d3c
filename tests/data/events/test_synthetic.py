import itertools
import math

import numpy as np
import pytest
from scipy.stats import chisquare, hypergeom, kstest

from c5snn.data import Cycle, Drift, Parity, Repeat, Skew, Successor, synthesize
from c5snn.data.events.summary import summarise
from c5snn.data.events.synthetic import random_streams
from c5snn.errors import ConfigError
from c5snn.evidence import decayed_counts, expected_skill, list_weights


def plackett_luce(theta, event):
    """The probability that ``event`` is drawn without replacement, by summing over the orders it can be drawn in."""
    return sum(
        math.prod(
            math.exp(theta[part]) / sum(math.exp(theta[other]) for other in set(range(len(theta))) - set(order[:place]))
            for place, part in enumerate(order)
        )
        for order in itertools.permutations(event)
    )


def test_events_are_drawn_by_the_plackett_luce_model():
    history, oracle = synthesize(Skew(), strength=1.0, n_events=20_000, data_seed=3, n_parts=5, n_active=2)
    events = list(itertools.combinations(range(5), 2))
    drawn = [tuple(event) for event in (history.parts - 1).tolist()]
    expected = [20_000 * plackett_luce(oracle[0], event) for event in events]
    assert sum(expected) == pytest.approx(20_000)
    assert max(expected) > 5 * min(expected)
    assert chisquare([drawn.count(event) for event in events], expected).pvalue > 0.01


def test_fair_events_do_not_depend_on_the_event_before():
    history = synthesize(Repeat(), strength=0.0, n_events=20_000, data_seed=4).history
    events = history.multi_hot()
    shared = np.bincount((events[1:] * events[:-1]).sum(axis=1).astype(int), minlength=6)
    expected = len(events[1:]) * hypergeom(39, 5, 5).pmf(np.arange(6))
    # 4 and 5 shared parts are too rare for a chi-squared cell of their own
    assert chisquare([*shared[:3], shared[3:].sum()], [*expected[:3], expected[3:].sum()]).pvalue > 0.01


@pytest.mark.slow
def test_the_uniformity_test_of_fair_histories_is_itself_uniform():
    p_values = [
        summarise(synthesize(Repeat(), strength=0.0, n_events=400, data_seed=seed).history).uniformity.p_value
        for seed in range(250)
    ]
    assert kstest(p_values, "uniform").pvalue > 0.01


def test_the_oracle_of_repeat_has_the_known_recall_and_a_fixed_list_is_at_chance():
    history, oracle = synthesize(Repeat(lag=1), strength=1.0, n_events=11_700, data_seed=1)
    hits = (oracle * history.multi_hot()).sum(axis=1)[-1_752:]
    # all 5 preferred parts are among the first 20; the other 15 places go to 34 tied parts
    assert ((hits + (5 - hits) * 15 / 34) / 5).mean() == pytest.approx(0.59, abs=0.01)
    assert history.multi_hot()[:, :20].sum() / (5 * 11_700) == pytest.approx(20 / 39, abs=0.01)


VERSION_1 = {
    Skew(): "87efd2ea969ab629",
    Repeat(lag=3): "ffaffa198bb1e25c",
    Drift(half_life=50.0): "a7499fb48369ce61",
    Successor(): "6124a255ec10a976",
    Parity(a=1, b=2): "06cef9e730755285",
    Cycle(period=7.0): "8f50ca79fed8fe44",
}


@pytest.mark.parametrize("signal", VERSION_1, ids=repr)
def test_version_1_draws_the_histories_of_release_0_1_0_bit_for_bit(signal):
    drawn = synthesize(signal, strength=0.7, n_events=300, data_seed=5, version=1)
    assert drawn.history.sha256.startswith(VERSION_1[signal])


def luck(signal, strength, version):
    return random_streams(signal, strength, 3, version).events.random(4).tolist()


def test_rows_of_one_data_seed_shared_their_luck_and_no_longer_do():
    rows = [(Repeat(1), 1.0), (Repeat(1), 0.5), (Repeat(2), 1.0), (Skew(), 1.0), (Successor(), 1.0)]
    assert len({str(luck(*row, version=1)) for row in rows}) == 1
    assert len({str(luck(*row, version=2)) for row in rows}) == len(rows)


def test_strengths_of_one_signal_share_what_is_fixed():
    weak, strong = (synthesize(Skew(), strength=s, n_events=5, data_seed=3).oracle for s in (0.5, 1.0))
    np.testing.assert_allclose(strong, 2 * weak)


def test_equal_signals_have_equal_histories_however_their_arguments_are_written():
    whole = Drift(half_life=50.0)
    object.__setattr__(whole, "half_life", 50)
    assert luck(whole, 1.0, version=2) == luck(Drift(half_life=50.0), 1.0, version=2)


def test_the_expected_skill_of_counts_is_near_zero_where_the_next_event_is_a_map_of_the_last():
    skills = []
    for data_seed in range(1, 11):
        history, theta = synthesize(Successor(), strength=0.5, n_events=4_000, data_seed=data_seed)
        test, events = slice(3_400, 4_000), history.multi_hot()
        weights = list_weights(
            events[:3_400].sum(axis=0)[None].repeat(600, axis=0) + decayed_counts(events, 50.0)[test], 20
        )
        skills.append(expected_skill(weights, list_weights(theta[test], 20), theta[test], 5))
    assert max(map(abs, skills)) < 0.06
    assert abs(np.mean(skills)) < 0.04


def test_events_are_one_a_day():
    days = synthesize(Repeat(), strength=1.0, n_events=100, data_seed=1).history.dates
    assert (np.diff(days) == np.timedelta64(1, "D")).all()


@pytest.mark.parametrize(
    "arguments",
    [
        {"strength": -1.0},
        {"strength": float("nan")},
        {"strength": float("inf")},
        {"n_events": 0},
        {"data_seed": -1},
        {"n_active": 39},
        {"n_parts": 5},
    ],
    ids=str,
)
def test_arguments_out_of_range_are_refused_by_name(arguments):
    (name,) = arguments
    with pytest.raises(ConfigError, match=f"{name}={arguments[name]}"):
        synthesize(Repeat(), **({"strength": 1.0, "n_events": 10, "data_seed": 1} | arguments))
