"""What the search and the ledger of a study cost per trial, however short its trials are."""

import json
import math
import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.table import Row, Table
from benchmarks.timing import Effort
from c5snn.records import COMMIT
from c5snn.records.run_folder import BEST, CONFIG, METRICS, PROVENANCE, RESULT
from c5snn.sweeps.adaptive_search import AdaptiveSearch
from c5snn.sweeps.job import Job
from c5snn.sweeps.ledger import Ledger
from c5snn.sweeps.spec import SweepSpec
from c5snn.sweeps.study_driver import read_recorded
from c5snn.sweeps.study_plan import StudyPlan
from c5snn.sweeps.study_planning import make_study_plan
from c5snn.sweeps.trial_result import TrialResult
from c5snn.training.run import train

__all__ = ["measure_study"]

N_EPOCHS = 20
TRIAL_S = 10.0
NOTE = """TPE (multivariate, in groups) over six options and Hyperband's snapshot, on a study whose trials are not run
but committed with their files. ask: a proposal from all trials so far. commit: hashes, files, the record read again.
share: of a trial of 10 s. resume: the whole study replayed from its ledger, the first missing proposal included."""


def measure_study(effort: Effort, *, quick: bool) -> list[Table]:
    """Return the seconds of a study of 500 trials, trial by trial, and those of its resume."""
    del effort  # one study of many trials is its own repetition
    with tempfile.TemporaryDirectory() as folder:
        plan = _plan(20 if quick else 500)
        return [Table("Search and ledger of a study", [_measured(plan, Path(folder))], NOTE)]


def _plan(n_trials: int) -> StudyPlan:
    space = {
        "model.hidden_size": {"low": 4, "high": 64},
        "model.num_layers": [1, 2],
        "model.dropout": {"low": 0.0, "high": 0.5, "when": {"model.num_layers": 2}},
        "optimizer.lr": {"low": 1e-4, "high": 1e-2, "log": True},
        "optimizer.weight_decay": {"low": 1e-6, "high": 1e-1, "log": True},
        "data.batch_size": [16, 32, 64],
    }
    search = {
        "sampler": {"class_path": "optuna.samplers.TPESampler", "init_args": {"multivariate": True, "group": True}},
        "pruner": {
            "class_path": "optuna.pruners.HyperbandPruner",
            "init_args": {"min_resource": 1, "max_resource": N_EPOCHS},
        },
        "n_trials": n_trials,
        "n_random": 10,
    }
    options = {"optimizer": "Adam", "data.n_events": 260, "data.window": 5, "trainer.max_epochs": N_EPOCHS}
    return make_study_plan(SweepSpec("gru.yaml", space, options, search=search), [], "benchmark")


def _measured(plan: StudyPlan, folder: Path) -> Row:
    run = folder / "run"
    run.mkdir()
    train(["--model", "FrequencyBaseline", "--data.n_events", "260", "--data.window", "5"], folder=run)
    ledger, search = Ledger(folder / "out"), AdaptiveSearch(plan)
    ask_s = commit_s = 0.0
    while not search.is_done:
        began = time.perf_counter()
        job = search.ask()
        ask_s += time.perf_counter() - began
        if job is None:
            break
        began = time.perf_counter()
        _commit(job, ledger, run)
        outcome = ledger.outcome(job.key, test=False)
        commit_s += time.perf_counter() - began
        if outcome is None:
            raise RuntimeError(f"A committed trial must have an outcome, but {job.key} has none.")
        search.tell(outcome)
    began = time.perf_counter()
    longer = replace(plan, settings=replace(plan.settings, n_trials=plan.settings.n_trials + 1))
    recorded = read_recorded(longer, ledger)
    resume_s = time.perf_counter() - began
    n_trials = len(recorded.jobs)
    each_s = (ask_s + commit_s) / n_trials
    return {
        "trials": n_trials, "ask ms": 1000 * ask_s / n_trials, "commit ms": 1000 * commit_s / n_trials,
        "share": f"{each_s / TRIAL_S:.2%}", "resume s": resume_s,
    }  # fmt: skip


def _commit(job: Job, ledger: Ledger, run: Path) -> None:
    """Commit a trial whose curve follows from what it tries."""
    if job.study is None:
        raise RuntimeError("A trial of a study must carry its proposal, but this job carries none.")
    scratch = ledger.scratch(job.key)
    for name in (BEST, COMMIT, CONFIG, METRICS, PROVENANCE, RESULT):
        shutil.copyfile(run / name, scratch / name)
    job.study.proposal.save(scratch)
    params = json.loads(json.dumps(job.study.proposal.params))
    top = 0.5 - 0.1 * (math.log10(params["optimizer.lr"]) + 3) ** 2
    curve = tuple(top * (1 - math.exp(-epoch / 5)) for epoch in range(1, N_EPOCHS + 1))
    TrialResult("complete", max(curve), curve).save(scratch)
    ledger.commit(job.key, scratch)
