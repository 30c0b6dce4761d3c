"""The report: everything that is known from its folders, computed once, and the order in which a document tells it."""

from collections.abc import Sequence
from dataclasses import dataclass

import c5snn
from c5snn.reports.collection import Collection
from c5snn.reports.comparison import (
    Comparison,
    compare,
    comparison_sections,
    comparison_sentence,
    group_comparable,
)
from c5snn.reports.configurations import group_runs, marked, n_on_data
from c5snn.reports.document import Document, Section
from c5snn.reports.findings import (
    Environment,
    data_section,
    environments_of,
    environments_section,
    notes_of,
    warnings_of,
)
from c5snn.reports.ladder.ladder import Ladder, ladder_of, ladder_sections, ladder_verdict
from c5snn.reports.ladder.rungs import history_order, is_planted
from c5snn.reports.leaderboard import spread_note, worth_table
from c5snn.reports.runs import RunPlace, places_of, runs_section, title_of
from c5snn.reports.scaling import scaling_section
from c5snn.reports.words import count, joined, plural

__all__ = ["Report", "document_of", "make_report"]

HOW_TO_READ = """
Chance is the expected score under the null hypothesis that the model knows nothing about the outcome. p is the
probability that luck alone scores as well or better.

The best of many configurations scores well by luck. The family-wise p is the probability that the best of all of them
does as well by luck alone; only this p supports a claim.

Better than chance is not yet learning. A reference uses none of the input, or less of it, and can beat chance too.
What a model shows is said in the words of the strongest reference that it beats together with all weaker ones, and
only where its outputs change with the input.

Validation serves to choose epochs and configurations, so its values carry no p and are too high where it has chosen.

A small spread over seeds shows that trainings agree, not that the result is certain.

That nothing was found does not mean that there is nothing: the upper limit of the lift is what is not excluded.
"""


@dataclass(frozen=True)
class Report:
    """What is known from the folders of a report.

    Args:
        verdict: That of the ladder, and one sentence for each comparison that is no part of it, in their order.
        comparisons: Results on the same data and test items; never ranked across.
        ladder: The skill of each model on each planted signal; None with fewer than two signals.
        environments: What the runs were made with, the commonest first.
        title: What it is about: sweeps and runs, data, and the day of the newest result.
        runs: Where each run lies, and what makes it again.
        warnings: What a reader has to know before believing the numbers.
        notes: What is worth knowing besides.
        version: The version of c5snn that made the report.
    """

    verdict: list[str]
    comparisons: list[Comparison]
    ladder: Ladder | None
    environments: list[Environment]
    title: str
    runs: list[RunPlace]
    warnings: list[str]
    notes: list[str]
    version: str = c5snn.__version__


def make_report(collection: Collection, *, reference: str | None = None, n_draws: int = 10_000) -> Report:
    """Compute a report.

    Args:
        collection: The runs.
        reference: The model that the ladder holds all others against; None for every pair.
        n_draws: Draws of luck for the p-values of each comparison.

    Raises:
        ConfigError: There is no ladder, or the reference is none of its models.
    """
    configurations = marked(group_runs(collection.runs, collection.bases), collection.other_code)
    comparisons = [
        compare(group, n_chosen_from=n_on_data(group[0].data, configurations), n_draws=n_draws)
        for group in group_comparable(configurations)
    ]
    ladder = ladder_of(comparisons, configurations, reference)
    environments = environments_of(collection.runs)
    return Report(
        verdict=_verdict(comparisons, ladder),
        comparisons=comparisons,
        ladder=ladder,
        environments=environments,
        title=title_of(collection.runs),
        runs=places_of(configurations),
        warnings=warnings_of(collection, configurations, comparisons, environments),
        notes=notes_of(collection),
    )


def document_of(report: Report, searches: Sequence[Section] = ()) -> Document:
    """Put a report into its order: the verdict, the ladder, each comparison, the searches, and what concerns them all.

    Args:
        report: What is known from the runs.
        searches: What the searches among its folders say.
    """
    rungs, apart = _rungs_and_others(report.comparisons, report.ladder)
    curves = [curve for comparison in report.comparisons for curve in comparison.scaling]
    how_to_read = [*(" ".join(text.split()) for text in HOW_TO_READ.split("\n\n")), *_references(report.comparisons)]
    return Document(
        title=report.title,
        verdict=report.verdict,
        sections=[
            *(ladder_sections(report.ladder) if report.ladder else []),
            *(section for comparison in apart for section in _of_comparison(comparison, report)),
            *(_of_rungs(rungs) if rungs else []),
            *(
                scaling_section([curve for curve in curves if curve.metric == metric])
                for metric in dict.fromkeys(curve.metric for curve in curves)
            ),
            *searches,
            runs_section(report.runs),
            environments_section(report.environments),
            data_section(report.comparisons),
            *([Section("Notes", level=2, sentences=report.notes)] if report.notes else []),
            *([Section("Warnings", 2, report.warnings, is_short=True)] if report.warnings else []),
            Section("How to read this", level=2, sentences=how_to_read),
        ],
    )


def _rungs_and_others(
    comparisons: Sequence[Comparison], ladder: Ladder | None
) -> tuple[list[Comparison], list[Comparison]]:
    """Return the comparisons that are part of the ladder, and the others."""
    rungs = [entry for entry in comparisons if ladder and is_planted(entry.data)]
    return rungs, [entry for entry in comparisons if entry not in rungs]


def _verdict(comparisons: Sequence[Comparison], ladder: Ladder | None) -> list[str]:
    _, apart = _rungs_and_others(comparisons, ladder)
    is_one = len(comparisons) == 1
    sentences = [("" if is_one else f"On {entry.title}: ") + comparison_sentence(entry) for entry in apart]
    return [*(ladder_verdict(ladder) if ladder else []), *sentences]


def _of_rungs(comparisons: Sequence[Comparison]) -> list[Section]:
    """Return the ladder's histories in short: what was tested on each, and what it is worth."""
    says = (
        f"{count(len(comparisons), 'planted history')}, each a comparison of its own, ordered by its validation. A "
        "report on the runs of one of them has its figures. The family-wise p is corrected within its history only."
    )
    tested = [entry.configurations for entry in comparisons if entry.configurations]
    note = spread_note([entry for entries in tested for entry in entries]) if tested else ""
    ordered = sorted(comparisons, key=lambda entry: history_order(entry.data))
    return [
        Section("History by history", level=2, sentences=[says], note=note),
        *(
            Section(
                entry.title,
                sentences=[comparison_sentence(entry)],
                tables=[worth_table(entry.configurations)] if entry.configurations else [],
            )
            for entry in ordered
        ),
    ]


def _of_comparison(comparison: Comparison, report: Report) -> list[Section]:
    tested, n_others = len(comparison.configurations), len(report.comparisons) - 1
    screened = f", {len(comparison.screened):,} not tested" if comparison.screened else ""
    apart = (
        f" {count(n_others, 'other comparison')} in this report {'has' if n_others == 1 else 'have'} other data, "
        "splits or headline: not ranked with this one, and each family-wise p is corrected within its own comparison "
        "only."
        if n_others
        else ""
    )
    n_runs = count(sum(len(entry.runs) for entry in comparison.configurations), "run")
    items = count(comparison.n_test, comparison.data.item)
    counted = f"{count(tested, 'configuration')} ({n_runs}) tested on {items}" if tested else f"{items} to test on"
    sentence = f"{counted}{screened}.{apart}"
    looks = [_looks(comparison)] if comparison.n_tested else []
    heading = Section(comparison.title, level=2, sentences=[sentence, *looks], is_short=n_others > 0)
    return [heading, *comparison_sections(comparison)]


def _looks(comparison: Comparison) -> str:
    """Return how often these items were tested, as far as it is known: by the runs that are given."""
    n, origins = comparison.n_tested, comparison.data.n_origins
    over = f", at {origins} origins" if origins > 1 else ""
    tested = f"{count(n, 'run')} of this report {'was' if n == 1 else 'were'} tested on"
    item, them = comparison.data.item, "it" if comparison.n_test == 1 else "them"
    items = f"this {item}" if comparison.n_test == 1 else f"these {plural(item)}"
    return f"{tested} {items}{over}; other tests of {them} are not known."


def _references(comparisons: Sequence[Comparison]) -> list[str]:
    """Return what each reference is, once."""
    entries = [entry for comparison in comparisons for entry in comparison.configurations]
    found = dict.fromkeys(f"the {r.label} ({r.says})" for entry in entries for r in entry.references)
    if not found:
        return []
    return [f"The {'reference is' if len(found) == 1 else 'references are'} {joined(list(found))}."]
