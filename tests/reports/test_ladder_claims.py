"""What a ladder claims: only what its intervals carry, and nothing where a baseline is as good."""

from statistics import fmean

import numpy as np
import pytest
from scipy import stats

from c5snn.errors import ConfigError
from c5snn.evidence import holm_adjusted
from c5snn.reports.ladder.cells import Cell, Choice, LadderModel, t_interval, t_p_value
from c5snn.reports.ladder.contrasts import contrast_sentence, contrasts_of, every_pair
from c5snn.reports.ladder.rungs import Rung
from c5snn.reports.ladder.standings import standings_of
from c5snn.reports.report import document_of

CHANCE = 20 / 39


RULE = "(p < 0.05 after Holm's correction for 2 rows)"


def text_of(report):
    return " ".join(sentence for section in document_of(report).sections for sentence in section.sentences)


def test_a_network_above_every_baseline_is_reported_as_such(ladder_runs, ladder_report):
    found = ladder_report(*ladder_runs({"frequency": 0.1, "lag_kernel": 0.2, "gru": 0.9}))
    (standing,) = found.ladder.standings
    assert [rung.signal for rung in standing.above] == ["Skew", "Successor"]
    assert (
        found.verdict[1] == f"Rows with a network above both baselines (frequency and lag_kernel): gru 2 of 2 {RULE}."
    )
    assert "add anything" not in text_of(found)


@pytest.mark.slow
def test_where_a_baseline_is_as_good_nothing_is_claimed(ladder_runs, ladder_report):
    found = ladder_report(*ladder_runs({"frequency": 0.1, "lag_kernel": 0.9, "gru": 0.9}))
    (standing,) = found.ladder.standings
    assert (standing.above, standing.below, len(standing.undecided)) == ([], [], 2)
    both = "both baselines (frequency and lag_kernel)"
    assert found.verdict[1] == f"No network is above {both} on any of 2 rows {RULE}."
    assert f"On 2 rows (Skew × 1 and Successor × 1) no network is above {both}" in text_of(found)


def test_a_network_below_one_baseline_is_reported_as_such(ladder_runs, ladder_report):
    found = ladder_report(*ladder_runs({"frequency": 0.1, "lag_kernel": 0.9, "gru": 0.5}))
    assert len(found.ladder.standings[0].below) == 2
    said = "gru: above both baselines (frequency and lag_kernel) on 0 of 2 rows, below a baseline on 2"
    assert said in text_of(found)


def test_with_one_history_for_each_row_nothing_is_claimed(ladder_runs, ladder_report):
    found = ladder_report(*ladder_runs({"frequency": 0.1, "lag_kernel": 0.2, "gru": 0.9}, seeds=(1,)))
    assert found.ladder.standings == []
    assert found.verdict == [
        "No network can be called better than a baseline: no row has two histories with a network and all baselines."
    ]
    assert "above both" not in text_of(found)
    assert {cell.interval for cell in found.ladder.cells} == {None}
    assert "the mean over 1 history of" in repr(document_of(found))


def test_without_a_baseline_nothing_is_claimed(ladder_runs, ladder_report):
    found = ladder_report(*ladder_runs({"gru": 0.9}))
    assert found.ladder.standings == []
    assert found.verdict[1] == "No network can be called better than a baseline: no baseline was tested."


@pytest.mark.slow
def test_one_baseline_is_named_alone(ladder_runs, ladder_report):
    found = ladder_report(*ladder_runs({"frequency": 0.1, "gru": 0.9}))
    assert found.verdict[1] == f"Rows with a network above the baseline frequency: gru 2 of 2 {RULE}."


@pytest.mark.slow
def test_a_row_without_one_of_the_baselines_is_not_judged(ladder_runs, ladder_report):
    runs = [*ladder_runs({"frequency": 0.1, "gru": 0.9}), *ladder_runs({"lag_kernel": 0.2}, signals=("Skew",))]
    (standing,) = ladder_report(*runs).ladder.standings
    assert [rung.signal for rung in standing.above] == ["Skew"]
    assert standing.undecided == []


@pytest.mark.slow
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


@pytest.mark.slow
def test_with_a_reference_every_other_is_held_against_it_alone(ladder_runs, ladder_report):
    shares = {"frequency": 0.1, "lag_kernel": 0.2, "gru": 0.9, "spike_gru": 0.5}
    found = ladder_report(*ladder_runs(shares), reference="spike_gru")
    pairs = [(contrast.first, contrast.second) for contrast in found.ladder.contrasts]
    assert pairs == [("spike_gru", "frequency"), ("spike_gru", "lag_kernel"), ("spike_gru", "gru")]
    assert "spike_gru against gru: above on 0 of 2 rows, below on 2 (Skew × 1 and Successor × 1)" in text_of(found)
    section = next(s for s in document_of(found).sections if s.title == "spike_gru against each other model")
    assert "after Holm's correction for 6 differences" in section.note
    assert found.ladder.standings == ladder_report(*ladder_runs(shares)).ladder.standings


def cell_of(model, rung, skills):
    choices = [Choice(seed, model, 1, skill, skill, skill, 1.0, []) for seed, skill in enumerate(skills)]
    return Cell(model, rung, choices, fmean(skills), t_interval(skills), fmean(skills), fmean(skills), 1.0)


ROWS = [Rung("Skew", (), 1.0, n_events) for n_events in (100, 200, 300)]


def test_where_one_stands_is_decided_by_the_p_corrected_for_all_rows_of_all_pairs():
    names = {"gru": 1.0, "spiking_a": 0.0, "spiking_b": 0.0}
    cells = [
        cell_of(name, rung, [factor * gain for gain in gains])
        for name, factor in names.items()
        for rung, gains in zip(ROWS, ((0.50, 0.51, 0.52), (0.20, 0.25, 0.40), (-0.3, 0.2, 0.3)), strict=True)
    ]
    pairs = [("gru", "spiking_a"), ("gru", "spiking_b")]
    contrasts = contrasts_of(cells, pairs, pairs)
    p_values = [entry.p for contrast in contrasts for entry in contrast.differences]
    corrected = [entry.p_corrected for contrast in contrasts for entry in contrast.differences]
    assert corrected == holm_adjusted(p_values)
    assert p_values[1] < 0.05 < corrected[1]
    assert contrasts[0].at("above") == ROWS[:1]
    assert [contrast.at("below") for contrast in contrasts] == [[], []]
    silent = contrasts_of(cells, pairs)
    assert contrast_sentence(silent[0]) == ""


def test_above_the_baselines_takes_the_largest_p_of_them_corrected_for_rows_and_networks():
    labels = ("base_a", "base_b", "gru", "gru_b")
    models = [LadderModel(label, label, label.startswith("base"), is_spiking=False) for label in labels]
    near = {"base_a": 0.0, "base_b": 0.45, "gru": 1.0, "gru_b": 1.0}
    cells = []
    for rung, noise in zip(ROWS, ((0.01, 0.0, -0.01), (0.2, 0.0, -0.1), (0.3, -0.2, 0.0)), strict=True):
        for label in labels:
            shown = [0.5 * near[label] + value * (label.startswith("gru")) for value in noise]
            cells.append(cell_of(label, rung, shown))
    contrasts = contrasts_of(cells, every_pair(models))
    standings = standings_of(contrasts, models)
    largest = [
        max(c.differences[i].p for c in contrasts if c.first == network and c.second.startswith("base"))
        for network in ("gru", "gru_b")
        for i in range(3)
    ]
    above = [p < 0.05 for p in holm_adjusted(largest)]
    assert [(s.network, s.n_corrected) for s in standings] == [("gru", 6), ("gru_b", 6)]
    assert [rung in s.above for s in standings for rung in ROWS] == above
    assert any(above)
    by_the_easier_baseline = contrasts[0].differences[1]
    assert by_the_easier_baseline.p < 0.05
    assert ROWS[1] not in standings[0].above


@pytest.mark.slow
def test_what_is_undecided_is_said_to_be_no_closer_than_its_interval(ladder_run, ladder_report):
    ours = {"Skew": (0.5, 0.6, 0.7), "Successor": (0.5, 0.9, 0.6)}
    runs = [ladder_run("gru", signal, seed, 0.6) for signal in ours for seed in (1, 2, 3)]
    runs += [ladder_run("spike_gru", signal, seed, ours[signal][seed - 1]) for signal in ours for seed in (1, 2, 3)]
    found = ladder_report(*runs)
    low, high = found.ladder.contrasts[0].differences[1].interval
    wide = f"where differences from −{-low:.2f} to +{high:.2f} (Successor × 1) are not excluded, each row by itself"
    assert f"undecided on 2, {wide}." in text_of(found)


@pytest.mark.parametrize("values", [[0.1, 0.2, 0.4], [-0.3, -0.1], [0.0, 0.1, -0.1, 0.3]])
def test_p_and_interval_of_a_difference_agree_with_students_t(values):
    expected = stats.ttest_1samp(values, 0)
    assert t_p_value(values) == pytest.approx(expected.pvalue)
    assert tuple(t_interval(values)) == pytest.approx(expected.confidence_interval())


def test_differences_without_spread_have_a_p_too():
    assert (t_p_value([0.0, 0.0]), t_p_value([0.1])) == (1.0, None)
    assert t_p_value([0.1, 0.1, 0.1]) == 0.25


def test_a_reference_that_is_not_there_is_refused(ladder_runs, ladder_report):
    with pytest.raises(ConfigError, match=r"\(frequency, gru\)` must hold, but got reference='gruu'"):
        ladder_report(*ladder_runs({"frequency": 0.1, "gru": 0.9}), reference="gruu")


def test_a_reference_without_a_ladder_is_refused(ladder_runs, ladder_report):
    with pytest.raises(ConfigError, match="at least two histories with a signal"):
        ladder_report(ladder_runs({"gru": 0.9}, signals=("Skew",))[0], reference="gru")


def test_several_histories_of_one_signal_are_a_ladder(ladder_runs, ladder_report):
    runs = ladder_runs({"frequency": 0.1, "gru": 0.9}, signals=("Skew",))
    (contrast,) = ladder_report(*runs).ladder.contrasts
    assert [difference.n_histories for difference in contrast.differences] == [3]
