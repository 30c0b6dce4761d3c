"""Runs become configurations: by what decides the result, under labels that distinguish them, each run once."""

from dataclasses import replace

from c5snn.files import write_text
from c5snn.records.run_folder import CONFIG
from c5snn.reports.configurations import group_runs


def test_a_label_names_the_model_and_what_differs_within_it(make_run):
    runs = [
        make_run("a", arguments={"n_parts": 39, "hidden_size": 64, "beta": 0.5}),
        make_run("b", arguments={"n_parts": 39, "hidden_size": 128, "beta": 0.5}),
        make_run("c", model="lag_kernel", arguments={"window": 21}),
    ]
    assert [entry.label for entry in group_runs(runs)] == [
        "gru hidden_size=64",
        "gru hidden_size=128",
        "lag_kernel",
    ]


def test_a_number_in_a_label_has_four_digits_unless_it_takes_more_to_tell_it_from_another(make_run):
    rates = {"a": (0.00094020606, 0.8314159265), "b": (0.012345678, 0.83141)}
    runs = [make_run(name, arguments={"beta": beta}, chosen={"optimizer.lr": lr}) for name, (lr, beta) in rates.items()]
    assert [entry.label for entry in group_runs(runs)] == [
        "gru beta=0.83142 lr=0.0009402",
        "gru beta=0.83141 lr=0.01235",
    ]


def test_several_bases_of_one_model_name_its_configurations_however_many_options_differ(make_run):
    old, new, fast = (
        make_run(name, model="spike_gru", arguments={"beta": beta, "norm": norm}, chosen={"optimizer.lr": lr})
        for name, beta, norm, lr in (("a", 0.95, "none", 0.1), ("b", 0.8, "batch", 0.1), ("c", 0.8, "batch", 0.2))
    )
    bases = {old.folder: "original/spike_gru", new.folder: "spike_gru", fast.folder: "spike_gru"}
    assert [entry.label for entry in group_runs([old, new, fast], bases)] == [
        "original/spike_gru",
        "spike_gru lr=0.1",
        "spike_gru lr=0.2",
    ]


def test_a_run_of_its_own_repeats_the_trial_that_computes_the_same(make_run):
    alone, trial, other = make_run("a"), make_run("b"), make_run("c", arguments={"beta": 0.5})
    found = group_runs([alone, trial, other], {trial.folder: "small/gru", other.folder: "gru"})
    assert [(entry.label, entry.n_repeats) for entry in found] == [("small/gru", 1), ("gru", 0)]


def test_runs_that_differ_in_their_seed_alone_are_one_configuration(make_run):
    (entry,) = group_runs([make_run("a", seed=1), make_run("b", seed=2)])
    assert sorted(run.seed for run in entry.runs) == [1, 2]


def test_an_option_of_the_trainer_makes_another_configuration(make_run):
    runs = [make_run("a"), make_run("b", chosen={"model": "GRU", "trainer.max_epochs": 3})]
    write_text(runs[0].folder / CONFIG, "trainer: {max_epochs: 100}")
    assert [entry.label for entry in group_runs(runs)] == ["gru max_epochs=100", "gru max_epochs=3"]


def test_an_option_that_a_run_does_not_have_is_no_part_of_its_label(make_run):
    runs = [make_run("a"), make_run("b", chosen={"optimizer": "SGD", "optimizer.momentum": 0.9})]
    write_text(runs[0].folder / CONFIG, "optimizer: {class_path: torch.optim.Adam}")
    assert [entry.label for entry in group_runs(runs)] == ["gru optimizer=Adam", "gru optimizer=SGD momentum=0.9"]


def test_runs_of_two_names_that_differ_in_their_seed_alone_are_one_configuration_with_both(make_run):
    runs = [replace(make_run(name, seed=seed), name=name) for seed, name in enumerate(["first", "second"])]
    assert [(entry.label, len(entry.runs)) for entry in group_runs(runs)] == [("first + second", 2)]


def test_runs_of_one_model_go_by_their_names_and_by_what_differs_under_one_name(make_run):
    runs = [
        replace(make_run("a", arguments={"num_layers": 2}), name="deep"),
        replace(make_run("b", arguments={"hidden_size": 99}), name="wide"),
        replace(make_run("c", arguments={"hidden_size": 98}), name="wide"),
    ]
    assert [entry.label for entry in group_runs(runs)] == ["deep", "wide hidden_size=99", "wide hidden_size=98"]


def test_where_the_same_events_were_read_from_makes_no_difference(make_run):
    chosen = {"model": "GRU", "data.path": "elsewhere.csv", "data.signal": "Repeat", "data.signal.lag": 1}
    assert len(group_runs([make_run("a", seed=1), make_run("b", seed=2, chosen=chosen)])) == 1


def test_other_events_make_another_configuration_of_the_same_name(make_run):
    runs = [make_run("a"), make_run("b", data={"identity": "b" * 64})]
    assert [entry.label for entry in group_runs(runs)] == ["gru", "gru"]


def test_a_seed_counts_once_and_a_training_that_has_chosen_the_tested_run_is_no_repeat_of_it(make_run, rankings_of):
    untested, tested, again = (
        make_run("a"),
        make_run("b", rankings=rankings_of()),
        make_run("c", rankings=rankings_of()),
    )
    for runs, n_repeats in (([untested, tested], 0), ([untested, tested, again], 1), ([untested, make_run("d")], 1)):
        (entry,) = group_runs(runs)
        assert entry.runs == [tested if tested in runs else untested]
        assert entry.n_repeats == n_repeats


def test_a_seed_that_lacks_an_origin_is_not_tested(make_run, rankings_of):
    def at(seed, origin):
        data, facts = {"n_origins": 2, "origin": origin}, {"last_target": f"2005-0{origin + 1}-01"}
        return make_run(f"{seed}_{origin}", seed=seed, rankings=rankings_of(), data=data, facts=facts)

    whole = [at(1, 0), at(1, 1)]
    (entry,) = group_runs([*whole, at(2, 0)])
    assert entry.tested == whole


def test_two_models_of_one_file_with_equal_arguments_are_two_configurations(make_run):
    runs = [make_run(name, model="mine", class_path=f"mine.{name}") for name in ("Ours", "Theirs")]
    assert [(entry.label, entry.runs) for entry in group_runs(runs)] == [("Ours", [runs[0]]), ("Theirs", [runs[1]])]


def test_classes_of_one_name_in_two_files_of_one_name_go_by_their_whole_path(make_run):
    runs = [make_run(name, model="mine", class_path=f"{name}.mine.Ours") for name in ("a", "b")]
    assert [entry.label for entry in group_runs(runs)] == ["a.mine.Ours", "b.mine.Ours"]


def test_arguments_that_compute_the_same_are_one_configuration(make_run):
    runs = [
        make_run(
            f"{n}",
            seed=n,
            arguments={"timesteps": n},
            effective_arguments={"timesteps": 1},
            chosen={"model.timesteps": n},
        )
        for n in (1, 2)
    ]
    assert len(group_runs(runs)) == 1


def test_a_number_that_stands_for_a_list_is_shown_as_it_was_written(make_run):
    runs = [
        make_run(
            f"{n}",
            arguments={"width_mult": n},
            effective_arguments={"width_mult": [n, 2 * n]},
            chosen={"model.width_mult": n},
        )
        for n in (16, 24)
    ]
    assert [entry.label for entry in group_runs(runs)] == ["gru width_mult=16", "gru width_mult=24"]


def test_a_fact_of_the_data_that_differs_on_the_same_test_is_an_option(make_run):
    runs = [make_run(f"{n}", facts={"window": n}) for n in (7, 21)]
    assert [entry.label for entry in group_runs(runs)] == ["gru window=7", "gru window=21"]
