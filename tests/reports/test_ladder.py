"""The cells of the ladder: chosen on validation, shown on test, with an interval over histories."""

from dataclasses import replace
from statistics import fmean, stdev

import pytest
from scipy import stats

from c5snn.reports.ladder.cells import t_interval
from c5snn.reports.ladder.rungs import Rung, history_order, is_planted
from c5snn.reports.report import document_of

CHANCE = 20 / 39


def cell(ladder, model, signal):
    (found,) = [entry for entry in ladder.cells if (entry.model, entry.rung.signal) == (model, signal)]
    return found


def test_validation_chooses_the_learning_rate_even_where_test_prefers_another(ladder_run, ladder_report):
    runs = [
        ladder_run("gru", signal, 1, share, val=val, chosen={"optimizer.lr": lr})
        for signal in ("Skew", "Successor")
        for lr, val, share in ((0.1, 0.51, 0.9), (0.2, 0.53, 0.3), (0.3, 0.52, 0.6))
    ]
    ladder = ladder_report(*runs).ladder
    (choice,) = cell(ladder, "gru", "Skew").choices
    assert (choice.label, choice.n_tried) == ("gru lr=0.2", 3)
    assert [run.folder for run in choice.runs] == [runs[1][0].folder]
    value = runs[1][0].test.score.value
    assert choice.skill == pytest.approx((value - CHANCE) / (1 - CHANCE))


def test_what_validation_chose_from_counts_though_one_alone_was_tested(ladder_run, ladder_report):
    runs = [
        ladder_run("gru", signal, 1, 0.5, val=0.5 + lr / 100, chosen={"optimizer.lr": lr})
        for signal in ("Skew", "Successor")
        for lr in (1, 2, 3)
    ]
    best_alone = [(run if run.chosen["optimizer.lr"] == 3 else replace(run, test=None), base) for run, base in runs]
    (choice,) = cell(ladder_report(*best_alone).ladder, "gru", "Skew").choices
    assert choice.n_tried == 3


def test_another_test_of_a_history_is_no_other_history(ladder_run, ladder_report):
    runs = [
        ladder_run(model, "Skew", seed, 0.5, more={"first_target": f"2001-01-{day}"})
        for model in ("frequency", "gru")
        for seed in (1, 2)
        for day in (21, 22)
    ]
    found = ladder_report(*runs)
    assert [str(rung) for rung in found.ladder.rungs] == ["Skew × 1", "Skew × 1, test 2"]
    assert {len(entry.choices) for entry in found.ladder.cells} == {2}
    assert "Test 2 of a row" in next(s for s in document_of(found).sections if s.title == "Signal ladder").note


def test_each_history_has_a_choice_of_its_own(ladder_run, ladder_report):
    runs = [
        ladder_run("gru", "Skew", seed, 0.5, val=0.5 + 0.01 * (lr == seed), chosen={"optimizer.lr": lr})
        for seed in (1, 2)
        for lr in (1, 2)
    ]
    ladder = ladder_report(*runs, ladder_run("gru", "Successor", 1, 0.5, chosen={"optimizer.lr": 1})).ladder
    assert [choice.label for choice in cell(ladder, "gru", "Skew").choices] == ["gru lr=1", "gru lr=2"]


def test_options_of_the_model_make_columns_and_those_of_the_optimizer_do_not(ladder_run, ladder_report):
    runs = [
        ladder_run("gru", signal, 1, 0.5, arguments={"hidden_size": size}, chosen={"optimizer.lr": lr})
        for signal in ("Skew", "Successor")
        for size in (8, 16)
        for lr in (0.1, 0.2)
    ]
    ladder = ladder_report(*runs).ladder
    assert [entry.label for entry in ladder.models] == ["gru hidden_size=16", "gru hidden_size=8"]


def test_models_with_many_differences_go_by_their_bases(ladder_run, ladder_report):
    made = {"original/spike_gru": {"beta": 0.95, "norm": "none"}, "spike_gru": {"beta": 0.8, "norm": "batch"}}
    runs = [
        ladder_run("spike_gru", signal, 1, 0.5, base=base, arguments=arguments)
        for signal in ("Skew", "Successor")
        for base, arguments in made.items()
    ]
    assert [entry.label for entry in ladder_report(*runs).ladder.models] == ["original/spike_gru", "spike_gru"]


def test_a_cell_holds_mean_and_students_interval_over_histories(ladder_runs, ladder_report):
    ladder = ladder_report(*ladder_runs({"gru": 0.4})).ladder
    found = cell(ladder, "gru", "Skew")
    skills = [choice.skill for choice in found.choices]
    assert found.skill == pytest.approx(fmean(skills))
    expected = stats.t.interval(0.95, 2, loc=fmean(skills), scale=stats.sem(skills))
    assert tuple(found.interval) == pytest.approx(expected)
    assert stdev(skills) > 0


def test_one_history_has_no_interval():
    assert t_interval([0.5]) is None


def test_one_history_makes_no_ladder(ladder_run, ladder_report):
    assert ladder_report(ladder_run("gru", "Skew", 1, 0.5), ladder_run("frequency", "Skew", 1, 0.1)).ladder is None


def test_only_what_was_tested_has_a_column_and_numbers_are_short(ladder_run, make_run, ladder_report):
    slopes, facts = (3.917988243, 2.0), {"signal": {"class": "Skew"}, "strength": 1.0, "data_seed": 1}
    tested = [
        ladder_run("gru", "Skew", seed, 0.5, arguments={"slope": slope, "beta": 0.5}, chosen={"model.slope": slope})
        for slope in slopes
        for seed in (1, 2)
    ]
    options = {"arguments": {"slope": 2.0, "beta": 0.9}, "chosen": {"model.slope": 2.0, "model.beta": 0.9}}
    untested = make_run("untested", model="gru", facts=facts, rankings=None, **options)
    found = ladder_report(*tested, (untested, None)).ladder
    assert [model.label for model in found.models] == ["gru slope=2", "gru slope=3.918"]


def test_rows_stand_in_the_order_of_their_numbers():
    rungs = [Rung("Repeat", (("lag", lag),), strength, 9) for lag, strength in ((13, 1.0), (2, 3.0), (2, 0.5))]
    assert [str(rung) for rung in sorted(rungs, key=lambda rung: rung.order)] == [
        "Repeat(lag=2) × 0.5",
        "Repeat(lag=2) × 3",
        "Repeat(lag=13) × 1",
    ]


def test_a_row_is_what_the_data_module_records_of_its_signal():
    from c5snn.data import EventDataModule, Repeat

    data = EventDataModule(signal=Repeat(lag=3), strength=0.5, n_events=1_200, data_seed=7)
    data.setup("fit")
    record = data.describe()
    assert is_planted(record)
    assert Rung.of(record) == Rung("Repeat", (("lag", 3),), 0.5, 1_200)
    assert Rung.of(record).lag == 3
    assert history_order(record)[1] == 7


def test_origins_of_a_history_make_no_row(ladder_runs):
    (run, _), *_ = ladder_runs({"gru": 0.3})
    assert is_planted(run.data)
    assert not is_planted(replace(run.data, n_origins=4))


def test_data_that_nobody_planted_is_no_row(make_run):
    facts = dict.fromkeys(("signal", "strength", "n_events", "data_seed"))
    assert not is_planted(make_run("a", facts=facts).data)
