"""What a ladder claims: only what its intervals carry, and nothing where a baseline is as good."""

import numpy as np
import pytest
from scipy import stats

from c5snn.errors import ConfigError
from c5snn.evidence import Interval
from c5snn.reports.ladder.cells import Rung, t_interval, t_p_value
from c5snn.reports.ladder.contrasts import Contrast, Difference
from c5snn.reports.report import document_of

CHANCE = 20 / 39


def difference_of(rung, p):
    """Return a difference above 0 whose p is known."""
    return Difference(rung, 5, 0.1, Interval(0.0, 0.2), "above" if p < 0.05 else "undecided", p)


def text_of(report):
    return " ".join(sentence for section in document_of(report).sections for sentence in section.sentences)


def test_a_network_above_every_baseline_is_reported_as_such(ladder_runs, ladder_report):
    found = ladder_report(*ladder_runs({"frequency": 0.1, "lag_kernel": 0.2, "gru": 0.9}))
    (standing,) = found.ladder.standings
    assert [rung.signal for rung in standing.above] == ["Skew", "Successor"]
    assert found.verdict[1] == "Above every baseline (frequency and lag_kernel), of 2 rows: gru on 2."
    assert "add anything" not in text_of(found)


def test_where_a_baseline_is_as_good_nothing_is_claimed(ladder_runs, ladder_report):
    found = ladder_report(*ladder_runs({"frequency": 0.1, "lag_kernel": 0.9, "gru": 0.9}))
    (standing,) = found.ladder.standings
    assert (standing.above, standing.below, len(standing.undecided)) == ([], [], 2)
    every = "every baseline (frequency and lag_kernel)"
    assert found.verdict[1] == f"No network is above {every} on any of 2 rows."
    assert f"On 2 rows (Skew × 1 and Successor × 1) no network is above {every}" in text_of(found)


def test_a_network_below_one_baseline_is_reported_as_such(ladder_runs, ladder_report):
    found = ladder_report(*ladder_runs({"frequency": 0.1, "lag_kernel": 0.9, "gru": 0.5}))
    assert len(found.ladder.standings[0].below) == 2
    said = "gru: above every baseline (frequency and lag_kernel) on 0 of 2 rows, below a baseline on 2"
    assert said in text_of(found)


def test_with_one_history_for_each_row_nothing_is_claimed(ladder_runs, ladder_report):
    found = ladder_report(*ladder_runs({"frequency": 0.1, "lag_kernel": 0.2, "gru": 0.9}, seeds=(1,)))
    assert found.ladder.standings == []
    assert "no row has two histories with every baseline" in found.verdict[1]
    assert "above every" not in text_of(found)
    assert {cell.interval for cell in found.ladder.cells} == {None}
    assert "the mean over 1 history of" in repr(document_of(found))


def test_without_a_baseline_nothing_is_claimed(ladder_runs, ladder_report):
    found = ladder_report(*ladder_runs({"gru": 0.9}))
    assert found.ladder.standings == []
    assert found.verdict[1] == "No network can be called better than a baseline: no baseline was tested."


def test_one_baseline_is_named_alone(ladder_runs, ladder_report):
    found = ladder_report(*ladder_runs({"frequency": 0.1, "gru": 0.9}))
    assert found.verdict[1] == "Above the baseline frequency, of 2 rows: gru on 2."


def test_a_row_without_one_of_the_baselines_is_not_judged(ladder_runs, ladder_report):
    runs = [*ladder_runs({"frequency": 0.1, "gru": 0.9}), *ladder_runs({"lag_kernel": 0.2}, signals=("Skew",))]
    (standing,) = ladder_report(*runs).ladder.standings
    assert [rung.signal for rung in standing.above] == ["Skew"]
    assert standing.undecided == []


def test_a_spiking_network_is_held_against_a_conventional_one(ladder_runs, ladder_report):
    found = ladder_report(*ladder_runs({"frequency": 0.1, "gru": 0.9, "mlp": 0.5, "spike_gru": 0.5}))
    assert "spike_gru against gru: above on 0 of 2 rows" in text_of(found)
    assert "mlp against gru" not in text_of(found)


def test_networks_are_paired_over_the_histories_that_both_have_seen(ladder_run, ladder_report):
    runs = [ladder_run("gru", signal, seed, 0.4) for signal in ("Skew", "Successor") for seed in (1, 2, 3)]
    runs += [ladder_run("spike_gru", "Skew", seed, 0.4 + 0.1 * seed) for seed in (2, 3, 4)]
    (contrast,) = ladder_report(*runs).ladder.contrasts
    assert (contrast.first, contrast.second) == ("spike_gru", "gru")
    (difference,) = contrast.differences
    on_skew = [run for run, _ in runs if run.data.facts["signal"] == {"class": "Skew"}]
    score = {(run.model, run.data.facts["data_seed"]): run.test.score.value for run in on_skew}
    pairs = [(score["spike_gru", seed] - score["gru", seed]) / (1 - CHANCE) for seed in (2, 3)]
    assert difference.n_histories == 2
    assert difference.mean == pytest.approx(np.mean(pairs))
    assert tuple(difference.interval) == pytest.approx(stats.t.interval(0.95, 1, np.mean(pairs), stats.sem(pairs)))


def test_with_a_reference_every_other_is_held_against_it_alone(ladder_runs, ladder_report):
    shares = {"frequency": 0.1, "lag_kernel": 0.2, "gru": 0.9, "spike_gru": 0.5}
    found = ladder_report(*ladder_runs(shares), reference="spike_gru")
    pairs = [(contrast.first, contrast.second) for contrast in found.ladder.contrasts]
    assert pairs == [("spike_gru", "frequency"), ("spike_gru", "lag_kernel"), ("spike_gru", "gru")]
    assert "spike_gru against gru: above on 0 of 2 rows, below on 2 (Skew × 1 and Successor × 1)" in text_of(found)
    corrected = "After correction for 2 rows (Holm): above on 0, below on 2 (Skew × 1 and Successor × 1)."
    assert corrected in text_of(found)
    assert found.ladder.standings == ladder_report(*ladder_runs(shares)).ladder.standings


def test_what_luck_may_have_put_above_is_gone_when_p_is_corrected_for_the_rows():
    rungs = [Rung("Skew", (), 1.0, n_events) for n_events in (100, 200, 300)]
    contrast = Contrast("a", "b", [difference_of(rung, p) for rung, p in zip(rungs, (0.001, 0.03, 0.2), strict=True)])
    assert contrast.at("above") == rungs[:2]
    assert contrast.at_corrected("above") == rungs[:1]
    assert contrast.at_corrected("below") == []


def test_what_is_undecided_is_said_to_be_no_closer_than_its_interval(ladder_run, ladder_report):
    ours = {"Skew": (0.5, 0.6, 0.7), "Successor": (0.5, 0.9, 0.6)}
    runs = [ladder_run("gru", signal, seed, 0.6) for signal in ours for seed in (1, 2, 3)]
    runs += [ladder_run("spike_gru", signal, seed, ours[signal][seed - 1]) for signal in ours for seed in (1, 2, 3)]
    found = ladder_report(*runs)
    low, high = found.ladder.contrasts[0].differences[1].interval
    wide = f"where differences from −{-low:.2f} to +{high:.2f} (Successor × 1) are not excluded"
    assert f"undecided on 2, {wide}. After correction" in text_of(found)


@pytest.mark.parametrize("values", [[0.1, 0.2, 0.4], [-0.3, -0.1], [0.0, 0.1, -0.1, 0.3]])
def test_p_and_interval_of_a_difference_agree_with_students_t(values):
    expected = stats.ttest_1samp(values, 0)
    assert t_p_value(values) == pytest.approx(expected.pvalue)
    assert tuple(t_interval(values)) == pytest.approx(expected.confidence_interval())


def test_differences_without_spread_have_a_p_too():
    assert (t_p_value([0.0, 0.0]), t_p_value([0.1])) == (1.0, None)
    assert 0 < t_p_value([0.1, 0.1]) < 1e-300


def test_a_reference_that_is_not_there_is_refused(ladder_runs, ladder_report):
    with pytest.raises(ConfigError, match=r"\(frequency, gru\)` must hold, but got reference='gruu'"):
        ladder_report(*ladder_runs({"frequency": 0.1, "gru": 0.9}), reference="gruu")


def test_a_reference_without_a_ladder_is_refused(ladder_runs, ladder_report):
    with pytest.raises(ConfigError, match="at least two planted signals"):
        ladder_report(*ladder_runs({"gru": 0.9}, signals=("Skew",)), reference="gru")
