"""A comparison: all that was run on the same events and test windows, and what of it can be told from chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from c5snn.evidence import Interval
from c5snn.metrics import RecallAtK
from c5snn.reports.configurations import Configuration
from c5snn.reports.contender import Contender, Summary, summary, window_variance
from c5snn.reports.curves import Curve, learning_curves
from c5snn.reports.effects import Effect, effects_of
from c5snn.reports.leaderboard import MONITOR, rank
from c5snn.reports.networks import Network, networks_of
from c5snn.reports.pairs import Pair, pairs_with_first
from c5snn.reports.power import Power, power_of
from c5snn.reports.windows import K, score_windows
from c5snn.training.result import DataRecord, RunResult

__all__ = ["Comparison", "Screened", "compare"]

Z_95 = 1.96
MOST_CURVES = 6


@dataclass(frozen=True)
class Screened:
    """A configuration that was trained and not tested.

    Args:
        label: What distinguishes it.
        seeds: Its seeds.
        val: Recall@20 on validation over seeds; it has chosen, so it carries neither interval nor p.
        n_parameters: Trainable parameters.
        training_time_s: Seconds of training, mean over runs.
    """

    label: str
    seeds: list[int]
    val: Summary
    n_parameters: int
    training_time_s: float


@dataclass(frozen=True)
class Comparison:
    """Everything on the same events and test windows.

    Args:
        title: What the history is, in one line.
        data: The history, as the first run has seen it.
        windows: The windows, in events, that its models look at.
        n_test: Test windows, over all origins.
        chance: Exact chance of Recall@20.
        chance_band: Where a run without any skill lies 95 times in 100.
        contenders: The tested configurations, the best mean on validation first.
        pairs: The first of them against each other one.
        power: What the windows could have shown.
        screened: The configurations without a test, the best on validation first.
        effects: What each swept option does.
        curves: Learning curves of the first configurations.
        networks: The state of every network.
    """

    title: str
    data: DataRecord
    windows: list[int]
    n_test: int
    chance: float
    chance_band: Interval
    contenders: list[Contender]
    pairs: list[Pair]
    power: Power
    screened: list[Screened]
    effects: list[Effect]
    curves: list[Curve]
    networks: list[Network]


def compare(configurations: Sequence[Configuration], title: str, *, n_draws: int = 10_000) -> Comparison:
    """Compare configurations that share their events and test windows.

    Args:
        configurations: The configurations, tested or not.
        title: What the history is.
        n_draws: Fair histories drawn for the p-values.

    Raises:
        ConfigError: Their tests are of different windows.
    """
    tested = {entry.label: entry.tested for entry in configurations}
    scored = {label: score_windows(runs) for label, runs in tested.items() if runs}
    contenders = rank(scored, n_draws=n_draws) if scored else []
    recall = {label: scores.recall for label, scores in scored.items()}
    screened = sorted(
        (_screened(entry) for entry in configurations if entry.label not in scored),
        key=lambda entry: -entry.val.mean if entry.val.mean == entry.val.mean else 0.0,
    )
    order = [*(entry.label for entry in contenders), *(entry.label for entry in screened)]
    runs = {entry.label: tested[entry.label] or entry.runs for entry in configurations}
    data = configurations[0].runs[0].data
    n_test, chance = _n_test(runs), RecallAtK(K, data.n_parts, data.n_active).chance
    power = power_of(n_test, window_variance(data.n_parts, data.n_active), [entry.lift for entry in contenders])
    half_width = Z_95 * power.standard_error
    return Comparison(
        title=title,
        data=data,
        windows=sorted({run.data.window for entry in configurations for run in entry.runs}),
        n_test=n_test,
        chance=chance,
        chance_band=Interval(chance - half_width, chance + half_width),
        contenders=contenders,
        pairs=pairs_with_first([entry.label for entry in contenders], recall) if contenders else [],
        power=power,
        screened=screened,
        effects=effects_of(configurations, recall),
        curves=_curves(order, runs),
        networks=[network for label in order for network in networks_of(label, runs[label])],
    )


def _screened(entry: Configuration) -> Screened:
    return Screened(
        label=entry.label,
        seeds=sorted({run.seed for run in entry.runs}),
        val=summary([run.val[MONITOR] for run in entry.runs if MONITOR in run.val]),
        n_parameters=entry.runs[0].n_parameters,
        training_time_s=sum(run.training_time_s for run in entry.runs) / len(entry.runs),
    )


def _n_test(runs: Mapping[str, Sequence[RunResult]]) -> int:
    """Return the test windows of one seed, over all its origins."""
    blocks = {(run.data.origin, run.data.n_windows["test"]) for of_label in runs.values() for run in of_label}
    return sum(n for _, n in blocks)


def _curves(order: Sequence[str], runs: Mapping[str, Sequence[RunResult]]) -> list[Curve]:
    found: list[Curve] = []
    labels: set[str] = set()
    for label in order:
        if len(labels) == MOST_CURVES:
            break
        curves = learning_curves(label, runs[label])
        found += curves
        labels |= {curve.label for curve in curves}
    return found
