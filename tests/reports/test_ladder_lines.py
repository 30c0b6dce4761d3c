"""Memory span, growth and cost: the ladder's cells along a lag, a strength, a price."""

from statistics import fmean

import pytest

from c5snn.reports.ladder.lines import span_of

CHANCE = 20 / 39


def test_memory_reaches_to_the_last_lag_before_the_first_that_is_lost(ladder_run, ladder_report):
    shares = {1: 0.9, 2: 0.8, 5: 0.1, 13: 0.9}
    (line,) = ladder_report(
        *(ladder_run("gru", {"class": "Repeat", "lag": lag}, 1, shares[lag]) for lag in shares)
    ).ladder.memory
    assert [point.x for point in line.points] == [1, 2, 5, 13]
    assert span_of(line) == 2


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
