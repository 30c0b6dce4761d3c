"""Configurations: runs that differ in seed and origin alone, under labels that say what tells them apart."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from c5snn.training.result import RunResult

__all__ = ["Configuration", "configurations", "differing", "label_of", "options_of"]

# what the history and its cut into origins are; they say which comparison a run belongs to, not what it computes
HISTORY = ("data.path", "data.signal", "data.strength", "data.n_events", "data.data_seed", "data.n_origins")
IGNORED = ("model", "seed_everything", "data.origin")
# arguments of models that follow the data
SHAPES = ("window", "n_parts")


@dataclass(frozen=True)
class Configuration:
    """Everything that was run of one configuration on one history.

    Args:
        label: Its name and the options that differ between the report's configurations of this name.
        name: The model's short name; where a sweep compares several definitions of it, the definition's.
        model: The model's short name.
        options: Every option that decides the result, but for the history and the seed.
        runs: Its runs, one for each seed and origin.
        n_repeats: How many more runs repeat the seed and origin of one of them; they add nothing and are left out.
    """

    label: str
    name: str
    model: str
    options: dict[str, Any]
    runs: list[RunResult]
    n_repeats: int

    @property
    def tested(self) -> list[RunResult]:
        """The tested runs of those seeds that were tested at every origin."""
        runs = [run for run in self.runs if run.test is not None]
        origins = {seed: {run.data.origin for run in runs if run.seed == seed} for seed in {run.seed for run in runs}}
        return [run for run in runs if len(origins[run.seed]) == run.data.n_origins]


def configurations(runs: Sequence[RunResult], bases: Mapping[Path, str] | None = None) -> list[Configuration]:
    """Group runs by history, model and options, in the order in which they first appear.

    Args:
        runs: The runs.
        bases: The definition that a run started from, by its folder.
    """
    names = _names(runs, bases or {})
    groups: dict[str, list[RunResult]] = {}
    for run in runs:
        groups.setdefault(json.dumps([_history(run), _identity(run)]), []).append(run)
    of_name: dict[str, list[dict[str, Any]]] = {}
    for group in groups.values():
        of_name.setdefault(names[_identity(group[0])], []).append(options_of(group[0]))
    differ = {name: differing(options) for name, options in of_name.items()}
    found = []
    for group in groups.values():
        name, options, kept = names[_identity(group[0])], options_of(group[0]), _one_each(group)
        label = label_of(name, {option: options.get(option, "default") for option in differ[name]})
        found.append(Configuration(label, name, group[0].model, options, kept, n_repeats=len(group) - len(kept)))
    return found


def options_of(run: RunResult) -> dict[str, Any]:
    """Return what decides a run's result but its history and seed, by the option's name; arguments first."""
    options = {f"model.{name}": value for name, value in run.arguments.items() if name not in SHAPES}
    options["data.window"] = run.data.window
    chosen = {name: value for name, value in run.chosen.items() if not _is_ignored(name)}
    return options | {name: value for name, value in chosen.items() if name not in options}


def differing(options: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the names whose values differ, in the order in which they first appear.

    >>> differing([{"model.beta": 0.5, "data.window": 21}, {"model.beta": 0.8, "data.window": 21}])
    ['model.beta']
    """
    names = dict.fromkeys(name for entry in options for name in entry)
    return [name for name in names if len({json.dumps(entry.get(name), sort_keys=True) for entry in options}) > 1]


def label_of(name: str, options: Mapping[str, Any]) -> str:
    """Return a name and its options, each by its last word where that is unambiguous.

    >>> label_of("gru", {"model.hidden_size": 64, "optimizer.lr": 0.01})
    'gru hidden_size=64 lr=0.01'
    """
    last = [option.rpartition(".")[2] for option in options]
    words = [word if last.count(word) == 1 else option for word, option in zip(last, options, strict=True)]
    return " ".join([name, *(f"{word}={value}" for word, value in zip(words, options.values(), strict=True))])


def _names(runs: Sequence[RunResult], bases: Mapping[Path, str]) -> dict[str, str]:
    """Return each identity's name: its definition where there are several of its model."""
    base: dict[str, str] = {}
    for run in runs:
        if run.folder in bases:
            base.setdefault(_identity(run), bases[run.folder])
    models = {_identity(run): run.model for run in runs}
    of_model: dict[str, set[str]] = {}
    for identity, model in models.items():
        of_model.setdefault(model, set()).add(base.get(identity, model))
    return {
        identity: base.get(identity, model) if len(of_model[model]) > 1 else model for identity, model in models.items()
    }


def _identity(run: RunResult) -> str:
    """Return what a run computes, whatever its history and seed."""
    return json.dumps([run.model, options_of(run)], sort_keys=True)


def _history(run: RunResult) -> str:
    """Return what a run was trained and tested on; every origin has a cut of its own."""
    data = run.data
    cut = [data.n_windows, data.first_target, data.last_target] if data.n_origins == 1 else []
    return json.dumps([data.sha256, data.n_parts, data.n_active, data.n_origins, *cut], sort_keys=True)


def _is_ignored(name: str) -> bool:
    return name in IGNORED or any(name == entry or name.startswith(f"{entry}.") for entry in HISTORY)


def _one_each(group: Sequence[RunResult]) -> list[RunResult]:
    """Return one run for each seed and origin, a tested one if there is one: a repeat is no second sample."""
    kept: dict[tuple[int, int], RunResult] = {}
    for run in group:
        place = (run.seed, run.data.origin)
        if place not in kept or (kept[place].test is None and run.test is not None):
            kept[place] = run
    return list(kept.values())
