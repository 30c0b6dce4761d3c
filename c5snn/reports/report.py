"""Everything that a report says, as plain values: computed once, then drawn and written in several ways."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import c5snn
from c5snn.errors import ConfigError
from c5snn.reports.collection import Collection
from c5snn.reports.comparison import Comparison, compare
from c5snn.reports.configurations import Configuration, configurations
from c5snn.reports.environment import Environment, environments_of
from c5snn.reports.findings import warnings_of
from c5snn.reports.ladder.history import is_planted
from c5snn.reports.ladder.ladder import Ladder, ladder_of
from c5snn.reports.ladder.sentences import verdict_sentences
from c5snn.reports.sentences import comparison_sentence
from c5snn.reports.words import count
from c5snn.training.result import DataRecord

__all__ = ["Report", "make_report"]


@dataclass(frozen=True)
class Report:
    """What is known from the folders of a report.

    Args:
        verdict: What the ladder says, and one sentence for each comparison that is no part of it, in their order.
        comparisons: Results on the same events and test windows; never ranked across.
        ladder: How much of each planted signal is captured; None with fewer than two signals.
        environments: What the runs were made with, the commonest first.
        warnings: What a reader has to know before believing the numbers.
        notes: What is worth knowing besides.
        version: The version of c5snn that made the report.
    """

    verdict: list[str]
    comparisons: list[Comparison]
    ladder: Ladder | None
    environments: list[Environment]
    warnings: list[str]
    notes: list[str]
    version: str = c5snn.__version__


def make_report(collection: Collection, *, reference: str | None = None, n_draws: int = 10_000) -> Report:
    """Compute a report.

    Args:
        collection: The runs.
        reference: The definition that the ladder holds all others against; None for every pair.
        n_draws: Fair histories drawn for the p-values of each comparison.

    Raises:
        ConfigError: There is no ladder, or the reference is none of its definitions.
    """
    found = configurations(collection.runs, collection.bases)
    groups: dict[object, list[Configuration]] = {}
    for entry in found:
        groups.setdefault(_test_windows(entry), []).append(entry)
    comparisons = [compare(group, _title(group), n_draws=n_draws) for group in groups.values()]
    ladder = ladder_of(comparisons, found, reference)
    if reference and ladder is None:
        raise ConfigError("A reference needs results on at least two planted signals, but there are fewer.")
    environments = environments_of(collection.runs)
    return Report(
        verdict=_verdict(comparisons, ladder),
        comparisons=comparisons,
        ladder=ladder,
        environments=environments,
        warnings=warnings_of(collection, found, comparisons, environments),
        notes=[
            f"{count(n, 'point')} of {folder} compute what another point computes and stand under its name (same_as in "
            "its trials.csv)."
            for folder, n in collection.same_as.items()
        ],
    )


def _verdict(comparisons: Sequence[Comparison], ladder: Ladder | None) -> list[str]:
    apart = [entry for entry in comparisons if ladder is None or not is_planted(entry.data.source)]
    where = len(comparisons) > 1
    return [
        *(verdict_sentences(ladder) if ladder else []),
        *((f"On {entry.title}: " if where else "") + comparison_sentence(entry) for entry in apart),
    ]


def _test_windows(entry: Configuration) -> object:
    """Return the identity of what a configuration's results are measured on: events, splits, origins."""
    data = entry.runs[0].data
    cuts = {
        (run.data.origin, *sorted(run.data.n_windows.items()), run.data.first_target, run.data.last_target)
        for run in (entry.tested or entry.runs)
    }
    return data.sha256, data.n_parts, data.n_active, data.n_origins, frozenset(cuts)


def _title(group: Sequence[Configuration]) -> str:
    data: DataRecord = group[0].runs[0].data
    last = max(run.data.last_target for entry in group for run in entry.runs)
    source = data.source if is_planted(data.source) else Path(data.source).name
    return f"{source}, test up to {last}"
