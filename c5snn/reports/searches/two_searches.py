"""Searches of one task side by side: best, medians, share above a reference, accuracy by category and base."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median

import numpy as np

from c5snn.evidence import Interval, wilson
from c5snn.records.searched import SearchedOption, SearchedTrial, SearchRecord
from c5snn.reports.document import Section, Table
from c5snn.reports.searches.axis import text_of
from c5snn.reports.words import MISSING, count, interval, joined, number, of_all, p_equals, percent

__all__ = ["CategoryScore", "Standing", "category_scores", "standings_of", "two_searches_sections"]

BASE = "base"
NOT_A_CATEGORY = {"batch_mean"}
LEARNED = 0.2  # a category above it is one that some model exceeds
FEWEST = 3
N_RESAMPLES = 2000


@dataclass(frozen=True)
class Standing:
    """How a search stands.

    Args:
        name: The search.
        metric: Its metric.
        n_complete: Complete trials.
        n_pruned: Pruned trials.
        n_failed: Failed trials.
        best: The best value.
        best_number: The trial that has it.
        median: The median of the complete trials.
        median_interval: Its 95 % interval, by the bootstrap over trials.
        reference: What the reference is, with its value.
        n_above: Complete trials above the reference.
        share_interval: Wilson's interval of their share.
    """

    name: str
    metric: str
    n_complete: int
    n_pruned: int
    n_failed: int
    best: float
    best_number: int
    median: float
    median_interval: Interval | None
    reference: tuple[str, float]
    n_above: int
    share_interval: Interval


@dataclass(frozen=True)
class CategoryScore:
    """How well the trials of one base answer a category.

    Args:
        search: The search.
        base: The base, or all.
        category: The category.
        n: Complete trials with a score.
        mean: Their mean.
        best: The best of them.
    """

    search: str
    base: str
    category: str
    n: int
    mean: float
    best: float


def two_searches_sections(searches: Sequence[SearchRecord]) -> list[Section]:
    """Return the searches side by side, the older first.

    Args:
        searches: Two or more, each with a complete trial.
    """
    standings = standings_of(searches)
    rows = [
        [s.name, str(s.n_complete), f"{s.n_pruned} / {s.n_failed}", f"{number(s.best)} (#{s.best_number})",
         f"{number(s.median)} ({interval(s.median_interval)})",
         _share(s)]
        for s in standings
    ]  # fmt: skip
    columns = ["search", "complete", "pruned / failed", "best", "median (95 % interval)", "better than the reference"]
    found = [
        Section(
            "Searches side by side", 2, _sentences(searches, standings), tables=[Table(columns, rows)], is_short=True
        )
    ]
    scores = [entry for search in searches for entry in category_scores(search)]
    if scores:
        found.append(_category_section(scores))
    return found


def standings_of(searches: Sequence[SearchRecord]) -> list[Standing]:
    """Return how each search stands; all against one reference."""
    reference = _reference(searches)
    return [_standing(search, reference) for search in searches]


def category_scores(search: SearchRecord) -> list[CategoryScore]:
    """Return the score of each category by base, where trials record ``METRIC_category``; empty otherwise."""
    prefix = f"{search.metric}_"
    names = dict.fromkeys(name for trial in search.complete for name in trial.metrics if name.startswith(prefix))
    categories = [name.removeprefix(prefix) for name in names if name.removeprefix(prefix) not in NOT_A_CATEGORY]
    if len(categories) < 2:  # noqa: PLR2004
        return []
    found = []
    for base, trials in _by_base(search).items():
        for category in categories:
            values = [trial.metrics[prefix + category] for trial in trials if prefix + category in trial.metrics]
            if values:
                best = max(values, key=lambda value: search.sign * value)
                found.append(CategoryScore(search.name, base, category, len(values), fmean(values), best))
    return found


def _share(standing: Standing) -> str:
    low, high = standing.share_interval
    return f"{of_all(standing.n_above, standing.n_complete)} ({percent(low)} to {percent(high)})"


def _sentences(searches: Sequence[SearchRecord], standings: Sequence[Standing]) -> list[str]:
    name, value = standings[0].reference
    sentences = [f"The reference is {name}: {number(value)}."]
    metrics = list(dict.fromkeys(search.metric for search in searches))
    if len(metrics) > 1:
        sentences.append(
            f"Their metrics are {joined(metrics)}, so their values are comparable only where these are the same."
        )
    first, last = searches[0], searches[-1]
    if len(metrics) == 1 and first.mode == last.mode:
        gain = last.sign * (standings[-1].best - standings[0].best)
        word = f"{number(abs(gain))} {'better' if gain > 0 else 'worse'} than" if gain else "equal to"
        sentences.append(
            f"The best of {last.name} is {word} that of {first.name}; each is the best of many by luck, too."
        )
    p = _p_of_values(first, last)
    if p is not None:
        sentences.append(
            f"Mann and Whitney's test that the values of {first.name} (n {standings[0].n_complete}) and {last.name} "
            f"(n {standings[-1].n_complete}) do not differ has {p_equals(p)}; it compares spaces and samplers, not "
            "models, and adaptive trials are not independent."
        )
    return sentences


def _category_section(scores: Sequence[CategoryScore]) -> Section:
    columns = list(dict.fromkeys((entry.search, entry.base) for entry in scores))
    categories = list(dict.fromkeys(entry.category for entry in scores))
    cells = {(e.search, e.base, e.category): f"{number(e.mean, 3)}, {number(e.best, 3)} (n {e.n})" for e in scores}
    rows = [[category, *(cells.get((*column, category), MISSING) for column in columns)] for category in categories]
    best: dict[str, float] = {}
    for entry in scores:
        best[entry.category] = max(best.get(entry.category, 0.0), entry.best)
    weak = [category for category in categories if best[category] <= LEARNED]
    says = (
        f"No model exceeds {LEARNED} in {joined(weak)}."
        if weak
        else f"Some model exceeds {LEARNED} in each of the {count(len(categories), 'category')}."
    )
    return Section(
        "By category",
        sentences=[says],
        tables=[Table(["category", *(f"{search}: {base}" for search, base in columns)], rows)],
        note="Mean and best over the complete trials of each base; on few items the best of many is high by luck.",
        is_short=True,
    )


def _standing(search: SearchRecord, reference: tuple[str, float]) -> Standing:
    best = search.best
    if best is None or best.value is None:
        raise ValueError(f"{search.name} has no complete trial")
    values = [float(trial.value or 0.0) for trial in search.complete]
    n_above = sum(search.sign * (value - reference[1]) > 0 for value in values)
    return Standing(
        name=search.name,
        metric=search.metric,
        n_complete=len(values),
        n_pruned=sum(trial.state == "pruned" for trial in search.trials),
        n_failed=sum(trial.state == "failed" for trial in search.trials),
        best=best.value,
        best_number=best.number,
        median=median(values),
        median_interval=_median_interval(values),
        reference=reference,
        n_above=n_above,
        share_interval=wilson(n_above, len(values)),
    )


def _reference(searches: Sequence[SearchRecord]) -> tuple[str, float]:
    """Return the strongest baseline that was trained with them, else their least target, else the first one's best."""
    sign = searches[0].sign
    baselines = {name: value for search in searches for name, value in search.baselines.items()}
    if baselines:
        name = max(baselines, key=lambda label: sign * baselines[label])
        return f"the baseline {name} on validation", baselines[name]
    targets = {name: value for search in reversed(searches) for name, value in search.targets.items()}
    if targets:
        name = min(targets, key=lambda label: sign * targets[label])
        return f"the target {name}", targets[name]
    best = searches[0].best
    return f"the best of {searches[0].name}", float(best.value or 0.0) if best else 0.0


def _median_interval(values: Sequence[float]) -> Interval | None:
    if len(values) < FEWEST:
        return None
    drawn = np.asarray(values)[np.random.default_rng(0).integers(len(values), size=(N_RESAMPLES, len(values)))]
    return Interval(*map(float, np.percentile(np.median(drawn, axis=1), [2.5, 97.5])))


def _p_of_values(first: SearchRecord, last: SearchRecord) -> float | None:
    from scipy.stats import mannwhitneyu

    values = [[float(trial.value or 0.0) for trial in search.complete] for search in (first, last)]
    if min(map(len, values)) < FEWEST or len({*values[0], *values[1]}) < 2:  # noqa: PLR2004
        return None
    return float(mannwhitneyu(*values, alternative="two-sided").pvalue)


def _by_base(search: SearchRecord) -> Mapping[str, list[SearchedTrial]]:
    """Return the complete trials by their base, or by the choice on which most other options depend."""
    option = search.option(BASE) or _parent(search)
    groups: dict[str, list[SearchedTrial]] = {}
    for trial in search.complete:
        name = (
            text_of(trial.params[option.name]).removesuffix(".yaml")
            if option and option.name in trial.params
            else "all"
        )
        groups.setdefault(name, []).append(trial)
    return groups


def _parent(search: SearchRecord) -> SearchedOption | None:
    """Return the choice on whose value most other options depend: they are sampled at some of its values alone."""
    counts = {option.name: _n_dependent(search, option) for option in search.options if option.kind == "choice"}
    name = max(counts, key=lambda entry: counts[entry], default=None)
    return search.option(name) if name is not None and counts[name] else None


def _n_dependent(search: SearchRecord, parent: SearchedOption) -> int:
    trials = [trial for trial in search.complete if parent.name in trial.params]
    values = {text_of(trial.params[parent.name]) for trial in trials}
    found = 0
    for option in search.options:
        having = {text_of(trial.params[parent.name]) for trial in trials if option.name in trial.params}
        lacking = {text_of(trial.params[parent.name]) for trial in trials if option.name not in trial.params}
        found += bool(having) and bool(lacking) and not having & lacking and having | lacking == values
    return found
