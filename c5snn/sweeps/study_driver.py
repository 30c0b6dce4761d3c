"""A study from its plan to its results: replay what is recorded, search, confirm, write it all down."""

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from c5snn.records.scored import score_configurations
from c5snn.sweeps.adaptive_search import AdaptiveSearch
from c5snn.sweeps.console import Projection, StageConsole, stage_console
from c5snn.sweeps.driver import SweepResult, count_comparisons, order_by_monitor
from c5snn.sweeps.executor import Executor
from c5snn.sweeps.job import Job, Outcome
from c5snn.sweeps.kept_checkpoints import KeptCheckpoints
from c5snn.sweeps.ledger import Ledger
from c5snn.sweeps.loop import SearchLoop, StageLoop
from c5snn.sweeps.points import trial_key
from c5snn.sweeps.proposal import Proposal, recorded_proposals, save_last_duplicates
from c5snn.sweeps.results import write_best
from c5snn.sweeps.stop_files import StopFiles
from c5snn.sweeps.study_plan import StudyPlan
from c5snn.sweeps.study_results import confirmed, confirmed_runs, trial_label, write_study_trials
from c5snn.sweeps.top import clear_top, write_top

__all__ = ["Recorded", "read_recorded", "run_study"]

FACTS = {"finished", "diverged"}  # ends that follow from the trial itself


@dataclass(frozen=True)
class Recorded:
    """What the ledger holds of a study.

    Args:
        proposals: The recorded proposals by what they follow from.
        jobs: The jobs of the study that have ended.
        n_ended: Trials that have ended, those that equal an earlier one included.
        n_duplicates: How many of them equal an earlier one.
        n_stale: Recorded trials that do not follow from the definition and the results of now.
    """

    proposals: dict[str, Proposal]
    jobs: Sequence[Job]
    n_ended: int
    n_duplicates: int
    n_stale: int


def read_recorded(plan: StudyPlan, ledger: Ledger) -> Recorded:
    """Replay a study on the ledger: which of its trials have ended, and which recorded ones are stale."""
    keys = ledger.keys()
    proposals = recorded_proposals((ledger.folder(key) for key in sorted(keys)), ledger.root)
    search, jobs = AdaptiveSearch(plan, proposals), list[Job]()
    while search.stage.name == "search" and (job := search.ask()) is not None:
        outcome = ledger.outcome_of(job) if job.key in keys else None
        if outcome is not None:
            search.tell(outcome)
            jobs.append(job)
    used = {key for job in [*jobs, *search.stage.foreseen] for key in job.keys}
    stale = [key for key in keys - used if (ledger.folder(key) / "proposal.json").is_file()]
    ended = [trial for trial in search.trials if trial.end is not None]
    n_duplicates = sum(trial.duplicate_of is not None for trial in ended)
    return Recorded(proposals, jobs, len(ended), n_duplicates, len(stale))


def run_study(
    plan: StudyPlan,
    recorded: Recorded,
    *,
    executor: Executor,
    ledger: Ledger,
    max_trials: int | None = None,
    stop: StopFiles | None = None,
) -> SweepResult:
    """Run what is left of a study, and rebuild its results. The caller holds the ledger's lock.

    Args:
        plan: What there is to do.
        recorded: What of it is done.
        executor: Runs the trials.
        ledger: Knows those that are done.
        max_trials: How many trials to run at most now; None: all that are left.
        stop: The files that ask the study to end; None: it looks for none.
    """
    search = AdaptiveSearch(plan, recorded.proposals, recorded.jobs)
    loop = SearchLoop(search, executor, ledger, max_trials=max_trials, stop=stop)
    checkpoints = KeptCheckpoints(search, ledger)
    for stage in loop.stages():
        _run_stage(stage, search, executor.n_workers, checkpoints)
    save_last_duplicates(search.last_duplicates, ledger.root)
    result = SweepResult(loop.outcomes, loop.n_run, loop.n_left)
    _write(search, ledger.root, result)
    return result


def _run_stage(stage: StageLoop, search: AdaptiveSearch, n_workers: int, checkpoints: KeptCheckpoints) -> None:
    plan = search.plan
    projections = [Projection(stage.n_now, n_workers) for _ in plan.space.branches]
    max_epochs = int(plan.start.config["trainer"]["max_epochs"])
    with (
        stage_console(stage.name, stage.n_trials, stage.n_done, plan.monitor) as console,
        closing(stage.run()) as outcomes,
    ):
        for outcome in outcomes:
            checkpoints.update()
            name, seed, branch = _described(search, outcome)
            console.finished(outcome, name, seed)
            for index, projection in enumerate(projections):  # each branch has its own speed
                news = projection.after(outcome if index == branch else _unknown(outcome), max_epochs)
                if news is not None:
                    console.say(news)
            if search.stage.name == stage.name:
                console.expect(search.stage.n_trials)
            _show(console, search)
        for line in _last_words(search) if stage.name == "search" else ():
            console.say(line)


def _last_words(search: AdaptiveSearch) -> list[str]:
    """Say what of a search was not run, and whether it would come out the same elsewhere."""
    if len(search.trials) < search.settings.n_trials or any(trial.end is None for trial in search.trials):
        return []
    lines, n_duplicates = [], sum(trial.duplicate_of is not None for trial in search.trials)
    if n_duplicates:
        equal = "trial equals an earlier one" if n_duplicates == 1 else "trials equal earlier ones"
        lines.append(f"{n_duplicates} {equal}, and the known result counts")
    ends = [trial.outcome.status for trial in search.trials if trial.outcome is not None]
    accidents = Counter(status for status in ends if status not in FACTS)
    if not accidents:
        return [*lines, "no accident of the machine: the trials are the same with any number of workers"]
    listed = ", ".join(f"{n} {status}" for status, n in accidents.most_common())
    return [*lines, f"accidents of the machine: {listed}; without them later trials would be others"]


def _unknown(outcome: Outcome) -> Outcome:
    """Return the end of a trial without what it says of the time."""
    return Outcome(outcome.key, outcome.status, "", outcome.attempts, None)


def _described(search: AdaptiveSearch, outcome: Outcome) -> tuple[str, int, int]:
    """Return a job's label, seed and branch."""
    trial = search.asked(outcome.key)
    if trial is not None:
        label = trial_label(search, trial.proposal.number)
        return label, search.plan.spec.screen.seed, trial.proposal.branch
    number, seed = search.confirmed(outcome.key)
    entry = next(entry for entry in confirmed(search) if trial_key(entry.point, seed) == outcome.key)
    return f"{entry.label} {entry.origin}".rstrip(), seed, search.trials[number].proposal.branch


def _show(console: StageConsole, search: AdaptiveSearch) -> None:
    states = Counter(trial.end.state for trial in search.trials if trial.end is not None)
    best = next(iter(search.best()), None)
    value = f"best {best.result.value:.4f}, " if best and best.result and best.result.value is not None else ""
    console.show(f"{value}{states['pruned']} pruned, {states['failed']} failed")


def _write(search: AdaptiveSearch, output: Path, result: SweepResult) -> None:
    plan = search.plan
    write_study_trials(search, result.outcomes, output / "trials.csv")
    clear_top(output)  # that of another state of the study must not stand beside these
    groups = confirmed_runs(search, result.outcomes)
    result.n_comparisons = count_comparisons(groups)
    if result.n_comparisons != 1 or plan.spec.confirm is None:
        return
    sign = 1 if plan.mode == "max" else -1
    entries = score_configurations(groups, n_chosen_from=len(search.trials))
    result.entries = order_by_monitor(entries, plan.monitor, sign)
    result.options = {entry.label: entry.options for entry in confirmed(search)}
    points = {entry.label: entry.point for entry in confirmed(search)}
    write_top(result.entries, points, output / f"top{plan.spec.confirm.top_k}.json")
    write_best(max(result.entries[0].runs, key=lambda run: sign * run.val[plan.monitor]), output / "best")
