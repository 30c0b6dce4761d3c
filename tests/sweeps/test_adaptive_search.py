"""Adaptive searches: a pure function of the definition and of results, held against Optuna itself.

A trial's curve is computed from what it tries, so a study of dozens of trials takes seconds; its pruning is decided by
the code that decides it in a real trial.
"""

import heapq
import json
import math
import pickle
import zlib
from collections import Counter
from dataclasses import replace
from functools import cache
from random import Random

import numpy as np
import optuna
import pytest

from c5snn.sweeps.adaptive_search import AdaptiveSearch
from c5snn.sweeps.job import Outcome
from c5snn.sweeps.optuna_classes import PRUNERS as OPTUNA_PRUNERS
from c5snn.sweeps.optuna_classes import SAMPLERS as OPTUNA_SAMPLERS
from c5snn.sweeps.optuna_classes import OptunaClass
from c5snn.sweeps.proposal import Proposal
from c5snn.sweeps.pruning import StopWhenPruned
from c5snn.sweeps.spec import Screen, SweepSpec
from c5snn.sweeps.study_planning import make_study_plan
from c5snn.sweeps.trial_result import FAILED, TrialResult

N_EPOCHS = 9
OPTIONS = {"data.n_events": 260, "data.window": 8, "trainer.max_epochs": N_EPOCHS}
TPE = {"class_path": "optuna.samplers.TPESampler", "init_args": {"multivariate": True, "group": True}}
HYPERBAND = {
    "class_path": "optuna.pruners.HyperbandPruner",
    "init_args": {"min_resource": 1, "max_resource": N_EPOCHS, "reduction_factor": 3},
}
SPACE = {
    "base": {"weights": {"gru.yaml": 0.75, "spike_gru.yaml": 0.25}},
    "model.hidden_size": {"low": 4, "high": 8},
    "optimizer.lr": {"low": "1e-4", "high": 1.0e-2, "log": True},
    "model.delay_lines": {"low": 0, "high": 3, "when": {"base": "spike_gru.yaml"}},
    "model.max_delay": {"values": [4, 8], "when": {"model.delay_lines": [1, 2, 3]}},
}


def define(space=SPACE, *, options=OPTIONS, base=("gru.yaml", "spike_gru.yaml"), **search):
    fields = {"n_trials": 40, "n_random": 4, "lag": 4, "sampler": TPE, "pruner": HYPERBAND, **search}
    return make_study_plan(SweepSpec([*base], space, options, search=fields), [], "own")


@cache
def plan():
    return define()


def changed(study, **settings):
    """Return a plan with other settings, without checking it again."""
    return replace(study, settings=replace(study.settings, **settings))


def curve(params):
    """Return what a trial measures in each epoch: the same for the same values."""
    noise = Random(zlib.crc32(str(sorted(params.items())).encode()))  # noqa: S311
    top = 0.5 - 0.1 * (math.log10(params.get("optimizer.lr", 1e-3)) + 3) ** 2 + 0.01 * params["model.hidden_size"]
    return [top * (1 - math.exp(-epoch / 2)) + noise.gauss(0, 0.01) for epoch in range(1, N_EPOCHS + 1)]


def run(job):
    """Return how a trial ends, its pruning decided by the callback of a real one."""
    stopper = StopWhenPruned(job.study.pruning)
    for value in curve(job.study.proposal.params):
        if stopper.decide(value):
            break
    has_ended = len(stopper.curve) == N_EPOCHS
    return Outcome(job.key, "finished", "", 1, None, stopper.result(has_ended=has_ended, value=max(stopper.curve)))


def pursue(search, *, n_workers=1, timing=0, failing=()):
    """Run a search on simulated workers of random speeds; return it."""
    clock, now, running = Random(timing), 0.0, []  # noqa: S311
    while not search.is_done:
        while len(running) < n_workers and (job := search.ask()) is not None:
            heapq.heappush(running, (now + clock.random(), job.study.proposal.number, job))
        if not running:  # the last trials equalled earlier ones
            break
        now, number, job = heapq.heappop(running)
        search.tell(Outcome(job.key, "timeout", "", 1, None) if number in failing else run(job))
    assert search.is_done
    return search


def trials(search):
    return [(trial.proposal, trial.end) for trial in search.trials]


@cache
def calm():
    return trials(pursue(AdaptiveSearch(plan())))


@pytest.mark.slow
@pytest.mark.parametrize(("n_workers", "timing"), [(2, 1), (4, 2), (4, 3), (40, 4)])
def test_any_number_of_workers_runs_the_same_trials(n_workers, timing):
    assert trials(pursue(AdaptiveSearch(plan()), n_workers=n_workers, timing=timing)) == calm()


@pytest.mark.slow
def test_trials_are_pruned_and_complete():
    states = Counter(end.state for _, end in calm())
    assert states["pruned"] > 5
    assert states["complete"] > 5


def oracle_study(number, branch, *, sampler=None):
    """Return a study of Optuna with the trials that trial ``number`` may know, built by nothing of ours."""
    study = optuna.create_study(
        study_name="c5snn", direction="maximize", sampler=sampler,
        pruner=optuna.pruners.HyperbandPruner(min_resource=1, max_resource=N_EPOCHS, reduction_factor=3),
    )  # fmt: skip
    for earlier, (proposal, end) in enumerate(calm()[:number]):
        if proposal.branch != branch:
            continue
        params = {name: value for name, value in proposal.params.items() if name != "base"}
        ranges = {"model.hidden_size": optuna.distributions.IntDistribution(4, 8)}
        ranges["optimizer.lr"] = optuna.distributions.FloatDistribution(1e-4, 1e-2, log=True)
        ranges["model.delay_lines"] = optuna.distributions.IntDistribution(0, 3)
        ranges["model.max_delay"] = optuna.distributions.CategoricalDistribution([4, 8])
        known = {"params": params, "distributions": {name: ranges[name] for name in params}}
        if earlier <= number - 4:
            state = optuna.trial.TrialState.COMPLETE if end.state == "complete" else optuna.trial.TrialState.PRUNED
            known |= {"value": end.value, "intermediate_values": dict(enumerate(end.curve, 1))}
            study.add_trial(optuna.create_trial(state=state, system_attrs=dict(end.attributes), **known))
        else:
            study.add_trial(optuna.create_trial(state=optuna.trial.TrialState.RUNNING, **known))
    return study


def seed_of(*words):
    return int(np.random.SeedSequence(words).generate_state(1)[0])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Argument ``group``")
def test_each_proposal_is_the_one_that_optuna_makes_of_the_same_trials():
    n_compared = 0
    for number, (proposal, _) in enumerate(calm()):
        if proposal.source == "random":
            sampler = optuna.samplers.RandomSampler(seed=proposal.seed)
        else:
            sampler = optuna.samplers.TPESampler(seed=proposal.seed, multivariate=True, group=True)
            n_compared += 1
        assert proposal.seed in [seed_of(0, number, attempt) for attempt in range(21)]
        trial = oracle_study(number, proposal.branch, sampler=sampler).ask()
        expected = {"model.hidden_size": trial.suggest_int("model.hidden_size", 4, 8)}
        expected["optimizer.lr"] = trial.suggest_float("optimizer.lr", 1e-4, 1e-2, log=True)
        if proposal.branch == 1:
            expected["model.delay_lines"] = trial.suggest_int("model.delay_lines", 0, 3)
            if expected["model.delay_lines"] > 0:
                expected["model.max_delay"] = trial.suggest_categorical("model.max_delay", [4, 8])
        assert {name: value for name, value in proposal.params.items() if name != "base"} == expected, number
    assert n_compared == 40 - 2 * 4


@pytest.mark.slow
def test_each_pruning_decision_is_the_one_that_optuna_makes_of_the_same_trials():
    for number, (proposal, end) in enumerate(calm()):
        trial = oracle_study(number, proposal.branch, sampler=optuna.samplers.RandomSampler(0)).ask()
        for epoch, value in enumerate(curve(proposal.params), 1):
            trial.report(value, epoch)
            if trial.should_prune():
                break
        assert end.curve == tuple(curve(proposal.params)[:epoch]), number
        assert (end.state == "pruned") == (epoch < N_EPOCHS)


def test_shares_are_within_one_trial_of_their_weights_at_every_number():
    counts = Counter()
    for number, (proposal, _) in enumerate(calm(), start=1):
        counts[proposal.branch] += 1
        assert abs(counts[1] - 0.25 * number) < 1


def test_a_small_branch_does_not_starve():
    completed = Counter(proposal.branch for proposal, end in calm() if end.state == "complete")
    assert completed[1] >= 0.25 * completed[0]


def test_the_first_of_each_branch_are_drawn_at_random():
    for branch in (0, 1):
        sources = [proposal.source for proposal, _ in calm() if proposal.branch == branch]
        assert sources == ["random"] * 4 + ["sampler"] * (len(sources) - 4)


def test_more_trials_leave_the_earlier_ones_as_they_are():
    longer = trials(pursue(AdaptiveSearch(changed(plan(), n_trials=46)), n_workers=3, timing=5))
    assert longer[:40] == calm()
    assert len(longer) == 46


def test_a_trial_waits_for_the_one_that_is_lag_before_it():
    search = AdaptiveSearch(plan())
    jobs = [search.ask() for _ in range(5)]
    assert [job is None for job in jobs] == [False] * 4 + [True]
    search.tell(run(jobs[1]))
    assert search.ask() is None
    search.tell(run(jobs[0]))
    assert [search.ask().study.proposal.number, search.ask().study.proposal.number, search.ask()] == [4, 5, None]


def test_a_recorded_proposal_is_taken_as_it_stands():
    recorded = {proposal.follows: proposal for proposal, _ in calm()}
    other = replace(calm()[20][0], params={**calm()[20][0].params, "optimizer.lr": 0.005})  # of another Optuna, say
    search = pursue(AdaptiveSearch(plan(), {**recorded, other.follows: other}))
    assert trials(search)[:20] == calm()[:20]
    assert search.trials[20].proposal == other
    assert search.trials[21].proposal.follows != calm()[21][0].follows


def test_another_result_changes_what_later_trials_follow_from():
    search = pursue(AdaptiveSearch(plan()), failing={10})
    found, undisturbed = [p.follows for p, _ in trials(search)], [p.follows for p, _ in calm()]
    assert found[:14] == undisturbed[:14]
    assert not set(found[14:]) & set(undisturbed[14:])


def test_a_failed_trial_counts_and_is_told_as_failed():
    search = pursue(AdaptiveSearch(plan()), n_workers=4, failing={0, 10, 39})
    assert len(search.trials) == 40
    assert [number for number, trial in enumerate(search.trials) if trial.end == FAILED] == [0, 10, 39]
    assert trials(search) == trials(pursue(AdaptiveSearch(plan()), n_workers=2, timing=9, failing={0, 10, 39}))


@cache
def discrete():
    return define({"model.hidden_size": [4, 5, 6]}, base=["gru.yaml"], n_trials=12, n_random=2, lag=2, pruner=None)


@pytest.mark.slow
def test_a_configuration_that_was_tried_is_not_run_again():
    search = AdaptiveSearch(discrete())
    asked = []
    while (job := search.ask()) is not None:
        asked.append(job.study.proposal.params["model.hidden_size"])
        search.tell(run(job))
    assert search.is_done
    assert sorted(asked) == [4, 5, 6]
    assert len(search.trials) == 12
    duplicates = [trial for trial in search.trials if trial.duplicate_of is not None]
    assert len(duplicates) == 9
    assert all(trial.end == trial.duplicate_of.end for trial in duplicates)
    assert search.stage.n_trials == 3


@pytest.mark.slow
def test_duplicates_are_recorded_with_the_trial_after_them():
    study = changed(discrete(), n_trials=40)
    first = pursue(AdaptiveSearch(study))
    by_follows = {
        entry.follows: entry
        for trial in first.trials
        if trial.job
        for entry in (*trial.job.study.proposal.duplicates, trial.proposal)
    }
    last = max(trial.proposal.number for trial in first.trials if trial.job)
    assert len(by_follows) == last + 1


@pytest.mark.slow
def test_enqueued_configurations_come_first_and_what_they_leave_out_is_drawn():
    enqueue = [{"model.hidden_size": 5, "optimizer.lr": "1e-3"}, {"base": "spike_gru.yaml", "model.delay_lines": 0}]
    search = pursue(AdaptiveSearch(define(enqueue=enqueue, n_trials=16)))
    first, second, *others = [proposal for proposal, _ in trials(search)]
    assert (first.source, second.source, others[0].source) == ("enqueued", "enqueued", "random")
    assert first.params == {"base": "gru.yaml", "model.hidden_size": 5, "optimizer.lr": 0.001}
    assert (second.params["base"], second.params["model.delay_lines"]) == ("spike_gru.yaml", 0)
    assert 4 <= second.params["model.hidden_size"] <= 8
    for number in range(1, len(others) + 1):  # quotas count from the first sampled trial on
        assert abs(sum(p.branch for p in others[:number]) - 0.25 * number) < 1


@pytest.mark.slow
def test_a_configuration_outside_the_space_is_run_and_the_sampler_is_not_told():
    study = define(enqueue=[{"optimizer.lr": 0.5}], n_trials=16)
    assert any("outside the space" in warning for warning in study.warnings)
    search = pursue(AdaptiveSearch(study))
    assert search.trials[0].proposal.params["optimizer.lr"] == 0.5
    assert len(search.trials[15].job.study.pruning.snapshot.known()) < 15


@pytest.mark.slow
def test_observed_trials_are_told_first_and_never_run(tmp_path):
    table = tmp_path / "earlier.csv"
    table.write_text(
        "base,hidden_size,optimizer.lr,delay_lines,max_delay,value\n"
        "gru.yaml,5,0.001,,,0.9\nspike_gru.yaml,5,0.001,2,8,0.8\ngru.yaml,99,0.001,,,0.7\ngru.yaml,6,0.001,,,\n"
        "2026-01-01,5,0.001,,,0.6\n"  # YAML reads a date
    )
    study = define(observed=str(table), n_trials=12)
    search = pursue(AdaptiveSearch(study))
    assert [len(known) for known in search.observed] == [1, 1]  # two lie outside, one has no value
    assert len(search.trials) == 12
    (known, *_) = search.trials[0].job.study.pruning.snapshot.known()
    assert known.result == TrialResult("complete", 0.9)
    unaware = pursue(AdaptiveSearch(define(n_trials=12)))
    assert not {p.follows for p, _ in trials(search)} & {p.follows for p, _ in trials(unaware)}


@pytest.mark.slow
def test_a_folder_of_earlier_trials_teaches_as_its_table_does(tmp_path):
    entries = [
        {"base": "gru.yaml", "model.hidden_size": 5, "optimizer.lr": 0.001},
        {"base": "gru.yaml", "model.hidden_size": 99, "optimizer.lr": 0.001},  # outside the space
        {"base": "gru.yaml", "model.hidden_size": "five", "optimizer.lr": 0.001},  # of another kind
        {"base": "gru.yaml", "model.hidden_size": 6, "optimizer.lr": 0.001},  # failed
    ]
    for number, (params, value) in enumerate(zip(entries, (0.9, 0.8, 0.7, None), strict=True)):
        trial = {"trial_number": number, "value": value, "params": params, "state": "COMPLETE" if value else "FAIL"}
        (tmp_path / f"trial_{number}.json").write_text(json.dumps(trial | {"architecture": {"n_params": 100}}))
    table = tmp_path / "earlier.csv"
    table.write_text("base,hidden_size,optimizer.lr,value\ngru.yaml,5,0.001,0.9\n")
    of_folder, of_table = (AdaptiveSearch(define(observed=str(path), n_trials=12)) for path in (tmp_path, table))
    assert of_folder.observed == of_table.observed
    assert [len(known) for known in of_folder.observed] == [1, 0]
    assert of_folder.observed[0][0].result == TrialResult("complete", 0.9)


SAMPLERS = [
    ("TPESampler", {}), ("TPESampler", {"multivariate": True, "constant_liar": True}), ("RandomSampler", {}),
    ("NSGAIISampler", {"population_size": 4}), ("NSGAIIISampler", {"population_size": 4}),
    ("GPSampler", {"n_startup_trials": 4}), ("CmaEsSampler", {"n_startup_trials": 3}),
    ("CmaEsSampler", {"n_startup_trials": 3, "popsize": 4, "consider_pruned_trials": True}),
]  # fmt: skip
PRUNERS = [
    ("SuccessiveHalvingPruner", {"min_resource": 1}), ("MedianPruner", {"n_startup_trials": 2}),
    ("PercentilePruner", {"percentile": 50.0, "n_startup_trials": 2}), ("ThresholdPruner", {"lower": 0.2}),
    ("PatientPruner", {"wrapped_pruner": {"class_path": "MedianPruner"}, "patience": 1}),
    ("WilcoxonPruner", {"n_startup_steps": 2}), ("NopPruner", {}),
]  # fmt: skip


@cache
def continuous():
    space = {"optimizer.lr": SPACE["optimizer.lr"], "model.hidden_size": {"low": 4, "high": 64}}
    return define(space, base=["gru.yaml"], n_trials=14)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "arguments"), SAMPLERS)
def test_every_sampler_repeats_whatever_the_workers(name, arguments):
    study = changed(continuous(), sampler=OptunaClass(name, arguments))
    first = pursue(AdaptiveSearch(study))
    assert trials(pursue(AdaptiveSearch(study), n_workers=4, timing=3)) == trials(first)
    assert len({str(proposal.params) for proposal, _ in trials(first)}) == 14


def test_every_sampler_and_every_pruner_is_tried():
    assert {name for name, _ in SAMPLERS} == set(OPTUNA_SAMPLERS)
    assert {name for name, _ in PRUNERS} | {"HyperbandPruner"} == set(OPTUNA_PRUNERS)


def cma_es():
    sampler = OptunaClass("CmaEsSampler", {"n_startup_trials": 3, "popsize": 4})
    return changed(continuous(), sampler=sampler, n_trials=24)


@pytest.mark.slow
def test_a_resumed_search_of_cma_es_unpickles_nothing_and_goes_on_as_it_was(monkeypatch):
    whole = pursue(AdaptiveSearch(cma_es()))
    assert sum(bool(trial.state) for trial in whole.trials) >= 2  # its distribution has moved twice
    written = [json.loads(json.dumps(trial.proposal.to_json())) for trial in whole.trials[:19]]
    for fields in written:  # as somebody else may have written it
        if any(":optimizer" in name for name in fields["attributes"]):
            fields["attributes"]["cma:optimizer:0"] = pickle.dumps(eval).hex()
    recorded = {entry.follows: entry for entry in map(Proposal.from_json, written)}
    loads, seen = pickle.loads, []
    monkeypatch.setattr(pickle, "loads", lambda content: seen.append(loads(content)) or seen[-1])
    again = pursue(AdaptiveSearch(cma_es(), recorded))
    assert [trial.proposal.params for trial in again.trials] == [trial.proposal.params for trial in whole.trials]
    assert trials(again)[19:] == trials(whole)[19:]
    assert seen
    assert eval not in seen


@pytest.mark.slow
@pytest.mark.parametrize(("name", "arguments"), PRUNERS)
def test_every_pruner_repeats_whatever_the_workers(name, arguments):
    study = changed(plan(), n_trials=24, pruner=OptunaClass(name, arguments))
    first = pursue(AdaptiveSearch(study))
    assert trials(pursue(AdaptiveSearch(study), n_workers=4, timing=3)) == trials(first)
    n_pruned = sum(end.state == "pruned" for _, end in trials(first))
    assert (n_pruned == 0) == (name == "NopPruner")


@pytest.mark.slow
def test_a_trial_of_several_runs_trains_each_on_its_own_data():
    spec = SweepSpec(
        "gru.yaml", {"model.hidden_size": {"low": 4, "high": 8}}, OPTIONS,
        screen=Screen(average_over={"data.data_seed": [16, 17]}), search={"n_trials": 4},
    )  # fmt: skip
    job = AdaptiveSearch(make_study_plan(spec, [], "own")).ask()
    configs = [job.config, *job.study.others]
    assert [config["data"]["init_args"]["data_seed"] for config in configs] == [16, 17]
    assert len({str({**config, "data": None}) for config in configs}) == 1
