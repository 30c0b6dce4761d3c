"""The files that are derived from a study's trials; the same command rebuilds them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from c5snn.files import csv_text, write_text
from c5snn.records import RunRecord, write_commit
from c5snn.sweeps.adaptive_search import AdaptiveSearch
from c5snn.sweeps.asked_trial import AskedTrial
from c5snn.sweeps.job import Outcome
from c5snn.sweeps.names import named_values, origin_option
from c5snn.sweeps.points import Point, trial_key
from c5snn.sweeps.results import measured, retried
from c5snn.sweeps.space import BASE
from c5snn.sweeps.study_plan import StudyPlan, combinations

__all__ = [
    "Confirmed",
    "branch_name",
    "confirmed",
    "confirmed_runs",
    "params_label",
    "trial_label",
    "write_study_trials",
]


def params_label(plan: StudyPlan, params: Mapping[str, Any]) -> str:
    """Return what distinguishes a configuration: its base where there are several, and what is searched."""
    shown = {name: value for name, value in params.items() if name != BASE}
    name = plan.base_of(params).name.removesuffix(".yaml")
    values = named_values(shown).items()
    return " ".join([name, *(f"{option}={_short(value)}" for option, value in values)])


def branch_name(plan: StudyPlan, index: int) -> str:
    """Return what a branch is called: the value that it fixes."""
    return ", ".join(str(value).removesuffix(".yaml") for value in plan.space.branches[index].values())


class Confirmed(NamedTuple):
    """A point that is confirmed.

    Args:
        label: Its configuration: the trial, what that tried, and what it is averaged over but for the origin.
        origin: Which origin or fold this is; empty where there is none.
        options: The configuration's options as a table shows them, its trial's number first.
        point: The point.
    """

    label: str
    origin: str
    options: dict[str, object]
    point: Point


def confirmed(search: AdaptiveSearch) -> list[Confirmed]:
    """Return what is confirmed; origins, over which tests are pooled, make one configuration."""
    plan, found = search.plan, list[Confirmed]()
    changes = combinations(plan.spec.confirm.average_over if plan.spec.confirm else None)
    for number, points in search.chosen.items():
        params = search.trials[number].proposal.params
        base = {BASE: plan.base_of(params).name.removesuffix(".yaml")} if BASE in params else {}
        searched = {name: value for name, value in params.items() if name != BASE}
        for point, change in zip(points, changes, strict=True):
            own, at = dict(change), dict[str, Any]()
            if (origin := origin_option(point)) in own:
                at[origin] = own.pop(origin)
            label = " ".join([trial_label(search, number), *_assigned(own)])
            values = {name: _short(value) for name, value in named_values(searched | own).items()}
            found.append(Confirmed(label, " ".join(_assigned(at)), {"trial": number, **base, **values}, point))
    return found


def confirmed_runs(search: AdaptiveSearch, outcomes: Mapping[str, Outcome]) -> dict[str, list[RunRecord]]:
    """Return the tested runs of each confirmed configuration whose seeds were tested at every origin, by its label."""
    points: dict[str, list[Point]] = {}
    for entry in confirmed(search):
        points.setdefault(entry.label, []).append(entry.point)
    groups: dict[str, list[RunRecord]] = {}
    for label, of_label in points.items():
        runs = [outcome.result for _, _, outcome in _confirmations(search.plan, of_label, outcomes)]
        tested = [run for run in runs if run is not None and run.test is not None]
        n_tested = Counter(run.seed for run in tested)
        whole = [run for run in tested if n_tested[run.seed] == run.data.n_origins]
        if whole:
            groups[label] = whole
    return groups


def trial_label(search: AdaptiveSearch, number: int) -> str:
    """Return what a trial is called: its number and what it tried."""
    return f"#{number} {params_label(search.plan, search.trials[number].proposal.params)}"


def write_study_trials(search: AdaptiveSearch, outcomes: Mapping[str, Outcome], path: Path) -> None:
    """Write a row for each observed trial, for each trial that has ended, and for each confirming run."""
    plan = search.plan
    rows = [
        {"branch": branch_name(plan, index), "state": "complete", "sampled_by": "observed", "value": known.result.value}
        | _values(plan, known.params)
        for index, of_branch in enumerate(search.observed)
        for known in of_branch
        if known.result is not None
    ]
    rows += [_trial_row(plan, trial) for trial in search.trials if trial.end is not None]
    for number, points in search.chosen.items():
        trial = search.trials[number]
        for point, seed, outcome in _confirmations(plan, points, outcomes):
            row = {**_identity(plan, trial), "state": "confirmed", "seed": seed}
            rows.append({**row, **_run(outcome), "n_parameters": point.n_parameters, **measured(outcome.result)})
    write_text(path, csv_text(_columns(rows), rows))
    write_commit(path.parent, [path.name])


def _trial_row(plan: StudyPlan, trial: AskedTrial) -> dict[str, object]:
    end = trial.end
    first = trial
    while first.duplicate_of is not None:
        first = first.duplicate_of
    row = {**_identity(plan, trial), "seed": plan.spec.screen.seed}
    row["duplicates"] = first.proposal.number if first is not trial else None
    if end is not None:
        row |= {"state": end.state, "pruned_at": end.pruned_at, "value": end.value}
    if trial.outcome is None:
        return row
    n_parameters = trial.outcome.result.n_parameters if trial.outcome.result else None
    return {**row, **_run(trial.outcome), "n_parameters": n_parameters, **measured(trial.outcome.result)}


def _identity(plan: StudyPlan, trial: AskedTrial) -> dict[str, object]:
    proposal = trial.proposal
    row = {"number": proposal.number, "branch": branch_name(plan, proposal.branch), "state": None, "pruned_at": None}
    row |= {"sampled_by": proposal.source, "duplicates": None, "value": None}
    return row | _values(plan, proposal.params)


def _values(plan: StudyPlan, params: Mapping[str, Any]) -> dict[str, object]:
    return {"base": plan.base_of(params).name.removesuffix(".yaml"), **named_values(plan.shown(params))}


def _run(outcome: Outcome) -> dict[str, object]:
    return {"key": outcome.ran_key, "status": outcome.status, "message": outcome.message, **retried(outcome)}


def _confirmations(
    plan: StudyPlan, points: Sequence[Point], outcomes: Mapping[str, Outcome]
) -> list[tuple[Point, int, Outcome]]:
    seeds = plan.spec.confirm.seeds if plan.spec.confirm else []
    found = [(point, seed, outcomes.get(trial_key(point, seed))) for point in points for seed in seeds]
    return [(point, seed, outcome) for point, seed, outcome in found if outcome is not None]


def _columns(rows: Sequence[Mapping[str, object]]) -> list[str]:
    first = ["number", "branch", "state", "pruned_at", "sampled_by", "duplicates", "value"]
    return list(dict.fromkeys([*first, *(name for row in rows for name in row)]))


def _assigned(values: Mapping[str, object]) -> list[str]:
    return [f"{name}={value}" for name, value in named_values(values).items()]


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
