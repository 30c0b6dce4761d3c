"""One configuration of a comparison, with everything that is known of it beside chance and the fixed list."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from c5snn.errors import ConfigError
from c5snn.evidence import FamilyP, Interval, captured_lift, mean_interval, null_variance, paired_difference
from c5snn.metrics import RecallAtK
from c5snn.reports.windows import K, WindowScores
from c5snn.training.result import RunResult
from c5snn.training.scoring import HEADLINE

__all__ = ["Contender", "ListDifference", "Summary", "contender", "summary", "window_variance"]

Z_95 = 1.96  # as in c5snn.evidence.mean_interval


@dataclass(frozen=True)
class Summary:
    """A metric over the seeds of one configuration.

    Args:
        mean: The mean; NaN where there is no value.
        std: The standard deviation over seeds, n − 1; None for one seed. It is not the sampling error.
    """

    mean: float
    std: float | None


@dataclass(frozen=True)
class ListDifference:
    """How much better a configuration is than the fixed list, on the same windows.

    Args:
        mean: Mean over windows and seeds.
        interval: Its 95 % interval; None where the fixed list's windows were not kept.
        p_greater: One-sided sign-flip p; None likewise.
    """

    mean: float
    interval: Interval | None
    p_greater: float | None


@dataclass(frozen=True)
class Contender:
    """One configuration of a comparison.

    Args:
        label: What distinguishes it.
        runs: Its tested runs, one for each seed and origin.
        val: The choosing metric on validation, over seeds.
        test: Each metric on test, over seeds.
        chance: The exact chance of each metric.
        interval: The 95 % interval of the mean over seeds in Recall@20, from sampling of the windows.
        fixed_list: Recall@20 of the fixed list on the same windows.
        over_list: How much better it is.
        oracle: Recall@20 of the planted signal itself; None for a history that nobody planted.
        captured: Share of the oracle's lift; None where it is undefined.
        n_distinct: Fewest distinct rankings of its runs.
        ignores_input: Whether one of its networks gives (nearly) all windows the same ranking.
        firing_rate: Spikes per unit and step on validation, mean over layers and runs; None without spiking layers.
        p_value: Its own p, of the mean over its seeds.
        p_family: Its p over all contenders of the comparison.
    """

    label: str
    runs: list[RunResult]
    val: Summary
    test: dict[str, Summary]
    chance: dict[str, float]
    interval: Interval | None
    fixed_list: float
    over_list: ListDifference
    oracle: float | None
    captured: float | None
    n_distinct: int
    ignores_input: bool
    firing_rate: float | None
    p_value: float
    p_family: float

    @property
    def value(self) -> float:
        """Recall@20 on test, mean over seeds."""
        return self.test[HEADLINE].mean

    @property
    def lift(self) -> float:
        """Recall@20 above chance."""
        return self.value - self.chance[HEADLINE]

    @property
    def standard_error(self) -> float | None:
        """The sampling error of the value; None for one window."""
        return None if self.interval is None else (self.interval.high - self.interval.low) / (2 * Z_95)

    @property
    def seeds(self) -> list[int]:
        """Its seeds."""
        return sorted({run.seed for run in self.runs})


def summary(values: Sequence[float]) -> Summary:
    """Return mean and standard deviation; NaN where there is no value.

    >>> summary([0.5, 0.7])
    Summary(mean=0.6, std=0.14142135623730948)
    """
    if not values:
        return Summary(float("nan"), None)
    return Summary(statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else None)


def window_variance(n_parts: int, n_active: int) -> Fraction:
    """Return the exact variance of one window's Recall@20 under chance."""
    return null_variance(RecallAtK(K, n_parts, n_active).null)


def contender(label: str, scores: WindowScores, monitor: str, p: FamilyP) -> Contender:
    """Return what is known of a configuration.

    Args:
        label: What distinguishes it.
        scores: Its tests.
        monitor: The validation metric that orders contenders.
        p: What its score is worth.
    """
    pooled = scores.test
    runs = [run for of_seed in pooled.runs for run in of_seed]
    first = _test(runs[0])
    test = {
        name: summary(pooled.per_seed(lambda run, name=name: _test(run)["metrics"][name]["value"]))  # type: ignore[misc]
        for name in first["metrics"]
    }
    chance = {name: entry["chance"] for name, entry in first["metrics"].items()}
    oracle = _oracle(pooled.runs[0])
    data, n_distinct = runs[0].data, min(_test(run)["distinct_rankings"] for run in runs)
    value = test[HEADLINE].mean
    return Contender(
        label=label,
        runs=runs,
        val=summary(pooled.per_seed(lambda run: run.val[monitor]) if all(monitor in run.val for run in runs) else []),
        test=test,
        chance=chance,
        interval=mean_interval(scores.recall),
        fixed_list=statistics.fmean(_test(run)["fixed_list"][HEADLINE] for run in pooled.runs[0]),
        over_list=_over_list(scores),
        oracle=oracle,
        captured=None
        if oracle is None
        else captured_lift(
            value, oracle, chance[HEADLINE], len(pooled.events), window_variance(data.n_parts, data.n_active)
        ),
        n_distinct=n_distinct,
        ignores_input=(n_distinct == 1 and len(pooled.events) > len(pooled.blocks))
        or any(run.activity is not None and run.activity.ignores_input for run in runs),
        firing_rate=_firing_rate(runs),
        p_value=p.p_value,
        p_family=p.p_family,
    )


def _over_list(scores: WindowScores) -> ListDifference:
    if scores.listed is None:
        mean = statistics.fmean(scores.test.per_seed(lambda run: _test(run)["fixed_list"]["difference"]))
        return ListDifference(mean, None, None)
    difference = paired_difference(scores.recall, scores.listed)
    return ListDifference(difference.mean, difference.interval, difference.p_greater)


def _oracle(runs: Sequence[RunResult]) -> float | None:
    values = [_test(run)["oracle"] for run in runs]
    return None if None in values else statistics.fmean(value[HEADLINE] for value in values)


def _firing_rate(runs: Sequence[RunResult]) -> float | None:
    rates = [layer.firing_rate for run in runs if run.activity is not None for layer in run.activity.layers]
    return statistics.fmean(rates) if rates else None


def _test(run: RunResult) -> dict[str, Any]:
    if run.test is None:
        raise ConfigError(f"`{run.folder}` has not been tested; `c5snn test {run.folder}` does it.")
    return run.test
