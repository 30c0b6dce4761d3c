"""Configurations side by side: the mean over seeds, beside chance and the p-values that survive the comparison."""

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from c5snn.errors import ConfigError
from c5snn.evidence import BETTER_BELOW, WEAK_BELOW, family_p
from c5snn.training.result import RunResult
from c5snn.training.run_folder import RANKINGS
from c5snn.training.scoring import HEADLINE

__all__ = ["Contender", "Summary", "contenders", "group_runs", "summary", "summary_sentence"]


@dataclass(frozen=True)
class Summary:
    """A metric over the seeds of one configuration.

    Args:
        mean: The mean.
        std: The standard deviation over seeds, n − 1; None for one seed. It is not the sampling error.
    """

    mean: float
    std: float | None


@dataclass(frozen=True)
class Contender:
    """One configuration of a comparison.

    Args:
        label: What distinguishes it.
        runs: Its tested runs, one per seed.
        val: The choosing metric on validation, over seeds.
        test: Each metric on test, over seeds.
        chance: The exact chance of each metric.
        fixed_list: Recall@20 of the fixed list on the same windows.
        n_distinct: Fewest distinct rankings of its runs.
        p_value: Its own p, of the mean over its seeds.
        p_family: Its p over all contenders of the comparison.
    """

    label: str
    runs: list[RunResult]
    val: Summary
    test: dict[str, Summary]
    chance: dict[str, float]
    fixed_list: float
    n_distinct: int
    p_value: float
    p_family: float


def group_runs(runs: Sequence[RunResult]) -> dict[str, list[RunResult]]:
    """Group tested runs by configuration; a label names the model and the options that differ within it.

    Raises:
        ConfigError: No run has been tested.
    """
    tested = [run for run in runs if run.test is not None]
    if not tested:
        raise ConfigError("A comparison needs tested runs, but none of these has a test; `c5snn test RUN` makes one.")
    by_configuration: dict[str, list[RunResult]] = {}
    for run in tested:
        by_configuration.setdefault(json.dumps([run.model, _options(run)], sort_keys=True), []).append(run)
    return {_label(group[0], tested): group for group in by_configuration.values()}


def contenders(
    groups: Mapping[str, Sequence[RunResult]], monitor: str = f"val_{HEADLINE}", *, n_draws: int = 10_000
) -> list[Contender]:
    """Compare configurations on the same test windows, the best mean on validation first.

    Args:
        groups: The tested runs of each configuration, by label.
        monitor: The validation metric that orders them.
        n_draws: Fair histories drawn for the p-values.

    Raises:
        ConfigError: The runs have seen different events, windows or splits.
    """
    _check_comparable([run for group in groups.values() for run in group])
    rankings = {label: np.stack([_saved(run)["rankings"] for run in group]) for label, group in groups.items()}
    events = _saved(next(iter(groups.values()))[0])["events"]
    values = family_p(list(rankings.values()), events, n_draws=n_draws)
    entries = []
    for (label, group), p in zip(groups.items(), values, strict=True):
        tests = [_tested(run) for run in group]
        entries.append(
            Contender(
                label=label,
                runs=list(group),
                val=summary([run.val[monitor] for run in group if monitor in run.val]),
                test={
                    name: summary([test["metrics"][name]["value"] for test in tests]) for name in tests[0]["metrics"]
                },
                chance={name: entry["chance"] for name, entry in tests[0]["metrics"].items()},
                fixed_list=tests[0]["fixed_list"][HEADLINE],
                n_distinct=min(test["distinct_rankings"] for test in tests),
                p_value=p.p_value,
                p_family=p.p_family,
            )
        )
    return sorted(entries, key=lambda entry: -entry.val.mean if entry.val.mean == entry.val.mean else 0.0)


def summary(values: Sequence[float]) -> Summary:
    """Return mean and standard deviation; NaN where there is no value.

    >>> summary([0.5, 0.7])
    Summary(mean=0.6, std=0.14142135623730948)
    """
    if not values:
        return Summary(float("nan"), None)
    return Summary(statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else None)


def summary_sentence(entries: Sequence[Contender]) -> str:
    """Say what of a comparison can be distinguished from chance, after correction for having looked at all of it."""
    n = len(entries)
    better = [entry.label for entry in entries if entry.p_family < BETTER_BELOW]
    weak = [entry for entry in entries if BETTER_BELOW <= entry.p_family < WEAK_BELOW]
    lowest = min(entry.p_family for entry in entries)
    if better:
        are = "is" if len(better) == 1 else "are"
        return (
            f"{len(better)} of {n} configurations {are} better than chance in {HEADLINE} after correction for the "
            f"comparison (family-wise p < {BETTER_BELOW}): {', '.join(better)}."
        )
    if weak:
        return (
            f"Weak: of {n} configurations the best reaches a family-wise p of {lowest:.3g}; the best of so many does "
            f"as well on one fair history in {int(1 / lowest)}."
        )
    return f"None of {n} configurations can be distinguished from chance in {HEADLINE} (family-wise p {lowest:.3g})."


def _check_comparable(runs: Sequence[RunResult]) -> None:
    seen = {(run.data.sha256, run.data.n_windows["test"], run.data.last_target) for run in runs}
    if len(seen) > 1:
        raise ConfigError(
            "Only runs on the same events and test windows can be ranked together, but these have "
            f"{len(seen)} different test sets; compare them apart, or give all the same `--data.first_target`."
        )


def _saved(run: RunResult) -> dict[str, np.ndarray]:
    with np.load(run.folder / RANKINGS) as file:
        return dict(file)


def _tested(run: RunResult) -> dict[str, Any]:
    if run.test is None:
        raise ConfigError(f"`{run.folder}` has not been tested; `c5snn test {run.folder}` does it.")
    return run.test


def _options(run: RunResult) -> dict[str, object]:
    ignored = ("seed_everything", "data.path")
    return {name: value for name, value in run.chosen.items() if name not in ignored}


def _label(run: RunResult, all_runs: Sequence[RunResult]) -> str:
    peers = [_options(other) for other in all_runs if other.model == run.model]
    options = _options(run)
    names = [name for name in {name for peer in peers for name in peer} if len({str(p.get(name)) for p in peers}) > 1]
    parts = [f"{name.rpartition('.')[2]}={options.get(name, 'default')}" for name in sorted(names)]
    return " ".join([run.model, *parts])
