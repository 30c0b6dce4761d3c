"""A comparison: all that was run on the same data and test items, its facts and its sections in their order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np
from jaxtyping import Float

from c5snn.evidence import ANY_VALUE, Interval
from c5snn.records import (
    DataRecord,
    Fact,
    Headline,
    OriginChoice,
    RunRecord,
    ScoredConfiguration,
    choice_at_each_origin,
    pool_origins,
    score_tests,
)
from c5snn.reports.answers import AnswerUse, answer_uses, answers_section
from c5snn.reports.classes import ClassTable, class_sections, class_tables
from c5snn.reports.configurations import Configuration
from c5snn.reports.curves import Curve, curves_section, learning_curves
from c5snn.reports.document import Section
from c5snn.reports.effects import Effect, effects_of
from c5snn.reports.effects_section import effects_section
from c5snn.reports.forecasts import DrawnForecast, StepErrors, drawn_forecasts, forecast_sections, step_errors
from c5snn.reports.inspected import InspectedRun, inspected_runs, inspection_sections
from c5snn.reports.leaderboard import leaderboard_sections
from c5snn.reports.networks import Network, networks_of, networks_section
from c5snn.reports.over_time import OverTime, over_time, over_time_section
from c5snn.reports.pairs import Order, Pair, pairs_section, pairs_with_first
from c5snn.reports.scaling import ScalingCurve, scaling_curve
from c5snn.reports.screened import Screened, screened_of, screened_section
from c5snn.reports.uncertainty import Power, power_of, power_section, sensitivity_of, spread_section
from c5snn.reports.verdict import verdict_sentence

__all__ = ["Comparison", "compare", "comparison_sections", "comparison_sentence", "group_comparable"]

MOST_CURVES = 6


@dataclass(frozen=True)
class Comparison:
    """Everything on the same data and test items.

    Args:
        title: What the data is, in one line.
        headline: The metric that is compared.
        data: The data, as the first run has seen it.
        facts: Every value of each fact of the data over all runs.
        n_test: Test items, over all origins.
        n_tested: How many runs of the report were tested on these items, runs that are left out included.
        chance: Chance level of the headline; None without a test, and where it is not the same for all.
        chance_band: Where 95 of 100 runs without skill score; None likewise.
        configurations: The tested configurations, the best mean on validation first.
        choice: What choosing at each origin got; None for one origin or configuration.
        pairs: The first of them against each other one; none where their order has seen test items.
        power: What the test items could have shown; None without a test.
        screened: The configurations without a test, the best on validation first.
        trained: All configurations, tested or not, in the same order.
        effects: The effect of each swept option.
        curves: Learning curves of the first configurations.
        networks: The state of every network.
        inspected: The runs that `c5snn inspect` has looked into.
        classes: What each configuration predicted for each class; none where outcomes are no classes.
        step_errors: The error of forecasts at each step; none where nothing is forecast.
        forecasts: Forecasts beside what came; none likewise.
        over_time: The tests by the date of each item; none where the task records no dates.
        answers: How often each of what can occur is predicted; none where the task does not record it.
        scaling: The models that were tested in several sizes.
    """

    title: str
    headline: Headline
    data: DataRecord
    facts: dict[str, list[Fact]]
    n_test: int
    n_tested: int
    chance: float | None
    chance_band: Interval | None
    configurations: list[ScoredConfiguration]
    choice: OriginChoice | None
    pairs: list[Pair]
    power: Power | None
    screened: list[Screened]
    trained: list[Screened]
    effects: list[Effect]
    curves: list[Curve]
    networks: list[Network]
    inspected: list[InspectedRun]
    classes: list[ClassTable]
    step_errors: list[StepErrors]
    forecasts: list[DrawnForecast]
    over_time: list[OverTime]
    answers: list[AnswerUse]
    scaling: list[ScalingCurve]


def group_comparable(configurations: Sequence[Configuration]) -> list[list[Configuration]]:
    """Return the configurations that can be ranked together: the same data, test items, headline and null."""
    groups: dict[object, list[Configuration]] = {}
    for entry in configurations:
        runs = entry.tested or entry.runs
        tests = frozenset((run.data.origin, run.data.test_identity) for run in runs)
        headline = runs[0].headline
        groups.setdefault((entry.data.identity, entry.data.n_origins, tests, headline), []).append(entry)
    return list(groups.values())


def compare(configurations: Sequence[Configuration], *, n_chosen_from: int = 1, n_draws: int = 10_000) -> Comparison:
    """Compare configurations that share their data and test items.

    Args:
        configurations: The configurations, tested or not.
        n_chosen_from: How many configurations validation may have chosen these from.
        n_draws: Draws of luck for the p-values.

    Raises:
        ConfigError: Their tests are of different items.
    """
    tested = {entry.label: entry.tested for entry in configurations}
    pooled = {label: pool_origins(runs) for label, runs in tested.items() if runs}
    entries = score_tests(pooled, n_chosen_from=n_chosen_from, n_draws=n_draws) if pooled else []
    scores = {label: test.sign * test.unit_scores for label, test in pooled.items() if test.is_decidable}
    choice = choice_at_each_origin(entries, n_draws=n_draws)
    screened = screened_of([entry for entry in configurations if entry.label not in pooled])
    order = [*(entry.label for entry in entries), *(entry.label for entry in screened)]
    runs = {entry.label: tested[entry.label] or entry.runs for entry in configurations}
    every = [run for entry in configurations for run in entry.runs]
    in_order = {entry.label: entry.runs for entry in entries}
    chance = _chance(entries)
    judged = [entry for entry in ([choice.scored] if choice else entries) if entry.p_value is not None]
    sensitivity = sensitivity_of(pooled.values()) if judged else None
    possible = next(iter(pooled.values())).null.possible if pooled else ANY_VALUE
    return Comparison(
        title=_title(every),
        headline=every[0].headline,
        data=every[0].data,
        facts=_facts(every),
        n_test=_n_test(runs),
        n_tested=sum(entry.n_tested for entry in configurations),
        chance=chance,
        chance_band=None if chance is None or sensitivity is None else sensitivity.range_of_luck(chance, possible),
        configurations=entries,
        choice=choice,
        pairs=_pairs(entries, scores, possible.differences),
        power=None if sensitivity is None else power_of(sensitivity, [entry.gain for entry in judged]),
        screened=screened,
        trained=screened_of(configurations),
        effects=effects_of(configurations, scores, possible=possible.differences),
        curves=_curves(order, runs),
        networks=[network for label in order for network in networks_of(label, runs[label])],
        inspected=[found for label in order for found in inspected_runs(label, runs[label])],
        classes=class_tables([(entry.label, pooled[entry.label]) for entry in entries]),
        step_errors=step_errors(in_order),
        forecasts=drawn_forecasts(in_order),
        over_time=over_time({entry.label: pooled[entry.label] for entry in entries[:MOST_CURVES]}),
        answers=answer_uses({entry.label: pooled[entry.label] for entry in entries[:MOST_CURVES]}),
        scaling=scaling_curve(configurations),
    )


def comparison_sentence(comparison: Comparison) -> str:
    """Return what of a comparison is better than chance, or that nothing was tested."""
    if comparison.configurations:
        return verdict_sentence(comparison.configurations, comparison.choice)
    n = len(comparison.screened)
    tested = f"None of {n:,} configurations was tested" if n > 1 else f"{comparison.screened[0].label} was not tested"
    return (
        f"{tested}, so nothing can be concluded: validation serves to choose epochs and configurations and carries no "
        "p. `c5snn test RUN` tests a run."
    )


def comparison_sections(comparison: Comparison) -> list[Section]:
    """Return the sections of a comparison; each appears when its facts are there."""
    entries, metric, item = comparison.configurations, comparison.headline.label, comparison.data.item
    sections: list[Section] = []
    if entries:
        sections += leaderboard_sections(entries, comparison.chance_band, comparison.choice)
    sections += _of_items(comparison)
    if comparison.pairs:
        sections.append(pairs_section(comparison.pairs, metric, item))
    if entries:
        sections.append(spread_section(entries))
    if comparison.power:
        sections.append(power_section(comparison.power, item, _over(entries[0])))
    if comparison.screened:
        sections.append(screened_section(comparison.trained, metric, is_short=not entries))
    if comparison.curves:
        sections.append(curves_section(comparison.curves, metric, comparison.chance))
    if comparison.effects:
        sections.append(effects_section(comparison.effects, metric))
    if comparison.networks:
        sections.append(networks_section(comparison.networks, item))
    return sections + inspection_sections(comparison.inspected)


def _of_items(comparison: Comparison) -> list[Section]:
    """Return the sections about single test items, each where its facts are recorded."""
    item, metric = comparison.data.item, comparison.headline.label
    sections: list[Section] = []
    if comparison.classes:
        output = comparison.configurations[0].words.output
        sections += class_sections(comparison.classes, item, output, metric)
    sections += forecast_sections(comparison.step_errors, comparison.forecasts, metric)
    if comparison.over_time:
        sections.append(over_time_section(comparison.over_time, comparison.headline, item))
    if comparison.answers:
        sections.append(answers_section(comparison.answers, item))
    return sections


def _title(runs: Sequence[RunRecord]) -> str:
    last = [str(run.data.facts["last_target"]) for run in runs if run.data.facts.get("last_target")]
    source = runs[0].data.source
    return f"{source}, test up to {max(last)}" if last else source


def _facts(runs: Sequence[RunRecord]) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = {}
    for run in runs:
        for name, value in run.data.facts.items():
            values = found.setdefault(name, [])
            if value not in values:
                values.append(value)
    return found


def _chance(entries: Sequence[ScoredConfiguration]) -> float | None:
    levels = {entry.chance[entry.headline.name] for entry in entries}
    return levels.pop() if len(levels) == 1 else None


def _over(entry: ScoredConfiguration) -> str:
    return f"the {entry.references[0].label}" if entry.lift is None else "chance"


def _pairs(
    entries: Sequence[ScoredConfiguration],
    scores: Mapping[str, Float[np.ndarray, "_seeds _items"]],
    possible: Interval,
) -> list[Pair]:
    has_p = bool(entries) and all(entry.p_value is not None for entry in entries)
    if not has_p:
        return []
    return pairs_with_first([entry.label for entry in entries], scores, order=_order(entries), possible=possible)


def _order(entries: Sequence[ScoredConfiguration]) -> Order:
    best = entries[0].val.mean
    if isnan(best):
        return "given"
    if any(entry.val.mean == best for entry in entries[1:]):
        return "tied"
    return "partly" if any(isnan(entry.val.mean) for entry in entries) else "best"


def _n_test(runs: Mapping[str, Sequence[RunRecord]]) -> int:
    """Return the test items of one seed, over all its origins."""
    blocks = {(run.data.origin, run.data.n_items["test"]) for of_label in runs.values() for run in of_label}
    return sum(n for _, n in blocks)


def _curves(order: Sequence[str], runs: Mapping[str, Sequence[RunRecord]]) -> list[Curve]:
    found: list[Curve] = []
    labels: set[str] = set()
    for label in order:
        if len(labels) == MOST_CURVES:
            break
        curves = learning_curves(label, runs[label])
        found += curves
        labels |= {curve.label for curve in curves}
    return found
