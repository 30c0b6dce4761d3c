"""A sweep from its plan to its results: screen, confirm the best, compare them, write it all down."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from math import nan
from pathlib import Path
from statistics import fmean

from c5snn.records import RunRecord
from c5snn.records.scored import ScoredConfiguration, score_configurations
from c5snn.sweeps.console import Projection, stage_console
from c5snn.sweeps.executor import Executor
from c5snn.sweeps.grid_search import GridSearch
from c5snn.sweeps.job import Outcome
from c5snn.sweeps.ledger import Ledger
from c5snn.sweeps.loop import SearchLoop, StageLoop
from c5snn.sweeps.names import configuration_label, label, named_values
from c5snn.sweeps.plan import SweepPlan
from c5snn.sweeps.points import Point, training_seed, trial_key
from c5snn.sweeps.results import write_best, write_screening, write_trials
from c5snn.sweeps.stop_files import StopFiles
from c5snn.sweeps.top import clear_top, write_top

__all__ = ["SweepResult", "count_comparisons", "order_by_monitor", "run_sweep"]


@dataclass
class SweepResult:
    """What a sweep has come to.

    Args:
        outcomes: How each trial ended, by key.
        n_run: How many trials were run now.
        n_left: How many are left to run.
        entries: The tested configurations, compared; empty while there are none, or several comparisons.
        n_comparisons: Of how many different events or splits the tests are.
        options: The searched options of each of these configurations, by its label and their short names.
    """

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    n_run: int = 0
    n_left: int = 0
    entries: list[ScoredConfiguration] = field(default_factory=list)
    n_comparisons: int = 0
    options: dict[str, dict[str, object]] = field(default_factory=dict)

    @property
    def failed(self) -> list[Outcome]:
        """The trials that did not finish."""
        return [outcome for outcome in self.outcomes.values() if outcome.status != "finished"]


def run_sweep(
    plan: SweepPlan,
    output: Path,
    *,
    executor: Executor,
    ledger: Ledger,
    max_trials: int | None = None,
    stop: StopFiles | None = None,
    on_screened: Callable[[Mapping[str, Outcome]], None] | None = None,
) -> SweepResult:
    """Run what is left of a sweep, and rebuild its results. The caller holds the ledger's lock.

    Args:
        plan: What there is to do.
        output: The sweep's folder.
        executor: Runs the trials.
        ledger: Knows those that are done.
        max_trials: How many trials to run at most now; None: all that are left.
        stop: The files that ask the sweep to end; None: it looks for none.
        on_screened: Is told the outcomes, by key, when all configurations are screened and none is confirmed yet.
    """
    search = GridSearch(plan)
    loop = SearchLoop(search, executor, ledger, max_trials=max_trials, stop=stop)
    for stage in loop.stages():
        _run_stage(stage, plan, executor.n_workers)
        if stage.name == "screen" and not stage.n_left and on_screened is not None:
            on_screened(loop.outcomes)
    result = SweepResult(loop.outcomes, loop.n_run, loop.n_left)
    _write(plan, output, search.chosen, result)
    return result


def _run_stage(stage: StageLoop, plan: SweepPlan, n_workers: int) -> None:
    """Run a stage and show what ends; where configurations are screened, those that repeat others are counted."""
    projection = Projection(stage.n_now, n_workers)
    repeats = _repeats(plan) if stage.name == "screen" else {}
    n_done = stage.n_done + sum(len(repeats.get(plan.trials[key][0].config_id, ())) for key in stage.done)
    n_trials, noun = (len(plan.points), "configuration") if repeats else (stage.n_trials, "trial")
    with (
        stage_console(stage.name, n_trials, n_done, plan.monitor, noun) as console,
        closing(stage.run()) as outcomes,
    ):
        for outcome in outcomes:
            point, seed = plan.trials[outcome.key]
            labels = [label(other, plan.spec) for other in repeats.get(point.config_id, ())]
            console.finished(outcome, label(point, plan.spec), training_seed(point, seed), labels)
            news = projection.after(outcome, point.config["trainer"]["max_epochs"])
            if news is not None:
                console.say(news)


def _repeats(plan: SweepPlan) -> dict[int, list[Point]]:
    """Return the points that compute the same as an earlier one, by that one's ``config_id``."""
    found: dict[int, list[Point]] = {}
    for point in plan.points:
        if plan.same_as[point.config_id] != point.config_id:
            found.setdefault(plan.same_as[point.config_id], []).append(point)
    return found


def _write(plan: SweepPlan, output: Path, chosen: Sequence[Point], result: SweepResult) -> None:
    if plan.spec.confirm is not None:
        write_screening(plan, result.outcomes, output / "screening.csv")
    write_trials(plan, result.outcomes, output / "trials.csv")
    clear_top(output)  # that of another state of the sweep must not stand beside these
    groups = _groups(plan, chosen, result.outcomes)
    result.n_comparisons = count_comparisons(groups)
    if result.n_comparisons != 1:
        return  # nothing tested yet, or several histories or splits, which are never ranked together
    sign = 1 if plan.mode == "max" else -1
    n_labels = len({configuration_label(point, plan.spec) for point in plan.distinct})
    result.entries = order_by_monitor(score_configurations(groups, n_chosen_from=n_labels), plan.monitor, sign)
    result.options = {
        configuration_label(point, plan.spec): named_values(point.values, plan.spec.searched) for point in chosen
    }
    top_k = plan.spec.confirm.top_k if plan.spec.confirm else len(result.entries)
    write_top(
        result.entries, {configuration_label(point, plan.spec): point for point in chosen}, output / f"top{top_k}.json"
    )
    write_best(max(result.entries[0].runs, key=lambda run: sign * run.val[plan.monitor]), output / "best")


def order_by_monitor(entries: Sequence[ScoredConfiguration], monitor: str, sign: int) -> list[ScoredConfiguration]:
    """Return the configurations by their mean of the metric that chooses, the best first.

    Args:
        entries: The configurations.
        monitor: The metric, as validation logs it; not always the headline.
        sign: 1 where higher is better, -1 where lower is.
    """
    return sorted(entries, key=lambda entry: -sign * fmean(run.val.get(monitor, nan) for run in entry.runs))


def _groups(plan: SweepPlan, chosen: Sequence[Point], outcomes: Mapping[str, Outcome]) -> dict[str, list[RunRecord]]:
    """Return the runs of each configuration whose seeds were tested at every origin."""
    groups: dict[str, list[RunRecord]] = {}
    for point in chosen:
        groups.setdefault(configuration_label(point, plan.spec), []).extend(_tested(point, plan, outcomes))
    for name, runs in groups.items():
        n_tested = Counter(run.seed for run in runs)
        groups[name] = [run for run in runs if n_tested[run.seed] == run.data.n_origins]
    return {name: runs for name, runs in groups.items() if runs}


def count_comparisons(groups: Mapping[str, list[RunRecord]]) -> int:
    """Return how many different test sets there are, where those of all origins make one."""
    tests = {(run.data.origin, run.data.test_identity) for runs in groups.values() for run in runs}
    return max(Counter(origin for origin, _ in tests).values(), default=0)


def _tested(point: Point, plan: SweepPlan, outcomes: Mapping[str, Outcome]) -> list[RunRecord]:
    seeds = plan.spec.confirm.seeds if plan.spec.confirm else plan.spec.seeds
    found = [outcomes.get(trial_key(point, seed)) for seed in seeds]
    return [entry.result for entry in found if entry and entry.result and entry.result.test]
