"""Configurations: runs that differ only in seed and origin, under labels that distinguish them."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from c5snn.records import DataRecord, RunRecord

__all__ = ["Configuration", "differing", "group_runs", "label_of", "marked", "n_on_data", "options_of", "readable"]

# recorded elsewhere: class paths and the seed
IGNORED = ("model", "data", "seed_everything")
DIGITS, MOST_DIGITS = 4, 17  # of a number in a label; with the most every float is told from every other


@dataclass(frozen=True)
class Configuration:
    """Everything that was run of one configuration on the same data.

    Args:
        label: Its name and the options that differ between the report's configurations of this name.
        name: The name of its runs; in a sweep the model's, or its base's where the report has several of the model.
        model: The model's short name; where several models share it, the class's.
        options: Every option that decides the result, except data and seed.
        runs: Its runs, one for each seed and origin.
        n_repeats: Number of runs that repeat the seed and origin of another one; they are left out. A run that was only
            trained is no repeat of a tested one: in a search it is what chose it.
        n_tested: Number of tested runs, repeats included.
    """

    label: str
    name: str
    model: str
    options: dict[str, Any]
    runs: list[RunRecord]
    n_repeats: int
    n_tested: int

    @property
    def data(self) -> DataRecord:
        """The data, as the first run has seen it."""
        return self.runs[0].data

    @property
    def tested(self) -> list[RunRecord]:
        """The tested runs of those seeds that were tested at every origin."""
        runs = [run for run in self.runs if run.test is not None]
        origins = {seed: {run.data.origin for run in runs if run.seed == seed} for seed in {run.seed for run in runs}}
        return [run for run in runs if len(origins[run.seed]) == run.data.n_origins]


def group_runs(runs: Sequence[RunRecord], bases: Mapping[Path, str] | None = None) -> list[Configuration]:
    """Group runs by data, model and options, in the order in which they first appear.

    Args:
        runs: The runs.
        bases: The base that a run started from, by its folder.
    """
    facts = _varying_facts(runs)
    models = _model_names(runs)
    names = _names(runs, models, bases or {}, facts)
    groups: dict[str, list[RunRecord]] = {}
    for run in runs:
        groups.setdefault(json.dumps([_data(run), _identity(run, facts)]), []).append(run)
    of_name: dict[str, list[dict[str, Any]]] = {}
    of_model: dict[str, list[dict[str, Any]]] = {}
    for group in groups.values():
        options = options_of(group[0], facts)
        of_name.setdefault(names[_identity(group[0], facts)], []).append(options)
        of_model.setdefault(models[group[0].class_path], []).append(options)
    differ = {name: differing(options) for name, options in of_name.items()}
    digits = {(name, option): _digits(option, of_name[name]) for name, found in differ.items() for option in found}
    differ_in_model = {model: differing(options) for model, options in of_model.items()}
    found = []
    for group in groups.values():
        name, options, kept = names[_identity(group[0], facts)], options_of(group[0], facts), _one_each(group)
        options |= _left_at_default(group[0], [*differ[name], *differ_in_model[models[group[0].class_path]]], options)
        told = {option: _as_written(group[0], option, options[option]) for option in differ[name] if option in options}
        label = label_of(name, {option: _shown(value, digits[name, option]) for option, value in told.items()})
        model, n_repeats = models[group[0].class_path], len(group) - len(kept) - _n_chosen_from(group)
        n_tested = sum(run.test is not None for run in group)
        found.append(Configuration(label, name, model, options, kept, n_repeats, n_tested))
    return found


def n_on_data(data: DataRecord, configurations: Sequence[Configuration]) -> int:
    """Return how many configurations were trained on data, whatever its splits: validation may have chosen from all.

    Args:
        data: The data.
        configurations: All that a report has.
    """
    return len(
        {
            json.dumps([entry.runs[0].class_path, _without_data(entry.options)], sort_keys=True, default=str)
            for entry in configurations
            if entry.data.identity == data.identity
        }
    )


def marked(configurations: Sequence[Configuration], other_code: Collection[Path]) -> list[Configuration]:
    """Return configurations whose labels say where a run is by other code.

    Args:
        configurations: The configurations.
        other_code: Folders of runs that other code has made.
    """
    kept = [any(run.folder in other_code for run in entry.runs) for entry in configurations]
    return [
        replace(entry, label=f"{entry.label} (other code)") if is_kept else entry
        for entry, is_kept in zip(configurations, kept, strict=True)
    ]


def options_of(run: RunRecord, facts: Sequence[str] = ()) -> dict[str, Any]:
    """Return what decides a run's result except data and seed, by the option's name; arguments first.

    Args:
        run: The run.
        facts: Names of facts of the data that are options of a configuration, such as the window.
    """
    recorded = run.data.facts
    options = {f"model.{name}": value for name, value in run.effective_arguments.items()}
    options |= {f"data.{name}": recorded[name] for name in facts if name in recorded}
    chosen = {name: value for name, value in run.chosen.items() if not _is_ignored(name, run)}
    return options | {name: value for name, value in chosen.items() if name not in options}


def differing(options: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the names whose values differ, in the order in which they first appear.

    >>> differing([{"model.beta": 0.5, "data.window": 21}, {"model.beta": 0.8, "data.window": 21}])
    ['model.beta']
    """
    names = dict.fromkeys(name for entry in options for name in entry)
    return [name for name in names if len({json.dumps(entry.get(name), sort_keys=True) for entry in options}) > 1]


def _without_data(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if not name.startswith("data.")}


def label_of(name: str, options: Mapping[str, Any]) -> str:
    """Return a name and its options, each by its last word where that is unambiguous.

    >>> label_of("gru", {"model.hidden_size": 64, "optimizer.lr": 0.01})
    'gru hidden_size=64 lr=0.01'
    """
    last = [option.rpartition(".")[2] for option in options]
    words = [word if last.count(word) == 1 else option for word, option in zip(last, options, strict=True)]
    return " ".join([name, *(f"{word}={value}" for word, value in zip(words, options.values(), strict=True))])


def readable(options: Mapping[str, Any], rivals: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return options with no more digits than tell them from those of others.

    >>> readable({"model.slope": 3.917988243}, [{"model.slope": 3.917988243}, {"model.slope": 2.0}])
    {'model.slope': '3.918'}
    """
    return {option: _shown(value, _digits(option, rivals)) for option, value in options.items()}


def _digits(option: str, options: Sequence[Mapping[str, Any]]) -> int:
    """Return with how many significant digits the values of an option are told apart, four at least."""
    values = {json.dumps(entry.get(option), sort_keys=True): entry.get(option) for entry in options}.values()
    enough = (n for n in range(DIGITS, MOST_DIGITS) if len({str(_shown(value, n)) for value in values}) == len(values))
    return next(enough, MOST_DIGITS)


def _shown(value: object, digits: int) -> object:
    return f"{value:.{digits}g}" if isinstance(value, float) else value


def _as_written(run: RunRecord, option: str, value: object) -> object:
    """Return a number that stands for a list, such as a width for those of all layers; any other value as it is."""
    written = run.arguments.get(option.removeprefix("model."))
    return written if isinstance(value, list) and isinstance(written, int | float) else value


def _left_at_default(run: RunRecord, names: Sequence[str], known: Mapping[str, Any]) -> dict[str, Any]:
    """Return options with the values that a run's configuration left at their defaults; the record has the others."""
    missing = [name for name in names if name not in known]
    settings = run.settings if missing else {}
    return {name: settings[name] for name in missing if name in settings}


def _varying_facts(runs: Sequence[RunRecord]) -> list[str]:
    """Return the facts that differ between runs with the same test: options of a configuration, not its data."""
    of_test: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
    for run in runs:
        of_test.setdefault((run.data.test_identity, run.data.origin), []).append(run.data.facts)
    found = dict.fromkeys(name for facts in of_test.values() for name in differing(facts))
    return [name for name in found if not _chooses_data(f"data.{name}", runs[0])]


def _names(
    runs: Sequence[RunRecord], models: Mapping[str, str], bases: Mapping[Path, str], facts: Sequence[str]
) -> dict[str, str]:
    """Return each identity's name: those of its runs; in a sweep that of its base where its model has several names."""
    of_identity = {_identity(run, facts): models[run.class_path] for run in runs}
    called: dict[str, list[str]] = {}
    for run in sorted(runs, key=lambda run: run.folder not in bases):
        own = run.name if run.name != run.model else models[run.class_path]
        called.setdefault(_identity(run, facts), []).append(bases.get(run.folder, own))
    of_sweeps = {_identity(run, facts) for run in runs if run.folder in bases}
    found = {
        identity: names[0] if identity in of_sweeps else " + ".join(dict.fromkeys(names))
        for identity, names in called.items()
    }
    of_model: dict[str, set[str]] = {}
    for identity, model in of_identity.items():
        of_model.setdefault(model, set()).add(found[identity])
    return {
        identity: model if len(of_model[model]) == 1 and identity in of_sweeps else found[identity]
        for identity, model in of_identity.items()
    }


def _model_names(runs: Sequence[RunRecord]) -> dict[str, str]:
    """Return the shortest name that distinguishes each class path: the short one, the class's, the whole path."""
    short = {run.class_path: run.model for run in runs}
    classes = {path: path.rpartition(".")[2] for path in short}
    names = {}
    for path, name in short.items():
        rivals = [other for other, theirs in short.items() if theirs == name]
        is_distinct = [classes[other] for other in rivals].count(classes[path]) == 1
        names[path] = name if len(rivals) == 1 else classes[path] if is_distinct else path
    return names


def _identity(run: RunRecord, facts: Sequence[str]) -> str:
    """Return what a run computes, whatever its data and seed."""
    return json.dumps([run.class_path, options_of(run, facts)], sort_keys=True)


def _data(run: RunRecord) -> list[object]:
    """Return what a run was trained and tested on; every origin has a cut of its own."""
    data = run.data
    return [data.identity, data.n_origins, data.test_identity if data.n_origins == 1 else "", run.headline.name]


def _is_ignored(name: str, run: RunRecord) -> bool:
    """Whether an option is recorded elsewhere: the data's choice, and the model's arguments in canonical form."""
    return name in IGNORED or _chooses_data(name, run) or name.startswith("model.")


def _chooses_data(name: str, run: RunRecord) -> bool:
    options = [f"data.{argument}" for argument in run.data.choices]
    return any(name == option or name.startswith(f"{option}.") for option in options)


def _n_chosen_from(group: Sequence[RunRecord]) -> int:
    """Return how many runs were only trained where others of their seed and origin were tested, too."""
    tested = {(run.seed, run.data.origin) for run in group if run.test is not None}
    return sum(run.test is None and (run.seed, run.data.origin) in tested for run in group)


def _one_each(group: Sequence[RunRecord]) -> list[RunRecord]:
    """Return one run for each seed and origin, a tested one if there is one: a repeat is no second sample."""
    kept: dict[tuple[int, int], RunRecord] = {}
    for run in group:
        place = (run.seed, run.data.origin)
        if place not in kept or (kept[place].test is None and run.test is not None):
            kept[place] = run
    return list(kept.values())
