"""The plan of a sweep: every point checked, equal computations found, keys that mean what is computed."""

import csv
from dataclasses import replace

import pytest

from c5snn.errors import ConfigError
from c5snn.records.options import flatten
from c5snn.sweeps.grid import expand
from c5snn.sweeps.names import label
from c5snn.sweeps.plan import make_plan
from c5snn.sweeps.points import trial_key
from c5snn.sweeps.results import shown_values, write_screening
from c5snn.sweeps.spec import Confirm, Screen, SweepSpec
from c5snn.sweeps.spec_file import read_spec

SMALL = {"data.n_events": 300, "data.window": 5}


def plan(space, flags=(), base="spike_gru.yaml", **fields):
    options = {name: value for name, value in SMALL.items() if name not in space}
    return make_plan(SweepSpec(base=base, space=space, options=options, **fields), list(flags))


@pytest.mark.slow
def test_phase_b_has_36_points_and_18_computations():
    found = make_plan(read_spec("phase_b.yaml")[1], ["--data.n_events", "300"])
    assert len(found.points) == 36
    assert len(found.distinct) == 18
    for point in found.points:
        original = found.points[found.same_as[point.config_id] - 1]
        assert {**point.values, "model.encoding": "direct"} == {**original.values, "model.encoding": "direct"}


@pytest.mark.slow
def test_two_definitions_of_one_model_are_told_apart():
    found = plan({}, base=["spike_gru.yaml", "original/spike_gru.yaml"])
    assert [point.model for point in found.points] == ["spike_gru", "spike_gru"]
    assert [label(point, found.spec) for point in found.points] == ["spike_gru", "original/spike_gru"]


def test_lists_become_tuples_where_the_model_wants_them():
    assert plan({"model.hidden_sizes": [[4], [4, 6]]}, base="spiking_mlp.yaml").points[1].n_parameters > 4 * 6


@pytest.mark.slow
def test_the_first_option_is_the_outermost_loop():
    points = plan({"model.hidden_size": [4, 8], "model.beta": [0.5, 0.9]}).points
    assert [list(point.values.values()) for point in points] == [[4, 0.5], [4, 0.9], [8, 0.5], [8, 0.9]]
    assert [point.config_id for point in points] == [1, 2, 3, 4]


@pytest.mark.slow
def test_the_shown_time_steps_of_direct_encoding_are_one():
    points = plan({"model.encoding": ["direct", "rate_coded"], "model.timesteps": 10}).points
    assert [shown_values(point)["timesteps"] for point in points] == [1, 10]


# what each row of the shipped ablation has, where the whole network has something else
ABLATION = {
    "spike_gru": {},
    "without_delay_lines": {"model.delay_lines": 0},
    "without_skip": {"model.skip": False},
    "without_fluctuation": {"model.init": "default"},
    "without_learned_beta": {"model.learn_beta": False},
    "without_heterogeneous_beta": {"model.beta": 0.45, "model.learn_beta": False},
    "without_gentle_slope": {"model.slope": None},
    "without_rectifier": {"model.readout": "membrane"},
    "without_weight_decay": {
        "optimizer": "Adam",
        "optimizer.weight_decay": 0.0,
        "optimizer.decoupled_weight_decay": False,
    },
}


@pytest.mark.slow
def test_each_row_of_the_ablation_takes_one_thing_away_from_the_whole_network():
    spec = read_spec("ablation.yaml")[1]
    space = {"data.signal": "Parity", "data.data_seed": 11, "data.n_events": 300}
    rows = {point.base: flatten(point.config) for point in expand(replace(spec, space=space), [])}
    whole = rows["spike_gru"]
    assert {
        name: {option: row.get(option) for option in whole.keys() | row.keys() if row.get(option) != whole.get(option)}
        for name, row in rows.items()
    } == ABLATION


@pytest.mark.slow
def test_variants_are_crossed_with_each_base_and_the_space_and_label_their_rows():
    found = plan(
        {"model.hidden_size": [4, 8]},
        base=["spike_gru.yaml", "original/spike_gru.yaml"],
        variants={"deep": {"model.num_layers": 2}},
    )
    assert [label(point, found.spec) for point in found.points] == [
        f"{name} hidden_size={size}"
        for name in ("spike_gru", "spike_gru deep", "original/spike_gru", "original/spike_gru deep")
        for size in (4, 8)
    ]
    assert [point.config["model"]["init_args"]["num_layers"] for point in found.points] == [1, 1, 2, 2] * 2


@pytest.mark.slow
def test_the_variants_of_one_base_go_by_their_own_names(tmp_path):
    found = plan({}, variants={"deep": {"model.num_layers": 2}}, confirm=Confirm())
    assert [label(point, found.spec) for point in found.points] == ["spike_gru", "deep"]
    write_screening(found, {}, tmp_path / "screening.csv")
    rows = csv.DictReader((tmp_path / "screening.csv").read_text().splitlines())
    assert [row["base"] for row in rows] == ["spike_gru", "deep"]


@pytest.mark.slow
def test_a_variant_with_a_base_is_one_of_that_base_alone_and_goes_by_its_own_name():
    deep = {"base": "spike_gru.yaml", "model.num_layers": 2}
    found = plan({"data.window": 5}, base=["gru.yaml", "spike_gru.yaml"], variants={"deep": deep})
    assert [label(point, found.spec) for point in found.points] == ["gru", "spike_gru", "deep"]
    assert [point.model for point in found.points] == ["gru", "spike_gru", "spike_gru"]
    assert plan({}, ["--model.num_layers=3"], variants={"deep": {"model.beta": 0.3}}).points  # nothing overrules it


@pytest.mark.slow
def test_a_variant_of_another_base_runs_without_that_base():
    slow = {"base": "gru.yaml", "optimizer.lr": 0.001}  # what the file has, too
    found = plan({"data.window": 5}, base="frequency.yaml", variants={"gru": slow})
    assert [label(point, found.spec) for point in found.points] == ["frequency", "gru"]
    assert [point.model for point in found.points] == ["frequency", "gru"]
    with pytest.raises(ConfigError, match=r"none\.yaml"):
        plan({}, base="frequency.yaml", variants={"gru": {**slow, "base": "none.yaml"}})


@pytest.mark.slow
def test_each_history_has_training_seeds_of_its_own_that_its_options_share():
    space = {"data.data_seed": [1, 2], "optimizer.lr": [0.1, 0.2]}
    found = plan(space, base="gru.yaml", seeds=[42, 7], seed_per_history=True)
    seeds = {}
    for job in found.first_jobs():
        history = job.config["data"]["init_args"]["data_seed"]
        seeds.setdefault(history, set()).add(job.config["seed_everything"])
    assert all(len(of_history) == 2 for of_history in seeds.values())  # one for each seed of the sweep
    assert not seeds[1] & seeds[2]
    assert {job.config["seed_everything"] for job in plan(space, base="gru.yaml").first_jobs()} == {42}


@pytest.mark.slow
def test_a_seed_of_a_history_names_the_trial_that_it_trains():
    own = plan({"data.data_seed": 1}, base="gru.yaml", seed_per_history=True)
    (job,) = own.first_jobs()
    same = plan({"data.data_seed": 1}, base="gru.yaml", seeds=[job.config["seed_everything"]])
    assert [job.key for job in same.first_jobs()] == [job.key]


@pytest.mark.slow
def test_a_variant_that_changes_nothing_is_refused():
    with pytest.raises(ConfigError, match="`same` equals it"):
        plan({}, variants={"same": {"model.num_layers": 1}})
    assert len(plan({}, variants={"same": {"model.num_layers": 1}}, allow_inert=True).distinct) == 1


@pytest.mark.slow
def test_a_wrong_variant_is_named():
    with pytest.raises(ConfigError, match=r"wide: .*hidden"):
        plan({}, variants={"wide": {"model.hidden": 2}})


def test_a_flag_that_a_variant_overrules_is_refused():
    with pytest.raises(ConfigError, match=r"num_layers.*`variants`"):
        plan({}, ["--model.num_layers=3"], variants={"deep": {"model.num_layers": 2}})


@pytest.mark.slow
@pytest.mark.parametrize("profile", ["smoke", None])
def test_phase_b_has_the_same_eleven_columns_under_every_profile(profile, tmp_path):
    found = make_plan(read_spec("phase_b.yaml", profile)[1], ["--data.n_events=300", "--trainer.max_epochs=2"])
    write_screening(found, {}, tmp_path / "screening.csv")
    header, *rows = (tmp_path / "screening.csv").read_text().splitlines()
    assert header == (
        "config_id,hidden_size,num_layers,beta,encoding,timesteps,"
        "val_recall_at_20,val_hit_at_20,val_mrr,training_time_s,best_epoch"
    )
    assert len(rows) == len(found.points)


@pytest.mark.slow
def test_a_flag_that_changes_a_fixed_option_is_shown():
    found = plan({"model.beta": [0.5, 0.9], "model.hidden_size": 8}, ["--model.hidden_size", "4"])
    assert [point.values for point in found.points] == [
        {"model.beta": 0.5, "model.hidden_size": 4}, {"model.beta": 0.9, "model.hidden_size": 4},
    ]  # fmt: skip
    assert {point.config["model"]["init_args"]["hidden_size"] for point in found.points} == {4}


@pytest.mark.parametrize(
    "flag",
    ["model.beta", "model.init_args.beta", "seed_everything", "early_stopping.monitor", "early_stopping.mode",
     "ckpt_path"],
)  # fmt: skip
@pytest.mark.parametrize("form", ["--{}=1", "--{} 1"])
def test_a_flag_that_would_be_overruled_is_refused(flag, form):
    with pytest.raises(ConfigError, match=flag.replace("init_args.", "")):
        plan({"model.beta": [0.5, 0.9]}, form.format(flag).split())


@pytest.mark.slow
def test_a_point_changes_no_other():
    found = plan({"optimizer": [{"class_path": "Adam", "init_args": {"lr": lr}} for lr in (0.1, 0.01)],
                  "model.beta": [0.5, 0.9]})  # fmt: skip
    seen = [
        (point.config["optimizer"]["init_args"]["lr"], point.config["model"]["init_args"]["beta"])
        for point in found.points
    ]
    assert seen == [(0.1, 0.5), (0.1, 0.9), (0.01, 0.5), (0.01, 0.9)]


@pytest.mark.slow
def test_classes_are_values_like_any_other():
    found = plan({"data.signal": [{"class_path": "Repeat", "init_args": {"lag": lag}} for lag in (1, 5)]})
    assert len({point.data for point in found.points}) == 2
    found = plan({"optimizer": [{"class_path": "Adam", "init_args": {"lr": lr}} for lr in (0.1, 0.01)]})
    assert [point.config["optimizer"]["init_args"]["lr"] for point in found.points] == [0.1, 0.01]


@pytest.mark.slow
def test_a_class_is_called_as_python_writes_it():
    found = plan({"data.signal": [{"class_path": "Repeat", "init_args": {"lag": lag}} for lag in (1, 5)]})
    assert [label(point, found.spec) for point in found.points] == [
        "spike_gru signal=Repeat(lag=1)", "spike_gru signal=Repeat(lag=5)",
    ]  # fmt: skip


@pytest.mark.slow
def test_a_model_without_weights_is_run_once_whatever_the_learning_rate():
    found = plan({"optimizer.lr": [0.1, 0.01]}, base=["frequency.yaml", "gru.yaml"])
    assert found.same_as == {1: 1, 2: 1, 3: 3, 4: 4}


@pytest.mark.slow
def test_a_line_up_of_models_is_crossed_with_the_space():
    found = plan({"data.window": [3, 5], "data.first_target": 5}, base=["gru.yaml", "lag_kernel.yaml"])
    assert [(point.model, point.values["data.window"]) for point in found.points] == [
        ("gru", 3), ("gru", 5), ("lag_kernel", 3), ("lag_kernel", 5),
    ]  # fmt: skip
    assert found.points[2].n_parameters == 3 + 39


@pytest.mark.slow
@pytest.mark.parametrize(
    ("space", "reason"),
    [
        ({"model.hidden_size": [4, -1]}, "hidden_size"),
        ({"model.hidden_size": [4, "x"]}, "hidden_size"),
        ({"model.hiden_size": [4, 8]}, "hiden_size"),
        ({"data.window": [5, 300], "data.first_target": 300}, "300"),
        ({"model.window": [5, 6]}, "data.window"),
    ],
)
def test_one_invalid_point_stops_everything_and_is_named(space, reason):
    with pytest.raises(ConfigError, match=reason):
        plan(space)


def test_a_metric_that_nothing_logs_chooses_nothing():
    with pytest.raises(ConfigError, match=r"`monitor` must be one of .*val_recall_at_20.*, but is val_recal"):
        plan({"model.beta": [0.5, 0.9]}, screen=Screen(monitor="val_recal"))


@pytest.mark.slow
def test_the_direction_follows_the_metric_and_a_contradiction_is_refused():
    found = plan({"model.beta": [0.5, 0.9]}, screen=Screen(monitor="val_loss"))
    assert (found.monitor, found.mode) == ("val_loss", "min")
    with pytest.raises(ConfigError, match="`val_loss` is better when it is lower"):
        plan({"model.beta": [0.5, 0.9]}, screen=Screen(monitor="val_loss", mode="max"))


@pytest.mark.slow
def test_the_headline_chooses_unless_another_metric_is_named():
    found = plan({"model.beta": [0.5, 0.9]})
    assert (found.monitor, found.mode) == ("val_recall_at_20", "max")


@pytest.mark.slow
def test_an_option_without_any_effect_is_refused():
    space = {"trainer.default_root_dir": ["a", "b"]}
    with pytest.raises(ConfigError, match="default_root_dir"):
        plan(space)
    assert len(plan(space, allow_inert=True).distinct) == 1


@pytest.mark.slow
def test_an_option_of_a_class_that_the_sweep_fixes_has_an_effect():
    assert len(plan({"optimizer": "AdamW", "optimizer.weight_decay": [0.1, 1.0]}).distinct) == 2


@pytest.mark.slow
def test_points_with_different_targets_are_not_ranked_together():
    with pytest.raises(ConfigError, match=r"data\.first_target"):
        plan({"data.window": [3, 5]}, confirm=Confirm())
    assert plan({"data.window": [3, 5], "data.first_target": 5}, confirm=Confirm()).distinct


KEY = trial_key(plan({}).points[0], 42)


@pytest.mark.slow
@pytest.mark.parametrize(
    "flags",
    [
        ["--model.hidden_size", "64"], ["--model.beta", "0.6"], ["--optimizer", "SGD"], ["--trainer.max_epochs", "3"],
        ["--data.window", "6"], ["--data.batch_size", "32"], ["--data.data_seed", "2"],
        ["--early_stopping.patience", "3"],
        ["--trainer.gradient_clip_val", "1.0"], ["--trainer.precision", "bf16-mixed"],
        ["--data.split", "[0.6, 0.2, 0.2]"],
    ],
    ids=lambda flags: flags[0],
)  # fmt: skip
def test_whatever_decides_the_result_changes_the_key(flags):
    assert trial_key(plan({}, flags).points[0], 42) != KEY


@pytest.mark.slow
def test_the_seed_changes_the_key():
    assert trial_key(plan({}).points[0], 43) != KEY


@pytest.mark.slow
@pytest.mark.parametrize(
    "flags",
    [
        ["--trainer.default_root_dir", "elsewhere"], ["--trainer.accelerator", "cpu"], ["--trainer.logger", "false"],
        ["--trainer.enable_progress_bar", "false"], ["--model.timesteps", "7"],
    ],
    ids=lambda flags: flags[0],
)  # fmt: skip
def test_whatever_does_not_keeps_it(flags):
    assert trial_key(plan({}, flags).points[0], 42) == KEY


@pytest.mark.slow
def test_the_same_events_in_another_file_keep_the_key(tmp_path):
    from c5snn.data import Repeat, synthesize, write_events

    history = synthesize(Repeat(), strength=1.0, n_events=300, data_seed=1).history
    keys = set()
    for layout in ("parts", "matrix"):
        write_events(history, tmp_path / f"{layout}.csv", layout=layout)
        keys.add(trial_key(plan({}, ["--data.path", str(tmp_path / f"{layout}.csv")]).points[0], 42))
    assert len(keys) == 1


@pytest.mark.slow
def test_confirming_asks_for_every_seed_of_the_best():
    found = plan({"model.hidden_size": [4, 8]}, confirm=Confirm(top_k=1, seeds=[1, 2]))
    jobs = found.confirming_jobs(found.distinct[:1])
    assert [job.config["seed_everything"] for job in jobs] == [1, 2]
    assert all(job.test for job in jobs)
    assert not any(job.test for job in found.first_jobs())
    assert replace(found.spec, confirm=None).seeds == [42]
