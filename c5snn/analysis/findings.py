"""Everything that a finished search says, computed once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from c5snn.analysis.bounds import Limits
from c5snn.analysis.cautions import Confounding, IdleOption, confounded, idle_options
from c5snn.analysis.decisions import Decision, DecisionFacts, decide
from c5snn.analysis.directions import Direction, directions_of
from c5snn.analysis.elites import (
    BoundaryHits,
    EliteChoice,
    EliteRange,
    EmpiricalRange,
    boundary_hits,
    elite_choices,
    elite_ranges,
    elites_of,
    empirical_ranges,
)
from c5snn.analysis.importances import importances_of, most_important
from c5snn.analysis.interactions import Interaction, interactions_of, pairs_of, parse_pairs
from c5snn.analysis.metric_check import MetricCheck, check_metric
from c5snn.analysis.reading import ReadSearch
from c5snn.errors import ConfigError, require
from c5snn.records.searched import SearchedTrial, SearchRecord
from c5snn.reports.searches.importances import Importance

__all__ = ["FEWEST_COMPLETE", "AnalysisSettings", "Findings", "analyze_search"]

FEWEST_COMPLETE = 3
N_IN_PAIRS = 3


@dataclass(frozen=True)
class AnalysisSettings:
    """How a search is analysed.

    Args:
        min_samples: Complete trials that an option, and each of its choices, needs for a statistic.
        elite_fraction: The share of the complete trials that are elites; five at least.
        top_k: The best trials that are listed.
        pairs: The pairs of options whose interaction is shown, as ``A,B``; none for those of the three most important.
        counts: The items of each category on validation, in their order; None where they are not known.
        limits: Bounds that no range may leave, by option.
    """

    min_samples: int = 3
    elite_fraction: float = 0.25
    top_k: int = 20
    pairs: Sequence[str] = ()
    counts: Sequence[int] | None = None
    limits: Mapping[str, Limits] = field(default_factory=dict)


@dataclass(frozen=True)
class Findings:
    """What a search says.

    Args:
        search: The search with the metric that was asked for.
        recorded: The same with the metric that its source has chosen by.
        settings: How it was analysed.
        check: Whether the metric can be trusted.
        tried: What all trials tried.
        completed: What the complete trials have.
        directions: Which way each option moves the metric.
        recorded_directions: The same by the recorded metric; empty where it is the one that was asked for.
        recorded_check: Whether that metric can be trusted; None where it is the one that was asked for.
        importances: How much each option matters, the greatest first.
        elites: The best trials.
        elite_ranges: Where they lie in numbers.
        elite_choices: How many have each value.
        hits: How many lie near a bound.
        confounded: Options that hang together.
        idle: Options that are constant or inert.
        interactions: Pairs of options.
        decisions: What the next search should do.
    """

    search: SearchRecord
    recorded: SearchRecord
    settings: AnalysisSettings
    check: MetricCheck
    tried: list[EmpiricalRange]
    completed: list[EmpiricalRange]
    directions: list[Direction]
    recorded_directions: list[Direction]
    recorded_check: MetricCheck | None
    importances: list[Importance]
    elites: tuple[SearchedTrial, ...]
    elite_ranges: list[EliteRange]
    elite_choices: list[EliteChoice]
    hits: list[BoundaryHits]
    confounded: list[Confounding]
    idle: list[IdleOption]
    interactions: list[Interaction]
    decisions: list[Decision]

    @property
    def ordered_options(self) -> list[str]:
        """The names of the options, the most important first."""
        first = most_important(self.importances, len(self.importances))
        return [*first, *(option.name for option in self.search.options if option.name not in first)]


def analyze_search(read: ReadSearch, settings: AnalysisSettings | None = None) -> Findings:
    """Analyse a search.

    Raises:
        ConfigError: Fewer than three trials are complete, or a setting is out of its range.
    """
    settings, search = settings or AnalysisSettings(), read.search
    _check(settings, search)
    check = check_metric(search, settings.counts)
    directions = directions_of(search, min_samples=settings.min_samples)
    importances = importances_of(search, directions)
    elites = elites_of(search, settings.elite_fraction)
    pairs = parse_pairs(settings.pairs, search) or pairs_of(most_important(importances, N_IN_PAIRS))
    facts = DecisionFacts(
        search=search,
        directions=directions,
        ranges=elite_ranges(search, elites),
        choices=elite_choices(search, elites),
        hits=boundary_hits(search, elites),
        confounded=confounded(search, min_samples=settings.min_samples),
        idle=idle_options(search),
        check=check,
        limits=settings.limits,
    )
    other = read.recorded if read.recorded.metric != search.metric else None
    return Findings(
        search=search,
        recorded=read.recorded,
        settings=settings,
        check=check,
        tried=empirical_ranges(search, search.trials),
        completed=empirical_ranges(search, search.complete),
        directions=directions,
        recorded_directions=directions_of(other, min_samples=settings.min_samples) if other else [],
        recorded_check=check_metric(other, settings.counts) if other else None,
        importances=importances,
        elites=elites,
        elite_ranges=list(facts.ranges),
        elite_choices=list(facts.choices),
        hits=list(facts.hits),
        confounded=list(facts.confounded),
        idle=list(facts.idle),
        interactions=interactions_of(search, pairs),
        decisions=decide(facts),
    )


def _check(settings: AnalysisSettings, search: SearchRecord) -> None:
    require("2 <= min_samples", holds=settings.min_samples >= 2, min_samples=settings.min_samples)  # noqa: PLR2004
    share = settings.elite_fraction
    require("0 < elite_fraction <= 1", holds=0 < share <= 1, elite_fraction=share)
    require("1 <= top_k", holds=settings.top_k >= 1, top_k=settings.top_k)
    if len(search.complete) < FEWEST_COMPLETE or not search.options:
        raise ConfigError(
            f"An analysis needs {FEWEST_COMPLETE} complete trials with `{search.metric}` and a searched option, but "
            f"`{search.source}` has {len(search.complete)} of {len(search.trials)} and {len(search.options)} options."
        )
