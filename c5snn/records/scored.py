"""Configurations side by side: each one's mean over seeds, beside chance, references and the p of the comparison.

Nothing here knows a task: every name is read from the tests' records.
"""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf, isnan

import numpy as np
from jaxtyping import Float

from c5snn.errors import ConfigError
from c5snn.evidence import Interval, Words, compare_paired
from c5snn.records.p_values import NO_P, Draws, PValues, p_values_of
from c5snn.records.pooled import PooledTest, pool_origins, test_of
from c5snn.records.run import RunRecord
from c5snn.records.test import Headline, Reference

__all__ = [
    "ScoredConfiguration",
    "Summary",
    "score_configurations",
    "score_one",
    "score_tests",
    "summarize",
]


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
class ScoredConfiguration:
    """One configuration of a comparison.

    Args:
        label: Its name in the comparison.
        runs: Its tested runs, one for each seed and origin.
        headline: The metric that the comparison is about.
        words: The nouns of the task.
        n_items: Test items, over all origins.
        val: The headline on validation, over seeds.
        test: Each metric on test, over seeds.
        chance: The chance level of each metric; None where it has none.
        interval: The 95 % interval of the mean over seeds in the headline, from sampling of the items.
        references: What the models are held against on the same items, the weakest first; each with the paired
            difference of the mean over seeds.
        oracle: The headline of the best possible prediction; None where it is unknown.
        skill: (model − chance) / (oracle − chance), in expectation over what might have come; None where undefined.
        realized_skill: The same with what came.
        n_distinct: Fewest distinct outputs of one run.
        ignores_input: Whether one of its runs gives (nearly) all items the same output.
        firing_rate: Spikes per unit and step on validation, mean over layers and runs; None without spiking layers.
        standard_error: The sampling error of the value; None for one item.
        p_value: Its own p, of the mean over its seeds; None where validation of one origin is test
            of another, so that a choice among several configurations has seen test items, and for too few independent
            items.
        p_family: Its p over all configurations of the comparison; None likewise.
        p_worse: Its own p of doing as badly, or worse; None likewise.
        p_worse_family: That p over all configurations of the comparison; None likewise.
        draws: From how many draws these are simulated.
        n_chosen_from: How many configurations validation has chosen those of the comparison from.
    """

    label: str
    runs: list[RunRecord]
    headline: Headline
    words: Words
    n_items: int
    val: Summary
    test: dict[str, Summary]
    chance: dict[str, float | None]
    interval: Interval | None
    references: tuple[Reference, ...]
    oracle: float | None
    skill: float | None
    realized_skill: float | None
    n_distinct: int
    ignores_input: bool
    firing_rate: float | None
    standard_error: float | None
    p_value: float | None
    p_family: float | None
    p_worse: float | None
    p_worse_family: float | None
    draws: Draws
    n_chosen_from: int = 1

    @property
    def score(self) -> Summary:
        """The headline on test."""
        return self.test[self.headline.name]

    @property
    def value(self) -> float:
        """The headline on test, mean over seeds."""
        return self.score.mean

    @property
    def lift(self) -> float | None:
        """How much better than chance the headline is; None where chance is not defined."""
        chance = self.chance[self.headline.name]
        return None if chance is None else self.headline.sign * (self.value - chance)

    @property
    def gain(self) -> float:
        """The lift; where chance is not defined, how much better the headline is than that of the first reference."""
        return self.references[0].difference if self.lift is None else self.lift

    @property
    def seeds(self) -> list[int]:
        """Its seeds."""
        return sorted({run.seed for run in self.runs})


def summarize(values: Sequence[float]) -> Summary:
    """Return mean and standard deviation; NaN where there is no value.

    >>> summarize([0.5, 0.7])
    Summary(mean=0.6, std=0.14142135623730948)
    """
    if not values:
        return Summary(float("nan"), None)
    return Summary(statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else None)


def score_configurations(
    groups: Mapping[str, Sequence[RunRecord]], *, n_chosen_from: int = 1, n_draws: int = 10_000
) -> list[ScoredConfiguration]:
    """Compare configurations on the same test items, the best mean on validation first.

    Args:
        groups: The tested runs of each configuration, by label.
        n_chosen_from: How many configurations validation has chosen these from; it matters where validation of one
            origin is test of another.
        n_draws: Draws of luck for the p-values.

    Raises:
        ConfigError: There is no configuration, a run is not tested, or the tests cannot be compared.
    """
    tests = {label: pool_origins(runs) for label, runs in groups.items()}
    return score_tests(tests, n_chosen_from=n_chosen_from, n_draws=n_draws)


def score_tests(
    tests: Mapping[str, PooledTest], *, n_chosen_from: int = 1, n_draws: int = 10_000
) -> list[ScoredConfiguration]:
    """Compare configurations whose tests have been pooled; arguments and errors as in :func:`score_configurations`."""
    _check_comparable(tests)
    n_chosen_from = max(n_chosen_from, len(tests))
    has_seen_test = n_chosen_from > 1 and len(next(iter(tests.values())).blocks) > 1
    p_values = [NO_P] * len(tests) if has_seen_test else p_values_of(list(tests.values()), n_draws)
    entries = [score_one(label, test, p) for (label, test), p in zip(tests.items(), p_values, strict=True)]
    return sorted((replace(entry, n_chosen_from=n_chosen_from) for entry in entries), key=_place)


def _place(entry: ScoredConfiguration) -> float:
    return inf if isnan(entry.val.mean) else -entry.headline.sign * entry.val.mean


def _check_comparable(tests: Mapping[str, PooledTest]) -> None:
    if not tests:
        raise ConfigError("A comparison needs a tested run, but none was given; `c5snn test RUN` makes one.")
    items = {tuple(test.blocks) for test in tests.values()}
    if len(items) > 1:
        raise ConfigError(
            "Only runs with the same test items can be ranked together, but these have "
            f"{len(items)} different test sets; compare them apart, or give all the same data and splits."
        )
    records = [test_of(run) for test in tests.values() for of_seed in test.runs for run in of_seed]
    headlines = sorted({record.headline.label for record in records})
    nulls = sorted({type(record.null).__name__ for record in records})
    if len(headlines) > 1 or len(nulls) > 1:
        raise ConfigError(
            "Only runs with the same headline and the same null hypothesis can be ranked together, but these have "
            f"{', '.join(headlines)} and {', '.join(nulls)}; compare them apart."
        )


def score_one(label: str, test: PooledTest, p: PValues) -> ScoredConfiguration:
    """Return a configuration beside chance and its references.

    Args:
        label: Its name in the comparison.
        test: Its test, over all origins.
        p: Its p-values; without them its differences to references carry none either.
    """
    runs = [run for of_seed in test.runs for run in of_seed]
    records = [test_of(run) for run in runs]
    first, headline = records[0], runs[0].headline
    metrics = {name: summarize(test.per_seed(lambda run, name=name: _value(run, name))) for name in first.metrics}  # type: ignore[misc]
    chance = {name: _over_origins(test, lambda run, name=name: test_of(run).metrics[name].chance) for name in metrics}  # type: ignore[misc]
    is_validated = all(run.monitored is not None for run in runs)
    n_items, references = len(test.outcomes), _references(test)
    return ScoredConfiguration(
        label=label,
        runs=runs,
        headline=headline,
        words=first.words,
        n_items=n_items,
        val=summarize(test.per_seed(lambda run: run.val[headline.monitor]) if is_validated else []),
        test=metrics,
        chance=chance,
        interval=test.interval,
        references=tuple(references if p.p_value is not None else [replace(entry, p=None) for entry in references]),
        oracle=_over_origins(test, lambda run: test_of(run).oracle),
        skill=_over_origins(test, lambda run: test_of(run).skill),
        realized_skill=_over_origins(test, lambda run: test_of(run).realized_skill),
        n_distinct=min(record.n_distinct for record in records),
        ignores_input=any(record.ignores_input for record in records),
        firing_rate=_firing_rate(runs),
        standard_error=test.standard_error,
        p_value=p.p_value,
        p_family=p.p_family,
        p_worse=p.p_worse,
        p_worse_family=p.p_worse_family,
        draws=p.draws,
    )


def _value(run: RunRecord, metric: str) -> float:
    return test_of(run).metrics[metric].value


def _references(test: PooledTest) -> list[Reference]:
    """Return the references that every run was held against."""
    names = [{entry.name for entry in test_of(run).references} for of_seed in test.runs for run in of_seed]
    common = set.intersection(*names)
    return [_held_against(entry, test) for entry in test_of(test.runs[0][0]).references if entry.name in common]


def _held_against(reference: Reference, test: PooledTest) -> Reference:
    """Return a reference with its value over all origins and the paired difference of the mean over seeds."""

    def of(run: RunRecord) -> Reference:
        return next(entry for entry in test_of(run).references if entry.name == reference.name)

    value = test.over_origins([of(run).value for run in test.runs[0]])
    names = (reference.name, *reference.also)
    if not test.is_decidable or not all(name in test.references for name in names):
        mean = statistics.fmean(test.per_seed(lambda run: of(run).difference))
        return replace(reference, value=value, difference=mean, interval=None, p=None)
    possible = test.null.possible.differences
    main, *others = [
        compare_paired(*_oriented(test.score, test.reference(name), test.sign), possible=possible) for name in names
    ]
    p, is_exact = max(entry.greater for entry in (main, *others))
    return replace(reference, value=value, difference=main.mean, interval=main.interval, p=p, is_exact=is_exact)


def _oriented(
    score: Float[np.ndarray, " items"], reference: Float[np.ndarray, " items"], sign: int
) -> tuple[Float[np.ndarray, " items"], Float[np.ndarray, " items"]]:
    """Return the two in the order in which a difference above zero is better."""
    return (score, reference) if sign > 0 else (reference, score)


def _firing_rate(runs: Sequence[RunRecord]) -> float | None:
    rates = [layer.firing_rate for run in runs if run.activity is not None for layer in run.activity.layers]
    return statistics.fmean(rates) if rates else None


def _over_origins(test: PooledTest, number: Callable[[RunRecord], float | None]) -> float | None:
    """Return a number's mean over seeds and items; the value that all runs share as it is, None where one has none."""
    values = [number(run) for of_seed in test.runs for run in of_seed]
    if len(set(values)) == 1:
        return values[0]
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    n_origins = len(test.blocks)
    return statistics.fmean(test.over_origins(known[i : i + n_origins]) for i in range(0, len(known), n_origins))
