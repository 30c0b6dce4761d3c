"""The best configurations as files: a list that a sweep tries first, and one runnable file each."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from c5snn.analysis.next_space import flow
from c5snn.analysis.spec_content import bases_of, parts_of
from c5snn.errors import ConfigError
from c5snn.files import write_text
from c5snn.records.run_folder import CONFIG
from c5snn.records.searched import SearchedTrial, SearchRecord
from c5snn.sweeps.option_paths import option_path, replaced
from c5snn.sweeps.space import BASE, canonical
from c5snn.training.config_files import find_config
from c5snn.training.yaml_file import read_yaml

__all__ = ["LIST", "export_top"]

LIST, FOLDER = "top_configs.yaml", "top_configs"


def export_top(search: SearchRecord, n: int, folder: Path, spec: Mapping[str, Any]) -> list[Path]:
    """Write the best distinct configurations.

    ``top_configs.yaml`` is a list of what each searched, as ``c5snn sweep SPEC --enqueue`` takes it. Beside it,
    ``top_configs/1.yaml`` and so on are whole configurations for ``c5snn fit --config``: of our own sweeps those that
    the trials ran with; of a table those of the sweep's file. A table without one has the list alone.

    Args:
        search: The search.
        n: How many.
        folder: Where they go.
        spec: The content of a sweep's file; empty for none.

    Returns:
        The files.

    Raises:
        ConfigError: A trial's base is none of the sweep's.
        OutputError: A file cannot be written.
    """
    best = _best(search, n)
    head = [
        f"# The best of {search.name} by {search.metric}, best first.  c5snn sweep SPEC --enqueue {folder / LIST}",
        "# Each as a run of its own:  c5snn fit --config FILE, with the file that its comment names.",
    ]
    lines, files = list(head), [folder / LIST]
    for rank, trial in enumerate(best, start=1):
        whole = _whole(search, trial, spec)
        place = folder / FOLDER / f"{rank}.yaml"
        lines.append(f"# {rank}: trial #{trial.number}, {search.metric} {trial.value}{f', {place}' if whole else ''}")
        lines.append(f"- {flow(dict(trial.params))}")
        if whole is not None:
            place.parent.mkdir(exist_ok=True)
            comment = (
                f"# Trial #{trial.number} of {search.name}, {search.metric} {trial.value}.  c5snn fit --config {place}"
            )
            write_text(place, f"{comment}\n{whole}")
            files.append(place)
    write_text(folder / LIST, "\n".join(lines) + "\n")
    return files


def _best(search: SearchRecord, n: int) -> list[SearchedTrial]:
    """Return the best trials; of equal configurations the best one."""
    ordered = sorted(search.complete, key=lambda trial: (-search.signed(trial), trial.number))
    distinct = {canonical(dict(trial.params)): trial for trial in reversed(ordered)}
    return [trial for trial in ordered if distinct[canonical(dict(trial.params))] is trial][:n]


def _whole(search: SearchRecord, trial: SearchedTrial, spec: Mapping[str, Any]) -> str | None:
    """Return a trial's whole configuration as YAML; None where nothing holds it."""
    if trial.folder is not None:
        path = trial.folder / CONFIG
        return path.read_text(encoding="utf-8") if path.is_file() else None
    if not spec:
        return None
    bases = bases_of(spec)
    base = trial.params.get(BASE, bases[0])
    if base not in bases:
        raise ConfigError(
            f"A trial's base must be one of {', '.join(bases)}, but #{trial.number} of {search.name} has {base!r}; "
            "`columns` of the sweep's file maps it: `columns: {THEIRS: {option: base, values: {…}}}`."
        )
    config: dict[str, Any] = read_yaml(find_config(str(base)))
    names = {option.name for option in search.options}
    fixed = {**(spec.get("options") or {}), **{name: _first(value) for name, value in parts_of(spec).fixed.items()}}
    searched = {name: value for name, value in trial.params.items() if name in names and name != BASE}
    for name, value in {**fixed, **searched}.items():
        config = _with_option(config, name, value)
    return yaml.safe_dump(config, sort_keys=False, allow_unicode=True)


def _with_option(config: dict[str, Any], name: str, value: object) -> dict[str, Any]:
    """Return a configuration with an option; a class that is named alone gets room for its arguments."""
    section, _, rest = name.partition(".")
    if rest and isinstance(config.get(section), str):
        config = {**config, section: {"class_path": config[section], "init_args": {}}}
    return replaced(config, option_path(config, name), value)


def _first(value: object) -> object:
    return value[0] if isinstance(value, list) and len(value) == 1 else value
