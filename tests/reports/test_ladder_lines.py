"""Memory span, growth and cost: the ladder's cells along a lag, a strength, a price."""

from dataclasses import replace
from statistics import fmean

import numpy as np
import pytest

from c5snn.evidence import Interval
from c5snn.reports.ladder.costs import mean_of_rows_interval
from c5snn.reports.ladder.lines import span_of
from c5snn.reports.report import document_of

CHANCE = 20 / 39


@pytest.mark.slow
def test_memory_reaches_to_the_last_lag_before_the_first_that_is_lost(ladder_run, ladder_report):
    shares = {1: 0.9, 2: 0.8, 5: 0.1, 13: 0.9}
    found = ladder_report(*lagged(ladder_run, shares))
    (line,) = found.ladder.memory
    assert [point.x for point in line.points] == [1, 2, 5, 13]
    assert span_of(line) == 2
    section = next(s for s in document_of(found).sections if s.title == "Memory span")
    (sentence,) = section.sentences
    assert sentence.startswith("Longest lag with a skill of at least 0.5, by its whole 95 % interval, at every lag")
    assert sentence.endswith("that was run up to it (1, 2, 5, 13), strength 1: gru 2.")


def lagged(ladder_run, shares, seeds=(1, 2, 3)):
    return [
        ladder_run("gru", {"class": "Repeat", "lag": lag}, seed, share + 0.01 * seed)
        for lag, share in shares.items()
        for seed in seeds
    ]


def test_a_span_is_that_of_the_whole_interval_and_none_is_stated_of_two_histories(ladder_run, ladder_report):
    (line,) = ladder_report(*lagged(ladder_run, {1: 0.9, 2: 0.45, 5: 0.1})).ladder.memory
    points = [point._replace(interval=Interval(0.49, 0.61), y=0.55) if point.x == 2 else point for point in line.points]
    assert span_of(replace(line, points=points)) == 1


def test_two_histories_of_one_lag_are_no_memory_span(ladder_run, ladder_report):
    runs = [*lagged(ladder_run, {1: 0.9, 2: 0.8}), *lagged(ladder_run, {5: 0.1}, seeds=(1, 2))]
    assert ladder_report(*runs).ladder.memory == []


def test_a_mean_over_rows_has_the_interval_of_independent_histories():
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(1_000):
        rows = [rng.normal(mean, spread, 3) for mean, spread in ((0.2, 0.1), (0.9, 0.02), (0.4, 0.3))]
        low, high = mean_of_rows_interval([row.tolist() for row in rows])
        hits += low <= 0.5 <= high
    assert hits >= 930
    assert mean_of_rows_interval([[0.1, 0.2], [0.3]]) is None


def test_two_lags_are_no_memory_span(ladder_run, ladder_report):
    runs = [ladder_run("gru", {"class": "Repeat", "lag": lag}, 1, 0.5) for lag in (1, 2)]
    assert ladder_report(*runs).ladder.memory == []


def test_lift_grows_with_strength_beside_the_oracle(ladder_run, ladder_report):
    runs = [ladder_run("gru", "Skew", 1, share, strength=share, oracle=0.9) for share in (0.5, 1.0)]
    gru, oracle = ladder_report(*runs).ladder.growth
    values = [run.test.score.value - CHANCE for run, _ in runs]
    assert [(point.x, point.y) for point in gru.points] == list(
        zip((0.5, 1.0), map(pytest.approx, values), strict=True)
    )
    assert [(point.x, point.y) for point in oracle.points] == [(x, pytest.approx(0.9 - CHANCE)) for x in (0.5, 1.0)]


def test_cost_is_time_over_steps_and_counts_only_shared_rows(ladder_run, ladder_report):
    costs = {"n_steps": 44, "training_time_s": 4.4, "n_parameters": 7}
    shares = {"Skew": 0.5, "Successor": 0.6, "Cycle": 0.9}
    runs = [ladder_run("spike_gru", signal, 1, share, **costs) for signal, share in shares.items()]
    runs += [ladder_run("frequency", signal, 1, 0.1, n_parameters=0, n_steps=0) for signal in ("Skew", "Successor")]
    ladder = ladder_report(*runs).ladder
    baseline, spiking = ladder.costs
    assert [rung.signal for rung in ladder.shared] == ["Skew", "Successor"]
    assert spiking.step_ms == pytest.approx(1000 * 4.4 / 44)
    assert (spiking.synaptic_operations, spiking.n_parameters) == (1000.0, 7)
    of_spiking = [cell.skill for cell in ladder.cells if cell.model == "spike_gru" and cell.rung in ladder.shared]
    assert (len(of_spiking), spiking.skill) == (2, pytest.approx(fmean(of_spiking)))
    assert (baseline.step_ms, baseline.synaptic_operations) == (None, None)
