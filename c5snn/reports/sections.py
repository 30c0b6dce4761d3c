"""A report as a document: the order of its sections, and those that belong to no single comparison."""

from c5snn.reports.comparison import Comparison
from c5snn.reports.comparison_sections import comparison_sections
from c5snn.reports.document import Document, Section, Table
from c5snn.reports.environment import PACKAGES, Environment
from c5snn.reports.ladder.history import is_planted, read_source
from c5snn.reports.ladder.sections import ladder_sections
from c5snn.reports.leaderboard_table import SPREAD_NOTE, leaderboard_table
from c5snn.reports.report import Report
from c5snn.reports.sentences import comparison_sentence
from c5snn.reports.training_sections import training_sections
from c5snn.reports.words import MISSING, count

__all__ = ["document_of"]

HOW_TO_READ = """
Chance is exact: whoever ranks the parts without knowing the next event scores this on average, whatever the ranking. p
says how often chance scores as high or higher.

Whoever looks at many configurations finds a good one by luck. The family-wise p is how often the best of all of them
scores so high on histories without any signal; it alone supports a claim.

Beating chance is not learning. The fixed list always names the parts most frequent in train, and beats chance on any
history with unequal parts. Learning from the history is to beat that list with rankings that change.

Validation has chosen epochs and configurations, so its values are too high and carry no p. Test was looked at once,
after the choice.

A spread over seeds is no sampling error: a small one says that trainings agree, not that the result is sure.

That nothing was found means that a lift above the smallest detectable one is unlikely, not that there is none.
"""


def document_of(report: Report) -> Document:
    """Put a report into its order: the verdict, the ladder, each comparison, and what concerns them all."""
    rungs = [entry for entry in report.comparisons if report.ladder and is_planted(entry.data.source)]
    apart = [entry for entry in report.comparisons if entry not in rungs]
    return Document(
        title="What can be told from chance",
        verdict=report.verdict,
        sections=[
            *(ladder_sections(report.ladder) if report.ladder else []),
            *(section for comparison in apart for section in _of_comparison(comparison, report)),
            *(_of_rungs(rungs) if rungs else []),
            _environments(report.environments),
            _data(report.comparisons),
            *([_list("Notes", report.notes)] if report.notes else []),
            *([_list("Warnings", report.warnings, is_short=True)] if report.warnings else []),
            _list("How to read this", [" ".join(text.split()) for text in HOW_TO_READ.split("\n\n")]),
        ],
    )


def _of_rungs(comparisons: list[Comparison]) -> list[Section]:
    """Return the ladder's histories in short: what was tested on each, and what it is worth."""
    histories = count(len(comparisons), "planted history", "planted histories")
    says = (
        f"{histories}, each a comparison of its own in the order of its validation; a report on the runs of one of "
        "them alone has its figures. The family-wise p is corrected within its history alone."
    )
    heading = Section("History by history", level=2, sentences=[says], note=SPREAD_NOTE)
    ordered = sorted(comparisons, key=lambda entry: _place(entry.data.source))
    return [
        heading,
        *(
            Section(
                entry.title,
                sentences=[comparison_sentence(entry)],
                tables=[leaderboard_table(entry.contenders)] if entry.contenders else [],
            )
            for entry in ordered
        ),
    ]


def _place(source: str) -> tuple[object, int]:
    rung, data_seed = read_source(source)
    return rung.order, data_seed


def _of_comparison(comparison: Comparison, report: Report) -> list[Section]:
    tested, screened = len(comparison.contenders), len(comparison.screened)
    apart = (
        f" It is one of {len(report.comparisons)} comparisons whose events, windows or splits differ; none is ranked "
        "with another, and each family-wise p is corrected within its own comparison alone."
        if len(report.comparisons) > 1
        else ""
    )
    counted = f"{count(tested, 'configuration')} tested on {count(comparison.n_test, 'window')}"
    heading = Section(
        comparison.title,
        level=2,
        sentences=[f"{counted}, {screened} screened on validation only.{apart}"],
        is_short=len(report.comparisons) > 1,
    )
    return [heading, *comparison_sections(comparison), *training_sections(comparison)]


def _environments(environments: list[Environment]) -> Section:
    rows = [
        [str(entry.n_runs), entry.c5snn, (entry.git_commit or MISSING)[:10], entry.python, entry.platform, entry.device,
         *(entry.packages[name] for name in PACKAGES)]
        for entry in environments
    ]  # fmt: skip
    columns = ["runs", "c5snn", "commit", "Python", "platform", "device", *PACKAGES]
    return Section("Environment", level=2, tables=[Table(columns, rows, n_text=len(columns))])


def _data(comparisons: list[Comparison]) -> Section:
    rows = []
    for entry in comparisons:
        data = entry.data
        windows = ", ".join(map(str, entry.windows))
        splits = " / ".join(f"{data.n_windows[split]:,}" for split in ("train", "val", "test"))
        shape = f"{data.n_active} of {data.n_parts}"
        rows.append(
            [data.source, shape, windows, str(data.n_origins), splits, data.first_target, data.last_target, data.sha256]
        )
    columns = ["history", "active parts", "window", "origins", "train / val / test", "first", "last", "SHA-256"]
    return Section("Data", level=2, tables=[Table(columns, rows, n_text=len(columns))])


def _list(title: str, lines: list[str], *, is_short: bool = False) -> Section:
    return Section(title, level=2, sentences=lines, is_short=is_short)
