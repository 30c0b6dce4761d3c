"""Reads the trials of our own sweeps, grids and studies, from their folder alone: also while they run."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from c5snn.errors import C5Error, ConfigError
from c5snn.records import RunRecord, load_run
from c5snn.records.cells import finite, option_of
from c5snn.records.run_folder import RESULT
from c5snn.records.searched import SearchedOption, SearchedTrial, SearchRecord
from c5snn.reports.collection import collect
from c5snn.reports.configurations import Configuration, differing, group_runs
from c5snn.sweeps.space import BASE, Choice, Option, Quota, Range, Space
from c5snn.sweeps.study_reading import SUMMARY, ReadTrial, StudyRecord, read_studies

__all__ = ["is_sweep", "read_sweep", "space_of"]

LOSS = "val_loss"


def is_sweep(folder: Path) -> bool:
    """Say whether a folder is that of a sweep, or of the studies of one."""
    return (folder / "trials").is_dir() or any(folder.glob(f"*/{SUMMARY}")) or (folder / SUMMARY).is_file()


def read_sweep(folder: Path) -> SearchRecord:
    """Read a sweep's trials.

    Raises:
        ConfigError: The folder holds several studies, or no run that has finished.
    """
    if not any(folder.glob(SUMMARY)) and (folder / "trials").is_dir():
        return _read_grid(folder)
    studies = read_studies(folder)
    if len(studies) > 1:
        named = ", ".join(str(study.folder) for study in studies)
        raise ConfigError(f"An analysis is of one study, but `{folder}` holds {len(studies)}; give one of {named}.")
    return _of_study(studies[0])


def space_of(study: StudyRecord) -> Space:
    """Return the space of a study, as its definition says it."""
    fields = json.loads(study.summary["definition"])[1]
    options = tuple(
        Option(entry["name"], _domain(entry["domain"]), {name: tuple(of) for name, of in entry["when"].items()})
        for entry in fields["options"]
    )
    quota = fields["quota"]
    split = Quota(quota["option"], tuple(quota["values"]), tuple(quota["shares"])) if quota else None
    return Space(options, split, fields["fixed"], tuple(fields["shown"]))


def _domain(fields: Mapping[str, Any]) -> Range | Choice:
    return Choice(tuple(fields["values"])) if "values" in fields else Range(**fields)


def _of_study(study: StudyRecord) -> SearchRecord:
    space = space_of(study)
    runs = {trial.folder: run for trial in study.trials if (run := _run(trial.folder)) is not None}
    options = [_searched(option) for option in space.options]
    if space.quota is not None:
        split = option_of(space.quota.option, space.quota.values)
        options.insert(0, _written(split, space.quota.values, space.quota.shares))
    stale = f"{study.n_stale} recorded trials are stale: they do not follow from the results of now and are left out."
    return SearchRecord(
        name=study.folder.name,
        source=study.folder,
        metric=study.summary["monitor"],
        mode=study.summary["mode"],
        options=tuple(options),
        trials=tuple(_trial(trial, runs.get(trial.folder), study.summary["monitor"]) for trial in study.trials),
        n_planned=study.summary["n_trials"],
        targets=dict(study.summary["targets"]),
        weighted_metrics=_weighted(list(runs.values())),
        inert=_inert([option.name for option in options], list(runs.values())),
        notes=(stale,) if study.n_stale else (),
    )


def _searched(option: Option) -> SearchedOption:
    domain = option.domain
    if isinstance(domain, Range):
        return SearchedOption(
            option.name, "number", (), domain.low, domain.high, domain.log, domain.is_int, domain.step, is_written=True
        )
    return _written(option_of(option.name, domain.values), domain.values)


def _written(option: SearchedOption, values: Sequence[Any], shares: Sequence[float] = ()) -> SearchedOption:
    """Return an option with the values that its definition lists, in their order."""
    return SearchedOption(
        option.name, option.kind, tuple(values), option.low, option.high, is_written=True, shares=tuple(shares)
    )


def _trial(trial: ReadTrial, run: RunRecord | None, monitor: str) -> SearchedTrial:
    result, ended_s = trial.result, _time(trial.folder)
    metrics = {name: number for name, value in run.val.items() if (number := finite(value)) is not None} if run else {}
    if result is not None and result.value is not None:
        metrics[monitor] = float(result.value)
    return SearchedTrial(
        number=trial.proposal.number,
        params=dict(trial.proposal.params),
        state=trial.state,
        value=None if result is None else finite(result.value),
        metrics=metrics,
        sampled_by=trial.proposal.source,
        is_duplicate=trial.duplicate_of is not None,
        began_s=None if ended_s is None else ended_s - trial.duration_s,
        ended_s=ended_s,
        folder=trial.folder,
    )


def _run(folder: Path) -> RunRecord | None:
    try:
        return load_run(folder)
    except C5Error:  # it runs, has failed, or is damaged
        return None


def _time(folder: Path) -> float | None:
    """Return when a trial ended, as the file of its result says."""
    return (folder / RESULT).stat().st_mtime if (folder / RESULT).is_file() else None


def _weighted(runs: Sequence[RunRecord]) -> frozenset[str]:
    """Return the metrics of the task, which weigh every item alike, and the loss, which is logged by items, too."""
    return frozenset(f"val_{name}" for run in runs for name in run.metrics) | ({LOSS} if runs else frozenset())


def _inert(names: Sequence[str], runs: Sequence[RunRecord]) -> tuple[str, ...]:
    """Return the options of the model that were given with several values and have one in canonical form."""
    found = []
    for name in names:
        section, _, argument = name.partition(".")
        given = [run for run in runs if argument in run.arguments] if section == "model" else []
        is_varied = len({json.dumps(run.arguments[argument], sort_keys=True) for run in given}) > 1
        effective = {json.dumps(run.effective_arguments.get(argument), sort_keys=True) for run in given}
        if is_varied and len(effective) == 1:
            found.append(name)
    return tuple(found)


def _read_grid(folder: Path) -> SearchRecord:
    collection = collect([folder])
    if not collection.runs:
        raise ConfigError(
            f"An analysis needs a run that has finished, but of `{folder}` none has: "
            f"{len(collection.failures)} failed, diverged or still run."
        )
    configurations = group_runs(collection.runs, collection.bases)
    baselines = [entry for entry in configurations if entry.runs[0].is_baseline]
    networks = [entry for entry in configurations if entry not in baselines] or configurations
    first = networks[0].runs[0]
    seeds = sorted(set.intersection(*({run.seed for run in entry.runs} for entry in networks)))
    tried = _tried(networks)
    options = [
        option_of(name, [entry[name] for entry in tried if name in entry]) for name in dict.fromkeys(_names(tried))
    ]
    trials = [
        _configuration(number, entry, params, seeds)
        for number, (entry, params) in enumerate(zip(networks, tried, strict=True))
    ]
    failed = [
        SearchedTrial(len(trials) + i, {}, "failed", None, folder=Path(entry.folder))
        for i, entry in enumerate(collection.failures)
    ]
    return SearchRecord(
        name=folder.name,
        source=folder,
        metric=first.headline.monitor,
        mode=first.headline.mode,
        options=tuple(options),
        trials=(*trials, *failed),
        weighted_metrics=_weighted(collection.runs),
        baselines={entry.label: value for entry in baselines if (value := _mean(entry.runs, seeds)) is not None},
        notes=_notes(networks, seeds),
        is_on_one_test=len({entry.data.test_identity for entry in networks}) == 1,
    )


def _tried(networks: Sequence[Configuration]) -> list[dict[str, Any]]:
    """Return what differs between the configurations; the model's name stands for the base."""
    bases = {entry.name for entry in networks}
    names = differing([entry.options for entry in networks])
    return [
        ({BASE: entry.name} if len(bases) > 1 else {})
        | {name: entry.options[name] for name in names if entry.options.get(name) is not None}
        for entry in networks
    ]


def _names(tried: Sequence[Mapping[str, Any]]) -> list[str]:
    return [name for params in tried for name in params]


def _configuration(number: int, entry: Configuration, params: Mapping[str, Any], seeds: Sequence[int]) -> SearchedTrial:
    runs = [run for run in entry.runs if not seeds or run.seed in seeds]
    metrics = {
        name: fmean(run.val[name] for run in runs)
        for name in runs[0].val
        if all(finite(run.val.get(name)) is not None for run in runs)
    }
    ended_s = _time(runs[0].folder)
    return SearchedTrial(
        number=number,
        params=params,
        state="complete",
        value=_mean(runs, seeds),
        metrics=metrics,
        began_s=None if ended_s is None else ended_s - runs[0].training_time_s,
        ended_s=ended_s,
        folder=runs[0].folder,
    )


def _mean(runs: Sequence[RunRecord], seeds: Sequence[int]) -> float | None:
    values = [run.monitored for run in runs if run.monitored is not None and (not seeds or run.seed in seeds)]
    return fmean(values) if values else None


def _notes(networks: Sequence[Configuration], seeds: Sequence[int]) -> tuple[str, ...]:
    data = {entry.data.test_identity for entry in networks}
    found = [f"A grid: each configuration is one trial, its value the mean over the seeds that all share ({seeds})."]
    if len(data) > 1:
        found.append(f"The configurations are on {len(data)} histories or splits, whose values are not comparable.")
    return tuple(found)
