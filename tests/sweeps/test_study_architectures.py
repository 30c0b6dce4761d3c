"""A study under a parameter budget: what it searches, tries first and records."""

import csv
from pathlib import Path

import pytest
import yaml

from c5snn.cli import main
from c5snn.errors import ConfigError
from c5snn.records import find_runs, load_run
from c5snn.sweeps.architectures import read_architecture
from c5snn.sweeps.spec_file import read_spec
from c5snn.sweeps.study_architectures import PlannedArchitectures
from c5snn.sweeps.study_each import chosen_combinations
from c5snn.sweeps.study_planning import make_study_plan

AXES = {"model.hidden_size": [4, 6, 8], "model.num_layers": [1, 2], "model.delay_lines": [0, 2]}
STUDY = {
    "base": "spike_gru.yaml",
    "search": {"sampler": "optuna.samplers.TPESampler", "n_trials": 6, "n_random": 2},
    "space": {
        "architecture": {"budget": 600, "tolerance": 0.5, "axes": AXES},
        "optimizer.lr": {"low": 0.001, "high": 0.01, "log": True},
    },
    "options": {"data.n_events": 260, "data.window": 5, "trainer.max_epochs": 1, "model.skip": False},
    "confirm": {"top_k": 1, "seeds": [42]},
}


def plan_of(workdir, *flags, **changes):
    (workdir / "own.yaml").write_text(yaml.safe_dump({**STUDY, **changes}, sort_keys=False))
    (entry, *_) = chosen_combinations(read_spec("own.yaml")[1], only=None, start_from=None)
    return make_study_plan(entry.spec, flags, "own.yaml")


@pytest.mark.slow
def test_every_trial_has_the_parameters_of_the_budget_and_the_ends_come_first(workdir, capsys):
    (workdir / "own.yaml").write_text(yaml.safe_dump(STUDY, sort_keys=False))
    assert main(["sweep", "own.yaml"]) == 0
    shown = capsys.readouterr().out
    _the_winner_is_a_run(shown)
    rows = list(csv.DictReader(Path("sweeps/own/trials.csv").read_text().splitlines()))
    searched = sorted((row for row in rows if row["state"] != "confirmed"), key=lambda row: int(row["number"]))
    assert all(300 <= int(row["n_parameters"]) <= 900 for row in rows if row["n_parameters"])
    plan = make_study_plan(read_spec("own.yaml")[1], [], "own.yaml")
    ends = list(dict.fromkeys(design.name for design in plan.architectures.extremes.values()))
    first = [row["architecture"] for row in searched[: len(ends)]]
    assert first == ends[: len(first)]
    assert {row["sampled_by"] for row in searched[: len(ends)]} == {"enqueued"}
    assert all(row["hidden_size"] and row["num_layers"] and row["delay_lines"] for row in searched)
    assert f"{len({row['architecture'] for row in rows})} of {len(plan.architectures.designs)} architectures" in shown


def _the_winner_is_a_run(shown):
    """Run the command that the sweep prints, and compare what comes out with the winner's own run."""
    line = next(line for line in shown.splitlines() if line.startswith("the winner as one run: "))
    words = line.partition(": ")[2].split()
    assert words[:3] == ["c5snn", "fit", "--config"]
    assert main(words[1:]) == 0
    again = load_run("lightning_logs/spike_gru/version_0")
    confirmed = [run for run in find_runs("sweeps/own/trials")[0] if run.test is not None]
    assert (again.val, again.n_parameters, again.effective_arguments) in [
        (run.val, run.n_parameters, run.effective_arguments) for run in confirmed
    ]


@pytest.mark.slow
def test_the_budget_command_lists_the_same_designs(workdir, capsys):
    plan = plan_of(workdir)
    assert main(["budget", "own.yaml", "--format", "csv"]) == 0
    listed = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert [row["architecture"] for row in listed] == [design.name for design in plan.architectures.designs]
    assert [int(row["n_parameters"]) for row in listed] == [d.n_parameters for d in plan.architectures.designs]


@pytest.mark.slow
def test_a_study_for_each_budget_has_its_own_designs(workdir):
    space = {**STUDY["space"], "architecture": {"tolerance": 0.5, "axes": AXES}}
    (workdir / "own.yaml").write_text(
        yaml.safe_dump({**STUDY, "space": space, "each": {"architecture.budget": [600, "1.2k"]}}, sort_keys=False)
    )
    entries = chosen_combinations(read_spec("own.yaml")[1], only=None, start_from=None)
    assert [entry.label for entry in entries] == ["budget=600", "budget=1.2k"]
    plans = [make_study_plan(entry.spec, [], "own.yaml") for entry in entries]
    assert [plan.architectures.space.budget for plan in plans] == [600, 1200]


def test_a_trial_near_the_last_of_its_architecture_is_asked_again():
    space = read_architecture({"budget": 600, "axes": AXES, "diversity": {"model.dropout": 0.08}}, "here")
    planned = PlannedArchitectures(space, [], {})
    tried = [{"architecture": "a", "model.dropout": 0.3}, {"architecture": "a", "model.dropout": 0.1}]
    assert planned.is_near({"architecture": "a", "model.dropout": 0.15}, tried)
    assert not planned.is_near({"architecture": "a", "model.dropout": 0.3}, tried)  # the last alone counts
    assert not planned.is_near({"architecture": "b", "model.dropout": 0.1}, tried)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"space": {"architecture": {"budget": "2M", "axes": AXES}}}, "No architecture has 2,000,000"),
        ({"space": {"architecture": {"budget": 600, "axes": {"model.width": [1, 2]}}}}, "model.width"),
        ({"space": {"architecture": {"axes": AXES}}}, "budget"),
        ({"base": ["spike_gru.yaml", "original/spike_gru.yaml"]}, "one base"),
        ({"space": {**STUDY["space"], "model.num_layers": [1, 2]}}, "model.num_layers"),
        ({"each": {"architecture.budget": [600, 1200]}}, "without a `budget`"),
        ({"options": {**STUDY["options"], "model.delay_lines": 2}}, "options.model.delay_lines: `an option"),
        (
            {"confirm": {"options": {"model.hidden_size": 4}}},
            "confirm.options.model.hidden_size: `an option",
        ),
    ],
)
def test_what_is_wrong_is_named(changes, named, workdir):
    with pytest.raises(ConfigError, match=named):
        plan_of(workdir, **changes)


def test_a_flag_of_an_axis_is_refused(workdir):
    with pytest.raises(ConfigError, match=r"--model\.num_layers: `an option is an axis of the architecture or set"):
        plan_of(workdir, "--model.init_args.num_layers", "2")
