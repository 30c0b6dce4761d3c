"""The definition of a study: every fault is named with its option and value, all at once, and nothing is started."""

import sys

import pytest
import yaml

from c5snn.cli import main
from c5snn.sweeps.faults import Faults
from c5snn.sweeps.observed_rows import read_observed
from c5snn.sweeps.point_builder import PointBuilder
from c5snn.sweeps.search_settings import read_search
from c5snn.sweeps.space import Choice, Option, Range
from c5snn.sweeps.space_file import SpaceParts, in_order, read_space
from c5snn.sweeps.spec import Confirm, Screen, SweepSpec
from c5snn.sweeps.study_checks import check_definition
from c5snn.training.lightning_cli import C5CLI

BASES = ["gru.yaml", "spike_gru.yaml"]
LR = {"low": 1e-4, "high": 1e-2}
SMALL = {"data.n_events": 260, "data.window": 8, "trainer.max_epochs": 3}
NAMES = "optuna.samplers", "optuna.pruners"


@pytest.mark.parametrize("row", ["0.5", "0.5,1,2"])
def test_a_row_of_observed_trials_with_another_length_is_named(tmp_path, row):
    (tmp_path / "t.csv").write_text(f"value,x\n0.1,1\n{row}\n")
    faults = Faults("own")
    assert read_observed(str(tmp_path / "t.csv"), faults) == []
    assert "rows 3 have not" in faults.found[0]


def faults_of_space(space):
    faults = Faults("own")
    in_order(read_space(space, BASES, faults).options, faults)
    return "\n".join(faults.found)


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ({"low": 2, "high": 2}, "`low < high` must hold, but got low=2, high=2"),
        ({"low": 3, "high": 1}, "low=3, high=1"),
        ({"low": 0, "high": 1.0, "log": True}, "`0 < low where log is true` must hold, but got low=0"),
        ({"low": 0.1, "high": float("inf")}, "`high is finite` must hold, but got high=inf"),
        ({"low": "nan", "high": 1}, "`low is finite`"),
        ({"low": 0, "high": 1, "step": 0.3}, "step divides high - low"),
        ({"low": 1, "high": 8, "step": -1}, "`0 < step` must hold, but got step=-1"),
        ({"low": 1, "high": 8, "step": 1, "log": True}, "step or log, not both"),
        ({"low": "small", "high": 8}, "`low is a number` must hold, but got low='small'"),
        ({"low": 1}, "`high is a number` must hold, but got high=None"),
        ({"low": 1, "high": 8, "log": "yes"}, "log is true or false"),
        ({"low": 1, "high": 8, "hihg": 9}, "key='hihg'"),
        ([8, 16, 8], "no value is there twice"),
        ([8], "at least two values"),
        ([], "at least two values"),
        ({"values": [], "when": {"base": "gru.yaml"}}, "at least two values"),
        ({"values": 8, "when": {"base": "gru.yaml"}}, "a choice is a list"),
        ({"weights": {"a": 0.7, "b": 0.7}}, "weights are shares"),
        ({"weights": {"a": 1.5, "b": -0.5}}, "weights are shares"),
        ({"weights": {"a": "most", "b": 0.5}}, "weights are shares"),
        ({"weights": {"a": 1.0}}, "at least two values"),
        ({**LR, "when": "always"}, "when maps options to values"),
        ({**LR, "when": {"x": 1}}, "conditions form no circle"),
        ({**LR, "when": {"y": []}}, "`a condition has a value` must hold, but got parent='y'"),
        ({**LR, "when": []}, "when maps options to values"),
        ({"low": True, "high": 8}, "`low is a number` must hold, but got low=True"),
        ({"low": [1], "high": 8}, "low=[1]"),
        ({"low": "½", "high": 8}, "low='½'"),
        ({"low": -3, "high": 8, "log": True}, "got low=-3"),
        ({"low": 1, "high": 8, "step": "nan"}, "`step is finite`"),
        ({"low": 1, "high": 8, "step": "one"}, "`step is a number` must hold, but got step='one'"),
        ({"low": "-inf", "high": 8}, "`low is finite`"),
        ({"low": 1, "high": 8, "values": [1, 2]}, "key='values'"),
        ({"high": 8}, "low=None"),
        ([1, float("nan")], "numbers are finite"),
        ([1.0, 1], "no value is there twice"),
        ([1e-7, "1e-7"], "no value is there twice"),
        ({"values": None}, "a choice is a list"),
        ({"values": {"a": 1}}, "a choice is a list"),
        ({"weights": [0.5, 0.5]}, "weights map at least two values"),
        ({"weights": {"a": float("nan"), "b": 0.5}}, "weights are shares"),
        ({"weights": {"a": True, "b": 0.5}}, "weights are shares"),
        ({"weights": {"a": 0.5, "b": 0.5}, "low": 1}, "an option with weights has nothing else"),
    ],
)
def test_a_fault_of_an_option_is_named_with_its_value(entry, fault):
    found = faults_of_space({"x": entry})
    assert fault in found
    assert "x" in found


def test_a_fault_is_not_longer_than_its_reader_has_time_for():
    assert len(faults_of_space({"x": {"low": "x" * 20_000, "high": 1}})) < 1_100


def test_more_faults_of_the_space_are_named():
    assert "options=['a', 'b']" in faults_of_space({name: {"weights": {"u": 0.5, "v": 0.5}} for name in "ab"})
    circle = {"a": {**LR, "when": {"b": 1}}, "b": {**LR, "when": {"c": 1}}, "c": {**LR, "when": {"a": 1}}}
    assert "options=['a', 'b', 'c']" in faults_of_space(circle)
    assert "base='other.yaml'" in faults_of_space({"base": ["gru.yaml", "other.yaml"]})


def faults_of_search(**written):
    faults = Faults("own")
    read_search({"n_trials": 4, **written}, 20, faults)
    return "\n".join(faults.found)


def optuna_class(module, name, **arguments):
    return {"class_path": f"optuna.{module}.{name}", "init_args": arguments}


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ({"n_trial": 3}, "field='n_trial'"),
        ({"n_trials": 0}, "1 <= n_trials"),
        ({"n_trials": "many"}, "n_trials='many'"),
        ({"lag": 0}, "1 <= lag"),
        ({"seed": -1}, "0 <= seed"),
        ({"n_random": True}, "n_random=True"),
        ({"sampler": optuna_class("samplers", "QMCSampler")}, "class_path='optuna.samplers.QMCSampler'"),
        ({"sampler": {"class_path": "os.system"}}, "class_path is one of optuna.samplers.TPESampler"),
        ({"sampler": optuna_class("samplers", "TPESampler", multivariat=True)}, "argument='multivariat'"),
        ({"sampler": optuna_class("samplers", "NSGAIISampler", population_size=1)}, "population_size"),
        ({"sampler": optuna_class("samplers", "TPESampler", seed=3)}, "follows from search.seed"),
        ({"sampler": [1]}, "it has class_path and init_args"),
        ({"pruner": optuna_class("pruners", "NoPruner")}, "NoPruner"),
        ({"pruner": optuna_class("pruners", "HyperbandPruner", min_resource=1)}, "max_resource='auto'"),
        ({"pruner": optuna_class("pruners", "SuccessiveHalvingPruner")}, "min_resource='auto'"),
        ({"pruner": optuna_class("pruners", "HyperbandPruner", min_resource=30, max_resource=20)}, "min_resource=30"),
        ({"pruner": optuna_class("pruners", "HyperbandPruner", min_resource=1, max_resource=9)}, "max_epochs=20"),
        ({"pruner": optuna_class("pruners", "MedianPruner", n_warmup_steps=-1)}, "n_warmup_steps"),
        ({"enqueue": {"x": 1}}, "enqueue is a list"),
        ({"enqueue": ""}, "enqueue is a list"),
        ({"enqueue": [3]}, "enqueue is a list"),
        ({"enqueue": [{"x": 1}] * 5}, "`n_enqueued <= n_trials` must hold, but got n_enqueued=5, n_trials=4"),
        ({"lag": 2.5}, "lag=2.5"),
        ({"seed": None}, "seed=None"),
        ({"n_trials": float("inf")}, "n_trials=inf"),
        ({"pruner": {}}, "it has class_path and init_args"),
        ({"pruner": 0}, "it has class_path and init_args"),
        ({"sampler": {"class_path": "TPESampler", "init_args": [1]}}, "they map arguments to values"),
        ({"sampler": {"class_path": "TPESampler", "init_args": []}}, "they map arguments to values"),
        ({"sampler": {"class_path": None}}, "class_path='None'"),
        ({"sampler": optuna_class("samplers", "GridSampler", search_space={})}, "GridSampler"),
        ({"pruner": optuna_class("pruners", "ThresholdPruner")}, "ThresholdPruner"),
    ],
)
def test_a_fault_of_the_search_is_named_with_its_value(written, fault):
    assert fault in faults_of_search(**written)


def test_a_right_search_has_no_fault():
    pruner = optuna_class("pruners", "HyperbandPruner", min_resource=1, max_resource=20)
    assert not faults_of_search(pruner=pruner, n_random=2, lag=3)


def test_options_are_ordered_parents_first_and_otherwise_as_they_are_written():
    options = [Option("c", Choice((1, 2)), {"b": (1,)}), Option("b", Range(0, 1), {}), Option("a", Range(0, 1), {})]
    assert [option.name for option in in_order(options, Faults("own"))] == ["b", "c", "a"]


def refused(definition, workdir, capsys, *flags):
    """Return what the command says of a definition that it refuses."""
    (workdir / "own.yaml").write_text(yaml.safe_dump(definition, sort_keys=False))
    assert main(["sweep", "own.yaml", *flags]) == 2
    assert [path.name for path in workdir.iterdir()] == ["own.yaml"]
    return capsys.readouterr().err


def test_all_faults_are_named_at_once_and_nothing_is_started(workdir, capsys):
    definition = {
        "base": "gru.yaml",
        "space": {
            "base": {"weights": {"gru.yaml": 0.5, "spike_gru.yml": 0.5}},
            "model.hidden_size": {"low": 0.5, "high": 8},
            "model.num_layers": [1, "two"],
            "model.readout": [],
            "model.nothing": {"low": 0.0, "high": 1.0},
            "optimizer.lr": {"low": 1.0, "high": 0.1},
            "model.dropout": {"low": 0.0, "high": 0.5, "when": {"model.num_layers": 7}},
            "model.slope": {"low": 1.0, "high": 9.0, "when": {"model.unknown": 7}},
            "data.batch_size": [8, 16],
        },
        "options": {**SMALL, "data.batch_size": 64},
        "screen": {"monitor": "val_recal", "average_over": {"data.data_seed": ["one"]}},
        "confirm": {"per": "model.num_layers", "options": {"trainer.max_epochs": "long"}},
        "targets": {"great": 0.5},
        "search": {"n_trials": 0, "sampler": "optuna.samplers.QMCSampler", "pruner": "optuna.pruners.HyperbandPruner"},
    }
    said = refused(definition, workdir, capsys)
    for fault in (
        "space.base: `bases are gru.yaml` must hold, but got base='spike_gru.yml'",
        "space.model.hidden_size: 0.5 on gru.yaml: `model.hidden_size` must be a whole number",
        "space.model.num_layers: two on gru.yaml",
        "space.model.nothing: 0.0 on gru.yaml: `model`: Option 'nothing' is not accepted",
        "space.optimizer.lr: `low < high` must hold",
        "space.model.dropout.when: `the parent takes the value` must hold, but got parent='model.num_layers', value=7",
        "space.model.slope.when: `a parent is an option` must hold, but got parent='model.unknown'",
        "space.data.batch_size: `an option is searched or fixed`",
        "`monitor` must be one of train_loss",
        "screen.average_over.data.data_seed: one on gru.yaml",
        "confirm.per: `it names the option with weights`",
        "confirm.options.trainer.max_epochs: long on gru.yaml",
        "targets: `they are minimum, target and exceptional`",
        "space.model.readout: `a choice has at least two values`",
        "search.n_trials: `1 <= n_trials",
        "class_path='optuna.samplers.QMCSampler'",
        "max_resource='auto'",
    ):
        assert fault in said


@pytest.mark.slow
def test_configurations_that_no_model_takes_and_options_without_effect_are_named(workdir, capsys):
    definition = {
        "base": "spiking_transformer.yaml",
        "space": {
            "model.d_model": [8, 12],
            "model.num_heads": [2, 4, 8],
        },
        "options": SMALL,
        "search": {"n_trials": 4, "enqueue": [{"model.d_model": 9}, {"model.nothing": 3}]},
    }
    said = refused(definition, workdir, capsys)
    assert "space: no model takes model.d_model=12, model.num_heads=8" in said
    assert "search.enqueue[0].model.d_model: `a choice is among its values` must hold, but got value=9" in said
    assert "search.enqueue[1]: `options are those of the space` must hold, but got option='model.nothing'" in said


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gru.yaml", "mlp.yaml", "spike_gru.yaml", "spiking_transformer.yaml"])
def test_a_model_without_memory_is_counted_as_a_real_one(name):
    config = C5CLI(["--config", name, "--data.n_events", "260", "--data.window", "8"], "c5snn sweep").dump()
    real, bare = (PointBuilder(on_meta=on_meta).point(1, name, {}, config) for on_meta in (False, True))
    assert bare == real


def test_an_option_that_changes_nothing_is_refused(workdir, capsys):
    definition = {
        "base": "gru.yaml",
        "space": {"optimizer": ["torch.optim.Adam", {"class_path": "torch.optim.Adam"}], "optimizer.lr": LR},
        "options": SMALL,
        "search": {"n_trials": 6},
    }
    said = refused(definition, workdir, capsys)
    assert "space.optimizer: `a searched option changes what is computed`" in said


@pytest.mark.slow
@pytest.mark.parametrize(
    ("search", "said"),
    [
        ({"sampler": optuna_class("samplers", "TPESampler", gamma=3)}, "TPESampler cannot propose: TypeError"),
        ({"sampler": optuna_class("samplers", "CmaEsSampler", x0=4)}, "search.sampler: CmaEsSampler cannot propose"),
        ({"pruner": optuna_class("pruners", "PatientPruner", wrapped_pruner=3, patience=1)},
         "PatientPruner cannot decide"),
        ({"pruner": optuna_class("pruners", "HyperbandPruner", min_resource=1, max_resource=3, reduction_factor=1)},
         "search.pruner: HyperbandPruner"),
    ],
)  # fmt: skip
def test_an_argument_that_optuna_reads_late_is_refused_before_anything_starts(search, said, workdir, capsys):
    space = {"optimizer.lr": LR, "model.hidden_size": {"low": 4, "high": 6}}
    definition = {"base": "gru.yaml", "space": space, "options": SMALL, "search": {"n_trials": 6, **search}}
    assert said in refused(definition, workdir, capsys)


@pytest.mark.slow
def test_an_option_of_the_model_that_changes_no_step_of_training_is_refused(workdir, capsys):
    definition = {
        "base": "spike_gru.yaml",
        "space": {"optimizer.lr": LR, "model.max_delay": [6, 12]},
        "options": {**SMALL, "model.delay_lines": 0},
        "search": {"n_trials": 6},
    }
    said = refused(definition, workdir, capsys)
    assert (
        "space.model.max_delay: `a searched option changes what is computed` must hold, but got values=(6, 12)" in said
    )
    assert "optimizer.lr" not in said


@pytest.mark.slow
def test_what_the_study_decides_and_what_a_machine_has_no_room_for_is_refused(workdir, capsys):
    definition = {"base": "gru.yaml", "space": {"optimizer.lr": LR}, "options": SMALL, "search": {"n_trials": 6}}
    said = refused(definition, workdir, capsys, "--workers", "10000")
    assert "--workers: `the trials that run at once fit the free memory` must hold, but got workers=10000" in said
    definition["space"]["seed_everything"] = [1, 2]
    definition["options"] = {**SMALL, "early_stopping.mode": "max"}
    definition["screen"] = {"average_over": {"data.data_seed": [3, 3]}}
    definition["targets"] = {"target": float("nan")}
    said = refused(definition, workdir, capsys)
    assert "space.seed_everything: `the study decides it for each trial" in said
    assert "options.early_stopping.mode" in said
    assert "screen.average_over.data.data_seed: `no value is there twice` must hold" in said
    assert "targets.target: `a target is finite` must hold, but got value=nan" in said


@pytest.mark.slow
def test_a_dry_run_warns_of_what_this_machine_has_no_room_for(workdir, capsys):
    definition = {"base": "gru.yaml", "space": {"optimizer.lr": LR}, "options": SMALL, "search": {"n_trials": 6}}
    (workdir / "own.yaml").write_text(yaml.safe_dump(definition, sort_keys=False))
    assert main(["sweep", "own.yaml", "--dry-run", "--workers", "10000"]) == 0
    said = capsys.readouterr().out
    assert "warning: it cannot run here" in said
    assert "--workers: `the trials that run at once fit the free memory` must hold" in said


def test_a_missing_history_is_named(workdir, capsys):
    definition = {
        "base": "gru.yaml",
        "space": {"optimizer.lr": LR},
        "options": {"data.path": "nowhere.csv"},
        "search": {"n_trials": 6},
    }
    assert "nowhere.csv" in refused(definition, workdir, capsys)


def test_a_flag_of_what_is_searched_is_refused(workdir, capsys):
    definition = {"base": "gru.yaml", "space": {"optimizer.lr": LR}, "options": SMALL, "search": {"n_trials": 6}}
    assert "also_in='the flags'" in refused(definition, workdir, capsys, "--optimizer.init_args.lr", "0.1")


def test_a_flag_of_what_the_study_sets_is_refused():
    spec = SweepSpec(
        "gru.yaml",
        variants={"wide": {"model.hidden_size": 32}},
        screen=Screen(average_over={"data.data_seed": [3, 4]}),
        confirm=Confirm(
            options={"trainer.max_epochs": 2, "data.window": 5}, average_over={"data.strength": [1.0, 2.0]}
        ),
        search={"n_trials": 6},
    )
    flags = ["--model.hidden_size", "8", "--data.init_args.data_seed=5", "--trainer.max_epochs=1", "--data.strength=1"]
    faults = Faults("own")
    check_definition(spec, SpaceParts(), [*flags, "--data.window=3", "--data.batch_size=8"], faults)
    assert [fault.partition(":")[0] for fault in faults.found] == [
        "--model.hidden_size",
        "--data.data_seed",
        "--data.strength",
        "--data.window",
    ]
    for place, fault in zip(
        ("variants", "screen.average_over", "confirm.average_over", "confirm.options"), faults.found, strict=True
    ):
        assert f"got also_in='{place}'. Change `{place}` in the sweep's file." in fault


def test_a_flag_of_an_option_of_each_is_refused(workdir, capsys):
    definition = {
        "base": "gru.yaml",
        "space": {"optimizer.lr": LR},
        "options": {**SMALL, "data.window": 8},
        "each": {"data.strength": [1.0, 2.0]},
        "search": {"n_trials": 6},
    }
    said = refused(definition, workdir, capsys, "--data.strength", "3")
    assert "An option of `each` must not be set elsewhere, but a flag sets `data.strength`, too" in said


def test_a_grid_refuses_what_only_a_study_has(workdir, capsys):
    definition = {"base": "gru.yaml", "space": {"optimizer.lr": [0.1, 0.2]}, "targets": {"target": 1.0}}
    assert "`targets` needs `search`" in refused(definition, workdir, capsys)
    del definition["targets"]
    assert "`--retry-failed` needs a sweep with `search`" in refused(definition, workdir, capsys, "--retry-failed")


@pytest.mark.slow
def test_a_dry_run_says_what_would_run_and_warns_of_what_is_seldom_meant(workdir, capsys):
    definition = {
        "base": BASES,
        "space": {
            "base": {"weights": {"gru.yaml": 0.5, "spike_gru.yaml": 0.5}},
            "model.hidden_size": {"low": 4, "high": 5},
            "optimizer.lr": {"low": "1e-3", "high": 1.2e-3, "log": True},
            "model.slope": {"low": 1.0, "high": 9.0, "when": {"base": "spike_gru.yaml"}},
        },
        "options": SMALL,
        "search": {"n_trials": 6, "lag": 2, "pruner": {"class_path": "optuna.pruners.MedianPruner"}},
    }
    (workdir / "own.yaml").write_text(yaml.safe_dump(definition, sort_keys=False))
    assert main(["sweep", "own.yaml", "--dry-run", "--workers", "2"]) == 0
    said = capsys.readouterr().out
    assert "branches by base: gru (50%), spike_gru (50%)" in said
    assert "6 trials: fewer than three times the 3 options" in said
    assert "optimizer.lr: a log range of a factor under 1.5" in said
    assert "model.hidden_size: a range of two whole numbers" in said
    assert "2 workers at lag 2 mostly wait" in said
    assert "0 of 6 trials have ended" in said
    assert [path.name for path in workdir.iterdir()] == ["own.yaml"]


def test_without_optuna_one_line_names_the_extra(workdir, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    definition = {"base": "gru.yaml", "space": {"optimizer.lr": LR}, "options": SMALL, "search": {"n_trials": 6}}
    said = refused(definition, workdir, capsys)
    assert "pip install 'c5snn[study]'" in said
    assert len(said.splitlines()) == 1
