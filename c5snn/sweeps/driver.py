"""A sweep from its plan to its results: screen, confirm the best, compare them, write it all down."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from c5snn.reports.leaderboard import Contender, contenders
from c5snn.sweeps.console import named_values, stage_console
from c5snn.sweeps.executors import Executor
from c5snn.sweeps.job import Job, Outcome
from c5snn.sweeps.ledger import Ledger
from c5snn.sweeps.plan import SweepPlan
from c5snn.sweeps.points import Point, trial_key
from c5snn.sweeps.results import write_best, write_screening, write_trials
from c5snn.sweeps.top import write_top
from c5snn.training.result import RunResult

__all__ = ["SweepResult", "run_sweep"]


@dataclass
class SweepResult:
    """What a sweep has come to.

    Args:
        outcomes: How each trial ended, by key.
        n_run: How many trials were run now.
        n_left: How many are left to run.
        entries: The tested configurations, compared; empty while there are none.
    """

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    n_run: int = 0
    n_left: int = 0
    entries: list[Contender] = field(default_factory=list)

    @property
    def failed(self) -> list[Outcome]:
        """The trials that did not finish."""
        return [outcome for outcome in self.outcomes.values() if outcome.status != "finished"]


def run_sweep(
    plan: SweepPlan, output: Path, *, executor: Executor, ledger: Ledger, max_trials: int | None = None
) -> SweepResult:
    """Run what is left of a sweep, and rebuild its results. The caller holds the ledger's lock.

    Args:
        plan: What there is to do.
        output: The sweep's folder.
        executor: Runs the trials.
        ledger: Knows those that are done.
        max_trials: How many trials to run at most now; None: all that are left.
    """
    result = SweepResult()
    _run("screen" if plan.spec.confirm else "test", plan, plan.first_jobs(), executor, ledger, result, max_trials)
    chosen = plan.distinct if plan.spec.confirm is None else []
    if plan.spec.confirm is not None and not result.n_left:
        chosen = plan.best(result.outcomes)
        _run("confirm", plan, plan.confirming_jobs(chosen), executor, ledger, result, max_trials)
    _write(plan, output, chosen, result)
    return result


def _run(
    stage: str,
    plan: SweepPlan,
    jobs: Sequence[Job],
    executor: Executor,
    ledger: Ledger,
    result: SweepResult,
    max_trials: int | None,
) -> None:
    """Run the jobs of a stage that are not done yet."""
    left = [job for job in jobs if not ledger.is_done(job)]
    n_done = len(jobs) - len(left)
    now = left if max_trials is None else left[: max(0, max_trials - result.n_run)]
    with stage_console(stage, len(jobs), n_done) as console, closing(executor.run(now)) as outcomes:
        for outcome in outcomes:
            point, seed = plan.trials[outcome.key]
            console.finished(outcome, point, seed, searched=plan.spec.searched, monitor=plan.spec.screen.monitor)
            result.outcomes[outcome.key] = outcome
            result.n_run += 1
    result.n_left += len(left) - len(now)
    for job in jobs:
        known = ledger.outcome(job.key, test=job.test)
        if known is not None:
            result.outcomes[job.key] = known


def _write(plan: SweepPlan, output: Path, chosen: Sequence[Point], result: SweepResult) -> None:
    if plan.spec.confirm is not None:
        write_screening(plan, result.outcomes, output / "screening.csv")
    write_trials(plan, result.outcomes, output / "trials.csv")
    groups = {_label(point, plan): _tested(point, plan, result.outcomes) for point in chosen}
    groups = {label: runs for label, runs in groups.items() if runs}
    if not groups or len({run.data.sha256 for runs in groups.values() for run in runs}) > 1:
        return  # nothing tested yet, or several histories, which are never ranked together
    result.entries = contenders(groups, plan.spec.screen.monitor)
    write_top(result.entries, {_label(point, plan): point for point in chosen}, output)
    winner = result.entries[0]
    sign = 1 if plan.spec.screen.mode == "max" else -1
    write_best(max(winner.runs, key=lambda run: sign * run.val.get(plan.spec.screen.monitor, 0.0)), output / "best")


def _tested(point: Point, plan: SweepPlan, outcomes: Mapping[str, Outcome]) -> list[RunResult]:
    seeds = plan.spec.confirm.seeds if plan.spec.confirm else plan.spec.seeds
    found = [outcomes.get(trial_key(point, seed)) for seed in seeds]
    return [entry.result for entry in found if entry and entry.result and entry.result.test]


def _label(point: Point, plan: SweepPlan) -> str:
    return " ".join(
        [point.model, *(f"{name}={value}" for name, value in named_values(point, plan.spec.searched).items())]
    )
